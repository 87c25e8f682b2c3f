"""Pages on settings: every section with type, default, unit, meaning and an example; rooms by name; configs."""

import ast
import dataclasses
import importlib
import inspect
import re
import shlex
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from docs.generate import docstrings
from docs.generate.marks import table
from meta_noise.config import registry
from meta_noise.config.file import shipped
from meta_noise.config.schema import Config, about

EXAMPLES = {  # of settings whose type does not say what would be sensible
    "seed": 3,
    "data.name": "mnist",
    "data.path": "data/mnist",
    "data.limit": 1000,
    "data.imbalance": 100,
    "data.class_rows": (495, 4495),
    "noise.name": "pair",
    "noise.rate": 0.2,
    "clean.size": 100,
    "clean.selection": 500,
    "clean.splits": "runs/first/splits.npz",
    "augment.name": "crop_flip",
    "view.name": "strong",
    "view.count": 2,
    "model.name": "cnn",
    "model.pretrained": "resnet50.safetensors",
    "method.name": "l2r",
    "optimizer.name": "adam",
    "optimizer.lr": 0.001,
    "optimizer.ema": 0.999,
    "schedule.name": "piecewise",
    "meta.steps": 5,
    "meta.truncation": 2,
    "meta.every": 5,
    "meta.interval": 4,
    "meta.virtual_rows": 25,
    "meta.optimizer.name": "adam",
    "meta.virtual.name": "plain_sgd",
    "meta.cotangents.name": "layer_sampler",
    "train.steps": 20000,
    "train.warmup_epochs": 10,
    "train.clean_batch_size": 25,
    "train.devices": 1,
    "train.profile_steps": 20,
}
TOGETHER = {
    "clean.auto": {"clean.size": 0},
    "meta.truncation": {"meta.steps": 5},
}  # what an example makes no sense without
TITLES = {
    "methods": "Methods",
    "losses": "Losses",
    "models": "Networks",
    "data.sources": "Data sets",
    "data.noise": "Noises",
    "data.augment": "Augmentations",
}
SECTION = {
    "methods": "method",
    "losses": "method",
    "models": "model",
    "data.sources": "data",
    "data.noise": "noise",
    "data.augment": "augment",
}


def pages() -> dict[str, str]:
    """Returns the pages, name -> text."""
    found = {"settings/sections.md": sections(), "settings/configs.md": configs()}
    found |= {f"settings/{room.split('.')[-1]}.md": room_page(room) for room in TITLES}
    return found


def settings_of(value: Any = None, prefix: str = "") -> Iterator[tuple[str, dataclasses.Field, Any]]:
    """Yields every setting of the sections: dotted name, field, default."""
    value = Config() if value is None else value
    for entry in dataclasses.fields(value):
        found = getattr(value, entry.name)
        if dataclasses.is_dataclass(found):
            yield from settings_of(found, f"{prefix}{entry.name}.")
        elif entry.name != "settings":
            yield f"{prefix}{entry.name}", entry, found


def example(name: str, entry: dataclasses.Field, default: Any) -> Any:
    """Returns a value that is not the default, where one is known without asking."""
    if name in EXAMPLES:
        return EXAMPLES[name]
    known = about(entry)
    if known.choices:
        return next(choice for choice in reversed(known.choices) if choice != default)
    if default is None or isinstance(default, bool):
        return not default
    return type(default)(2 * default) if default else 10


def sections() -> str:
    """Returns the page of all sections."""
    parts = ["# Sections", "Change one on the command line, as the examples do, or in a config file.", ""]
    groups: dict[str, list[tuple[str, ...]]] = {}
    for name, entry, default in settings_of():
        known, section = about(entry), name.split(".")[0] if "." in name else "of the run"
        meaning = docstrings.escaped(known.help) + (f" ({', '.join(known.choices)})" if known.choices else "")
        least = f", at least {known.least:g}" if known.least is not None else ""
        row = (f"`{name}`", kind(entry.type), f"`{default!r}`", known.unit, f"{meaning}{least}")
        values = {name: example(name, entry, default), **TOGETHER.get(name, {})}
        groups.setdefault(section, []).append(
            (*row, " ".join(f"`--config.{k}={shlex.quote(str(v))}`" for k, v in values.items()))
        )
    helps = {entry.name: about(entry).help for entry in dataclasses.fields(Config)}
    head = ("setting", "type", "default", "unit", "meaning", "example")
    for section, rows in groups.items():
        further = "" if section not in helps else f"{helps[section][0].upper()}{helps[section][1:]}.\n\n"
        parts.append(f"## {section}\n\n{further}{table(head, rows)}\n")
    parts.append(
        "A section with a `name` takes the settings of the function of that name as well, see the other pages."
    )
    return "\n".join(parts)


def kind(annotation: Any) -> str:
    """Returns a type in words."""
    words = {int: "whole number", float: "number", str: "text", bool: "True or False"}
    if get_origin(annotation) is tuple:
        return f"{kind(get_args(annotation)[0])}s"
    if get_args(annotation):
        return " or ".join(kind(one) for one in get_args(annotation))
    return (
        "None" if annotation is type(None) else words.get(annotation, getattr(annotation, "__name__", str(annotation)))
    )


def function_of(room: str, name: str) -> Any:
    """Returns the function or class of a name in a room."""
    return getattr(registry.module_of(room, name), name)


def room_page(room: str) -> str:
    """Returns the page of a room: each name with what it is and its settings."""
    section, arguments = SECTION[room], registry.ROOMS[room].arguments
    key = f"{section}.loss" if room == "losses" else f"{section}.name"
    parts = [f"# {TITLES[room]}", "", f"Chosen by `--config.{key}=NAME`; one of your own by its dotted path.", ""]
    for name in registry.names(room):
        function = function_of(room, name)
        doc = docstrings.read(function)
        module = importlib.import_module(function.__module__)
        about_file = docstrings.read(module)
        parts += [f"## {name}", "", docstrings.escaped(doc.summary), ""]
        if about_file.summary and room != "data.sources":
            parts += [docstrings.escaped(about_file.summary), ""]
        said = {**doc.sections.get("Attributes", {}), **doc.sections.get("Args", {})}
        rows = []
        for one in inspect.signature(function).parameters.values():
            if one.name in (*arguments, "parent", "name") or one.kind is one.VAR_KEYWORD:
                continue
            text = next((text for names, text in said.items() if one.name in re.split(r", ", names)), "")
            default = "needed" if one.default is one.empty else f"`{shown(one.default)}`"
            rows.append((f"`{section}.{one.name}`", default, docstrings.escaped(text).replace("|", "\\|")))
        parts += [table(("setting", "default", "meaning"), rows) if rows else "No settings.", ""]
    return "\n".join(parts)


def shown(value: Any) -> str:
    """Returns a default as one would write it."""
    return getattr(value, "__name__", "") or repr(value).replace("|", "\\|")


def configs() -> str:
    """Returns the page of config files: each with its own words and the arguments that it names."""
    parts = ["# Configs", "", "Found from any folder as `--config=configs/NAME.py`; one of yours by its path.", ""]
    for name, path in shipped().items():
        module = ast.parse(path.read_text("utf-8"))
        variants = next(
            (
                ast.literal_eval(node.value)
                for node in module.body
                if isinstance(node, ast.Assign) and named(node, "VARIANTS")
            ),
            (),
        )
        parts += [f"## configs/{name}", "", "```text", (ast.get_docstring(module) or "").strip(), "```", ""]
        if any(variants):
            parts += ["Arguments that tests run: " + ", ".join(f"`{one}`" for one in variants if one) + ".", ""]
    return "\n".join(parts)


def named(node: ast.Assign, name: str) -> bool:
    """Returns whether an assignment is to that name."""
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
