"""Every method in every published form, small: configs, batches and compiled steps, in double precision."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.build.defaults import resolved
from meta_noise.build.facts import Facts
from meta_noise.build.method import make_method
from meta_noise.build.optimizer import Lengths
from meta_noise.config import registry
from meta_noise.config.parse import parse
from meta_noise.config.schema import Config
from meta_noise.core.layer_sampler import CODE, PAPER
from meta_noise.methods import ieg, mlc_lcn
from meta_noise.types import Batch, Method, State
from tests.toy import toy_batch, toy_network

ROWS = 40  # of the data set
TRUTH = ((0.7, 0.2, 0.1), (0.1, 0.8, 0.1), (0.25, 0.15, 0.6))  # shares of observed classes
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}  # compiles in half the time
FACTS = Facts((30, 8, 2), ROWS, tuple(range(1, ROWS, 3)), 10, TRUTH)
SMALL: dict[str, dict[str, Any]] = {
    "mw_net": dict(hidden=6),
    "mlc_lcn": dict(embedding=3, hidden=4),
    "cmw_net": dict(hidden=6),
    "emlc": dict(embedding=3, hidden=4),
    "famus": dict(hidden=6),
}
SGD_OF_WEIGHTS = {"name": "sgd", "lr": 1e-3, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4}


def case(name: str, optimizer: dict | None = None, meta: dict | None = None, **settings) -> dict[str, Any]:
    sgd = {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-3}
    return {
        "method": {"name": name, **SMALL.get(name, {}), **settings},
        "optimizer": {**sgd, **(optimizer or {})},
        "schedule": {"name": "constant"},
        "meta": meta or {},
        "train": {"warmup_epochs": 0},
    }


def _sampler(**form) -> dict[str, Any]:
    return {"cotangents": {"name": "layer_sampler", "hidden": 4, "top_k": 4, **form}}


NESTEROV = {"nesterov": True}
CASES: dict[str, dict[str, Any]] = {name: case(name) for name in registry.names("methods")} | {
    "l2r in the code of ieg": case(
        "l2r",
        meta={
            "optimizer": {"name": "rectified", "epsilon": 1e-5},
            "virtual": {"name": "plain_sgd", "rate": 0.1, "weight_decay": 5e-3},
        },
    ),
    "mw_net rows": case("mw_net", reduction="rows"),
    "mw_net wide": case("mw_net", NESTEROV, {"optimizer": SGD_OF_WEIGHTS}),
    "mw_net long tail": case("mw_net", NESTEROV, {"optimizer": {**SGD_OF_WEIGHTS, "lr": 1e-5}}, detach=False),
    "mw_net rows not detached": case("mw_net", reduction="rows", detach=False),
    "mw_net ldam": case("mw_net", loss="ldam"),
    "mw_net sampler": case("mw_net", meta=_sampler()),
    "mw_net sampler paper": case("mw_net", meta=_sampler(**{**PAPER, "top_k": 5})),
    "mw_net sampler code": case("mw_net", meta=_sampler(**CODE)),
    "mlc_lcn skip": case("mlc_lcn", skip=True),
    "mlc_lcn code": case("mlc_lcn", **mlc_lcn.CODE),
    "mlc_lcn code steps 2": case("mlc_lcn", NESTEROV, {"steps": 2}, **mlc_lcn.CODE),
    "mlc_lcn all clean rows": case("mlc_lcn", NESTEROV, join_clean=False),
    "mlc_lcn steps 2": case("mlc_lcn", meta={"steps": 2}),
    "mlc_lcn steps 3": case("mlc_lcn", meta={"steps": 3}, skip=True),
    "mlc_lcn every 3": case("mlc_lcn", NESTEROV, meta={"every": 3}),
    "mlc_t logits_reset": case("mlc_t", mode="logits_reset"),
    "ieg": case("ieg", **ieg.CODE),
    "ieg paper": case("ieg", **ieg.PAPER),
    "ieg constant guess": case("ieg", constant_guess=True),
    "famus": case("famus", meta=_sampler()),
    "mixmatch kl": case("mixmatch", consistency_factor=20.0),
    "mentormix second": case("mentormix", second=True),
}


_RNG = np.random.default_rng(0)
MEMORIES: dict[str, Any] = {  # what methods found before an epoch
    "famus": {"clean": _RNG.uniform(0.05, 0.95, (2, ROWS)), "first": np.int32(2)},
    "dividemix": {"clean": _RNG.uniform(0.05, 0.95, (2, ROWS)), "first": np.int32(2)},
    "elr_plus": _RNG.dirichlet(np.ones(3), (2, ROWS)),
    "joint_optimization": {
        "said": np.zeros((10, ROWS, 3)),
        "targets": np.where(np.arange(ROWS)[:, None] % 4, _RNG.dirichlet(np.ones(3), ROWS), 0),
        "fixed": False,
    },
    "m_correction": {"table": np.linspace(0.02, 0.97, 100), "range": np.asarray([0.3, 2.1])},
    "mentornet": np.asarray(0.9),
    "mentormix": {"alone": np.asarray(0.9), "mixed": np.asarray(1.1)},
    "glc": {"transition": np.asarray(TRUTH), "estimated": True},
    "forward": {"transition": np.asarray(TRUTH), "estimated": True},
    "distillation": {"guess": _RNG.dirichlet(np.ones(3), ROWS), "taught": True},
}


@functools.cache
def config_of(case: str) -> Config:
    return resolved(parse(CASES[case]))


@functools.cache
def method_of(case: str) -> Method:
    return make_method(config_of(case), toy_network(), Lengths(100, 10), FACTS)


@functools.cache
def step_of(case: str):
    """Returns the compiled step."""
    return jax.jit(method_of(case).step, compiler_options=QUICK)


def start_of(case: str) -> State:
    """Returns a first state in double precision; where a method remembers rows, numbers stand there."""

    def start(batch):
        state = method_of(case).init(jax.random.key(0), batch)
        return jax.tree.map(lambda x: x.astype(float) if jnp.issubdtype(x.dtype, jnp.floating) else x, state)

    state = jax.jit(start)(batches_of(case, 0)[0])
    known = MEMORIES.get(config_of(case).method.name)
    return state if known is None else state._replace(memory=jax.tree.map(jnp.asarray, known))


def key_of(number: int):
    """Returns the key of a step."""
    return jax.random.key(70 + number)


def batches_of(case: str, number: int) -> tuple[Batch, Batch]:
    """Returns the batch and the clean batch of a step, both with a second view where the method compares views."""
    config = config_of(case)
    steps = 1 if config.meta is None else config.meta.steps
    batch = _joined([_viewed(10 * number + part) for part in range(steps)])
    clean = _viewed(10 * number + 1005)
    if getattr(registry.find("methods", config.method.name)(), "copies", 1) == 1:
        return batch, clean._replace(views=(), index=jnp.full(8, -1, jnp.int32))
    pair = [_viewed(10 * number), _viewed(10 * number + 1)], [_viewed(10 * number + 1005), _viewed(10 * number + 1006)]
    return tuple(jax.tree.map(lambda *x: jnp.stack(x) if jnp.ndim(x[0]) else x[0], *both) for both in pair)


def _viewed(seed: int) -> Batch:
    batch = toy_batch(seed)
    index = _permuted(seed)[:8].astype(jnp.int32)
    return batch._replace(views=(0.9 * batch.inputs + 0.3 * toy_batch(seed + 500).inputs,), index=index, epoch=5.5)


@jax.jit
def _permuted(seed):
    return jax.random.permutation(jax.random.key(seed), ROWS)


def _joined(parts: list[Batch]) -> Batch:
    return jax.tree.map(lambda *x: jnp.concatenate(x) if jnp.ndim(x[0]) else x[0], *parts)
