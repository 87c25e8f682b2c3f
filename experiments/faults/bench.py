"""What the faults happen to: a small table, a finished run on it, answers, a tree of images, and commands on them.

Every command writes below a folder `at`, so what it leaves can be copied, put back and compared.
"""

import contextlib
import csv
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from meta_noise import main
from meta_noise.cli.run import run as command

QUICK = ("--method", "mw_net", "--epochs", "3")
METHODS = ("famus", "ieg", "l2r", "ldam_drw", "mlc_lcn", "mlc_t", "mw_net", "supervised")
CONFIG = """
def get_config(arg):
    return {{
        "data": {{"name": "digits", "limit": 60}}, "clean": {clean}, "model": {{"name": "mlp", "hidden": [4]}},
        "method": {{"name": "{method}"}}, "report": {{"examples": 2}},
        "train": {{"epochs": 3, "batch_size": {batch}, "clean_batch_size": 8, "devices": 1, "checkpoint_seconds": 0.0}},
    }}
"""


class Bench(NamedTuple):
    """Where everything is: the folder, the table, the finished run, `id -> class` of the truth."""

    folder: Path
    data: Path
    run: Path


class Trial(NamedTuple):
    """A command to disturb: its words, with `{at}` for the folder that it writes to.

    `may_refuse` says that it ends with code 2 once all it writes is there.
    """

    words: tuple[str, ...]
    may_refuse: bool = False


def silent(words: list[str]) -> tuple[int, str, str]:
    """Returns exit code, stdout and stderr of a command in this process; 1 and the error where it raises one."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            code = main.run(words) if words[0] == "main" else command(words)
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except Exception as error:
            code = 1
            errors.write(f"Traceback: {type(error).__name__}: {error!s:.200}")
    return code, out.getvalue(), errors.getvalue()


def make(folder: Path) -> Bench:
    """Returns the bench, made in an empty folder."""
    truth = np.arange(60) % 3
    points = 4 * np.eye(3)[truth] + 0.3 * np.random.default_rng(0).normal(size=(60, 3))
    given = np.where(np.arange(60) % 5 == 0, (truth + 1) % 3, truth)
    rows = [{"id": f"row{n}", **dict(zip("abc", points[n], strict=True)), "label": "xyz"[given[n]]} for n in range(60)]
    data = _table(folder / "points.csv", rows)
    right = [{"id": f"row{n}", "label": "xyz"[truth[n]]} for n in range(24)]
    _table(folder / "trusted.csv", right)
    _table(folder / "answers.csv", [{"id": row["id"], "answer": row["label"]} for row in right[:20]])
    for method in METHODS:
        clean = '{"size": 0}' if method in ("famus", "supervised") else '{"size": 10}'
        clean = '{"size": 0, "auto": True}' if method == "famus" else clean
        text = CONFIG.format(method=method, clean=clean, batch=16 if method == "famus" else 32)
        (folder / f"{method}.py").write_text(text)
    for part, count in (("training", 20), ("testing", 10)):
        (folder / "tree" / part).mkdir(parents=True)
        for number in range(count):
            pixels = np.random.default_rng(number).integers(0, 255, (12, 10, 3), np.uint8)
            Image.fromarray(pixels).save(folder / "tree" / part / f"{number % 10}_{number}.jpg")
    code, _, said = silent(["clean", str(data), "--out", str(folder / "mine"), *QUICK])
    if code:
        raise RuntimeError(said)
    return Bench(folder, data, folder / "mine")


def trials(bench: Bench) -> dict[str, Trial]:
    """Returns the commands by name."""
    run, data, folder = str(bench.run), str(bench.data), bench.folder
    trained = {
        f"main, {method}": Trial(("main", f"--config={folder / method}.py", "--workdir={at}/run")) for method in METHODS
    }
    trusted = ("--trusted", str(folder / "trusted.csv"), "--method", "l2r", "--model", "mlp", "--epochs", "1")
    images = ("animal10n", "--from", str(folder / "tree"), "--to", "{at}", "--partial")
    return {
        "queue": Trial(("queue", run, "--n", "8", "--out", "{at}")),
        "predict": Trial(("predict", run, data, "--out", "{at}/found.csv"), True),
        "predict, Parquet": Trial(("predict", run, data, "--out", "{at}/found.parquet"), True),
        "export": Trial(("export", run, "--out", "{at}"), True),
        "prepare": Trial(("prepare", *images), True),
        "clean": Trial(("clean", data, *trusted, "--out", "{at}/run")),
        "ingest": Trial(
            ("ingest", run, str(folder / "answers.csv"), *QUICK[:2], "--epochs", "1", "--out", "{at}/next")
        ),
        **trained,
    }


def words_of(trial: Trial, at: Path) -> list[str]:
    return [word.replace("{at}", str(at)) for word in trial.words]


def _table(path: Path, rows: list[dict]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def settle() -> None:
    """Sets what all processes of the trials have in common; before JAX is used."""
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["META_NOISE_CACHE"] = "off"


Run = Callable[[], tuple[int, str, str]]
