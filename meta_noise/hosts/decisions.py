"""What all processes do after a call of the training loop: go on, save, or save and stop.

Each would decide by its own clock and its own signals, and they have to save and stop at the same step. So process 0
decides, at every so many calls, and a process that is asked to stop tells it beforehand.
"""

import json
from collections.abc import Callable
from typing import NamedTuple

from meta_noise.hosts import exchange

EVERY = 1.0  # seconds between two decisions, about


class Decision(NamedTuple):
    """What to do: whether to save, and the signal that asks to stop, such as SIGTERM, else ""."""

    save: bool = False
    stop: str = ""


class Decisions:
    """Decides after every call, together with the others: `decide(wish)`.

    All processes make one with the same name, and call it equally often.
    """

    def __init__(self, seconds_per_call: float, most: float = EVERY):
        """Decides about every `EVERY` seconds, or every `most` where that is less, as the clock of process 0 goes."""
        every = round(min(EVERY, most) / max(seconds_per_call, 1e-9))
        self._every = int(exchange.firsts("calls between decisions", str(max(every, 1))))
        self._calls = 0

    def __call__(self, wish: Callable[[], Decision]) -> Decision:
        """Returns what all do now; `wish() -> Decision` is what this process would do."""
        if exchange.count() == 1:
            return wish()
        self._calls += 1
        if self._calls % self._every:
            return Decision()
        mine = wish()
        if mine.stop:
            exchange.say_once("stop", mine.stop)
        if exchange.is_first() and (stop := exchange.said("stop")) is not None:
            mine = Decision(True, stop)
        return Decision(*json.loads(exchange.firsts("what to do", json.dumps(mine))))
