"""Optimisers and learning-rate schedules by name."""

import optax

from meta_noise.core import smooth
from meta_noise.core.meta_rules import amsgrad, column_simplex, rectified, rectified_and_sign, row_simplex


def _with_decay(tx, weight_decay: float, clip: float = 0.0):
    parts = [optax.add_decayed_weights(weight_decay)] if weight_decay else []
    parts += [smooth.clip_by_global_norm(clip)] if clip else []
    return optax.chain(*parts, tx)


def sgd(lr, momentum: float = 0.9, nesterov: bool = False, weight_decay: float = 0.0, clip: float = 0.0):
    """Returns SGD in PyTorch's form: weight decay is added to the gradient of all parameters, then clipped."""
    return _with_decay(optax.sgd(lr, momentum or None, nesterov), weight_decay, clip)


def adam(lr, b1: float = 0.9, b2: float = 0.999, weight_decay: float = 0.0, clip: float = 0.0):
    """Returns Adam with weight decay as an L2 term in the gradient, as PyTorch's `Adam(weight_decay)`."""
    return _with_decay(optax.adam(lr, b1, b2), weight_decay, clip)


def adamw(lr, b1: float = 0.9, b2: float = 0.999, weight_decay: float = 1e-2, clip: float = 0.0):
    """Returns Adam with decoupled weight decay."""
    return _with_decay(optax.adamw(lr, b1, b2, weight_decay=weight_decay), 0.0, clip)


def smooth_adam(lr, b1: float = 0.9, b2: float = 0.999, weight_decay: float = 0.0, clip: float = 0.0):
    """Returns `adam` in the form whose update can be differentiated everywhere, see `core.smooth`."""
    return _with_decay(smooth.adam(lr, b1, b2), weight_decay, clip)


def smooth_adamw(lr, b1: float = 0.9, b2: float = 0.999, weight_decay: float = 1e-2, clip: float = 0.0):
    """Returns `adamw` likewise."""
    tx = optax.adamw(lr, b1, b2, eps_root=smooth.EPS_ROOT, weight_decay=weight_decay)
    return _with_decay(tx, 0.0, clip)


OPTIMIZERS = {
    "sgd": sgd,
    "adam": adam,
    "adamw": adamw,
    "amsgrad": amsgrad,
    "rectified": rectified,
    "rectified_and_sign": rectified_and_sign,
    "row_simplex": row_simplex,
    "column_simplex": column_simplex,
}
DIFFERENTIABLE = {**OPTIMIZERS, "adam": smooth_adam, "adamw": smooth_adamw}  # for a virtual step that is a live one


# In every schedule `steps` is the length of the run, `before` that of the plain training with which it begins.


def constant(lr: float, steps: int, steps_per_epoch: int, before: int, warmup_epochs: float = 0.0):
    """Returns a constant rate after a linear warm-up."""
    del steps, before
    return _warmed(optax.constant_schedule(lr), lr, warmup_epochs * steps_per_epoch)


def cosine(lr: float, steps: int, steps_per_epoch: int, before: int, warmup_epochs: float = 0.0, final: float = 0.0):
    """Returns half a cosine from `lr` down to `final * lr` at the last step, after a linear warm-up."""
    del before
    warmup = int(warmup_epochs * steps_per_epoch)
    return _warmed(optax.cosine_decay_schedule(lr, max(steps - warmup, 1), final), lr, warmup)


def piecewise(
    lr: float,
    steps: int,
    steps_per_epoch: int,
    before: int,
    epochs: tuple = (80, 100),
    factor: float = 0.1,
    at_steps: tuple = (),
):
    """Returns a rate multiplied by `factor` at each of the given epochs, or steps where there are some.

    Both are counted from the end of the plain training; 0 is the first step of the method.
    """
    del steps
    drops = at_steps or [int(epoch * steps_per_epoch) for epoch in epochs]
    return optax.piecewise_constant_schedule(lr, {before + int(drop): factor for drop in drops})


def cosine_restarts(
    lr: float,
    steps: int,
    steps_per_epoch: int,
    before: int = 0,
    first: float = 1.0,
    growth: float = 1.5,
    decay: float = 0.9,
    cycles: int = 0,
):
    """Returns cosines from `lr` down to 0, each longer than the one before: the schedule of IEG.

    Args:
        lr: rate at the start of the first cycle.
        steps: length of the run.
        steps_per_epoch: likewise.
        before: not looked at; cycles begin with the run.
        first: length of the first cycle, in epochs.
        growth: factor from one cycle's length to the next, at least 1.
        decay: factor from one cycle's first rate to the next.
        cycles: number of whole cycles that fill the run, so that it ends at the end of one; `first` is then not read.
            0: as many as come.
    """
    del before
    if growth < 1 or first <= 0 or cycles < 0:
        raise ValueError(f"need growth >= 1, first > 0 and cycles >= 0, got {growth}, {first} and {cycles}")
    length = first * steps_per_epoch
    if cycles:
        length = steps / sum(growth**cycle for cycle in range(cycles))
    parts: list[optax.Schedule] = []
    bounds, reached = [0], 0.0  # whole steps at which cycles end, and where they would end without rounding
    while bounds[-1] < steps:
        reached += length
        bounds.append(max(round(reached), bounds[-1] + 1))
        parts.append(optax.cosine_decay_schedule(lr, bounds[-1] - bounds[-2]))
        lr, length = lr * decay, length * growth
    return optax.join_schedules(parts, bounds[1:-1])


SCHEDULES = {"constant": constant, "cosine": cosine, "cosine_restarts": cosine_restarts, "piecewise": piecewise}


def _warmed(schedule, lr: float, warmup: float):
    if not warmup:
        return schedule
    return optax.join_schedules([optax.linear_schedule(0.0, lr, int(warmup)), schedule], [int(warmup)])
