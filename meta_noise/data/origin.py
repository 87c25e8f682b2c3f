"""Where the data of a run are, and what people have answered about them: `origin.json` of a run folder.

A run does not copy its data. It keeps their path and how they were read, so that rows can be shown to people and
training can go on with their answers; data that have changed since are refused.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from meta_noise.config import registry
from meta_noise.data.answers import Answer
from meta_noise.data.own import read
from meta_noise.disk.sealed import DamageError, read_json, typed
from meta_noise.errors import InputError

ORIGIN = "origin.json"
_FILES = ("trusted", "features", "label", "folder", "long", "rules")  # settings that may be paths


class Origin(NamedTuple):
    """Where data come from.

    Attributes:
        data: absolute path, None for a frame or arrays in memory.
        settings: of `meta_noise.data.own.read`, as plain values.
        lost: settings that were objects in memory and have to be given again.
        asked: method, model, epochs and seed as the user asked for them, "" or 0 for what was left to us.
        root: digest of the rows of the first round, which tells data sets apart; "" before it is known.
        answers: of all rounds, the oldest first.
    """

    data: str | None
    settings: Mapping[str, Any]
    lost: tuple[str, ...] = ()
    asked: Mapping[str, Any] = {}
    root: str = ""
    answers: tuple[Answer, ...] = ()


class AskedFile(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the user asked for, as origin.json holds it."""

    method: str = ""
    model: str = ""
    epochs: Annotated[int, Meta(ge=0, le=10**9)] = 0
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    flag: str = ""
    budget: str = ""
    pred_probs: str = ""


class AnswerFile(msgspec.Struct, forbid_unknown_fields=True):
    """An answer as origin.json holds it."""

    id: str
    label: str
    is_bad: bool
    why: str
    given: str
    round: Annotated[int, Meta(ge=1, le=10**6)]


class OriginFile(msgspec.Struct, forbid_unknown_fields=True):
    """The content of origin.json."""

    data: str | None
    settings: dict[str, bool | int | str | list[str | int] | None]
    lost: list[str]
    asked: AskedFile
    root: str
    answers: list[AnswerFile]


def origin_of(data: Any, settings: Mapping[str, Any], asked: Mapping[str, Any]) -> Origin:
    """Returns the origin of data read with these settings, relative paths made absolute."""
    kept, lost = {}, []
    for name, value in settings.items():
        if isinstance(value, os.PathLike) or (name in _FILES and isinstance(value, str) and _is_path(name, value)):
            value = os.path.abspath(value)
        if isinstance(value, list | tuple) and all(isinstance(entry, str | int) for entry in value):
            value = list(value)
        elif not isinstance(value, str | int | None):
            lost.append(name)
            continue
        kept[name] = value
    path = os.path.abspath(data) if isinstance(data, str | os.PathLike) else None
    return Origin(path, kept, tuple(lost), dict(asked))


def to_json(origin: Origin) -> dict[str, Any]:
    """Returns the origin as plain values."""
    return {**origin._asdict(), "answers": [answer._asdict() for answer in origin.answers]}


def read_origin(folder: Path) -> Origin:
    """Returns the origin of a run.

    Raises:
        InputError: there is no run, or its data were not given to `meta-noise clean`.
    """
    if not folder.is_dir():
        raise InputError(f"There is no run folder {folder}. Give the --out of `meta-noise clean`.")
    path = folder / ORIGIN
    if not path.is_file():
        why = "it holds no config.json, so it is no run folder"
        if (folder / "config.json").is_file():
            why = f"it holds no {ORIGIN}: only runs of `meta-noise clean` know where their data are"
        raise InputError(f"{folder} cannot be used here: {why}. Give the --out of `meta-noise clean`.")
    try:
        stored = typed(read_json(path), OriginFile)
        registry.check_settings(read, "the data", stored.settings, 1)
    except (OSError, DamageError, InputError) as error:
        raise InputError(f"{path} is damaged ({error}). Put back an intact copy, or start a new run.") from error
    answers = tuple(Answer(*msgspec.structs.astuple(answer)) for answer in stored.answers)
    asked = msgspec.to_builtins(stored.asked)
    return Origin(stored.data, stored.settings, tuple(stored.lost), asked, stored.root, answers)


def place_of(origin: Origin, data: Any, changed: Mapping[str, Any]) -> Any:
    """Returns where the data are now: `data` if given, else the old place.

    Raises:
        InputError: they are not there, or a setting that was in memory is not given again.
    """
    if data is None and origin.data is None:
        raise InputError("The run was made from data in memory; give them again by data=... (--data FILE).")
    if lost := [name for name in origin.lost if name not in changed]:
        raise InputError(f"The run was made with {lost[0]}=... in memory; give it again by {lost[0]}=....")
    if data is None and not Path(str(origin.data)).exists():
        raise InputError(
            f"The data of the run are no longer at {origin.data}. Say where they are by data=... (--data)."
        )
    return origin.data if data is None else data


def _is_path(name: str, value: str) -> bool:
    """Says whether a setting that may be a column or a file is a file."""
    if name == "folder":
        return True
    return bool(Path(value).suffix) and Path(value).is_file()
