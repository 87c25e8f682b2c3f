"""Time, memory and traffic of training on machines that were not at hand, from counts and published figures.

A step is bound by the slowest of products, memory of the chip, and decoding; what devices send each other is added, as
if nothing of it were hidden behind products. Everything is stated: figures in `chips`, counts in `counts.json`.
"""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

from experiments.scale.chips import DECODED, LINKED, PRODUCTS, STREAMED, Chip, Machine
from experiments.scale.predicted import GRADIENTS, PASSES

COUNTS = Path(__file__).with_name("counts.json")
ROW_BYTES = 28 + 8  # what is kept of a row of the data set on the devices, given and true label with it
HALF = 0.5  # bytes of an activation in bfloat16, of those in float32


class Counts(NamedTuple):
    """Counts of a step of ResNet-50 at 224 x 224 pixels, from `python -m experiments.scale.counts`.

    Attributes:
        flops: of products, for each row of a batch.
        touched: elements of all results, for each row.
        held_bytes: in float32, for each row.
        parameters, statistics: bytes, of batch normalisation the latter.
        state: bytes that go from step to step.
        layers: of batch normalisation.
    """

    flops: float
    touched: float
    held_bytes: float
    parameters: int
    statistics: int
    state: int
    layers: int


class Work(NamedTuple):
    """A data set: its name, images, epochs, and rows of a batch on each chip; as many clean ones come with them."""

    name: str
    images: float
    epochs: int
    rows: int


WORKS = (Work("WebVision", 2_439_574, 90, 64), Work("Clothing1M", 1_000_000, 10, 64), Work("1e9 rows", 1e9, 1, 64))


class Expected(NamedTuple):
    """What is expected of a step.

    Attributes:
        products, memory, decoding, links: seconds if a step were only this.
        seconds: of a step.
        sent: bytes that a chip sends.
        held: bytes of a chip's memory.
        images: training images per second.
    """

    products: float
    memory: float
    decoding: float
    links: float
    seconds: float
    sent: float
    held: float
    images: float

    @property
    def bound(self) -> str:
        """What takes the most time."""
        parts = {"products": self.products, "memory": self.memory, "links": self.links, "decoding": self.decoding}
        return max(parts, key=lambda name: parts[name])


def read_counts(method: str) -> Counts:
    """Returns the counts of a method."""
    return Counts(**json.loads(COUNTS.read_text(encoding="utf-8"))[method])


def expected(counts: Counts, method: str, machine: Machine, rows: int, images: float, groups: bool = False) -> Expected:
    """Returns what is expected of a step.

    Args:
        counts: of the method.
        method: one of those in `GRADIENTS`.
        machine: the chips.
        rows: of a batch on each chip.
        images: of the data set.
        groups: batch normalisation is over the rows of each chip alone.
    """
    chip = machine.chip
    products = counts.flops * rows / (chip.flops * PRODUCTS)
    memory = 2 * counts.touched * rows / (chip.bandwidth * STREAMED)  # two bytes each in bfloat16
    decoded = 2 if method != "supervised" else 1
    decoding = decoded * rows * machine.chips / (machine.cores * DECODED)
    large, small = GRADIENTS[method] * counts.parameters, 0 if groups else PASSES[method] * counts.statistics
    times = 0 if groups else PASSES[method] * counts.layers
    links = _summed(chip, machine, large, GRADIENTS[method]) + _summed(chip, machine, small, times)
    sent = 2 * (large + small) * (machine.chips - 1) / machine.chips
    held = counts.state + counts.held_bytes * HALF * rows + ROW_BYTES * images / machine.chips
    seconds = max(max(products, memory) + links, decoding)
    return Expected(products, memory, decoding, links, seconds, sent, held, rows * machine.chips / seconds)


def _summed(chip: Chip, machine: Machine, size: float, times: int) -> float:
    """Returns the seconds of `times` sums over all chips, of `size` bytes together, inside servers and between them."""
    inside = min(machine.server, machine.chips)
    servers = machine.chips // inside
    if machine.chips == 1 or not times:
        return 0.0
    near = 2 * size * (inside - 1) / inside / (chip.inside * LINKED)
    far = 2 * size / inside * (servers - 1) / servers / (chip.outside * LINKED)
    return near + far + times * _steps(chip, inside, servers) * chip.latency


def _steps(chip: Chip, inside: int, servers: int) -> float:
    """Returns how many messages follow each other in a sum: along both sides of a torus, or in a tree."""
    if servers == 1 and chip.inside == chip.outside:
        return 4 * (math.sqrt(inside) - 1) + 2
    return 2 * (math.ceil(math.log2(inside)) + math.ceil(math.log2(servers)))


def row_of(work: Work, machine: Machine, method: str = "mw_net", groups: bool = False) -> dict[str, Any]:
    """Returns a line of the table."""
    found = expected(read_counts(method), method, machine, work.rows, work.images, groups)
    return {
        "data": work.name,
        "machine": machine.name,
        "milliseconds": round(1e3 * found.seconds, 1),
        "gigabytes": round(found.held / 1e9, 1),
        "sent_megabytes": round(found.sent / 1e6),
        "images": round(found.images),
        "hours": round(work.images * work.epochs / found.images / 3600, 2),
        "bound": found.bound,
    }


def curve(method: str, machine: Machine, batch: int, groups: bool = False) -> list[tuple[int, float]]:
    """Returns (chips, images per second) for a batch of so many rows in all, on 1, 2, 4, ... chips of a kind."""
    counts, found, chips, each = read_counts(method), [], 1, machine.cores / machine.chips
    most = min(1024, batch, machine.server if machine.chip.inside == machine.chip.outside else batch)  # one torus
    while chips <= most:
        some = machine._replace(chips=chips, cores=int(each * chips))
        found.append((chips, expected(counts, method, some, batch // chips, 0, groups).images))
        chips *= 2
    return found


def knee(points: list[tuple[int, float]]) -> int:
    """Returns the largest number of chips at which half of the speed of so many single chips is reached."""
    first = points[0][1]
    return max(chips for chips, images in points if images >= 0.5 * chips * first)
