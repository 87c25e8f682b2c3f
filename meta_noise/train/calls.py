"""Which compiled step is called when, and for how many steps: the warm-up, the method, a step between meta steps,
or the fine-tuning."""

from collections.abc import Callable
from typing import Any, NamedTuple

from meta_noise.train.calendar import Calendar
from meta_noise.types import Method


class Call(NamedTuple):
    """So many steps of a kind: "warmup", "method", "between" or "finetune"."""

    kind: str
    steps: int


def steps_of(method: Method) -> dict[str, Callable[..., Any]]:
    """Returns the step of every kind that a run of `method` takes."""
    others = {"warmup": method.warmup, "between": method.between, "finetune": method.finetune}
    return {"method": method.step, **{kind: other.step for kind, other in others.items() if other is not None}}


def next_call(method: Method, calendar: Calendar, per_call: int, step: int) -> Call:
    """Returns the call that begins with `step`; it ends within the epoch.

    Args:
        method: what is trained.
        calendar: when epochs begin and end.
        per_call: largest number of steps of a call.
        step: number of the first step.
    """
    most = min(per_call, calendar.end(step) - step)
    if step < calendar.warm:
        return Call("warmup", most)
    if step >= calendar.tuned:
        return Call("finetune", most)
    if method.between is None:
        return Call("method", most)
    phase = (step - calendar.begin(step)) % method.between.every
    return Call("between", min(most, method.between.every - phase)) if phase else Call("method", 1)


def kinds_of(method: Method, calendar: Calendar) -> list[str]:
    """Returns the kind of every call that a run can make, each once: those of the first epoch of each phase."""
    found: dict[str, None] = {}
    for start in sorted({0, calendar.warm, calendar.tuned} - {calendar.steps}):
        for step in range(start, min(start + 2, calendar.end(start))):  # a step between two meta steps is the second
            found[next_call(method, calendar, 1, step).kind] = None
    return list(found)
