"""The metrics of a run as JSON lines: one line per evaluated epoch, append-only, and kept by the checkpoints, too."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from meta_noise.atomic import atomically
from meta_noise.errors import InputError, NotFiniteError

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


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
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NO_LINK, 0o666)
            with open(descriptor, "ab") as file:
                file.write(_line({"step": step, "epoch": epoch, **numbers}))
        except OSError as error:
            reason = f"Cannot write metrics to {self._path}: {error.strerror}."
            message = f"{reason} Free some space, then run the same command again: it resumes."
            raise InputError(message) from error

    def restore(self, history: Sequence[Mapping[str, Any]]) -> None:
        """Makes the file hold these lines and no others, as a checkpoint keeps them; whatever became of the file.

        A run that continues from there then writes the file that an uninterrupted run would have written.
        """
        wanted = b"".join(map(_line, history))
        if wanted != (self._path.read_bytes() if self._path.is_file() else b""):
            with atomically(self._path) as file:
                file.write(wanted)


def _line(values: Mapping[str, Any]) -> bytes:
    return (json.dumps(values, allow_nan=False) + "\n").encode()
