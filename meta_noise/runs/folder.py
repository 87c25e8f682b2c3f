"""The run folder: who owns it, its config, and what its numbers depend on.

Nothing in it is for editing. Answers of people come in by a file of their own (`meta-noise ingest`).
"""

import contextlib
import functools
import json
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax

from meta_noise.config.parse import differences
from meta_noise.disk.owned import owned
from meta_noise.disk.sealed import BrokenSealError, DamageError, read_json, write_json
from meta_noise.errors import InputError
from meta_noise.hosts import exchange
from meta_noise.hosts.agreement import check_same, code_digest
from meta_noise.version import __version__

CONFIG = "config.json"
PLACES = "config.train.devices", "config.train.mesh."  # where a run takes place, which changes the order of sums alone
INSTEAD = "Choose another folder (--workdir, --out)"


@contextlib.contextmanager
def run_folder(folder: Path) -> Iterator[str]:
    """Makes a run folder or enters one, alone; see `meta_noise.disk.owned.owned`.

    Raises:
        InputError: it is in use or not ours, or it has no name in UTF-8.
    """
    try:
        str(folder.absolute()).encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{folder} is not a name in UTF-8, which checkpoints cannot have. {INSTEAD}.") from error
    with owned(folder, "run", INSTEAD) as note:
        yield note


def agree(config: Mapping[str, Any]) -> None:
    """Raises InputError in a process whose data, code or config are not those of process 0.

    Args:
        config: what `open_config` takes; the digest of the data is in it.
    """
    if exchange.count() == 1:
        return
    settings: dict[str, Any] = _plain(config)
    data = str(settings["data"].pop("sha256"))
    here = {**versions(), "source": code_digest()}
    check_same("number of processes", str(exchange.count()), "Give all processes the same COUNT.")
    check_same(
        "code", json.dumps(here), "Install the same versions on all hosts.", functools.partial(_differing, "code")
    )
    check_same(
        "config",
        json.dumps(settings, sort_keys=True),
        "Start all processes with the same command.",
        functools.partial(_differing, "config"),
    )
    check_same("data set", data, "Give all hosts the same files.")
    exchange.meet("the agreement")


def _differing(path: str, theirs: str, mine: str) -> str:
    """Returns in which entries one JSON object differs from another."""
    return _listed(differences(json.loads(theirs), json.loads(mine), path))


def open_config(folder: Path, config: Mapping[str, Any]) -> None:
    """Writes `config.json` into a run folder, or checks that it holds the same config, if on other devices.

    Raises:
        InputError: the folder belongs to another config, its file was changed, or a setting is no plain value.
    """
    path, wanted = folder / CONFIG, _plain(config)
    has_begun = (folder / "checkpoints").exists() or (folder / "metrics.jsonl").exists()
    if not path.exists():
        if has_begun:
            raise InputError(f"{path} is missing, so what this run was started with is not known. {INSTEAD}.")
    else:
        every = differences(_read_config(path, wanted), wanted)
        changed = [line for line in every if not line.startswith(PLACES)]
        if not every or (has_begun and not changed):
            return
        if has_begun:
            said = [line for line in changed if ".sha256" not in line.partition(" ")[0]]  # digests tell people nothing
            if not said:
                raise InputError(f"{folder} holds a run on other data (its rows differ). Choose another --workdir.")
            rows = "; its rows differ, too" if len(said) < len(changed) else ""
            raise InputError(
                f"{folder} holds a run with another config: {_listed(said)}{rows}. Choose another --workdir, or its "
                "settings."
            )
        for name in ("noise.npz", "splits.npz"):  # of a run that never took a step, with settings that did not work
            (folder / name).unlink(missing_ok=True)
    write_json(path, wanted)


def _read_config(path: Path, wanted: Mapping[str, Any]) -> dict[str, Any]:
    advice = "Put back an intact copy; or, if nothing else in this folder was changed, delete the folder to start over."
    try:
        return read_json(path)
    except BrokenSealError as error:
        changed = differences(error.value, wanted)
        also = f"; differs from this command in {_listed(changed)}" if changed else ""
        raise InputError(f"{path} was changed since the run wrote it: {error}{also}. {advice}") from error
    except (OSError, DamageError) as error:
        raise InputError(f"{path} is damaged ({error}). {advice}") from error


def _listed(changed: list[str]) -> str:
    return "; ".join(changed[:5]) + (" and more" if len(changed) > 5 else "")


def _plain(value: Any, path: str = "config") -> Any:
    """Returns settings as JSON holds them, or raises InputError where one is no plain value."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry, f"{path}.{key}") for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry, f"{path}[{place}]") for place, entry in enumerate(value)]
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise InputError(f"{path} is {value!r:.80}; give a finite number, a string, a list or a section.") from error


def versions() -> dict[str, str]:
    """Returns what the numbers of a run depend on: versions of the libraries, and the device."""
    packages = ("jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "numpy", "scikit-learn", "pillow")
    found = {"python": platform.python_version(), "device": jax.devices()[0].device_kind, "meta_noise": __version__}
    for package in packages:
        found[package] = version(package)
    return found
