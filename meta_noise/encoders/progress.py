"""What a person sees while rows are encoded: a bar on a terminal, a line now and then elsewhere."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from meta_noise.terminal import say
from meta_noise.train.cost import duration
from meta_noise.visible import counted


class Count:
    """Shows how many of `total` rows are done and how long the others will take; open it with `with`."""

    def __init__(self, console: Console, total: int, every: float = 10.0):
        """Off a terminal a line is printed at most every `every` seconds."""
        self._console, self._total, self._every = console, total, every
        self._begin = self._printed = time.monotonic()
        self._done = self._kept = 0
        columns = (TextColumn("encoding"), BarColumn(), MofNCompleteColumn(), TextColumn("left"), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task("encoding", total=total)

    def __enter__(self) -> "Count":
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def advance(self, rows: int, was_kept: bool) -> None:
        """Shows that so many more rows are done; those that were kept from before say nothing of the speed."""
        self._done += rows
        self._kept += rows if was_kept else 0
        self._bar.update(self._task, completed=self._done)
        now = time.monotonic()
        if not self._console.is_terminal and now - self._printed > self._every and self._done < self._total:
            self._printed = now
            left = (now - self._begin) / max(self._done - self._kept, 1) * (self._total - self._done)
            say(self._console, f"encoded {self._done:,} of {self._total:,} rows, {duration(left)} left")

    def said(self) -> str:
        """Returns how it went, in words."""
        if self._kept == self._total:
            return f"{counted(self._total, 'row')}, kept from before"
        kept = f", {self._kept:,} of them kept from before" if self._kept else ""
        return f"{counted(self._total, 'row')}{kept}, in {duration(time.monotonic() - self._begin)}"
