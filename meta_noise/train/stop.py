"""Stopping in good order: the first SIGINT or SIGTERM asks the loop to save and leave, the second is the usual one."""

import signal
import threading
from typing import Any


class StopSignal:
    """Remembers that a stop was asked for; open it with `with`. Outside the main thread it hears nothing."""

    def __init__(self) -> None:
        self.name = ""
        self._before: dict[int, Any] = {}

    def __bool__(self) -> bool:
        return bool(self.name)

    def __enter__(self) -> "StopSignal":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, frame: Any) -> None:
        del frame
        self.name = signal.Signals(number).name
        signal.signal(number, self._before[number])
