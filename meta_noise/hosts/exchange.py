"""What processes tell each other: short texts in the key-value store of JAX's distributed runtime.

All processes call these functions in the same order; a name may come again, each time it is another meeting. With one
process alone there is nothing to wait for.
"""

import collections
import contextlib
import platform
import time
from collections.abc import Iterator
from typing import Any

import jax
from jax._src import distributed  # the store has no public name

from meta_noise.errors import InputError

PREFIX = "meta_noise"
PATIENCE = 3600.0  # seconds; a process that dies ends the others much earlier
_SLICE = 500  # milliseconds in which no signal is heard
_met: collections.Counter[str] = collections.Counter()


def client() -> Any:
    """Returns the connection to the store, None where this process is alone."""
    return distributed.global_state.client


def index() -> int:
    """Returns the number of this process, from 0."""
    return distributed.global_state.process_id if client() is not None else 0


def count() -> int:
    """Returns how many processes train together."""
    return distributed.global_state.num_processes if client() is not None else 1


def is_first() -> bool:
    """Says whether this process is the one that writes what people read."""
    return index() == 0


def everybodys(name: str, text: str, patience: float = PATIENCE) -> list[str]:
    """Returns what every process says under a name, in their order, once all have said it.

    Raises:
        InputError: one has not said it within `patience` seconds.
    """
    if client() is None:
        return [text]
    key = _meeting(name)
    client().key_value_set(f"{key}/{index()}", text)
    return [_waited(f"{key}/{number}", number, name, patience) for number in range(count())]


def firsts(name: str, text: str, patience: float = PATIENCE) -> str:
    """Returns what process 0 says under a name; what others give is not looked at.

    Raises:
        InputError: it has not said it within `patience` seconds.
    """
    if client() is None:
        return text
    key = f"{_meeting(name)}/0"
    if is_first():
        client().key_value_set(key, text)
        return text
    return _waited(key, 0, name, patience)


def meet(name: str, patience: float = PATIENCE) -> None:
    """Returns when all processes have come here.

    Raises:
        InputError: one has not come within `patience` seconds.
    """
    everybodys(name, "", patience)


@contextlib.contextmanager
def first_before_others(name: str) -> Iterator[None]:
    """Lets process 0 through the block before the others enter it, so that they find what it wrote."""
    if not is_first():
        meet(name)
    yield
    if is_first():
        meet(name)


def called(number: int) -> str:
    """Returns the name of a process for people: its number, and its machine where that is known."""
    found = said(f"host/{number}")
    return f"process {number}" + (f" (on {found:.60})" if found else "")


def said(key: str) -> str | None:
    """Returns what stands under a key now, None where nothing does or nobody answers."""
    try:
        return None if client() is None else client().key_value_try_get(f"{PREFIX}/{key}")
    except jax.errors.JaxRuntimeError:
        return None


def say_once(key: str, text: str) -> bool:
    """Writes a text under a key, and says whether it stands there: the first that is written stays."""
    try:
        client().key_value_set(f"{PREFIX}/{key}", text)
    except jax.errors.JaxRuntimeError:
        return False
    return True


def introduce() -> None:
    """Tells the others on which machine this process is; called once, before anything else."""
    say_once(f"host/{index()}", platform.node())


def _meeting(name: str) -> str:
    _met[name] += 1
    return f"{PREFIX}/{name}/{_met[name]}"


def _waited(key: str, number: int, name: str, patience: float) -> str:
    end = time.monotonic() + patience
    while True:
        try:
            return client().blocking_key_value_get(key, _SLICE)
        except jax.errors.JaxRuntimeError as error:
            if "DEADLINE_EXCEEDED" not in str(error):
                raise
        if time.monotonic() > end:
            raise InputError(
                f"{called(number).capitalize()} has not come as far as {name!r} within {patience:.0f} s. Look at what "
                "it says, then start all processes again: they resume."
            )
