"""What a step should cost on several devices, from its traced counts on one: before anything is compiled for them.

Rows are divided, so a device computes and holds the share of the device with most rows. Each gradient by all parameters
is a sum over devices; so is every statistic of batch normalisation, in each pass through it.
"""

from typing import NamedTuple

import jax

from experiments.scale.program import Setting, shapes
from meta_noise.train.counts import Traced
from meta_noise.train.sharding import nbytes, placement

GRADIENTS = {"supervised": 1, "l2r": 2, "mw_net": 3}  # virtual (but where weights are zero), outer, actual
PASSES = {"supervised": 2, "l2r": 5, "mw_net": 6}  # forward, backward and tangent passes in train mode


class Network(NamedTuple):
    """Bytes of a network: all parameters, all statistics of batch normalisation; and how many layers normalise."""

    parameters: int
    statistics: int
    layers: int


class Predicted(NamedTuple):
    """A step on one of several devices.

    Attributes:
        flops: of products and convolutions.
        held_bytes: results that wait for a later use.
        summed_bytes: that are summed over all devices.
    """

    flops: float
    held_bytes: float
    summed_bytes: float


def network_of(setting: Setting) -> Network:
    """Returns the sizes of the network of a setting."""
    learner = shapes(setting, 2, placement(1)).arguments[1].learner
    statistics = jax.tree.leaves(learner.batch_stats)
    return Network(
        sum(nbytes(x) for x in jax.tree.leaves(learner.params)), sum(map(nbytes, statistics)), len(statistics) // 2
    )


def predicted(counts: Traced, network: Network, method: str, devices: int) -> Predicted:
    """Returns the prediction for so many devices.

    Args:
        counts: of a step on one device, with as many rows as each of the devices has: whole gradients are held by each,
            however few its rows are.
        network: that it trains.
        method: one of those in `GRADIENTS`.
        devices: all of which hold all parameters.
    """
    sums = GRADIENTS[method] * network.parameters + PASSES[method] * network.statistics
    return Predicted(counts.flops, counts.held_bytes, sums if devices > 1 else 0)
