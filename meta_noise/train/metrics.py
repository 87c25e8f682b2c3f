"""The metrics of a run as JSON lines: one line per evaluated epoch, append-only."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from meta_noise.atomic import atomically
from meta_noise.errors import InputError, NotFiniteError


class MetricsFile:
    """Appends to the metrics of one run; the file is open only while a line is written."""

    def __init__(self, path: str | os.PathLike[str]):
        self._path = Path(path)

    def write(self, step: int, epoch: float, values: Mapping[str, float]) -> None:
        """Appends the line `{"step": ..., "epoch": ..., **values}`.

        Raises:
            NotFiniteError: a value is not finite; nothing is written.
            InputError: the disk is full or refuses.
        """
        reserved = {"step", "epoch"} & set(values)
        if reserved:
            raise ValueError(f"a metric cannot be called {' or '.join(sorted(reserved))}: every line has these already")
        numbers = {name: value if isinstance(value, int) else float(value) for name, value in values.items()}
        for name, number in numbers.items():
            if not math.isfinite(number):
                raise NotFiniteError(f"{name} is {number} at step {step}; {self._path} takes finite numbers only.")
        line = json.dumps({"step": step, "epoch": epoch, **numbers}, allow_nan=False)
        try:
            with open(self._path, "a", encoding="utf-8") as file:
                file.write(f"{line}\n")
        except OSError as error:
            reason = f"Cannot write metrics to {self._path}: {error.strerror}."
            message = f"{reason} Free some space, then run the same command again: it resumes."
            raise InputError(message) from error

    def rewind(self, step: int) -> None:
        """Drops the lines of later steps than `step`, and a last line that was cut short.

        A run that continues from `step` then writes the file that an uninterrupted run would have written.
        """
        if not self._path.exists():
            return
        text = self._path.read_bytes()
        kept = b"".join(line for line, values in _complete(self._path, text) if values["step"] <= step)
        if kept != text:
            with atomically(self._path) as file:
                file.write(kept)


def _complete(path: Path, text: bytes) -> list[tuple[bytes, dict[str, Any]]]:
    """Returns the whole lines with what they hold."""
    *lines, _ = text.split(b"\n")  # after the last newline: nothing, or a line that was cut short
    found = []
    for number, line in enumerate(lines, 1):
        try:
            values = json.loads(line)
            values["step"]
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(
                f"Line {number} of {path} is not a line of metrics: {line[:80]!r}. Remove that line, or use another "
                "workdir."
            ) from error
        found.append((line + b"\n", values))
    return found
