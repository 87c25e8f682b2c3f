"""Calls of what a config names, whose mistakes become one sentence for the user."""

from collections.abc import Callable, Mapping
from typing import Any

from meta_noise.config import registry
from meta_noise.errors import InputError


def named(table: Mapping[str, Any], what: str, section: registry.Section, *args: Any) -> Any:
    """Returns what the function of a table that a section names gives for `args` and its settings."""
    function = registry.entry(table, what, section.name)
    return registry.call(function, f"{what} {section.name!r}", section.settings, *args)


def sensible(what: str, function: Callable[..., Any], *args: Any) -> Any:
    """Returns `function(*args)`; a ValueError becomes one sentence for the user."""
    try:
        return function(*args)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{what}: {error}.") from error
