"""Clean batches without trusted rows: from rows of low loss, found anew before every epoch."""

import jax
import numpy as np

from meta_noise.core.predict import evaluate
from meta_noise.core.rows import losses_of
from meta_noise.models.meta.mixture import clean_probability, cover_classes, divide
from meta_noise.types import Batch, Method, Network, Refreshed, Split, State


def with_pseudo_clean(method: Method, network: Network, labels: np.ndarray, num_classes: int, per_class: int) -> Method:
    """Returns a method that takes its clean batches from pseudo-clean rows, found anew before every epoch.

    Args:
        method: any that looks at clean batches.
        network: what it trains.
        labels: [N] observed classes.
        num_classes: C.
        per_class: smallest number of pseudo-clean rows of a class.

    Raises:
        ValueError: the method finds trusted rows by itself.
    """
    if method.refresh is not None:
        raise ValueError("this method finds pseudo-clean rows by itself; set config.clean.auto to False")

    def losses_of_rows(state: State, batch: Batch):
        return losses_of(evaluate(network, state.learner, batch.inputs), batch)

    def refresh(key, state: State, sweep, epoch) -> Refreshed:
        del epoch
        losses = sweep(losses_of_rows)  # [N]
        eligible = np.isfinite(losses)
        seed = int(jax.random.randint(key, (), 0, 2**31 - 1))
        chosen, first = divide(clean_probability(losses, seed), eligible, per_class * num_classes, int(eligible.sum()))
        chosen, second = cover_classes(chosen, losses, labels, num_classes, per_class)
        notes = tuple(note for note in (first, second) if note)
        return Refreshed(state.memory, Split(eligible.astype(np.int8), chosen), notes)

    return method._replace(refresh=refresh)
