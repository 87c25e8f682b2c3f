"""All settings of a run, with their defaults, and the check of what a user gave.

A config is a nested dictionary of plain values. In the sections with a `name` the other keys are settings of the
function of that name, so their defaults stand in its signature, not here.
"""

import importlib.util
import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from meta_noise.errors import InputError, unknown_name

OPEN = "any settings of the function called `name`"

DEFAULTS: dict[str, Any] = {
    "seed": 0,
    "data": {
        "name": "digits",
        "path": "",
        "limit": 0,  # random training rows to use, 0: all
        "imbalance": 1.0,  # largest over smallest class of the training rows, for a long tail
        OPEN: True,
    },
    "noise": {"name": "uniform", "rate": 0.4, OPEN: True},
    "clean": {
        "size": 20,  # trusted rows, drawn evenly over the classes; 0: all that the data set calls trusted
        "selection": 0,  # rows held out to choose the best epoch
        "selection_labels": "given",  # "given" costs no trusted label, "true" does
        "train_on": "noisy",  # rows that training batches come from: "noisy", "clean" or "both"
        "splits": "",  # a splits.npz to use again
        "auto": False,  # no trusted rows: clean batches come from rows with low loss, guessed anew in every epoch
    },
    "augment": {"name": "none", OPEN: True},
    "view": {  # further augmentations of each row, for methods that compare them; empty name: what the method needs
        "name": "",
        "count": 1,
        "on_top": False,  # of the augmented inputs, not of the raw ones
        OPEN: True,
    },
    "model": {
        "name": "mlp",
        "pretrained": "",  # a file of published weights to start from; empty: none
        OPEN: True,
    },
    "method": {"name": "mw_net", OPEN: True},
    "optimizer": {
        "name": "sgd",
        "lr": 0.1,
        "ema": -1.0,  # decay of averaged parameters for evaluation, 0: none, negative: what the method's file says
        OPEN: True,
    },
    "schedule": {"name": "cosine", OPEN: True},
    "meta": {
        "engine": "mixed_mode",
        "steps": 1,  # virtual steps before the outer loss, differentiated exactly; a step then takes as many batches
        "every": 1,  # length of the window of MLC-LCN's approximation, which moves the meta-parameters at its end
        "interval": 1,  # a meta step in the first of so many steps, in between the classifier alone moves
        "virtual_rows": 0,  # rows of a batch that the virtual step is taken with; 0: all
        "virtual_layers": "all",  # or "kept": layers below those that carry the meta-gradient stay in the virtual step
        "remat": False,  # less memory, more time: no forward pass is kept from one part of a step to the next
        "reuse_virtual": None,  # None: what the method's file says
        "optimizer": {"name": "", OPEN: True},  # empty name: what the method's file says
        "virtual": {"name": "", OPEN: True},
        "cotangents": {"name": "", OPEN: True},  # what the meta-gradient goes through; layer_sampler is FaMUS
    },
    "train": {
        "epochs": 30,
        "warmup_epochs": -1,  # epochs of plain training before the method; negative: what the method's file says
        "batch_size": 100,
        "clean_batch_size": 0,  # 0: as batch_size, at most the whole clean set
        "eval_batch_size": 500,
        "eval_every": 1,  # epochs
        "devices": 0,  # 0: all
        "precision": "float32",  # or "bfloat16", of the layers; parameters, statistics and losses stay in float32
        "profile_steps": 0,  # steps of the first epoch, after some to warm up, that are traced into `profile/`
        "steps_per_call": 0,  # 0: one on the CPU, up to 64 on accelerators
        "checkpoint_seconds": 60.0,
        "memory_window": 10,  # visits of a row over which its weight and probability are averaged
    },
    "report": {
        "examples": 48,
        "variance_batches": 0,  # clean batches over which the variance of the meta-gradient is measured, 0: not at all
    },
}


def complete(given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns `given` with all defaults filled in.

    Raises:
        InputError: an unknown section or key (with the nearest one), or a value of the wrong type or range.
    """
    config = _merge(DEFAULTS, check_sections(given), "config")
    train, clean = config["train"], config["clean"]
    for key in ("epochs", "batch_size", "eval_batch_size", "eval_every", "memory_window"):
        _at_least(f"config.train.{key}", train[key], 1)
    for key in ("clean_batch_size", "devices", "steps_per_call", "profile_steps"):
        _at_least(f"config.train.{key}", train[key], 0)
    _at_least("config.seed", config["seed"], 0)
    if config["seed"] >= 2**31:
        raise InputError(f"config.seed must be below 2147483648, got {config['seed']}.")
    for key in ("examples", "variance_batches"):
        _at_least(f"config.report.{key}", config["report"][key], 0)
    _at_least("config.view.count", config["view"]["count"], 1)
    _at_least("config.train.checkpoint_seconds", train["checkpoint_seconds"], 0)
    if config["optimizer"]["lr"] <= 0:
        raise InputError(f"config.optimizer.lr must be positive, got {config['optimizer']['lr']}.")
    _at_least("config.data.limit", config["data"]["limit"], 0)
    _at_least("config.data.imbalance", config["data"]["imbalance"], 1)
    for key, least in (("steps", 1), ("every", 1), ("interval", 1), ("virtual_rows", 0)):
        _at_least(f"config.meta.{key}", config["meta"].get(key, least), least)
    for key in ("size", "selection"):
        _at_least(f"config.clean.{key}", clean[key], 0)
    if clean["auto"] and (clean["size"] or clean["train_on"] != "noisy"):
        raise InputError(
            "config.clean.auto guesses clean rows because there are none, so config.clean.size must be 0 and "
            f"config.clean.train_on 'noisy'; got {clean['size']} and {clean['train_on']!r}."
        )
    _one_of("config.meta.virtual_layers", config["meta"].get("virtual_layers", "all"), ("all", "kept"))
    _one_of("config.clean.train_on", clean["train_on"], ("noisy", "clean", "both"))
    _one_of("config.clean.selection_labels", clean["selection_labels"], ("given", "true"))
    return config


def check_sections(given: Any) -> Mapping[str, Any]:
    """Returns `given`, or raises InputError unless it is a dictionary of sections with names."""
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise InputError(f"A config is a dictionary with the keys {', '.join(DEFAULTS)}; got {given!r}.")
    for key, value in given.items():
        if isinstance(DEFAULTS.get(key), Mapping) and not isinstance(value, Mapping):
            raise InputError(f"config.{key} is a section with the keys {_keys(DEFAULTS[key])}; got {value!r}.")
    return given


def load(name: str) -> dict[str, Any]:
    """Returns what `get_config(argument)` of a config file gives, as a nested dictionary.

    Args:
        name: path of a Python file, with `:argument` behind it where there is one.

    Raises:
        InputError: there is no such file, it cannot be run, or it does not offer `get_config`.
    """
    path, _, argument = name.partition(":")
    if not os.path.isfile(path):
        raise InputError(f"There is no config file {path!r}. Give --config the path of one, such as configs/digits.py.")
    spec = importlib.util.spec_from_file_location("config_file", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is not a Python file; a config file defines get_config(arg) and ends in .py.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        config = module.get_config(argument)
    except InputError:
        raise
    except (Exception, SystemExit) as error:  # whatever a user's file may do
        raise InputError(f"Config file {name} fails with {type(error).__name__}: {error}.") from error
    config = config.to_dict() if hasattr(config, "to_dict") else config
    if not isinstance(config, Mapping):
        raise InputError(f"get_config in {name} must return a dictionary or a ConfigDict, got {config!r}.")
    return dict(config)


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


def _merge(defaults: Mapping[str, Any], given: Mapping[str, Any], path: str) -> dict[str, Any]:
    choices = [key for key in defaults if key != OPEN]
    merged = {}
    for key, value in given.items():
        if key not in choices:
            if OPEN not in defaults:
                raise unknown_name(f"key in {path}:", key, choices)
            merged[key] = list(value) if isinstance(value, tuple) else value
    for key in choices:
        default, name = defaults[key], f"{path}.{key}"
        value = given.get(key, default)
        value = value.item() if isinstance(value, np.generic) else value
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"{name} must be a finite number, got {value}.")
        if isinstance(default, Mapping):
            if not isinstance(value, Mapping):
                raise InputError(f"{name} is a section with the keys {_keys(default)}; got {value!r}.")
            value = _merge(default, {} if value is default else value, name)
        elif isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        elif default is None:
            if not isinstance(value, bool | None):
                raise InputError(f"{name} must be True, False or None, got {value!r}.")
        elif type(value) is not type(default):
            raise InputError(f"{name} must be of type {type(default).__name__}, got {value!r}.")
        merged[key] = value
    return merged


def _keys(section: Mapping[str, Any]) -> str:
    return ", ".join(key for key in section if key != OPEN)


def _at_least(name: str, value: float, minimum: float) -> None:
    if value < minimum:
        raise InputError(f"{name} must be at least {minimum}, got {value}.")


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise unknown_name(name, value, choices)
