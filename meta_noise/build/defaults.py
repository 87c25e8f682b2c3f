"""A config with every default written out, those of functions and methods too."""

from collections.abc import Mapping
from typing import Any

from meta_noise.config import registry
from meta_noise.config.schema import complete, differences
from meta_noise.core.cotangents import fixed_block, keep_all, keep_last, keep_layers, random_layers
from meta_noise.core.layer_sampler import layer_sampler
from meta_noise.errors import InputError
from meta_noise.train.optimizers import OPTIMIZERS, SCHEDULES

WARMUP = 0.1  # share of the epochs that a warm-up takes if nothing else is said
FILTERS = {f.__name__: f for f in (keep_all, keep_layers, keep_last, fixed_block, random_layers, layer_sampler)}


def resolved(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the config with every default written out, those of functions too, so that it says all there is to say.

    Raises:
        InputError: an unknown name or setting.
    """
    config = {**config}
    for section, room, given in (
        ("data", "data.sources", ("path", "part")),
        ("noise", "data.noise", ("rng", "labels", "num_classes", "rate", "ids", "class_names", "inputs")),
        ("augment", "data.augment", ("key", "images")),
        ("model", "models", ("num_classes", "pretrained")),
        ("method", "methods", ("num_rows", "class_counts")),
    ):
        if config[section]["name"] != "arrays":
            config[section] = _with_defaults(registry.find(room, config[section]["name"]), config[section], given)
    for section, table in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
        function = registry.entry(table, section, config[section]["name"])
        config[section] = _with_defaults(function, config[section], ("lr", "steps", "steps_per_epoch"))
    if "loss_settings" in config["method"]:
        config["method"]["loss_settings"] = _loss_settings(config["method"])
    defaults = _method_defaults(config["method"])
    if defaults.get("finds_clean"):
        config["clean"] = {**config["clean"], "size": 0, "auto": True}
    if config["view"]["name"]:
        view = registry.find("data.augment", config["view"]["name"])
        config["view"] = _with_defaults(view, config["view"], ("key", "images"))
    elif defaults.get("views", False):
        config["view"] = {**config["view"], **config["augment"]}
    if config["optimizer"]["ema"] < 0:
        config["optimizer"]["ema"] = defaults.get("ema", 0.0)
    train = config["train"] = {**config["train"]}
    if train["warmup_epochs"] < 0:
        needed = config["clean"]["auto"] or defaults.get("warmup", False)
        train["warmup_epochs"] = max(round(WARMUP * train["epochs"]), 1) if needed else 0
    meta = dict(config["meta"])
    if meta["reuse_virtual"] is None:
        meta["reuse_virtual"] = defaults.get("reuse_virtual", False)
    for section in ("optimizer", "virtual", "cotangents"):
        chosen = meta[section]["name"]
        standard = dict(defaults.get(section, {"name": ""}))
        base = standard if chosen in ("", standard["name"]) else {}
        meta[section] = {**base, **{key: value for key, value in meta[section].items() if key != "name" or value}}
    meta["cotangents"]["name"] = meta["cotangents"]["name"] or "keep_all"
    chosen = registry.entry(FILTERS, "cotangent filter", meta["cotangents"]["name"])
    meta["cotangents"] = _with_defaults(chosen, meta["cotangents"], ("stages",))
    for setting in ("momentum", "weight_decay"):
        if meta["virtual"].get(setting) == "optimizer":
            meta["virtual"][setting] = config["optimizer"].get(setting, 0.0)
    if "outer_weight_decay" in config["method"] and config["method"]["outer_weight_decay"] is None:
        config["method"]["outer_weight_decay"] = config["optimizer"].get("weight_decay", 0.0)
    if "optimizer" not in defaults:
        _refuse_meta(config)
        meta = {}
    config["meta"] = meta
    return config


def _refuse_meta(config: Mapping[str, Any]) -> None:
    """Raises InputError where settings of the meta level, or guessed clean rows, are given to a method without one."""
    name = config["method"]["name"]
    standard = complete({})["meta"]
    changed = differences(config["meta"], standard, "config.meta") if config["meta"] else []
    if changed:
        raise InputError(
            f"Method {name!r} has no meta level, so {changed[0].split()[0]} means nothing to it (layer_sampler, FaMUS, "
            "included). Leave config.meta out, or choose a method such as mw_net."
        )
    if config["clean"]["auto"]:
        raise InputError(f"Method {name!r} looks at no clean rows, so there are none to guess; leave clean=auto out.")


def _method_defaults(section: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns what the file of a method says about optimisers, virtual step, warm-up and views."""
    defaults = getattr(registry.module_of("methods", section["name"]), "DEFAULTS", {})
    if not callable(defaults):
        return defaults
    return registry.call(defaults, f"method {section['name']!r}", registry.settings_of(section))


def _with_defaults(function: Any, section: Mapping[str, Any], given: tuple[str, ...]) -> dict[str, Any]:
    """Returns a section with the defaults in the signature of its function, but for parameters that are given."""
    defaults = {
        name: list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
        for name, parameter in registry.signature(function).parameters.items()
        if name not in given and registry.is_plain(parameter.default)
    }
    return {"name": section["name"], **defaults, **section}


def _loss_settings(section: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the settings of the loss that a method's section names, with their defaults."""
    settings = {"name": section["loss"], **(section["loss_settings"] or {})}
    function = registry.find("losses", section["loss"])
    return registry.settings_of(_with_defaults(function, settings, ("logits", "targets")))
