"""Before an epoch the method looks at all training rows; what it finds decides where the next batches come from."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from meta_noise.core.averages import for_evaluation
from meta_noise.errors import NotFiniteError
from meta_noise.train.draws import Drawer, Place, Sizes, first_split, fixed_draws, split_draws
from meta_noise.train.job import Job
from meta_noise.train.sharding import Placement, put, tensors
from meta_noise.train.spread import firsts, on_host
from meta_noise.train.steps import Carry
from meta_noise.types import Split, State

_STREAM = 0x7FFFFFFE  # no step has this number


def no_split(job: Job) -> Any:
    """Returns the split before the first refresh, `()` for a method whose rows never change."""
    if job.method.refresh is None:
        return ()
    return first_split(len(job.store.labels), job.train_rows, job.clean_rows, job.method.copies)


def drawer(job: Job, where: Placement, split: Any, step: int) -> Drawer:
    """Returns what draws the rows of the epoch that a step is in."""
    labels = np.asarray(on_host(job.store.labels)) if any(job.balanced) else None
    sizes = Sizes(job.batch_size, job.clean_batch_size, *(labels if balanced else None for balanced in job.balanced))
    calendar, train_rows = job.settings.calendar, job.train_rows
    if step >= calendar.tuned:
        train_rows = job.clean_rows
        if isinstance(split, Split):
            split = first_split(len(job.store.labels), job.clean_rows, job.clean_rows, job.method.copies)
    if isinstance(split, Split):
        place = Place(calendar.number(step), calendar.begin(step))
        return split_draws(job.settings.seed, on_host(split), place, sizes, where, job.feed)
    return fixed_draws(job.settings.seed, train_rows, job.clean_rows, sizes, where, job.feed)


def refresh(
    job: Job, where: Placement, carry: Carry, epoch: int, first: Callable[[], State]
) -> tuple[Carry, Split | None, tuple[str, ...]]:
    """Returns the carry with the method's new memory, the split of the epoch, and sentences for the user.

    The split is None where it is to stay. `first` gives the state that the run started from, for a restart.

    Raises:
        NotFiniteError: the method finds no row that it can draw batches from.
    """
    key = jax.random.fold_in(jax.random.fold_in(jax.random.key(job.settings.seed), _STREAM), epoch)
    state = carry.state
    evaluated = state._replace(learner=for_evaluation(state.learner))
    assert job.method.refresh is not None
    new = job.method.refresh(key, evaluated, lambda function: job.sweep(function, evaluated), epoch)
    if new.split is not None:
        _check_rows(new.split, epoch)
    memory, split = firsts((new.memory, new.split))
    memory, split = put((memory, split), tensors(where, (memory, split)))
    state = first() if new.restart else state
    return carry._replace(state=state._replace(memory=memory)), split, new.notes


def describe(job: Job, split: Split) -> dict[str, float]:
    """Returns how many rows are pseudo-clean and, where the truth is known, the share of them that is right."""
    clean = np.asarray(on_host(split.clean)).reshape(-1, split.clean.shape[-1])  # [copies, N]
    values = {"clean_rows": float(clean.sum(axis=-1).mean())}
    if job.store.true_labels is not None:
        right = np.asarray(on_host(job.store.labels)) == np.asarray(on_host(job.store.true_labels))
        values["clean_precision"] = float((clean & right).sum() / max(clean.sum(), 1))
    return values


def _check_rows(split: Split, epoch: int) -> None:
    """Raises NotFiniteError where a network is left without rows, as happens when no loss is finite."""
    found = np.stack([np.atleast_2d(split.train) > 0, np.atleast_2d(split.clean)])  # [2, copies, N]
    if not found.any(axis=-1).all():
        raise NotFiniteError(
            f"Before epoch {epoch + 1} the method found no row to draw batches from; a method that goes by the losses "
            "of all rows then has none that is finite. Try a lower learning rate (config.optimizer.lr) or clipping "
            "(config.optimizer.clip=5.0), in a new workdir."
        )
