"""What methods may ask for about their data and their network."""

from typing import NamedTuple

import numpy as np

from meta_noise.data.corruption import count_transition
from meta_noise.data.prepare import Prepared
from meta_noise.types import Network


class Facts(NamedTuple):
    """What a method may ask for about its data, as arguments of these names.

    Attributes:
        class_counts: [C] training rows of every class, for losses that depend on them.
        num_rows: N, rows of the data set.
        trusted_rows: row numbers of those whose label is known to be right.
        epochs: length of the run, the fine-tuning left out.
        true_transition: [C][C] shares of observed classes of every true one, empty where the truth is not known.
        network: the classifier as it starts, for methods that train another one like it.
    """

    class_counts: tuple[int, ...] = ()
    num_rows: int = 0
    trusted_rows: tuple[int, ...] = ()
    epochs: int = 0
    true_transition: tuple[tuple[float, ...], ...] = ()
    network: Network | None = None


NO_FACTS = Facts()


def facts_of(prepared: Prepared, rows: np.ndarray, epochs: int) -> Facts:
    """Returns what methods may ask for about the data; `rows` are those that training batches come from."""
    source, classes = prepared.source, prepared.source.num_classes
    transition: tuple[tuple[float, ...], ...] = ()
    if source.true_labels is not None:
        known = prepared.splits.train[source.true_labels[prepared.splits.train] < classes]
        shares = count_transition(source.true_labels[known], prepared.labels[known], classes)
        transition = tuple(tuple(map(float, line)) for line in shares)
    counts = np.bincount(prepared.labels[rows], minlength=classes)
    trusted = tuple(prepared.splits.clean.tolist())
    return Facts(tuple(counts.tolist()), len(source.labels), trusted, epochs, transition)
