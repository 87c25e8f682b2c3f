"""Finds things by name: a name in a config is a file in a room, or a dotted path to a function of the user's own."""

import ast
import collections.abc
import functools
import importlib
import importlib.util
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from meta_noise.errors import InputError, failure, nearest, place_of, shown, unknown_name


class Room(NamedTuple):
    """What the functions of a room have in common.

    Attributes:
        kind: what one of them is called.
        arguments: parameters that the library fills in; the others are settings. Those without a default come first.
    """

    kind: str
    arguments: tuple[str, ...]


ROOMS = {
    "methods": Room("method", ("num_rows", "class_counts", "trusted_rows", "epochs", "true_transition")),
    "losses": Room("loss", ("logits", "targets", "class_counts")),
    "models": Room("model", ("num_classes",)),
    "data.sources": Room("data set", ("path", "part")),
    "data.noise": Room("noise", ("rng", "labels", "num_classes", "rate", "ids", "class_names", "inputs")),
    "data.augment": Room("augmentation", ("key", "images")),
}


class Section(Protocol):
    """A section of the settings that names a function."""

    @property
    def name(self) -> str:
        """Which function."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Its settings."""


def names(room: str) -> list[str]:
    """Returns what a room such as "methods" or "data.noise" offers: files with a public function of the same name.

    Where a file holds more functions than one, the room's `FILES` says so: name -> file.
    """
    found = []
    folders = importlib.import_module(f"meta_noise.{room}").__path__
    for path in (path for folder in folders for path in Path(folder).glob("*.py")):  # read, not imported: it is quick
        if re.search(rf"^(def|class) {path.stem}\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            found.append(path.stem)
    return sorted([*found, *_files(room)])


def _files(room: str) -> Mapping[str, str]:
    """Returns name -> file for the names of a room that are in a file of another name."""
    return getattr(importlib.import_module(f"meta_noise.{room}"), "FILES", {})


def module_of(room: str, name: str):
    """Returns the module behind a name, see `find`."""
    if "." in name:
        return own_module(name, f"{ROOMS[room].kind} {name!r}")
    path = f"meta_noise.{room}.{_files(room).get(name, name)}"
    if name.isidentifier() and not name.startswith("_") and importlib.util.find_spec(path) is not None:
        module = importlib.import_module(path)
        if callable(getattr(module, name, None)):
            return module
    raise unknown_name(ROOMS[room].kind, name, names(room))


def own_module(name: str, what: str) -> types.ModuleType:
    """Returns the module of the user's own that a dotted path `package.module.function` leads to.

    Args:
        name: the path.
        what: what the function is, for errors.

    Raises:
        InputError: it is no such path, the module cannot be imported, or it has no such function.
    """
    path, _, attribute = name.rpartition(".")
    if not all(part.isidentifier() for part in name.split(".")):
        raise InputError(
            f"Cannot import {path!r} for {what}: it is no dotted path of names. Give package.module.function."
        )
    module = _imported(path, what)
    _check_function(module, attribute, what)
    return module


def _imported(path: str, what: str) -> types.ModuleType:
    """Returns a module of the user's own; whatever its import raises becomes one sentence."""
    try:
        return importlib.import_module(path)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a file may raise anything, and end the program
        if place_of(error):
            raise failure(f"The import of {path!r} for {what}", error) from error
        raise InputError(
            f"Cannot import {path!r} for {what}: {shown(error)}. Give a dotted path package.module.function that "
            "Python can import."
        ) from error


def _check_function(module: types.ModuleType, name: str, what: str) -> None:
    """Raises InputError unless a module of the user's own has a function called `name`."""
    found = getattr(module, name, None)
    file = getattr(module, "__file__", None) or "no file"
    if found is None:
        hint = nearest(name, (key for key, value in vars(module).items() if callable(value)))
        raise InputError(f"Module {module.__name__!r} ({file}) has no function {name!r}, the {what}.{hint}")
    if not callable(found):
        raise InputError(
            f"{name!r} in module {module.__name__!r} ({file}{_line_of(file, name)}) is {type(found).__name__} "
            f"{found!r}; the {what} must be a function."
        )


def _line_of(file: str, name: str) -> str:
    """Returns ", line N" where a file first gives a name a value, "" where it does not say."""
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):  # not written in Python
        return ""
    stores = (n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store))
    return next((f", line {node.lineno}" for node in stores), "")


def find(room: str, name: str) -> Callable[..., Any]:
    """Returns the function called `name` in a room.

    Args:
        room: "methods", "models", "data.sources", "data.noise" or "data.augment".
        name: a file name in the room, or a dotted path `package.module.function` outside the library.

    Raises:
        InputError: there is no such name; the message lists the choices and the nearest one.
    """
    return getattr(module_of(room, name), name.rpartition(".")[2])


def build(room: str, section: Section, *args: Any) -> Any:
    """Returns `find(room, section.name)(*args, **section.settings)`, after checking that these settings exist.

    Raises:
        InputError: an unknown name, an unknown setting, or a value that the factory refuses.
    """
    function = partial(room, section, len(args))
    return _guarded(function, f"{ROOMS[room].kind} {section.name!r}", args, function.keywords)


def partial(room: str, section: Section, given: int) -> functools.partial:
    """Returns the function of a section with its settings filled in; its first `given` parameters stay open.

    Raises:
        InputError: an unknown name or an unknown setting.
    """
    function = find(room, section.name)
    check_settings(function, f"{ROOMS[room].kind} {section.name!r}", section.settings, given)
    return functools.partial(function, **section.settings)


def with_defaults(
    function: Callable[..., Any], settings: Mapping[str, Any], arguments: Sequence[str]
) -> dict[str, Any]:
    """Returns settings of a function with the defaults in its signature.

    Raises:
        InputError: a setting is one of `arguments`, which the library fills in.
    """
    if filled := next((name for name in settings if name in arguments), ""):
        raise InputError(f"{filled!r} is no setting of {function.__name__}: the library fills it in. Leave it out.")
    defaults = {
        name: list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
        for name, parameter in signature(function).parameters.items()
        if name not in (*arguments, "name") and is_plain(parameter.default)  # every Linen module takes a name
    }
    return {**defaults, **settings}


def call(function: Callable[..., Any], what: str, settings: Mapping[str, Any], *args: Any) -> Any:
    """Returns `function(*args, **settings)`, with one sentence about a setting that it does not have."""
    check_settings(function, what, settings, len(args))
    return _guarded(functools.partial(function, **settings), what, args, settings)


def check_settings(function: Callable[..., Any], what: str, settings: Mapping[str, Any], given: int) -> None:
    """Raises InputError where a setting is none of the function's, past the first `given`, or of another type."""
    parameters = _signature(function, what).parameters
    choices = list(parameters)[given:]
    for key, value in settings.items():
        if key not in choices:
            raise unknown_name(f"setting of {what}:", key, choices)
        hint = parameters[key].annotation
        if not _fits(value, hint):
            raise InputError(f"Setting {key!r} of {what} must be {_name_of(hint)}, got {value!r}.")


def _signature(function: Callable[..., Any], what: str) -> inspect.Signature:
    """Returns the signature with its annotations as types where Python can tell, else as they are written."""
    try:
        return signature(function, eval_str=True)
    except ValueError as error:  # written in another language
        what = f"{what[0].upper()}{what[1:]}"
        raise InputError(f"{what} does not say what its arguments are; use a function written in Python.") from error
    except Exception:  # an annotation that is known to a type checker only
        return signature(function)


def signature(function: Callable[..., Any], eval_str: bool = False) -> inspect.Signature:
    """Returns the signature of a function, or of making an instance of a class, also where a metaclass hides it."""
    if not inspect.isclass(function) or type(function).__call__ is type.__call__:
        return inspect.signature(function, eval_str=eval_str)
    found = inspect.signature(function.__init__, eval_str=eval_str)
    return found.replace(parameters=list(found.parameters.values())[1:])  # without self


def is_plain(value: Any) -> bool:
    """Says whether a default can stand in a config: a number, a text, True, False, None, or a sequence of such."""
    if isinstance(value, tuple | list):
        return all(map(is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


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
    except (InputError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a function of the user's own may raise anything, and end the program
        where, what = place_of(error), f"{what[0].upper()}{what[1:]}"
        if isinstance(error, TypeError | ValueError):
            at = f" ({where})" if where else ""
            said = {key: value for key, value in settings.items() if is_plain(value)}
            raise InputError(f"{what} refuses its settings {said}: {shown(error)}{at}.") from error
        if not where:
            raise
        raise failure(what, error) from error


def of_table(table: Mapping[str, Callable[..., Any]], what: str, name: str) -> Callable[..., Any]:
    """Returns the function that a table holds under a name, or one of the user's own by its dotted path.

    Raises:
        InputError: there is no such name or function.
    """
    if "." in name:
        return getattr(own_module(name, f"{what} {name!r}"), name.rpartition(".")[2])
    return entry(table, what, name)


def entry(table: Mapping[str, Any], what: str, name: str) -> Any:
    """Returns what a table of functions holds under a name; InputError with the choices where it holds nothing."""
    if name not in table:
        raise unknown_name(what, name, table)
    return table[name]
