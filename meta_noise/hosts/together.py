"""Processes that end together: what ends one is told to all, and each says it and leaves."""

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, NoReturn

import jax

from meta_noise.errors import InputError, StoppedError, shown
from meta_noise.hosts import exchange
from meta_noise.hosts.address import Address
from meta_noise.hosts.signals import answered, last_words
from meta_noise.hosts.start import connect, detected
from meta_noise.terminal import open_console, say

EVERY = 0.5  # seconds between two looks at what the others say
LAST_WORDS = 15.0  # seconds that process 0, which keeps what is said, waits for others to hear it
_ENDED = "ended"
_KILLED = (
    "One of the other processes has probably been killed, or its machine is gone; start all processes again with the "
    "same command: they resume."
)
_UNFORESEEN, _WRONG, _SIGNAL = 1, 2, 128  # exit codes; the last with the number of the signal added


class End(NamedTuple):
    """Why all end: the process that said so first, the exit code, and its sentence."""

    process: int
    code: int
    sentence: str


@contextlib.contextmanager
def together(asked: Address | str, told: Callable[[BaseException], tuple[str, int] | None]) -> Iterator[None]:
    """Connects this process to the others for the block; an error in one of them ends all.

    Args:
        asked: what `--multihost` gives.
        told: the sentence and the exit code that an error is answered with; None for one that is not foreseen.

    Raises:
        InputError: the processes do not find each other.
    """
    if asked == "off":
        yield
        return
    try:
        connect(detected() if isinstance(asked, str) else asked)
    except InputError as error:
        if exchange.client() is None:
            raise
        say(open_console(of_errors=True), f"error: {error}")
        os._exit(_WRONG)  # a coordinator that ends as usual tells its own troubles at length
    with last_words(f"error: {_KILLED}", _WRONG):
        yield from _connected(told)
        jax.distributed.shutdown()


def _connected(told: Callable[[BaseException], tuple[str, int] | None]) -> Iterator[None]:
    """Runs the block, and ends all processes where it fails or another one does."""
    over = threading.Event()
    threading.Thread(target=_watch, args=(over,), daemon=True).start()
    try:
        with answered(_stopped):
            yield
            exchange.meet("the end")
    except StoppedError:  # all have agreed to it
        exchange.meet("the stop")
        over.set()
        jax.distributed.shutdown()
        raise
    except BaseException as error:
        over.set()
        end_all(*(told(error) or _unforeseen(error)), error)
    over.set()


def end_all(sentence: str, code: int, error: BaseException | None = None) -> NoReturn:
    """Tells the others why this process ends, and ends it; where another was first, with the sentence of that one."""
    if _is_broken(error) and (first := _awaited(EVERY * 6)) is not None:
        _leave(first)  # a connection broke because the other left
    end = End(exchange.index(), code, sentence)
    if not exchange.say_once(_ENDED, json.dumps(end)):
        end = _said() or end
    if error is not None and code == _UNFORESEEN and end.process == exchange.index():
        sys.excepthook(type(error), error, error.__traceback__)
    _leave(end)


def _unforeseen(error: BaseException) -> tuple[str, int]:
    if _is_broken(error):
        return f"A step with the other processes could not be finished ({shown(error):.300}). {_KILLED}", _WRONG
    return f"{type(error).__name__}: {error}", _UNFORESEEN


def _is_broken(error: BaseException | None) -> bool:
    """Says whether an error is of JAX's runtime; that of a broken connection between CPUs comes as a ValueError."""
    return isinstance(error, jax.errors.JaxRuntimeError) or (isinstance(error, ValueError) and "Gloo " in str(error))


def _stopped(number: int, frame: Any) -> None:
    """Answers SIGINT and SIGTERM for all processes; while the training loop runs it listens itself."""
    del frame
    name = signal.Signals(number).name
    end_all(f"Stopped by {name}; the same command again goes on from the last checkpoint.", _SIGNAL + number)


def _watch(over: threading.Event) -> None:
    while not over.wait(EVERY):
        if (end := _said()) is not None:
            _leave(end)


def _said() -> End | None:
    text = exchange.said(_ENDED)
    return None if text is None else End(*json.loads(text))


def _awaited(seconds: float) -> End | None:
    until = time.monotonic() + seconds
    while (end := _said()) is None and time.monotonic() < until:
        time.sleep(EVERY / 5)
    return end


def _leave(end: End) -> NoReturn:
    """Ends this process with what was said, process 0 once all have heard it."""
    mine = end.process == exchange.index()
    sentence = end.sentence if mine else f"{exchange.called(end.process).capitalize()}: {end.sentence}"
    say(open_console(of_errors=True), f"error: {sentence}" if end.code < _SIGNAL else sentence)
    sys.stdout.flush()
    sys.stderr.flush()
    exchange.say_once(f"heard/{exchange.index()}", "")
    until = time.monotonic() + LAST_WORDS
    while exchange.is_first() and time.monotonic() < until:
        if all(exchange.said(f"heard/{number}") is not None for number in range(exchange.count())):
            break
        time.sleep(EVERY / 5)
    os._exit(end.code)
