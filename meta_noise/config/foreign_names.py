"""What a file names is looked up among our own rooms; nothing else that a file says is imported or called.

A run folder, a checkpoint or an archive may come from anybody. So a dotted path in a file, which would import a module
of whoever wrote it, is refused unless the caller has allowed that very path. Settings are plain values of sane size,
and those of the function that they are for, before it sees any of them.
"""

import math
from collections.abc import Collection, Mapping
from typing import Any

from meta_noise.config import registry
from meta_noise.errors import InputError

LONGEST = 1000  # characters of a string, entries of a list
LARGEST = 2**31 - 1
DEEPEST = 4  # lists in lists


def own_name(room: str, name: Any, where: object, allow: Collection[str] = ()) -> str:
    """Returns a name that a file gives, once it is known that the function behind it may be called.

    Args:
        room: as in `registry.find`.
        name: what the file says.
        where: the file, for the error.
        allow: dotted paths that the caller trusts.

    Raises:
        InputError: it is no file of the room, and the caller has not allowed it.
    """
    kind = registry.ROOMS[room].kind
    if not isinstance(name, str) or not name:
        raise InputError(f"{where} names no {kind}: {name!r:.80}. Put back an intact copy of the folder.")
    if name in allow:
        return name
    if "." in name:
        raise InputError(
            f"{where} names the {kind} {name!r:.80}, which is not part of this library, and what a file names is not "
            "run. If you trust it, allow it by its full name: --allow NAME, in Python allow=(NAME,)."
        )
    try:
        registry.module_of(room, name)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    return name


def own_section(
    room: str,
    section: Any,
    where: object,
    allow: Collection[str] = (),
    given: int = 1,
    largest: int = LARGEST,
    others: Collection[str] = (),
) -> dict[str, Any]:
    """Returns a section `{"name": ..., settings}` that a file gives, name and settings checked; nothing is called.

    Args:
        room: as in `registry.find`.
        section: what the file says.
        where: the file, for errors.
        allow: dotted paths that the caller trusts.
        given: first parameters of the function that are no settings.
        largest: a bound on the whole numbers.
        others: keys that belong to the section, but not to the function.

    Raises:
        InputError: a name that may not be used, or a setting of another type or size than the function takes.
    """
    if not isinstance(section, Mapping):
        raise InputError(f"{where}: a {registry.ROOMS[room].kind} is described by an object, got {section!r:.80}.")
    name = own_name(room, section.get("name"), where, allow)
    settings = {key: value for key, value in section.items() if key != "name"}
    for key, value in settings.items():
        if problem := _oddity(value, largest):
            raise InputError(f"{where}: setting {key!r:.80} of {name!r:.80} {problem}. Put back an intact copy.")
    own = {key: value for key, value in settings.items() if key not in others}
    try:
        registry.check_settings(registry.find(room, name), f"{registry.ROOMS[room].kind} {name!r}", own, given)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    return dict(section)


def _oddity(value: Any, largest: int, depth: int = 0) -> str:
    """Returns what is odd about a setting, "" where nothing is: it must be plain, finite and of sane size."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return "" if abs(value) <= largest else f"is {value!r:.40}, which is too large for the weights beside it"
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"is {value}, no finite number"
    if isinstance(value, str):
        return "" if len(value) <= LONGEST else f"has {len(value):,} characters"
    if not isinstance(value, list) or depth == DEEPEST:
        return f"is {type(value).__name__}, no plain value"
    if len(value) > LONGEST:
        return f"has {len(value):,} entries"
    return next((problem for entry in value if (problem := _oddity(entry, largest, depth + 1))), "")
