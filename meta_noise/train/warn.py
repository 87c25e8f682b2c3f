"""What went otherwise than a user would expect: each sentence is said once, and kept for the results."""

import re
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from rich.console import Console

from meta_noise.terminal import say

ZERO_WEIGHTS = (
    "In some steps every row had weight 0 (no row would have helped on the clean batch); such a step moves the network "
    "by momentum and weight decay only. metrics.jsonl has their share as zero_weights."
)


class Warnings:
    """Says sentences on a console, those that differ only in numbers once; `said` are those so far."""

    def __init__(self, console: Console, said: Iterable[str] = ()):
        self._console = console
        self.said = list(said)

    def say(self, *sentences: str) -> None:
        """Says what was not said before."""
        for sentence in sentences:
            if _wording(sentence) not in map(_wording, self.said):
                self.said.append(sentence)
                say(self._console, f"Warning: {sentence}")


def caught(function: Callable[..., Any], *args: Any) -> tuple[Any, list[str]]:
    """Returns what a function returns, and what it warned of on the way (`warnings.warn(sentence)`)."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always", UserWarning)
        value = function(*args)
    return value, [str(warning.message) for warning in found if warning.category is UserWarning]


def _wording(sentence: str) -> str:
    return re.sub(r"\d+", "", sentence)
