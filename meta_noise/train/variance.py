"""How much the meta-gradient depends on the clean batch (FaMUS, Xu et al., CVPR 2021, figure 4).

The paper does not define its variance; here it is the elementwise variance of the meta-gradient over several clean
batches, at the same state and noisy batch, in the mean over all elements. The batches are those of the steps to come:
after the last epoch a schedule that ends at a rate of 0 leaves no virtual step, and the value is 0.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.train import compiler
from meta_noise.train.draws import Draws, at
from meta_noise.train.job import Job
from meta_noise.train.spread import on_host
from meta_noise.train.steps import batches_of
from meta_noise.types import State


def make_variance(job: Job) -> Callable[[State, Callable[[int, int], Draws], int], float]:
    """Returns `(state, draw, step) -> variance`; `draw` gives the noisy batch of `step` and the clean ones after it.

    Raises:
        ValueError: the method has no meta level.
    """
    if job.method.meta_grads is None:
        raise ValueError("this method has no meta-gradient")

    @functools.partial(jax.jit, compiler_options=compiler.options())
    def meta_grads(state: State, store: Any, draw: Draws):
        grads = job.method.meta_grads(*batches_of(job.settings, state, store, draw))  # type: ignore[misc]
        return jnp.concatenate([x.reshape(-1) for x in jax.tree.leaves(grads)])

    def variance(state: State, draw: Callable[[int, int], Draws], step: int) -> float:
        draws = draw(step, job.variance_batches)
        fixed = at(draws, 0)
        found = [
            meta_grads(state, job.store, fixed._replace(clean=other.clean, clean_images=other.clean_images))
            for other in (at(draws, number) for number in range(job.variance_batches))
        ]
        return float(np.mean(np.var(jax.device_get(on_host(found)), axis=0)))

    return variance
