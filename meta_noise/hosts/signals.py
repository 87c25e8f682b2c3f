"""Signals that ask a process to end, and that which ends it, answered for as long as a block runs."""

import contextlib
import ctypes
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def answered(leave: Callable[[int, Any], Any]) -> Iterator[None]:
    """Calls `leave(number, frame)` on SIGINT and SIGTERM during the block; outside the main thread nothing is heard."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, leave) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def last_words(sentence: str, code: int) -> Iterator[None]:
    """Says a sentence and ends with `code` where native code aborts the process during the block.

    A thread of JAX's runtime that no longer hears the other processes calls `abort`, behind Python's back: handlers of
    Python would never run, as the process is gone before its next instruction.
    """
    library = ctypes.CDLL(None)
    library.signal.argtypes, library.signal.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p

    @ctypes.CFUNCTYPE(None, ctypes.c_int)
    def speak(number: int) -> None:
        del number
        os.write(2, f"{sentence}\n".encode())
        os._exit(code)

    before = library.signal(signal.SIGABRT, ctypes.cast(speak, ctypes.c_void_p))
    try:
        yield
    finally:
        library.signal(signal.SIGABRT, before)
