"""Which compiled step is called when, and for how many steps: the warm-up, the method, or a step between meta steps."""

from collections.abc import Callable
from typing import Any, NamedTuple

from meta_noise.types import Method


class Call(NamedTuple):
    """So many steps of a kind: "warmup", "method" or "between"."""

    kind: str
    steps: int


def steps_of(method: Method) -> dict[str, Callable[..., Any]]:
    """Returns the step of every kind that a run of `method` takes."""
    others = {"warmup": method.warmup, "between": method.between}
    return {"method": method.step, **{kind: other.step for kind, other in others.items() if other is not None}}


def next_call(method: Method, per_epoch: int, per_call: int, step: int) -> Call:
    """Returns the call that begins with `step`; it ends within the epoch.

    Args:
        method: what is trained.
        per_epoch: steps of an epoch.
        per_call: largest number of steps of a call.
        step: number of the first step.
    """
    place = step % per_epoch
    most = min(per_call, per_epoch - place)
    if method.warmup is not None and step < method.warmup.epochs * per_epoch:
        return Call("warmup", most)
    if method.between is None:
        return Call("method", most)
    phase = place % method.between.every
    return Call("between", min(most, method.between.every - phase)) if phase else Call("method", 1)


def all_calls(method: Method, per_epoch: int, per_call: int) -> list[Call]:
    """Returns every call that a run can make, each once."""
    starts = [0] if method.warmup is None else [0, method.warmup.epochs * per_epoch]
    found: dict[Call, None] = {}
    for start in starts:
        step = start
        while step < start + per_epoch:
            call = next_call(method, per_epoch, per_call, step)
            found[call] = None
            step += call.steps
    return list(found)
