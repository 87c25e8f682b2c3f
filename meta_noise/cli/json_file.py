"""What `meta-noise inspect --json FILE` leaves."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console

from meta_noise.atomic import atomically
from meta_noise.terminal import say


def leave_json(found: Any, path: str | Path, console: Console) -> None:
    """Writes what was found into a file, half characters as escapes, and says so."""
    with atomically(Path(path)) as file:
        file.write((json.dumps(found, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace"))
    say(console, f"All of it: {path}")
