"""Calls of what a config names, whose mistakes become one sentence for the user."""

from collections.abc import Callable, Mapping
from typing import Any

import optax

from meta_noise.config import registry
from meta_noise.core.virtual import Virtual
from meta_noise.errors import InputError
from meta_noise.types import CotangentFilter

GIVES: dict[str, Any] = {
    "schedule": Callable,
    "optimizer": optax.GradientTransformation,
    "meta optimizer": optax.GradientTransformation,
    "virtual step": Virtual,
    "cotangent filter": CotangentFilter,
}


def named(table: Mapping[str, Any], what: str, section: registry.Section, *args: Any) -> Any:
    """Returns what the function of a table that a section names gives for `args` and its settings.

    Raises:
        InputError: there is no such function, it refuses its settings, or it gives anything but what `what` must be.
    """
    function = registry.of_table(table, what, section.name)
    product = registry.call(function, f"{what} {section.name!r}", section.settings, *args)
    if not isinstance(product, GIVES[what]):
        kind = type(product).__name__
        raise InputError(f"The {what} {section.name!r} must give {_shown(GIVES[what])}, got {kind} {product!r:.60}.")
    return product


def sensible(what: str, function: Callable[..., Any], *args: Any) -> Any:
    """Returns `function(*args)`; a ValueError becomes one sentence for the user."""
    try:
        return function(*args)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{what}: {error}.") from error


def _shown(kind: type) -> str:
    return (
        "a function of the step"
        if kind is Callable
        else f"an instance of {kind.__module__.split('.')[0]}'s {kind.__name__}"
    )
