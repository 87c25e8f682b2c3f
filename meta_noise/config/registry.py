"""Finds things by name: a name in a config is a file in a room, or a dotted path to a function of the user's own."""

import collections.abc
import functools
import importlib
import importlib.util
import inspect
import pkgutil
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from meta_noise.errors import InputError, unknown_name

KINDS = {
    "methods": "method",
    "losses": "loss",
    "models": "model",
    "data.sources": "data set",
    "data.noise": "noise",
    "data.augment": "augmentation",
}


def names(room: str) -> list[str]:
    """Returns what a room such as "methods" or "data.noise" offers: files with a public function of the same name."""
    package = importlib.import_module(f"meta_noise.{room}")
    found = []
    for entry in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{entry.name}")
        function = getattr(module, entry.name, None)
        if callable(function):
            found.append(entry.name)
    return sorted(found)


def module_of(room: str, name: str):
    """Returns the module behind a name, see `find`."""
    if "." in name:
        path, _, attribute = name.rpartition(".")
        try:
            if not all(part.isidentifier() for part in name.split(".")):
                raise ImportError("it is no dotted path of names")
            module = importlib.import_module(path)
        except (ImportError, ValueError) as error:
            raise InputError(
                f"Cannot import {path!r} for {room} {name!r}: {error}. Give a dotted path package.module.function "
                "that Python can import."
            ) from error
        if not callable(getattr(module, attribute, None)):
            raise InputError(f"Module {path!r} has no function {attribute!r} (for {room} {name!r}).")
        return module
    path = f"meta_noise.{room}.{name}"
    if name.isidentifier() and not name.startswith("_") and importlib.util.find_spec(path) is not None:
        module = importlib.import_module(path)
        if callable(getattr(module, name, None)):
            return module
    raise unknown_name(KINDS[room], name, names(room))


def find(room: str, name: str) -> Callable[..., Any]:
    """Returns the function called `name` in a room.

    Args:
        room: "methods", "models", "data.sources", "data.noise" or "data.augment".
        name: a file name in the room, or a dotted path `package.module.function` outside the library.

    Raises:
        InputError: there is no such name; the message lists the choices and the nearest one.
    """
    return getattr(module_of(room, name), name.rpartition(".")[2])


def build(room: str, section: Mapping[str, Any], *args: Any) -> Any:
    """Returns `find(room, section["name"])(*args, **the other keys)`, after checking that these keys exist.

    Raises:
        InputError: an unknown name, an unknown setting, or a value that the factory refuses.
    """
    function = partial(room, section, len(args))
    return _guarded(function, f"{KINDS[room]} {section['name']!r}", args, function.keywords)


def partial(room: str, section: Mapping[str, Any], given: int) -> functools.partial:
    """Returns the function of a section with its settings filled in; its first `given` parameters stay open.

    Raises:
        InputError: an unknown name or an unknown setting.
    """
    function, settings = find(room, section["name"]), settings_of(section)
    check_settings(function, f"{KINDS[room]} {section['name']!r}", settings, given)
    return functools.partial(function, **settings)


def settings_of(section: Mapping[str, Any]) -> dict[str, Any]:
    """Returns all of a config section but the name of its function."""
    return {key: value for key, value in section.items() if key != "name"}


def call(function: Callable[..., Any], what: str, settings: Mapping[str, Any], *args: Any) -> Any:
    """Returns `function(*args, **settings)`, with one sentence about a setting that it does not have."""
    check_settings(function, what, settings, len(args))
    return _guarded(functools.partial(function, **settings), what, args, settings)


def check_settings(function: Callable[..., Any], what: str, settings: Mapping[str, Any], given: int) -> None:
    """Raises InputError where a setting is none of the function's, past the first `given`, or of another type."""
    parameters = inspect.signature(function, eval_str=True).parameters
    choices = list(parameters)[given:]
    for key, value in settings.items():
        if key not in choices:
            raise unknown_name(f"setting of {what}:", key, choices)
        hint = parameters[key].annotation
        if not _fits(value, hint):
            raise InputError(f"Setting {key!r} of {what} must be {_name_of(hint)}, got {value!r}.")


def _fits(value: Any, hint: Any) -> bool:
    """Says whether a plain value fits a type annotation; what is not understood fits."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return value in inside
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, one) for one in inside)
    if hint is tuple or origin in (tuple, collections.abc.Sequence):
        kind = inside[0] if inside else Any
        return isinstance(value, list | tuple) and all(_fits(entry, kind) for entry in value)
    if hint is types.NoneType:
        return value is None
    if hint not in (bool, int, float, str):
        return True
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, int | float if hint is float else hint)


def _name_of(hint: Any) -> str:
    return str(hint.__name__) if isinstance(hint, type) else str(hint).replace("typing.", "")


def _guarded(function: functools.partial, what: str, args: tuple, settings: Mapping[str, Any]) -> Any:
    try:
        return function(*args)
    except InputError:
        raise
    except (TypeError, ValueError) as error:
        raise InputError(f"{what[0].upper()}{what[1:]} refuses its settings {dict(settings)}: {error}.") from error


def entry(table: Mapping[str, Any], what: str, name: str) -> Any:
    """Returns what a table of functions holds under a name; InputError with the choices where it holds nothing."""
    if name not in table:
        raise unknown_name(what, name, table)
    return table[name]
