"""The run folder: who owns it, and its two JSON files."""

import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax

from meta_noise.atomic import atomically
from meta_noise.config.parse import differences
from meta_noise.errors import InputError
from meta_noise.version import __version__


def open_folder(folder: Path, config: Mapping[str, Any]) -> None:
    """Makes the run folder with `config.json`, or checks that it holds a run with the same config.

    Raises:
        InputError: the folder belongs to another config, holds files that are not a run's, or has no name in UTF-8.
    """
    try:
        str(folder.absolute()).encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{folder} is not a name in UTF-8, which checkpoints cannot have. Choose another --workdir."
        ) from error
    path = folder / "config.json"
    if path.exists():
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(before, dict):
                raise ValueError("not one JSON object")
        except (ValueError, OSError) as error:
            raise InputError(f"{path} is damaged ({error}). Choose another --workdir, or repair that file.") from error
        changed = differences(before, json.loads(json.dumps(config)))
        if not changed:
            return
        if (folder / "checkpoints").exists() or (folder / "metrics.jsonl").exists():
            if changed == [line for line in changed if line.startswith("config.data.sha256")]:
                raise InputError(f"{folder} holds a run on other data (its rows differ). Choose another --workdir.")
            raise InputError(
                f"{folder} holds a run with another config: {'; '.join(changed[:5])}"
                f"{' and more' if len(changed) > 5 else ''}. Choose another --workdir, or its settings."
            )
        for name in ("noise.npz", "splits.npz"):  # of a run that never took a step, with settings that did not work
            (folder / name).unlink(missing_ok=True)
    elif folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise InputError(f"{folder} is not empty and not a run folder (no config.json). Choose another --workdir.")
    try:
        write_json(path, config)
    except OSError as error:
        raise InputError(
            f"Cannot write the run folder {folder}: {error.strerror}. Choose another --workdir."
        ) from error


def write_json(path: Path, value: Any) -> None:
    """Writes a JSON file, whole or not at all."""
    with atomically(path) as file:
        file.write((json.dumps(value, indent=2) + "\n").encode())


def versions() -> dict[str, str]:
    """Returns what the numbers of a run depend on: versions of the libraries, and the device."""
    packages = ("jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "numpy", "scikit-learn", "pillow")
    found = {"python": platform.python_version(), "device": jax.devices()[0].device_kind, "meta_noise": __version__}
    for package in packages:
        found[package] = version(package)
    return found
