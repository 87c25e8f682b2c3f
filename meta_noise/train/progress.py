"""What a person sees while a run goes on: a bar on a terminal, a line now and then elsewhere."""

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from meta_noise.terminal import say
from meta_noise.train.cost import duration

LABELS = {
    "given_accuracy": "training labels",
    "true_accuracy": "true",
    "memorised": "memorised",
    "selection_accuracy": "selection",
    "test_accuracy": "test",
}


class Display:
    """Shows steps done, time left, throughput and the latest accuracies; open it with `with`."""

    def __init__(self, console: Console, total: int, done: int, rows_per_step: int, every: float = 10.0):
        """Starts at `done` of `total` steps; off a terminal a line is printed at most every `every` seconds."""
        self._console, self._total, self._first, self._rows = console, total, done, rows_per_step
        self._every, self._begin, self._printed = every, time.monotonic(), time.monotonic()
        self._text = ""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} steps"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[text]}"),
        )
        self._bar = Progress(*columns, console=console, transient=False, disable=not console.is_terminal)
        self._task = self._bar.add_task("training", total=total, completed=done, text="")

    def __enter__(self) -> "Display":
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def advance(self, step: int) -> None:
        """Shows that `step` steps are done."""
        self._bar.update(self._task, completed=step, text=f"{self._rate(step):,.0f} rows/s  {self._text}")

    def epoch(self, step: int, epoch: int, values: dict[str, float]) -> None:
        """Shows the accuracies at the end of an epoch."""
        shown = [f"{name} {values[key]:.1%}" for key, name in LABELS.items() if key in values]
        self._text = f"epoch {epoch}  " + "  ".join(shown)
        self.advance(step)
        now = time.monotonic()
        if not self._console.is_terminal and (now - self._printed > self._every or step == self._total):
            self._printed = now
            left = (now - self._begin) / max(step - self._first, 1) * (self._total - step)
            ending = f"{duration(left)} left" if step < self._total else f"{duration(now - self._begin)} in all"
            say(self._console, f"step {step}/{self._total}  {self._rate(step):,.0f} rows/s  {ending}  {self._text}")

    def _rate(self, step: int) -> float:
        return (step - self._first) * self._rows / max(time.monotonic() - self._begin, 1e-9)
