"""A hostile case: something bad in a folder, a command, and what must come of it.

A case is data: its name, what makes the command line in a folder of its own, the exit code, and words of the sentence.
`tried` runs one in this process and says what it broke of what every command promises: an exit code of 0 or 2, with 2
one sentence on stderr and no new file (but in a run
folder `new`, which has its marker then), with 0 none, and whatever was in the folder before is there unchanged.
"""

import contextlib
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from meta_noise import main
from meta_noise.cli.run import run as command
from meta_noise.disk.lock import LOCK
from meta_noise.disk.owned import MARKER

Words = Sequence[object]
OURS = ("run/.meta_noise.lock", "run/origin.json")  # what `clean` may write into a run folder of ours


class Place(NamedTuple):
    """Where a case happens.

    Attributes:
        here: an empty folder, also the current one.
        world: a finished run and its data, see `tests.own_runs`, which a case may read and copy.
        pictures: a finished run on images, and its data.
    """

    here: Path
    world: object
    pictures: object

    def file(self, name: str | bytes, content: bytes | str = b"") -> Path:
        """Returns the path of a new file."""
        path = self.here / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


class Case(NamedTuple):
    """One case.

    Attributes:
        name: unique in its group.
        words: `(place) -> words of the command line`, after making what they name.
        code: the exit code.
        says: what the sentence on stderr, or with code 0 what was printed, holds.
        during: a context to run in, such as another environment.
    """

    name: str
    words: Callable[[Place], Words]
    code: int = 2
    says: str = ""
    during: Callable[[], contextlib.AbstractContextManager] = contextlib.nullcontext


def given(name: str, *words: object, code: int = 2, says: str = "") -> Case:
    """Returns a case of plain words; `{here}`, `{run}`, `{data}` and `{file}` (a table) stand for paths."""

    def made(place: Place) -> Words:
        paths = {"here": place.here, "run": place.world.run, "data": place.world.data, "file": place.here / "rows.csv"}
        if any("{file}" in str(word) for word in words):
            place.file("rows.csv", rows())
        return [str(word).format(**paths) if "{" in str(word) else word for word in words]

    return Case(name, made, code, says)


def rows(header: str = "id,a,b,label", count: int = 30) -> str:
    """Returns a small sound CSV of two classes; every second column is the row number, the last the class."""
    width = header.count(",")
    lines = [
        ",".join([f"r{n}", *(f"{n % 2 * 5 + n * 0.01 + c}" for c in range(width - 1)), "xy"[n % 2]])
        for n in range(count)
    ]
    return "\n".join([header, *lines]) + "\n"


def state(folder: Path) -> dict[str, str]:
    """Returns what is in a folder: every entry by kind, rights and content; links are not followed."""
    found = {}
    for path in _walk(os.fsencode(folder)):
        facts = os.lstat(path)
        content = b""
        if stat.S_ISLNK(facts.st_mode):
            content = os.readlink(path)
        elif stat.S_ISREG(facts.st_mode):
            with contextlib.suppress(PermissionError), open(path, "rb") as file:
                content = file.read()
        name = os.fsdecode(os.path.relpath(path, os.fsencode(folder)))
        found[name] = f"{stat.S_IFMT(facts.st_mode):o} {facts.st_mode:o} {hashlib.sha256(content).hexdigest()}"
    return found


def _walk(folder: bytes) -> Iterator[bytes]:
    for place, folders, files in os.walk(folder):
        yield from (os.path.join(place, name) for name in (*folders, *files))


def tried(case: Case, place: Place) -> tuple[int, str, str, list[str]]:
    """Runs a case; returns exit code, stdout, stderr, and the promises that it broke."""
    words = [
        os.fsdecode(os.fspath(word)) if isinstance(word, Path | bytes) else str(word) for word in case.words(place)
    ]
    before = state(place.here)
    out, errors = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    broken = []
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors), case.during():
        try:
            run = main.run if words and words[0] == "main" else command
            code = run(words)
        except SystemExit as error:
            code = error.code
        except BaseException as error:
            code = 1
            broken.append(f"a traceback: {type(error).__name__}: {error!s:.300}")
    out.flush(), errors.flush()
    said, complaint = (stream.buffer.getvalue().decode("utf-8", "backslashreplace") for stream in (out, errors))
    after = state(place.here)
    changed = [name for name in before if after.get(name) != before[name] and name not in OURS]
    if changed:
        broken.append(f"changed {changed[:3]}")
    if code == 2 and not broken:
        if not complaint.startswith("error: ") or complaint.count("\n") != 1 or not complaint.endswith("\n"):
            broken.append(f"stderr is not one sentence: {complaint!r:.300}")
        new = sorted(name for name in after.keys() - before.keys() if Path(name).parts[0] != "new")
        left = {entry.name for entry in (place.here / "new").iterdir()} if (place.here / "new").is_dir() else set()
        if new or not (left <= {LOCK} or MARKER in left):
            broken.append(f"left {new[:3]}")
    if code == 0 and complaint:
        broken.append(f"stderr in a success: {complaint!r:.300}")
    if any(
        (ord(letter) < 32 and letter not in "\n") or ord(letter) in (0x7F, 0x9B, 0x202E) for letter in said + complaint
    ):
        broken.append("control characters reach the terminal")
    if "Traceback" in complaint:
        broken.append("a traceback is printed")
    return code, said, complaint, broken
