"""The config files of the repository, found by themselves, and what each of their arguments gives."""

import json
import runpy
from pathlib import Path
from typing import Any

from meta_noise.build.defaults import resolved
from meta_noise.config.file import load
from meta_noise.config.parse import parse, to_dict

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.py"))
USUAL = ("", "supervised", "l2r", "mw_net", "mlc_lcn")  # arguments of a file that names none in VARIANTS
CASES = [(path, argument) for path in CONFIGS for argument in runpy.run_path(str(path)).get("VARIANTS", USUAL)]


def name_of(case: Any) -> str:
    """Returns what a test is called."""
    return case.stem if isinstance(case, Path) else f"{case[0].stem}:{case[1]}"


def resolved_of(path: Path, argument: str) -> dict[str, Any]:
    """Returns the config of a file and an argument with every default written out."""
    return to_dict(resolved(parse(load(f"{path}:{argument}"))))


def flat(config: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Returns dotted key -> value as text."""
    lines: dict[str, str] = {}
    for key, value in sorted(config.items()):
        if isinstance(value, dict) and value:
            lines |= flat(value, f"{prefix}{key}.")
        else:
            lines[prefix + key] = json.dumps(value)
    return lines


def text(path: Path) -> str:
    """Returns all settings of the first argument of a file, and what the other arguments change in them."""
    arguments = [argument for other, argument in CASES if other == path]
    base = flat(resolved_of(path, arguments[0]))
    parts = []
    for argument in arguments:
        lines = flat(resolved_of(path, argument))
        if argument == arguments[0]:
            shown = [f"{key} = {value}" for key, value in lines.items()]
        else:
            shown = [f"{key} = {value}" for key, value in lines.items() if base.get(key) != value]
            lacking = [key for key in base if key not in lines]
            shown += [f"without {', '.join(lacking)}"] if lacking else []
        parts.append("\n".join([f"# {path.name}:{argument}", *shown]) + "\n")
    return "\n".join(parts)
