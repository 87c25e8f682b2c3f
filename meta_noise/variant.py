"""The argument of a config file: `--config=configs/digits.py:mlc_lcn,uniform=0.6,clean=100,seed=3`.

A word alone names the method; a noise with its rate, the number of clean rows and the seed follow as `key=value`.
`clean=auto` means that no row is trusted and the method guesses clean ones. Two more words stand for the honest
baselines of every table: `clean_only` and `noisy_and_clean` are `supervised` on the clean rows alone and on both.
"""

from collections.abc import Mapping
from typing import Any

from meta_noise import registry
from meta_noise.config import complete
from meta_noise.errors import InputError, unknown_name

BASELINES = {"clean_only": "clean", "noisy_and_clean": "both"}


def vary(config: Mapping[str, Any], arg: str, tuned: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Returns a complete config, changed by the argument of its file.

    Args:
        config: nested dictionary.
        arg: see the module text; may be empty.
        tuned: method name -> nested dictionary of settings that this data set wants for that method.

    Raises:
        InputError: a part of the argument is not understood.
    """
    noises = registry.names("data.noise")
    changes: dict[str, Any] = {}
    method = config.get("method", {}).get("name", "mw_net")
    for part in filter(None, (part.strip() for part in arg.split(","))):
        key, is_pair, value = part.partition("=")
        if not is_pair and key in BASELINES:
            method = "supervised"
            changes = merge(changes, {"clean": {"train_on": BASELINES[key]}})
        elif not is_pair and key == "none":
            changes = merge(changes, {"noise": {"name": "none", "rate": 0.0}})
        elif not is_pair:
            registry.find("methods", key)  # an unknown name raises here, with the choices
            method = key
        elif key in noises:
            changes = merge(changes, {"noise": {"name": key, "rate": _number(part, value, float)}})
        elif key == "clean" and value == "auto":
            changes = merge(changes, {"clean": {"size": 0, "auto": True}})
        elif key == "clean":
            changes = merge(changes, {"clean": {"size": _number(part, value, int)}})
        elif key == "seed":
            changes = merge(changes, {"seed": _number(part, value, int)})
        else:
            raise unknown_name("key in the argument of the config file:", key, ("clean", "seed", *noises))
    tuned_for_method = (tuned or {}).get(method, {})
    return complete(merge(merge(merge(config, {"method": {"name": method}}), tuned_for_method), changes))


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
