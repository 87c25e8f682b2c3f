"""A run on a folder of small images, beside the one of `tests.own_runs`, for hostile cases to look at."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

import meta_noise
from tests.own_runs import QUICK, World


class Pictures(NamedTuple):
    """A folder of images by class, and a finished run on it."""

    data: Path
    run: Path


def pictures(folder: Path) -> Pictures:
    """Returns them, made in a folder."""
    data = folder / "photos"
    rng = np.random.default_rng(0)
    for number in range(24):
        path = data / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 100, (8, 8), dtype=np.uint8) + np.uint8(100 * (number % 2))).save(path)
    meta_noise.clean(data, folder / "seen", **QUICK)
    return Pictures(data, folder / "seen")


def made(folder: Path) -> tuple[World, Pictures]:
    """Returns both worlds, made in an empty folder."""
    seen = pictures(folder)
    return World(folder), seen
