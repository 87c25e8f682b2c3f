"""The argument of a config file: `--config=configs/digits.py:mlc_lcn,uniform=0.6,clean=100,seed=3`.

A word alone names the method, or a setting that the file itself offers; a noise with its rate, the number of clean rows
and the seed follow as `key=value`, and so do `imbalance=100` and `labels=worst` for data sets that have several.
`clean=auto` means that no row is trusted and the method guesses clean ones. Two more words stand for the honest
baselines of every table: `clean_only` and `noisy_and_clean` are `supervised` on the clean rows alone and on both.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from meta_noise.config import registry
from meta_noise.config.schema import DEFAULTS, OPEN, complete
from meta_noise.errors import InputError, unknown_name

KEYS = ("clean", "imbalance", "labels", "seed")
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
    noises, words = registry.names("data.noise"), words or {}
    changes: dict[str, Any] = {}
    tuned = tuned or {}
    method = config.get("method", {}).get("name", "mw_net")
    for part in filter(None, (part.strip() for part in arg.split(","))):
        key, is_pair, value = part.partition("=")
        if not is_pair and key in BASELINES:
            method = "supervised"
            changes = merge(changes, {"clean": {"train_on": BASELINES[key]}})
        elif not is_pair and key == "none":
            changes = merge(changes, {"noise": {"name": "none", "rate": 0.0}})
        elif not is_pair and key in words:
            config, tuned = exchange(config, words[key].config), merge(tuned, words[key].tuned)
        elif not is_pair:
            method = _method(key, words)
        elif key in noises:
            changes = merge(changes, {"noise": {"name": key, "rate": _number(part, value, float)}})
        elif key == "clean" and value == "auto":
            changes = merge(changes, {"clean": {"size": 0, "auto": True}})
        elif key == "clean":
            changes = merge(changes, {"clean": {"size": _number(part, value, int)}})
        elif key == "seed":
            changes = merge(changes, {"seed": _number(part, value, int)})
        elif key == "imbalance":
            changes = merge(changes, {"data": {"imbalance": _number(part, value, float)}})
        elif key == "labels":
            changes = merge(changes, {"data": {"labels": value}})
        else:
            raise unknown_name("key in the argument of the config file:", key, (*KEYS, *noises))
    for step in ({"method": {"name": method}}, tuned.get(method, {}), changes):
        config = exchange(config, step)
    return complete(config)


def _method(word: str, words: Mapping[str, Word]) -> str:
    """Returns `word` where it is the name of a method, or raises InputError with the choices."""
    methods = registry.names("methods")
    if "." in word:
        registry.find("methods", word)  # raises where there is no such function
    elif word not in methods:
        raise unknown_name("word in the argument of the config file:", word, (*methods, *BASELINES, "none", *words))
    return word


def exchange(config: Mapping[str, Any], changes: Mapping[str, Any], defaults: Any = DEFAULTS) -> dict[str, Any]:
    """Returns `config` with the values of `changes` in place of its own, section by section.

    Where a section gets another `name`, the settings of the function that had the old one go.

    Args:
        config: nested dictionary.
        changes: likewise.
        defaults: the part of `meta_noise.config.schema.DEFAULTS` that both belong to.
    """
    if OPEN in defaults and "name" in changes and changes["name"] != config.get("name"):
        config = {key: value for key, value in config.items() if key in defaults}
    merged = dict(config)
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = exchange(merged[key], value, defaults.get(key, {})) if both else value
    return merged


def merge(config: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Returns `config` with the values of `changes` in place of its own, section by section."""
    merged = dict(config)
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def _number(part: str, value: str, kind: type):
    try:
        return kind(value)
    except ValueError as error:
        raise InputError(f"{part!r} in the argument of the config file needs a number after the sign.") from error
