"""Counts of steps of ResNet-50 at 224 x 224 pixels, traced and not compiled: `python -m experiments.scale.counts`."""

import json
import os

os.environ["JAX_PLATFORMS"] = "cpu"

from experiments.scale.plan import COUNTS, Counts
from experiments.scale.predicted import network_of
from experiments.scale.program import counted, shapes
from experiments.scale.steps import METHODS, resnet
from meta_noise.train.layout import parts
from meta_noise.train.sharding import placement

ROWS = 8


def of(method: str) -> Counts:
    """Returns the counts of a method, for each row of a batch."""
    setting = resnet(method, size=224)
    found, network = counted(setting, ROWS), network_of(setting)
    state = sum(part.total for part in parts(shapes(setting, ROWS, placement(1)).arguments[1]))
    each = found.flops / ROWS, found.touched / ROWS, found.held_bytes / ROWS
    return Counts(*each, network.parameters, network.statistics, state, network.layers)


if __name__ == "__main__":
    found = {method: of(method)._asdict() for method in METHODS}
    COUNTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(COUNTS.read_text(encoding="utf-8"))
