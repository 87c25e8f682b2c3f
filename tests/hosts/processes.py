"""Several real processes on this machine that train one tiny network."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import jax

ROOT = Path(__file__).parents[2]
CONFIG = """
def get_config(arg):
    return {
        "data": {"name": "digits", "limit": 150}, "clean": {"size": 20}, "model": {"name": "mlp", "hidden": [4]},
        "method": {"name": "l2r"}, "report": {"examples": 0},
        "train": {"epochs": 2, "batch_size": 16, "clean_batch_size": 16, "checkpoint_seconds": 0.0},
    }
"""
LIMIT = 600  # seconds; the machine may be busy


class Ended(NamedTuple):
    """Exit code and what a process printed."""

    code: int
    out: str
    err: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def config_in(folder: Path, text: str = CONFIG) -> Path:
    path = folder / "config.py"
    path.write_text(text)
    return path


@contextlib.contextmanager
def started(
    count: int,
    *words: str | list[str],
    devices: int = 1,
    patience: float = 240,
    at: Sequence[Path] = (),
    path: Path | str = "",
    kib: Mapping[int, int] = MappingProxyType({}),
) -> Iterator[list]:
    """Starts processes that all get the words, or a list of them each; what still runs at the end is killed.

    Args:
        count: of processes.
        words: beside `--multihost`.
        devices: emulated ones of each process.
        patience: seconds that they wait for each other.
        at: a folder to start each in.
        path: a folder with code of the user's own.
        kib: the number of a process -> size of the largest file that it may write.
    """
    environment = {
        **os.environ,
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count={devices}",
        "META_NOISE_HOSTS_PATIENCE": str(patience),
        "PYTHONPATH": f"{path}{os.pathsep}{ROOT}" if path else str(ROOT),
        "JAX_COMPILATION_CACHE_DIR": jax.config.values["jax_compilation_cache_dir"],
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.2",
    }
    port, processes = free_port(), []
    for number in range(count):
        own = [word[number] if isinstance(word, list) else word for word in words]
        hosts = f"--multihost=localhost:{port},{count},{number}"
        command = [sys.executable, "-m", "meta_noise.main", hosts, *own]
        if number in kib:
            command = ["bash", "-c", f'ulimit -f {kib[number]}; exec "$@"', "bash", *command]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        processes.append(subprocess.Popen(command, cwd=at[number] if at else ROOT, env=environment, **pipes))
    try:
        yield processes
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.communicate()


def ended(processes: list) -> list[Ended]:
    """Returns how each process ended, all within `LIMIT` seconds."""
    end, found = time.monotonic() + LIMIT, []
    for process in processes:
        out, err = process.communicate(timeout=max(end - time.monotonic(), 1))
        found.append(Ended(process.returncode, out, err))
    return found


def trained(count: int, *words: str | list[str], **settings: Any) -> list[Ended]:
    with started(count, *words, **settings) as processes:
        return ended(processes)


def until_saved(folder, processes):
    """Waits for the first checkpoint of a run that goes on."""
    begin = time.monotonic()
    while not any(path.name.isdecimal() for path in (folder / "checkpoints").glob("*")):
        assert all(process.poll() is None for process in processes) and time.monotonic() - begin < LIMIT
        time.sleep(0.01)
