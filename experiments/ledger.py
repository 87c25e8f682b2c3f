"""A file of results, one JSON line a run: read, mended, added to."""

import json
import os
from pathlib import Path
from typing import Any

WHOLE = {"accuracy", "clean_set", "noise", "seconds"}  # what the result of a run that did not diverge has at least


def read(path: Path) -> list[dict[str, Any]]:
    """Returns the results of a file, none where there is no file, of each cell the last.

    Lines that are no results are passed over.
    """
    return list({result["cell"]: result for result in map(_result, _lines(path)) if result is not None}.values())


def mend(path: Path) -> str:
    """Moves lines that are no results to `<name>.damaged` beside the file; returns a sentence on them, or ""."""
    lines = _lines(path)
    bad = [number for number, line in enumerate(lines) if _result(line) is None]
    if not bad:
        return ""
    aside, new = path.with_name(f"{path.name}.damaged"), path.with_name(f"{path.name}.new")
    with aside.open("ab") as file:
        file.writelines(lines[number].rstrip(b"\n") + b"\n" for number in bad)
    new.write_bytes(b"".join(line for number, line in enumerate(lines) if number not in bad))
    os.replace(new, path)
    said = f"line {bad[0] + 1} is no result" if len(bad) == 1 else f"{len(bad)} lines are no results"
    return f"{path}: {said}, now in {aside.name}; the other {len(lines) - len(bad)} are used."


def add(path: Path, result: dict[str, Any]) -> None:
    """Appends a result; it is on the disk when this returns."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(result) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True) if path.exists() else []


def _result(line: bytes) -> dict[str, Any] | None:
    """Returns the result in a line, None where there is none or the line was cut short."""
    if not line.endswith(b"\n"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or not isinstance(found.get("cell"), str):
        return None
    return found if "diverged" in found or found.keys() >= WHOLE else None
