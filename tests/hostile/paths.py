"""Places to write to that are not ours, are in use, or cannot be written; names that are hard to write down."""

import contextlib
import os
import shutil

from meta_noise.disk.lock import alone_in
from tests.hostile.case import Case, Place, rows

WRITES = {  # command -> its words, but for where to
    "clean": lambda p: ["clean", p.file("rows.csv", rows()), "--out"],
    "queue": lambda p: ["queue", p.world.run, "--out"],
    "ingest": lambda p: ["ingest", p.world.run, p.world.answers(p.here / "answers.csv", p.world.rows[:3]), "--out"],
    "export": lambda p: ["export", p.world.run, "--out"],
}


def _mine(name: str, content: str):
    def make(place: Place):
        place.file(f"mine/{name}", content)
        return place.here / "mine"

    return make


def _link(target: str):
    def make(place: Place):
        place.file("mine/kept.txt", "mine")
        os.symlink(target.format(here=place.here), place.here / "link")
        return place.here / "link"

    return make


def _of_another_kind(place: Place):
    shutil.copytree(place.world.run, place.here / "run")
    marker = place.here / "run/.meta_noise.json"
    marker.write_bytes(marker.read_bytes().replace(b'"run"', b'"cake"'))
    return place.here / "run"


TARGETS = {
    "a model of Hugging Face": _mine("config.json", '{"model_type": "bert"}'),
    "a JavaScript project": _mine("package.json", "{}"),
    "a run by its looks": _mine("model.json", "{}"),
    "a hidden file": _mine(".env", "SECRET=1"),
    "a forged marker": _mine(".meta_noise.json", '{"format": 1, "kind": "run", "id": "x"}'),
    "an old partial of mine": _mine(".thesis.docx.0123abcd.partial", "mine"),
    "a lock and a file": _mine(".meta_noise.lock", "x") and _mine("sub/deep/file", "mine"),
    "a folder of a folder": _mine("sub/x", "x"),
    "here": lambda place: place.file("kept.txt", "mine").parent,
    "a file": lambda place: place.file("kept.txt", "mine"),
    "below a file": lambda place: place.file("kept.txt", "mine") / "run",
    "a link to my folder": _link("{here}/mine"),
    "a link to my file": _link("{here}/mine/kept.txt"),
    "a link in a circle": _link("{here}/link"),
    "a device": lambda place: "/dev/null",
    "below a device": lambda place: "/dev/null/run",
    "a zero byte": lambda place: f"{place.here}/a\0b",
    "a very long name": lambda place: place.here / ("x" * 300),
    "a very long path": lambda place: place.here / "/".join(["x" * 200] * 30),
    "of another kind": _of_another_kind,
    "in /proc": lambda place: "/proc/self/run",
}


def _to(command, target):
    return lambda place: [*WRITES[command](place), target(place), *(("--epochs", "1") if command == "ingest" else ())]


def _locked(command):
    def words(place: Place):
        (place.here / "new").mkdir()
        shutil.copy(place.world.run / ".meta_noise.json", place.here / "new/.meta_noise.json")
        return [*WRITES[command](place), place.here / "new"]

    return words


@contextlib.contextmanager
def _in_use():
    """Holds the lock of `new` here in another thread, as another process would."""
    import threading

    held, done = threading.Event(), threading.Event()

    def hold():
        from pathlib import Path

        with alone_in(Path("new")):
            held.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(60)
    try:
        yield
    finally:
        done.set()
        thread.join()


ODD = ("[bold]x", ":dog:", "-x", " ", "ümlaut", "\x1b[2J", "a\nb", "\u202egnp", "%s{}", "$(touch PWNED)", ";x", "..x")
CASES = [
    *(Case(f"{command} to {name}", _to(command, target)) for command in WRITES for name, target in TARGETS.items()),
    *(
        Case(f"{command} to a folder in use", _locked(command), says="in use", during=_in_use)
        for command in ("clean", "ingest")
    ),
    *(
        Case(
            f"predictions called {name!a}",
            lambda p, name=name: ["predict", p.world.run, p.world.data, f"--out={p.here}/{name}.csv"],
            0,
        )
        for name in ODD
    ),
    *(
        Case(
            f"a table called {name!a}",
            lambda p, n=name: ["inspect", "--no-cost", p.file(f"in/{n}.csv", rows(count=18))],
            0,
        )
        for name in ODD
    ),
]
