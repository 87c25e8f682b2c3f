"""Whether every method takes the same steps on every mesh, in double precision.

Two compiled steps of the training loop itself are taken on the embedded digits, with draws, batches, what is held of
every row, and the tally. Batches have ten rows, which few meshes divide.
"""

import functools
import tempfile
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import jax
import jax.numpy as jnp
import numpy as np

from experiments.scale.double import in_double
from meta_noise.build.defaults import resolved, wants_of
from meta_noise.build.job import make_job
from meta_noise.config import registry
from meta_noise.config.argument import merge
from meta_noise.config.parse import parse
from meta_noise.config.schema import MeshAxes, Named
from meta_noise.data import batches
from meta_noise.data.prepare import limited, prepare
from meta_noise.train.compiled import start
from meta_noise.train.sharding import placement
from meta_noise.train.steps import make_call, make_step, placed

COMMON: dict[str, Any] = {
    "data": {"name": "digits", "limit": 120},
    "noise": {"name": "uniform", "rate": 0.3},
    "clean": {"size": 20},
    "model": {"name": "experiments.scale.double.network"},
    "optimizer": {"name": "adam", "lr": 0.01, "ema": 0.9},
    "schedule": {"name": "constant"},
    "train": {"batch_size": 10, "clean_batch_size": 10, "warmup_epochs": 0, "epochs": 50},
}
_SAMPLER = {"name": "layer_sampler", "hidden": 4, "top_k": 4}


def _of_method(name: str) -> dict[str, Any]:
    """Returns what a method wants: a second view of each row, and no clean rows where it finds them."""
    wants, changes = wants_of(Named(name)), {"method": {"name": name}}
    if wants.views:
        changes["view"] = {"name": "crop_flip", "pad": 1, "flip": False}
    return {**changes, "clean": {"size": 0}} if wants.finds_clean else changes


CASES: dict[str, dict[str, Any]] = {
    **{name: _of_method(name) for name in registry.names("methods")},
    "mw_net unrolled": {"method": {"name": "mw_net"}, "meta": {"engine": "unrolled"}},
    "mw_net steps 3": {"method": {"name": "mw_net"}, "meta": {"steps": 3}},
    "mw_net unrolled steps 3": {"method": {"name": "mw_net"}, "meta": {"engine": "unrolled", "steps": 3}},
    "mw_net remat": {"method": {"name": "mw_net"}, "meta": {"remat": True}},
    "mw_net virtual_rows 5": {"method": {"name": "mw_net"}, "meta": {"virtual_rows": 5}},
    "mw_net layer_sampler": {"method": {"name": "mw_net"}, "meta": {"cotangents": _SAMPLER}},
    "mw_net keep_last 2": {"method": {"name": "mw_net"}, "meta": {"cotangents": {"name": "keep_last", "count": 2}}},
    "mlc_lcn every 3": {"method": {"name": "mlc_lcn"}, "meta": {"every": 3}},
}
SGD = ("ieg",)  # whose virtual step reads a momentum buffer
MESHES: dict[str, tuple[int, MeshAxes]] = {
    "2 x 4": (8, MeshAxes(data=2, model=4, least_bytes=0)),
    "8 x 1": (8, MeshAxes(data=8, least_bytes=0)),
    "1 x 8": (8, MeshAxes(data=1, model=8, least_bytes=0)),
    "3 x 1": (3, MeshAxes(data=3, least_bytes=0)),
    "4 x 2": (8, MeshAxes(data=4, model=2, least_bytes=0)),
    "2 x 1": (2, MeshAxes(data=2, least_bytes=0)),
    "1 x 2": (2, MeshAxes(model=2, least_bytes=0)),
}


class Numbers(NamedTuple):
    """What two steps give: the state (float64), and sums and rows that are kept in float32."""

    state: Any
    others: Any


def _normalised(images: Any, mean: Any, std: Any) -> Any:
    """Returns the inputs in float64: in float32 programs for one and for several devices may round them differently."""
    return (jnp.asarray(images, jnp.float64) / 255 - mean) / std


@patch.object(batches, "normalise", _normalised)
def numbers(case: str, devices: int = 1, axes: MeshAxes | None = None) -> Numbers:
    """Returns what two steps give on a mesh; call it under `jax.enable_x64`."""
    changes = {"optimizer": {"name": "sgd", "momentum": 0.9}} if case.split()[0] in SGD else {}
    config = resolved(parse(merge(merge(COMMON, changes), CASES[case])))
    where = placement(devices, axes or MeshAxes())
    with tempfile.TemporaryDirectory() as folder:
        source = limited(registry.find("data.sources", "digits")(), config.data.limit, config.seed)
        job = make_job(config, prepare(source, config, Path(folder)), {}, where)
    draw, first = start(job, where)

    def doubled(store: Any, draws: Any) -> Any:
        carry = first(store, draws)
        return carry._replace(state=in_double(carry.state))

    carry = jax.eval_shape(doubled, job.store, draw(0, 1))
    carry = jax.jit(doubled, out_shardings=placed(where, carry))(job.store, draw(0, 1))
    call = make_call(make_step(job.method.step, job.settings), job.settings, carry, looped=False)
    for step in range(2):
        carry = call(carry, job.store, draw(0, 2), step, step + 1)
    state, *others = jax.tree.map(_host, carry)
    return Numbers(state, others)


def _host(x: Any) -> np.ndarray:
    return np.asarray(x, np.float64)


@functools.cache
def alone(case: str) -> Numbers:
    """Returns what two steps give on one device."""
    return numbers(case)


def difference(one: Any, other: Any) -> float:
    """Returns the largest difference of two trees, each array in units of the largest number that stands in it."""
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return max(float(np.max(np.abs(a - b), initial=0) / max(np.max(np.abs(a), initial=0), 1e-8)) for a, b in pairs)


def differences(case: str, mesh: str) -> tuple[float, float]:
    """Returns the largest differences between a mesh and one device, of the state and of what is kept in float32."""
    one, other = alone(case), numbers(case, *MESHES[mesh])
    return difference(one.state, other.state), difference(one.others, other.others)
