"""The door of every data set: which part is wanted, and where its files are."""

import os
from collections.abc import Iterable
from pathlib import Path

from meta_noise.errors import DataNotFoundError, unknown_name

PARTS = ("train", "test")


def check_part(part: str, parts: Iterable[str] = PARTS) -> str:
    """Returns `part`, or raises InputError unless it is one of `parts`, "train" or "test" where not given."""
    if part not in (choices := tuple(parts)):
        raise unknown_name("part of a data set", str(part), choices)
    return part


def not_found(name: str, path: str | os.PathLike[str], advice: str = "", file: str = "") -> DataNotFoundError:
    """Returns the error for files of data set `name` that are not at `path`, with the way to get them."""
    folder = os.fspath(path) or "DIR"
    lacking = f"{file} of data set {name}" if file else f"data set {name}"
    what = f"the folder {folder} does not hold {lacking}" if os.fspath(path) else f"data set {name} needs a path"
    advice = advice or f"Get it with `python -m meta_noise.data.download {name} {folder}`"
    return DataNotFoundError(f"{what[0].upper()}{what[1:]}. {advice}, then give that folder as the path.")


def existing(name: str, path: str | os.PathLike[str], advice: str = "") -> Path:
    """Returns `path` as a Path, or raises DataNotFoundError where it is empty or does not exist."""
    if not os.fspath(path) or not Path(path).exists():
        raise not_found(name, path, advice)
    return Path(path)
