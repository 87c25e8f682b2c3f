"""Reading the files of a run folder, with errors that say what to do."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta

from meta_noise.disk import arrays
from meta_noise.disk.sealed import DamageError, read_json, typed
from meta_noise.errors import InputError

AGAIN = "Run `python -m meta_noise.main --config=... --workdir={folder}` again: it resumes and writes what is missing."


class NoiseSection(msgspec.Struct):
    """The section `noise` of results.json, as far as it is read."""

    kind: str | None = None
    rate: Annotated[float, Meta(ge=0, le=1)] | None = None
    sha256: str | None = None
    realised: Annotated[float, Meta(ge=0, le=1)] | None = None


class ResultsFile(msgspec.Struct):
    """What is read of results.json; a run that knows less has fewer keys."""

    method: str | None = None
    data: str | None = None
    model: str | None = None
    seed: int | None = None
    noise: NoiseSection | None = None
    clean_set: dict[str, Any] | None = None
    warnings: list[str] = []
    accuracy: dict[str, Any] | None = None
    training_rows: Annotated[int, Meta(ge=0)] | None = None
    steps: Annotated[int, Meta(ge=0)] | None = None
    seconds: Annotated[float, Meta(ge=0)] | None = None
    versions: dict[str, str] | None = None
    tournament: dict[str, Any] | None = None
    noise_estimate: dict[str, Any] | None = None
    worthless: dict[str, Any] | None = None
    flags: dict[str, Any] | None = None
    memorised: bool = False


def existing(folder: Path, name: str) -> Path:
    """Returns the path of a file that a finished run must have left, or raises `InputError`."""
    if not folder.is_dir():
        raise InputError(f"There is no run folder {str(folder)!r}. Give the --workdir of a run.")
    path = folder / name
    if not path.exists():
        raise InputError(
            f"{name} is missing in {str(folder)!r}: the run has not finished, or this is not a run folder. "
            + AGAIN.format(folder=folder)
        )
    return path


def damaged(path: Path, problem: object) -> InputError:
    """Returns the error for a file that is there but cannot be used."""
    return InputError(f"{str(path)!r} is damaged ({problem}). Delete it. " + AGAIN.format(folder=path.parent))


def read_object(path: Path) -> dict[str, Any]:
    """Returns the object in a sealed JSON file of ours."""
    try:
        return read_json(path)
    except (OSError, DamageError) as error:
        raise damaged(path, error) from error


def read_results(folder: Path) -> dict[str, Any]:
    """Returns results.json of a finished run, the type of every known key checked."""
    path = existing(folder, "results.json")
    value = read_object(path)
    try:
        typed(value, ResultsFile)
    except DamageError as error:
        raise damaged(path, error) from error
    return value


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """Returns the lines of metrics.jsonl, in order; none where there is no such file.

    A last line that was cut off, as a killed run leaves it, is dropped; a damaged line before it is an error.
    """
    if not path.is_file():
        return []
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise damaged(path, error) from error
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            if number == len(lines):
                break
            raise damaged(path, f"line {number} is not JSON") from error
        if not isinstance(row, dict):
            raise damaged(path, f"line {number} is not a JSON object")
        rows.append(row)
    return rows


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Returns the arrays of an .npz file of ours; none where there is no such file."""
    if not path.is_file():
        return {}
    try:
        return arrays.read_arrays(path)
    except (OSError, DamageError) as error:
        raise damaged(path, error) from error


def number(values: Mapping[str, Any], *keys: str) -> float | None:
    """Returns the finite number at a path of keys, None where there is none."""
    value: Any = values
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None
