"""Signals that ask a process to end, answered for as long as a block runs."""

import contextlib
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
