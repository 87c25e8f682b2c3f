"""From a nested dictionary of plain values to the frozen sections of `schema`, and back."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from meta_noise.config.schema import INNER, SECTIONS, Config, about
from meta_noise.errors import InputError, unknown_name

LARGEST = 2**31 - 1


def parse(given: Any) -> Config:
    """Returns the settings that a nested dictionary gives, defaults elsewhere.

    Raises:
        InputError: an unknown section or key (with the nearest one), a value of the wrong type or out of range, or
            values that make no sense together.
    """
    try:
        return _parsed(given)
    except RecursionError:
        raise InputError("The config is nested too deeply, or holds itself; give sections of plain values.") from None


def _parsed(given: Any) -> Config:
    given = check_sections(given)
    choices = [entry.name for entry in dataclasses.fields(Config)]
    for key in given:
        if key not in choices:
            raise unknown_name("key in config:", key, choices)
    found = {key: _section(SECTIONS[key], value, f"config.{key}") for key, value in given.items() if key != "seed"}
    if "seed" in given:
        found["seed"] = _value(dataclasses.fields(Config)[0], given["seed"], "config.seed")
    config = Config(**found)
    _check_together(config)
    return config


def to_dict(config: Any) -> dict[str, Any]:
    """Returns settings as a nested dictionary; those of a function stand beside its name. The inverse of `parse`."""
    found: dict[str, Any] = {}
    for entry in dataclasses.fields(config):
        value = getattr(config, entry.name)
        if entry.name == "settings":
            found |= value
        elif value is None and entry.name == "meta":
            found["meta"] = {}
        else:
            found[entry.name] = to_dict(value) if dataclasses.is_dataclass(value) else value
    return found


def keys_of(section: type) -> list[str]:
    """Returns the names of a section's own fields, without the settings of its function."""
    return [entry.name for entry in dataclasses.fields(section) if entry.name != "settings"]


def is_open(section: type) -> bool:
    """Says whether a section also holds the settings of a function."""
    return len(keys_of(section)) < len(dataclasses.fields(section))


def differences(a: Mapping[str, Any], b: Mapping[str, Any], path: str = "config") -> list[str]:
    """Returns the dotted keys whose values differ, with both values."""
    found = []
    for key in sorted({*a, *b}):
        one, two = a.get(key), b.get(key)
        if isinstance(one, Mapping) and isinstance(two, Mapping):
            found += differences(one, two, f"{path}.{key}")
        elif one != two:
            found.append(f"{path}.{key} ({one!r} there, {two!r} now)")
    return found


def check_sections(given: Any) -> Mapping[str, Any]:
    """Returns `given`, or raises InputError unless it is a dictionary of sections with names."""
    _check_keys(given, "A config is a dictionary", Config)
    for key, value in given.items():
        if key in SECTIONS:
            _check_keys(value, f"config.{key} is a section", SECTIONS[key])
    return given


def _check_keys(given: Any, what: str, section: type) -> None:
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise InputError(f"{what} with the keys {', '.join(keys_of(section))}; got {given!r}.")


def _section(section: type, given: Any, path: str) -> Any:
    """Returns a section from a dictionary of its values."""
    fields = {entry.name: entry for entry in dataclasses.fields(section)}
    choices = keys_of(section)
    _check_keys(given, f"{path} is a section", section)
    found: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    for key, value in given.items():
        if key in INNER.get(path.removeprefix("config."), ()):
            found[key] = _section(type(getattr(section(), key)), value, f"{path}.{key}")
        elif key in choices:
            found[key] = _value(fields[key], value, f"{path}.{key}")
        elif not is_open(section):
            raise unknown_name(f"key in {path}:", key, choices)
        else:
            settings[key] = _plain(value, f"{path}.{key}")
    return section(**found, settings=settings) if is_open(section) else section(**found)


def _value(entry: dataclasses.Field, value: Any, path: str) -> Any:
    """Returns a value that has the type and range of its field."""
    if entry.type == tuple[int, ...]:
        if not isinstance(value, list | tuple):
            raise InputError(f"{path} must be a list of whole numbers, got {value!r}.")
        return tuple(_scalar(int, entry, one, path) for one in value)
    return _scalar(entry.type, entry, value, path)


def _scalar(kind: Any, entry: dataclasses.Field, value: Any, path: str) -> Any:
    """Returns a value that has the type `kind` and the range of its field."""
    value = value.item() if isinstance(value, np.generic) else value
    if kind not in (float, int, str, bool):  # bool | None
        if not isinstance(value, bool | None):
            raise InputError(f"{path} must be True, False or None, got {value!r}.")
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not kind:
        raise InputError(f"{path} must be of type {kind.__name__}, got {value!r}.")
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{path} must be a finite number, got {value}.")
    if kind is int and value > LARGEST:
        raise InputError(f"{path} must be below {LARGEST + 1}, got {value!r:.40}.")
    known = about(entry)
    if known.least is not None and value < known.least:
        raise InputError(f"{path} must be at least {known.least:g}, got {value}.")
    if known.choices and value not in known.choices and value != entry.default:
        raise unknown_name(path, value, known.choices)
    return value


def _plain(value: Any, path: str) -> Any:
    """Returns a setting of a function as JSON holds it; other kinds of values are refused."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{path} must be a finite number, got {value}.")
    if isinstance(value, list | tuple):
        return [_plain(entry, path) for entry in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _plain(entry, f"{path}.{key}") for key, entry in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise InputError(f"{path} must be a number, a word, True, False, None, a list or a section, got {value!r}.")


def _check_together(config: Config) -> None:
    """Raises InputError where values that are allowed each make no sense together."""
    clean, data = config.clean, config.data
    if data.class_rows and data.imbalance != 1:
        raise InputError(
            f"config.data.class_rows={data.class_rows} and config.data.imbalance={data.imbalance:g} both say how many "
            "rows of a class train; give one."
        )
    if config.optimizer.lr <= 0:
        raise InputError(f"config.optimizer.lr must be positive, got {config.optimizer.lr}.")
    if config.train.warmup_steps and config.train.warmup_epochs > 0:
        raise InputError(
            f"config.train.warmup_steps={config.train.warmup_steps} and config.train.warmup_epochs="
            f"{config.train.warmup_epochs} both say how long the warm-up is; give one."
        )
    if clean.auto and (clean.size or clean.train_on not in ("", "noisy")):
        raise InputError(
            "config.clean.auto guesses clean rows because there are none, so config.clean.size must be 0 and "
            f"config.clean.train_on 'noisy'; got {clean.size} and {clean.train_on!r}."
        )
