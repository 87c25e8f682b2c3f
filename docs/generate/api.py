"""The API reference: a page for each group of public names, from signatures and docstrings."""

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import meta_noise
from docs.generate import docstrings
from docs.generate.elsewhere import toctree
from docs.generate.marks import ROOT
from meta_noise import core, encoders, losses, models
from meta_noise.config import registry


class Group(NamedTuple):
    """A page of the reference.

    Attributes:
        title: its heading.
        about: a sentence.
        module: dotted path under which its names are imported, "" where each has its own.
        names: what it shows.
    """

    title: str
    about: str
    module: str
    names: tuple[str, ...]


def _room(room: str, title: str, about: str) -> Group:
    return Group(title, about, "", tuple(f"{room}:{name}" for name in registry.names(room)))


def groups() -> dict[str, Group]:
    """Returns all pages, name -> group."""
    own = [name for name in meta_noise.__all__ if name not in core.__all__ and name != "__version__"]
    return {
        "meta_noise": Group("meta_noise", "`import meta_noise`: own data, training, results.", "meta_noise", (*own,)),
        "core": Group(
            "meta_noise.core",
            "`from meta_noise import core`: the bi-level machinery. See [The core](../../core.md).",
            "meta_noise.core",
            tuple(name for name in core.__all__ if name != "smooth"),
        ),
        "losses": Group("meta_noise.losses", "A check of your own loss.", "meta_noise.losses", tuple(losses.__all__)),
        "models": Group("meta_noise.models", "Networks of your own.", "meta_noise.models", tuple(models.__all__)),
        "encoders": Group(
            "meta_noise.encoders", "Features of texts and images.", "meta_noise.encoders", tuple(encoders.__all__)
        ),
        "loss_functions": _room("losses", "Losses", "One formula a file, chosen by `config.method.loss`."),
        "methods": _room("methods", "Methods", "One file a paper, chosen by `config.method.name`."),
        "noises": _room("data.noise", "Noises", "Wrong labels on purpose, chosen by `config.noise.name`."),
        "augmentations": _room("data.augment", "Augmentations", "On the device, chosen by `config.augment.name`."),
        "networks": _room("models", "Networks", "Chosen by `config.model.name`."),
        "data_sets": _room("data.sources", "Data sets", "Chosen by `config.data.name`."),
    }


def things(group: Group) -> Iterator[tuple[str, Any]]:
    """Yields (dotted name, object) of a page."""
    for name in group.names:
        if ":" in name:
            room, _, name = name.partition(":")
            found = getattr(registry.module_of(room, name), name)
            yield f"{found.__module__}.{name}", found
        else:
            yield f"{group.module}.{name}", getattr(importlib.import_module(group.module), name)


def pages() -> dict[str, str]:
    """Returns the pages, name -> text."""
    found = {f"api/{name}.md": page(group) for name, group in groups().items()}
    lines = [f"* [{group.title}]({name}.md): {group.about}" for name, group in groups().items()]
    text = "# API reference\n\nUntil version 1.0 a public name may change; the changelog then says so.\n\n"
    found["api/index.md"] = text + "\n".join(lines).replace("../../", "../../") + "\n\n" + toctree(list(groups()))
    return found


def page(group: Group) -> str:
    """Returns the page of a group."""
    parts = [f"# {group.title}", "", group.about, ""]
    for name, thing in things(group):
        parts += [f"## {name.rpartition('.')[2]}", "", entry(name, thing), ""]
    return "\n".join(parts)


def entry(name: str, thing: Any) -> str:
    """Returns a function or class with its arguments, errors, examples and source."""
    doc, is_class = docstrings.read(thing), inspect.isclass(thing)
    parts = [docstrings.markdown(doc)] if doc.prose else []
    if is_class:
        parts += [method(one, getattr(thing, one)) for one in methods_of(thing)]
    elif doc.prose:
        about = docstrings.read(importlib.import_module(thing.__module__))
        if "http" in about.prose:
            parts.append(docstrings.fenced(about.prose))
    parts.append(source_of(thing))
    kind = "class" if is_class else "function"
    body = "\n\n".join(parts)
    return f"::::{{py:{kind}}} {name}{signature(thing)}\n:no-index-entry:\n\n{body}\n::::".replace(
        ":no-index-entry:\n", ""
    )


def method(name: str, thing: Any) -> str:
    """Returns a method or property of a class as an entry of its own."""
    if isinstance(thing, property):
        return f":::{{py:property}} {name}\n\n{docstrings.markdown(docstrings.read(thing.fget))}\n:::"
    text = signature(thing).replace("(self, ", "(").replace("(self)", "()")
    return f":::{{py:method}} {name}{text}\n\n{docstrings.markdown(docstrings.read(thing))}\n:::"


def methods_of(thing: type) -> list[str]:
    """Returns the public methods and properties that a class of ours defines and says something about."""
    return [
        name
        for name, one in vars(thing).items()
        if not name.startswith("_") and (inspect.isfunction(one) or isinstance(one, property)) and inspect.getdoc(one)
    ]


def signature(thing: Any) -> str:
    """Returns the arguments of a function or class as they are written in Python, types in short."""
    try:
        found = registry.signature(thing)
    except (TypeError, ValueError):
        return "()"
    shown = []
    kinds = [one.kind for one in found.parameters.values()]
    for place, one in enumerate(found.parameters.values()):
        if one.name.startswith("_"):
            continue
        if one.kind is one.KEYWORD_ONLY and one.VAR_POSITIONAL not in kinds and one.KEYWORD_ONLY not in kinds[:place]:
            shown.append("*")
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        text = stars + one.name
        typed = one.annotation is not one.empty
        if typed:
            text += f": {short(one.annotation)}"
        if one.default is not one.empty:
            text += f"{' = ' if typed else '='}{default(one.default)}"
        shown.append(text)
    returned = (
        "" if inspect.isclass(thing) or found.return_annotation is found.empty else short(found.return_annotation)
    )
    return f"({', '.join(shown)})" + (f" -> {returned}" if returned else "")


def short(annotation: Any) -> str:
    """Returns a type without the modules that it comes from."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:[a-z_]\w*\.)+(?=\w)", "", text)


def default(value: Any) -> str:
    """Returns a default as text that stands in a signature."""
    text = getattr(value, "__qualname__", "") or repr(value)
    return re.sub(r"<([\w.]+).*>", r"\1", text).rpartition("<locals>.")[2]


def source_of(thing: Any) -> str:
    """Returns where the code is."""
    try:
        file = inspect.getsourcefile(inspect.unwrap(thing)) or ""
        return f"*Source*: `{file[len(str(ROOT)) + 1 :]}`" if file.startswith(str(ROOT)) else ""
    except TypeError:
        return ""
