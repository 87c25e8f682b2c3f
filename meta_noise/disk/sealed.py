"""JSON files of ours: sealed with a checksum of every key when written, checked and typed when read.

The seal is the key `sha256` of the object itself, so a file and its checksums are replaced together and a killed
process cannot leave one without the other. It finds damage and hand edits and says in which key; it is no signature,
as whoever forges a file can seal it anew. What is read is therefore typed, too.
"""

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from meta_noise.atomic import atomically

SEAL = "sha256"
DIGITS = 16  # of a checksum, in hexadecimal
LARGEST = 2**30  # bytes of a file
T = TypeVar("T")


class DamageError(ValueError):
    """What is wrong with a file, as a part of a sentence."""


class BrokenSealError(DamageError):
    """A file that can be read, but was changed since it was written; `value` is what it says now."""

    def __init__(self, problem: str, value: dict[str, Any]):
        super().__init__(problem)
        self.value = value


def write_json(path: str | os.PathLike[str], value: Mapping[str, Any]) -> None:
    """Writes an object with its seal, whole or not at all."""
    with atomically(path) as file:
        file.write(sealed(value))


def sealed(value: Mapping[str, Any]) -> bytes:
    """Returns the text of a sealed file."""
    plain = json.loads(json.dumps(value, allow_nan=False))
    return (json.dumps({**plain, SEAL: _seal(plain)}, indent=2, allow_nan=False) + "\n").encode()


def read_json(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Returns the object in a sealed file, without its seal.

    Raises:
        DamageError: it cannot be read, is no object, or (`BrokenSealError`) a key is not what was written.
    """
    value = _parsed(path)
    seal = value.pop(SEAL, None)
    if not isinstance(seal, dict):
        raise BrokenSealError(f"it has no checksums under {SEAL!r}", value)
    found = _seal(value)
    for key in {**found, **seal}:
        if key not in seal:
            raise BrokenSealError(f"the key {key!r:.60} was added", value)
        if key not in found:
            raise BrokenSealError(f"the key {key!r:.60} is missing", value)
        if seal[key] != found[key]:
            raise BrokenSealError(f"{key!r:.60} is {value[key]!r:.60}, which is not what was written", value)
    return value


def typed(value: Any, form: type[T]) -> T:
    """Returns plain values as the structure `form`, all of them checked.

    Raises:
        DamageError: a key is missing or unknown, or a value of another type or range; it names key and value.
    """
    try:
        return msgspec.convert(value, form)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `")
        place = path.rstrip("`").removeprefix("$").removeprefix(".")
        given = f", got {_at(value, place)!r:.60}" if place else ""
        raise DamageError(f"{place or 'it'}: {problem[:1].lower()}{problem[1:]}{given}") from error


def _parsed(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Returns the object in a file, every number finite and every key there once."""
    if (size := Path(path).stat().st_size) > LARGEST:
        raise DamageError(f"it has {size:,} bytes, more than any such file")
    try:
        text = Path(path).read_text(encoding="utf-8")
        value = json.loads(text, parse_constant=_finite, parse_float=_finite, object_pairs_hook=_once)
    except RecursionError:
        raise DamageError("it is nested too deeply") from None
    except ValueError as error:
        raise DamageError(f"{error}") from error
    if not isinstance(value, dict):
        raise DamageError(f"expected one JSON object, found {type(value).__name__}")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text:.40} is no finite number")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {max(keys, key=keys.count)!r:.60} is there twice")
    return found


def _seal(value: Mapping[str, Any]) -> dict[str, str]:
    """Returns a checksum for every key of an object as JSON gives it."""
    seal = {}
    for key, content in value.items():
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        seal[key] = hashlib.sha256(f"{key}\0{text}".encode("utf-8", "backslashreplace")).hexdigest()[:DIGITS]
    return seal


def _at(value: Any, place: str) -> Any:
    """Returns the value at a place such as `reader.shape`; what holds it, where the place says no more."""
    for step in re.split(r"[.\[]", place):
        if not isinstance(value, dict) or step not in value:
            break
        value = value[step]
    return value
