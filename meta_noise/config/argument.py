"""The argument of a config file: `--config=configs/digits.py:mlc_lcn,uniform=0.6,clean=100,seed=3`.

A word alone names the method, or a setting that the file itself offers; a noise with its rate, the number of clean rows
and the seed follow as `key=value`, and so do `imbalance=100` and `labels=worst` for data sets that have several.
`clean=auto` means that no row is trusted and the method guesses clean ones. Two more words stand for the honest
baselines of every table: `clean_only` and `noisy_and_clean` are `supervised` on the clean rows alone and on both.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from meta_noise.config import registry
from meta_noise.config.parse import is_open, keys_of, parse, to_dict
from meta_noise.config.schema import Config
from meta_noise.errors import InputError, unknown_name

NO_CHANGES = Config()
BASELINES = {"clean_only": "clean", "noisy_and_clean": "both"}


class Word(NamedTuple):
    """What a word in the argument of a config file changes: of the `config`, and of what is `tuned` for each method."""

    config: Mapping[str, Any]
    tuned: Mapping[str, Any] = {}


def vary(
    config: Mapping[str, Any],
    arg: str,
    tuned: Mapping[str, Any] | None = None,
    words: Mapping[str, Word] | None = None,
) -> dict[str, Any]:
    """Returns a complete config, changed by the argument of its file.

    Args:
        config: nested dictionary.
        arg: see the module text; may be empty.
        tuned: method name -> nested dictionary of settings that this data set wants for that method.
        words: what further words stand for. Changes are made in this order: words, tuned settings, `key=value`.

    Raises:
        InputError: a part of the argument is not understood.
    """
    words, tuned = words or {}, tuned or {}
    keys = {**KEYS, **{name: _noise(name) for name in registry.names("data.noise")}}
    changes: dict[str, Any] = {}
    given: dict[str, str] = {}
    method = config.get("method", {}).get("name", "mw_net")
    for part in filter(None, (part.strip() for part in arg.split(","))):
        key, is_pair, value = part.partition("=")
        what = _what(key, bool(is_pair), words)
        if what in given:
            raise InputError(f"{given[what]!r} and {part!r} in the argument {arg!r} both say {what}; give one.")
        given[what] = part
        if is_pair:
            change = registry.entry(keys, "key in the argument of the config file:", key)
            changes = merge(changes, change(value, part))
        elif key in BASELINES:
            method, changes = "supervised", merge(changes, {"clean": {"train_on": BASELINES[key]}})
        elif key == "none":
            changes = merge(changes, {"noise": {"name": "none", "rate": 0.0}})
        elif key in words:
            config, tuned = exchange(config, words[key].config), merge(tuned, words[key].tuned)
        else:
            method = _method(key, words)
    for step in ({"method": {"name": method}}, tuned.get(method, {}), changes):
        config = exchange(config, step)
    return to_dict(parse(config))


def _what(key: str, is_pair: bool, words: Mapping[str, Word]) -> str:
    """Returns what a part of an argument decides, as a sentence names it."""
    if key == "none" or (is_pair and key not in KEYS):
        return "which noise there is"
    if is_pair or key in words:
        return f"what {key} is"
    return "which method is meant"


def _method(word: str, words: Mapping[str, Word]) -> str:
    """Returns `word` where it is the name of a method, or raises InputError with the choices."""
    methods = registry.names("methods")
    if "." in word:
        registry.find("methods", word)  # raises where there is no such function
    elif word not in methods:
        raise unknown_name("word in the argument of the config file:", word, (*methods, *BASELINES, "none", *words))
    return word


def exchange(config: Mapping[str, Any], changes: Mapping[str, Any], section: Any = NO_CHANGES) -> dict[str, Any]:
    """Returns `config` with the values of `changes` in place of its own, section by section.

    Where a section gets another `name`, the settings of the function that had the old one go.

    Args:
        config: nested dictionary.
        changes: likewise.
        section: the section of `meta_noise.config.schema` that both belong to, with any values.
    """
    known = keys_of(type(section)) if dataclasses.is_dataclass(section) else []
    if known and is_open(type(section)) and "name" in changes and changes["name"] != config.get("name"):
        config = {key: value for key, value in config.items() if key in known}
    merged = dict(config)
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        inside = getattr(section, key, None) if key in known else None
        merged[key] = exchange(merged[key], value, inside) if both else value
    return merged


def merge(config: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Returns `config` with the values of `changes` in place of its own, section by section."""
    merged = dict(config)
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def _number(part: str, value: str, kind: type) -> Any:
    try:
        return kind(value)
    except ValueError as error:
        raise InputError(f"{part!r} in the argument of the config file needs a number after the sign.") from error


Change = Callable[[str, str], dict[str, Any]]  # (value, whole part of the argument) -> change of the config


def _clean(value: str, part: str) -> dict[str, Any]:
    if value == "auto":
        return {"clean": {"size": 0, "auto": True}}
    return {"clean": {"size": _number(part, value, int)}}


def _noise(name: str) -> Change:
    return lambda value, part: {"noise": {"name": name, "rate": _number(part, value, float)}}


KEYS: dict[str, Change] = {
    "clean": _clean,
    "imbalance": lambda value, part: {"data": {"imbalance": _number(part, value, float)}},
    "labels": lambda value, part: {"data": {"labels": value}},
    "seed": lambda value, part: {"seed": _number(part, value, int)},
}
