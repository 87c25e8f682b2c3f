"""Optimisers and learning rates of the phases of a run."""

from typing import Any, NamedTuple

import optax

from meta_noise.build.named import named, sensible
from meta_noise.config.schema import Config
from meta_noise.core.averages import average
from meta_noise.core.pair import each_tx
from meta_noise.train.optimizers import DIFFERENTIABLE, OPTIMIZERS, SCHEDULES


class Lengths(NamedTuple):
    """Updates of the classifier in the phases of a run: of the method, of an epoch, before it, and after it."""

    steps: int
    epoch: int
    warmup: int = 0
    finetune: int = 0


def schedule_of(config: Config, steps: int, epoch: int, before: int) -> Any:
    """Returns the learning rate as a function of the updates so far."""
    return named(SCHEDULES, "schedule", config.schedule, config.optimizer.lr, steps, epoch, before)


def optimizer_of(config: Config, schedule: Any, pair: bool) -> optax.GradientTransformation:
    """Returns the optimiser of the classifier, of both where there is a pair."""
    own_step = config.meta is not None and config.meta.virtual.name in ("plain_sgd", "frozen_momentum")
    live_steps = config.meta is not None and not own_step  # one that may go through the optimiser
    tx = named(DIFFERENTIABLE if live_steps else OPTIMIZERS, "optimizer", config.optimizer, schedule)
    if config.optimizer.ema:
        tx = optax.chain(tx, sensible("config.optimizer.ema", average, config.optimizer.ema))
    return each_tx(tx) if pair else tx
