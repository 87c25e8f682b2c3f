"""Starts every config and `meta-noise clean` on all devices that there are, without a flag that says how many:

    XLA_FLAGS=--xla_force_host_platform_device_count=3 python -m tests.configs.devices [CONFIG ...]

The data are stand-ins, the networks small; batches are those of the config, or all rows where it has fewer.
"""

import csv
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np
from PIL import Image

from meta_noise.cli.run import run as command
from meta_noise.config.argument import merge
from meta_noise.errors import InputError
from meta_noise.runs import run as runs
from tests.configs.found import CASES, CONFIGS, resolved_of
from tests.configs.test_image_configs import FAMUS, prepare
from tests.configs.test_image_configs import small as small_images
from tests.configs.test_two_steps import run as run_stand_in
from tests.configs.test_two_steps import tiny
from tests.stand_ins import STAND_INS

IMAGES = {  # argument, and what small images change
    "webvision_mini": ("", FAMUS),
    "clothing1m": ("", {"method": {"hidden": 4, "embedding": 4}}),
    "food101n": ("supervised", {}),
    "cnwl": ("rate=0.5,supervised", {}),
    "animal10n": ("supervised", {}),
}


def config_runs(path: Path, folder: Path, prepared: Path) -> dict[str, Any]:
    """Returns the results of one epoch of a config."""
    if path.stem in IMAGES:
        argument, changes = IMAGES[path.stem]
        batch = 32 if path.stem == "webvision_mini" else 13
        few = {"train": {"batch_size": batch, "clean_batch_size": batch, "devices": 0}}
        config = small_images(f"{path.name}:{argument}", prepared, **merge(changes, few))
        return runs.run(config, folder / "run").results
    argument = next(argument for other, argument in CASES if other == path)
    batch = resolved_of(path, argument)["train"]["batch_size"]
    return run_stand_in(path, argument, folder, tiny, batch, devices=0)


def table(folder: Path) -> Path:
    """Writes 61 rows of three numbers, every fifth with a wrong label."""
    truth = np.arange(61) % 3
    points = 4 * np.eye(3)[truth] + np.random.default_rng(0).normal(size=(61, 3))
    rows = [[*points[row], "xyz"[(truth[row] + (row % 5 == 0)) % 3]] for row in range(61)]
    return _csv(folder / "table.csv", ["a", "b", "c", "label"], rows)


def texts(folder: Path) -> Path:
    """Writes 50 texts of two topics."""
    words = {"fruit": ("apple", "pear", "plum", "fig"), "tool": ("saw", "drill", "hammer", "file")}
    rows = [
        [f"the {group[row % 4]} and a {group[(row + 1) % 4]}, no. {row % 7}", kind]
        for row in range(25)
        for kind, group in words.items()
    ]
    return _csv(folder / "texts.csv", ["text", "label"], rows)


def photographs(folder: Path) -> Path:
    """Writes 44 images of two classes into a folder for each."""
    rng = np.random.default_rng(0)
    for row in range(44):
        place = folder / "photographs" / ("day", "night")[row % 2]
        place.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 90, (20, 24, 3)) + 150 * (row % 2 == 0)
        Image.fromarray(pixels.astype(np.uint8)).save(place / f"{row}.png")
    return folder / "photographs"


def _csv(path: Path, header: list[str], rows: list[list[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def cleaned(write: Callable[[Path], Path], folder: Path) -> None:
    """Cleans what `write` makes."""
    code = command(["clean", str(write(folder)), "--out", str(folder / "run"), "--epochs", "2", "--no-cache"])
    if code or not (folder / "run/report.html").is_file():
        raise InputError(f"exit code {code}")


def starts(prepared: Callable[[], Path]) -> Iterator[tuple[str, Callable[[Path], Any]]]:
    """Gives what there is to start: a name, and a function of a folder."""
    for path in CONFIGS:
        if path.stem in IMAGES or resolved_of(path, "")["data"]["name"] in STAND_INS:
            yield path.stem, lambda folder, path=path: config_runs(path, folder, prepared())
    for write in (table, texts, photographs):
        yield f"clean {write.__name__}", lambda folder, write=write: cleaned(write, folder)


def main(asked: list[str]) -> int:
    """Returns 1 where something does not start, else 0; what fails is said."""
    failed = 0
    jax.config.update("jax_disable_most_optimizations", True)  # nobody waits for the steps, but for the compiler
    with tempfile.TemporaryDirectory() as name:
        home, ready = Path(name), []

        def prepared() -> Path:
            if not ready:
                ready.append(prepare(home))
            return ready[0]

        for number, (what, start) in enumerate(starts(prepared)):
            if asked and what not in asked:
                continue
            folder, begin = home / str(number), time.process_time()
            folder.mkdir()
            ended = "started"
            try:
                start(folder)
            except Exception as error:
                failed += 1
                ended = f"FAILED ({type(error).__name__}: {error})"
            seconds = time.process_time() - begin
            print(f"{what} on {jax.device_count()} devices: {ended}, {seconds:.0f} s", flush=True)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
