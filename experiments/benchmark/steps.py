"""From a case to its step, built as a run builds it, and to random batches of the right shapes."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

from experiments.benchmark.cases import Case
from meta_noise.build.defaults import resolved
from meta_noise.build.facts import Facts
from meta_noise.build.method import make_method, make_network
from meta_noise.build.optimizer import Lengths
from meta_noise.config.argument import merge
from meta_noise.config.parse import parse
from meta_noise.types import Batch, Method, Network

ROWS = 50_000  # of the data set that the batches would come from
STEPS, STEPS_PER_EPOCH = 100_000, 500  # of the run, for schedules
COMMON: dict[str, Any] = {
    "optimizer": {"name": "sgd", "lr": 0.01, "momentum": 0.9, "weight_decay": 5e-4},
    "train": {"warmup_epochs": 0},
}


class Setting(NamedTuple):
    """What all rows of a table share.

    Attributes:
        model: section `model` of a config.
        batch: B, training rows of a step; as many clean ones.
        image: height and width of the inputs.
        classes: C.
        changes: further sections of every config, of the plain step's too.
    """

    model: Mapping[str, Any]
    batch: int
    image: int
    classes: int
    changes: Mapping[str, Any]


class Step(NamedTuple):
    """One step and what it is called with."""

    method: Method
    network: Network
    batch: Batch
    clean: Batch


def make_step(setting: Setting, case: Case) -> Step:
    """Returns the step of `case`.

    Raises:
        InputError: an unknown name or setting.
    """
    given = merge(merge(COMMON, case.changes), {"model": dict(setting.model)})
    config = resolved(parse(merge(given, setting.changes)))
    network = make_network(config.model, setting.classes, config.train.precision)
    counts = [ROWS // setting.classes] * setting.classes
    method = make_method(config, network, Lengths(STEPS, STEPS_PER_EPOCH), Facts(tuple(counts), ROWS))
    views = 1 if config.view.name else 0
    draw = np.random.default_rng(0)
    batch = _batch(draw, setting, setting.batch * case.updates, views, method.copies)
    clean = _batch(draw, setting, config.train.clean_batch_size or setting.batch, views, method.copies)
    return Step(method, network, batch, clean._replace(index=np.full_like(clean.index, -1)))


def _batch(draw: np.random.Generator, setting: Setting, rows: int, views: int, copies: int) -> Batch:
    """Returns `rows` random rows; for a pair of networks every array has a leading axis of 2."""
    shape = (rows,) if copies == 1 else (copies, rows)

    def images():
        return draw.standard_normal((*shape, setting.image, setting.image, 3), np.float32)

    return Batch(
        images(),
        draw.integers(0, setting.classes, shape, np.int32),
        draw.integers(0, ROWS, shape, np.int32),
        views=tuple(images() for _ in range(views)),
        epoch=np.float32(1.0),
    )


def first_state(step: Step) -> Any:
    """Returns the state before the first step, on the device."""
    return jax.jit(step.method.init)(jax.random.key(0), step.batch)


def shapes_of(step: Step) -> Any:
    """Returns the shapes of `first_state`; nothing is computed."""
    return jax.eval_shape(step.method.init, jax.random.key(0), step.batch)
