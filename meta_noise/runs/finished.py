"""A run that has finished: what it left is read again, and nothing is compiled.

`finished.json` is written after everything else. It lists the files that the run left with their SHA-256, so that a run
with a missing or damaged one is resumed, which writes it anew.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from meta_noise.data.reader import Reader, to_json
from meta_noise.disk.digest import sha256_of
from meta_noise.disk.sealed import DamageError, typed, write_json
from meta_noise.errors import InputError
from meta_noise.report.files import read_object, read_results
from meta_noise.report.labels import read_labels
from meta_noise.runs.trained import ARRAYS, MODEL
from meta_noise.version import __version__

FINISHED = "finished.json"
OUTPUTS = (
    *("labels.parquet", "labels.csv", "labels_columns.md", "results.json", "classes.json", "report.html"),
    *("metrics.jsonl", MODEL, ARRAYS, "noise.npz", "splits.npz", "rows.npz", "learned.npz"),
    *("examples.npz", "examples.json", "tournament.npz"),
)


class FinishedFile(msgspec.Struct, forbid_unknown_fields=True):
    """The content of finished.json."""

    meta_noise: str
    steps: int
    files: dict[str, str]
    history: list[dict[str, int | float]]

    def __post_init__(self) -> None:
        if others := self.files.keys() - set(OUTPUTS):
            raise ValueError(f"a run leaves no {min(others)!r:.60}")


class Left(NamedTuple):
    """What a finished run left: its label table, the metrics of its evaluated epochs, the content of results.json."""

    labels: pa.Table
    history: list[dict[str, Any]]
    results: dict[str, Any]


def mark(folder: Path, steps: int, history: list[dict[str, Any]]) -> None:
    """Writes that the run in a folder has finished after so many steps, with its metrics, and which files it left."""
    files = {name: sha256_of(folder / name) for name in OUTPUTS if (folder / name).exists()}
    write_json(folder / FINISHED, {"meta_noise": __version__, "steps": steps, "files": files, "history": history})


def refresh_page(folder: Path) -> None:
    """Writes report.html of a finished run anew, as files that it refers to have come since."""
    from meta_noise.report.page import write_page  # matplotlib takes half a second

    about = read_object(folder / FINISHED) if (folder / FINISHED).is_file() else None
    write_page(folder)
    if about is not None:
        files = {**about["files"], "report.html": sha256_of(folder / "report.html")}
        write_json(folder / FINISHED, {**about, "files": files})


def left(folder: Path, reader: Reader) -> Left | None:
    """Returns what the run in a folder left, None where it has to be resumed.

    That is where it has not finished, a file or its last checkpoint is missing or not as it was written, another
    version of this package wrote it, or new rows are read otherwise now. The folder is known to have the same settings
    and data.
    """
    if not (folder / FINISHED).is_file():
        return None
    try:
        stored = read_object(folder / FINISHED)
        about, model = typed(stored, FinishedFile), read_object(folder / MODEL)
        last = folder / "checkpoints" / str(about.steps)
        if about.meta_noise != __version__ or any(
            not (folder / name).exists() or sha256_of(folder / name) != digest for name, digest in about.files.items()
        ):
            return None
        if not last.is_dir() or model["reader"] != json.loads(json.dumps(to_json(reader))):
            return None
        return Left(read_labels(folder), stored["history"], read_results(folder))
    except (InputError, DamageError, KeyError):
        return None
