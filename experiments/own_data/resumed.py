"""Measurements in a file of JSON lines, to which only what it lacks is added."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from meta_noise.cleaning.own_noise import steady


def complete(path: Path, cases: Iterable[dict[str, Any]], measure: Callable[..., dict[str, Any]]) -> None:
    """Adds a line for each case, a dictionary of names and numbers, that the file lacks: the case and what is measured.

    Linear algebra runs on one thread meanwhile.
    """
    kept = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    for case in cases:
        if any(case.items() <= line.items() for line in kept):
            continue
        with steady():
            found = measure(**case)
        with path.open("a") as file:
            file.write(json.dumps({**case, **found}) + "\n")
