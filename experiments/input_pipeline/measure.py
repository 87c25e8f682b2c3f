"""Images per second of the input pipeline, without a network: `python -m experiments.input_pipeline.measure [FOLDER]`.

Writes JPEG files of 500 x 375 pixels cut out of scikit-learn's two photographs, prepares them as a data set, and reads
batches as training and evaluation do. Every line says images per second of wall time and per second of processor time;
on an idle machine the first is the second times the number of processors.
"""

import io
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from sklearn.datasets import load_sample_images

from meta_noise.data.images.crops import Cut
from meta_noise.data.images.plan import Plan, Row
from meta_noise.data.images.prepared import IMAGENET_MEAN, IMAGENET_STD, Place, read_part
from meta_noise.data.images.preparing import prepare_images
from meta_noise.data.images.streamed import Streamed, threads
from meta_noise.train.draws import Draws
from meta_noise.train.feed import Feed

WIDTH, HEIGHT, QUALITY = 500, 375, 90
IMAGES, BATCH, BATCHES = 1000, 32, 30


def write_images(folder: Path) -> list[Row]:
    """Returns the rows of images that are written into a folder: windows of two photographs, mirrored or not."""
    rng = np.random.default_rng(0)
    photographs = [np.asarray(image) for image in load_sample_images().images]
    rows = []
    for number in range(IMAGES):
        photograph = photographs[number % 2][:, :: 1 if rng.random() < 0.5 else -1]
        top, left = (int(rng.integers(spare + 1)) for spare in (427 - HEIGHT, 640 - WIDTH))
        data = io.BytesIO()
        window = photograph[top : top + HEIGHT, left : left + WIDTH]
        Image.fromarray(np.ascontiguousarray(window)).save(data, "JPEG", quality=QUALITY)
        file = folder / f"{number}.jpg"
        file.write_bytes(data.getvalue())
        rows.append(Row(file.name, str(file), number % 2))
    return rows


@contextmanager
def timed(what: str, images: int) -> Iterator[None]:
    """Prints the images per second of what happens in the block."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"| {what} | {images / wall:,.0f} | {images / cpu:,.0f} |", flush=True)


def measure(folder: Path) -> None:
    """Prints the table."""
    (folder / "tree").mkdir(parents=True)
    rows = write_images(folder / "tree")
    size = sum(os.path.getsize(row.file) for row in rows) / len(rows)
    print(f"{len(rows)} JPEG files of {WIDTH} x {HEIGHT}, {size / 1000:.0f} kB each; {threads()} threads\n")
    print("| what | images/s, wall | images/s of processor time |\n|---|---:|---:|")
    plan = Plan("photographs", ("china", "flower"), {"train": rows}, {})
    with timed("preparation: read, try, write, read back, compare", len(rows)):
        prepare_images(plan, folder / "prepared", False, None, Console(quiet=True))
    with timed("decoding alone, whole images, one thread", len(rows)):
        for row in rows:
            _decode(Path(row.file).read_bytes())
    for cut, parts in (
        (Cut(299, 320), 1),
        (Cut(299, 320), 2),
        (Cut(224, 256), 1),
        (Cut(224, 256, "random"), 1),
    ):
        images = _images(folder, cut)
        with timed(f"training: {cut.crop} {cut.size}, {parts} of each image", BATCH * BATCHES):
            _train(images, parts)
    for cut in (Cut(299, 320), Cut(224, 256)):
        images = _images(folder, cut)
        with timed(f"evaluation: middle {cut.size}", BATCH * BATCHES):
            for _ in images.batches(np.arange(BATCH * BATCHES).reshape(BATCHES, BATCH)):
                pass


def _decode(data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as image:
        image.convert("RGB")


def _images(folder: Path, cut: Cut) -> Streamed:
    place = Place("photographs", str(folder / "prepared"), "")
    source = read_part(place, "train", {"train": ("train",)}, cut, IMAGENET_MEAN, IMAGENET_STD)
    assert source is not None and isinstance(source.inputs, Streamed)
    return source.inputs


def _train(images: Streamed, parts: int) -> None:
    """Takes batches as the training loop does, without a clean row."""

    def draw(step: int, count: int) -> Draws:
        rows = np.random.default_rng(step).integers(IMAGES, size=(count, BATCH))
        return Draws(np.arange(step, step + count), rows, rows[:, :1])

    with Feed(images, 0, parts) as feed:
        for step in range(BATCHES):
            feed(draw, step, 1)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            measure(Path(temporary))
