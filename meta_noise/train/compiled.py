"""The compiled calls of a run: everything is compiled before the first step, nothing afterwards."""

import functools
import time
from collections.abc import Callable
from typing import Any

from meta_noise.train import cost
from meta_noise.train.draws import Drawer
from meta_noise.train.job import Job
from meta_noise.train.sharding import Placement
from meta_noise.train.steps import Carry, make_call


def compile_calls(job: Job, where: Placement, draw: Drawer, initialise: Callable[..., Any], carry: Carry):
    """Returns `compiled(size, warm)`, the call of `size` steps of the warm-up or the method, and a step's `Cost`.

    An epoch has at most two sizes of call; both are compiled here. Of `carry` only shapes and dtypes are known.
    """
    per_epoch, size = job.settings.steps_per_epoch, min(job.steps_per_call, job.settings.steps_per_epoch)
    warmup = job.method.warmup
    steps = {False: job.method.step} if warmup is None else {False: job.method.step, True: warmup.step}
    calls = {warm: make_call(step, job.settings, where, draw(0, 1)) for warm, step in steps.items()}

    @functools.cache
    def compiled(size: int, warm: bool):
        return calls[warm].lower(carry, job.store, draw(0, size)).compile()

    begin = time.perf_counter()
    compiled(size, False)
    seconds = time.perf_counter() - begin
    for warm in calls:
        compiled(size, warm)
        if per_epoch % size:
            compiled(per_epoch % size, warm)

    def arguments():
        return initialise(job.store, draw(0, 1)).carry, job.store, draw(0, size)

    return compiled, cost.estimate(compiled(size, False), seconds, size, arguments)
