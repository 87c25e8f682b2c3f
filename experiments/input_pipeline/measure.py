"""Images per second of the input pipeline, without a network: `python -m experiments.input_pipeline.measure [FOLDER]`.

Writes JPEG files of 500 x 375 pixels cut out of scikit-learn's two photographs, prepares them as a data set, and reads
batches as training and evaluation do. Every line says images per second of wall time and per second of processor time;
on an idle machine the first is the second times the number of processors.

The limit is a bare loop over the same files and the same parts of them (`limit.py`). It and the pipeline take turns;
the last column is the processor time of the limit as a share of the pipeline's, the median over the turns: 100% would
be a pipeline that costs nothing itself.
"""

import io
import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from rich.console import Console
from sklearn.datasets import load_sample_images

from experiments.input_pipeline.limit import Work, alone, run_alone
from meta_noise.data.images.crops import Cut, draw_box, middle
from meta_noise.data.images.plan import Plan, Row
from meta_noise.data.images.prepared import IMAGENET_MEAN, IMAGENET_STD, Place, read_part
from meta_noise.data.images.preparing import prepare_images
from meta_noise.data.images.streamed import Streamed, threads
from meta_noise.train.draws import Draws
from meta_noise.train.feed import Feed, generators

WIDTH, HEIGHT, QUALITY = 500, 375, 90
IMAGES, BATCH, BATCHES, TURNS = 1000, 32, 8, 9
SEED = 0


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


class Spent(NamedTuple):
    """Seconds."""

    wall: float
    cpu: float


def timed(work: Callable[[], object]) -> Spent:
    """Returns what `work()` took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def print_line(what: str, images: int, spent: Sequence[Spent], share: str = "") -> None:
    """Prints one line of the table."""
    wall, cpu = map(sum, zip(*spent, strict=True))
    print(f"| {what} | {images / wall:,.0f} | {images / cpu:,.0f} | {share} |", flush=True)


def compare(
    what: str, pipeline: Callable[[int], Iterator[np.ndarray]], work: Callable[[int], list[Work]], size: int
) -> None:
    """Prints the lines of a pipeline and its limit, after comparing the pixels of their first batch.

    Args:
        what: it does.
        pipeline: `first -> batches` [B, size, size, 3] of BATCHES steps from the given one on.
        work: `first -> ` what the limit has to do for the same steps.
        size: of the squares.
    """
    squares = list(alone(work(0)[0], size))
    batches = list(pipeline(0))  # all of them, so that nothing is decoded any more when the first turn begins
    np.testing.assert_array_equal(squares[:: len(squares) // BATCH], batches[0])
    bare, whole = [], []
    for first in range(BATCHES, (TURNS + 1) * BATCHES, BATCHES):
        bare.append(timed(partial(run_alone, work(first), size)))
        whole.append(timed(lambda first=first: deque(pipeline(first), maxlen=0)))
    share = np.median([one.cpu / other.cpu for one, other in zip(bare, whole, strict=True)])
    images = TURNS * BATCHES * BATCH
    print_line(what, images, whole, f"{share:.0%}")
    print_line("the limit of that", images, bare)


def measure(folder: Path) -> None:
    """Prints the table."""
    (folder / "tree").mkdir(parents=True)
    rows = write_images(folder / "tree")
    size = sum(os.path.getsize(row.file) for row in rows) / len(rows)
    print(f"{len(rows)} JPEG files of {WIDTH} x {HEIGHT}, {size / 1000:.0f} kB each; {threads()} threads\n")
    print("| what | images/s, wall | images/s of processor time | of the limit |\n|---|---:|---:|---:|")
    plan = Plan("photographs", ("china", "flower"), {"train": rows}, {})
    spent = timed(lambda: prepare_images(plan, folder / "prepared", False, None, Console(quiet=True)))
    print_line("preparation: read, try, write, read back, compare", len(rows), [spent])
    files = [Path(row.file) for row in rows]
    for cut, parts in (
        (Cut(299, 320), 1),
        (Cut(299, 320), 2),
        (Cut(224, 256), 1),
        (Cut(224, 256, "random"), 1),
    ):
        what = f"training: {cut.crop} {cut.size}, {parts} of each image"
        compare(what, partial(_train, _images(folder, cut), parts), partial(_drawn, files, cut, parts), cut.size)
    for cut in (Cut(299, 320), Cut(224, 256)):
        what = f"evaluation: middle {cut.size}"
        compare(what, partial(_evaluate, _images(folder, cut)), partial(_middles, files, cut), cut.size)


def _images(folder: Path, cut: Cut) -> Streamed:
    place = Place("photographs", str(folder / "prepared"), "")
    source = read_part(place, "train", {"train": ("train",)}, cut, IMAGENET_MEAN, IMAGENET_STD)
    assert source is not None and isinstance(source.inputs, Streamed)
    return source.inputs


def _rows(step: int) -> np.ndarray:
    """Returns the row numbers [BATCH] of a step."""
    return np.random.default_rng(step).integers(IMAGES, size=BATCH)


def _train(images: Streamed, parts: int, first: int) -> Iterator[np.ndarray]:
    """Yields batches as the training loop takes them, without a clean row."""

    def draw(step: int, count: int) -> Draws:
        steps = range(step, step + count)
        # Steps after the last one have no rows, so that nothing is decoded for them ahead of time.
        rows = np.stack([_rows(step) for step in steps])[:, : BATCH if step < first + BATCHES else 0]
        return Draws(np.array(steps), rows, rows[:, :0])

    with Feed(images, SEED, parts) as feed:
        for step in range(first, first + BATCHES):
            yield feed(draw, step, 1).train_images[0][0]


def _drawn(files: Sequence[Path], cut: Cut, parts: int, first: int) -> list[Work]:
    """Returns the files and parts that `_train` takes."""
    return [
        [
            (files[row], [draw_box(rng, WIDTH, HEIGHT, cut) for _ in range(parts)])
            for row, rng in zip(_rows(step), generators(SEED, step, 0, range(BATCH)), strict=True)
        ]
        for step in range(first, first + BATCHES)
    ]


def _evaluate(images: Streamed, first: int) -> Iterator[np.ndarray]:
    """Yields batches as evaluation takes them."""
    return images.batches(np.stack([_rows(step) for step in range(first, first + BATCHES)]))


def _middles(files: Sequence[Path], cut: Cut, first: int) -> list[Work]:
    """Returns the files and parts that `_evaluate` takes."""
    box = middle(WIDTH, HEIGHT, cut)
    return [[(files[row], [box]) for row in _rows(step)] for step in range(first, first + BATCHES)]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            measure(Path(temporary))
