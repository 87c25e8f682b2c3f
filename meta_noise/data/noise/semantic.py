"""Semantic noise: the labels that a weak classifier gives, so that mistakes are between what looks alike.

K. Lee, S. Yun, K. Lee, H. Lee, B. Li, J. Shin, "Robust Inference via Generative Classifiers for Handling Noisy
Labels", ICML 2019, https://arxiv.org/abs/1901.11300. A classifier f is trained on a small part S of the true labels:

    noisy_i = argmax f(x_i) for i not in S,    noisy_i = y_i for i in S
    R[c, k] = #(true = c, noisy = k) / #(true = c),    counted afterwards; the identity row where c does not occur

This differs from the paper, whose f is a VGG-13, DenseNet or ResNet trained to the end on 5 % of CIFAR-10 or 20 % of
CIFAR-100, with labels that were published as files (read such a file by `from_file`): here f is a small network or a
logistic regression on standardised pixels, and its training is stopped where its labels are wrong as often as asked.
It is weaker on photographs: learnt from 5 % of CIFAR-10 it stays above 60 % wrong labels, where VGG-13 has 34 %.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from meta_noise.data.batches import statistics
from meta_noise.data.corruption import (
    Noisy,
    check_classes,
    check_inputs,
    check_labels,
    check_rate,
    count_transition,
    flat_rows,
)
from meta_noise.errors import InputError

CHUNK = 1024  # rows that are held as float32 at once
PROBE = 3000  # rows on which wrong labels are counted during training
STEPS, BATCH, LEARNING_RATE = 3000, 32, 1e-3
LEARNT = 0.01  # loss of a batch at which the small part is known by heart and nothing more is to come
HALVINGS = 8  # of the last step, which went too far
NEAR = 0.02  # largest distance between the rate that is asked for and the one that is met on the probe


def semantic(
    rng: np.random.Generator,
    labels: np.ndarray,
    num_classes: int,
    rate: float,
    part: float = 0.05,
    hidden: Sequence[int] = (64,),
    *,
    inputs: np.ndarray | None = None,
) -> Noisy:
    """Returns the labels of a classifier whose training is stopped when a share of about `rate` of all is wrong.

    Args:
        rng: decides about the small part, and about the training.
        labels: [N] true classes.
        num_classes: C, two or more.
        rate: wanted share of wrong labels among all N, met within a few hundredths; 0 leaves the labels alone.
        part: share of the rows to train on, the same number of every class; they keep their labels.
        hidden: sizes of the hidden layers; none for logistic regression.
        inputs: [N, ...] uint8 images or float vectors.

    Raises:
        InputError: the classifier does not come near the rate; the message says which rates are in reach.

    >>> import numpy as np
    >>> from meta_noise.data.noise.semantic import semantic
    >>> rng, labels = np.random.default_rng(0), np.arange(400) % 4
    >>> inputs = np.eye(4, dtype=np.float32)[labels] + rng.normal(size=(400, 4)).astype(np.float32)
    >>> noisy = semantic(rng, labels, 4, 0.4, part=0.2, inputs=inputs)
    >>> bool(0.1 < np.mean(noisy.labels != labels) < 0.7)
    True
    """
    labels, rate = check_labels(labels, num_classes), check_rate(rate)
    check_classes(num_classes, 2, "semantic")
    if not 0 < part < 1:
        raise InputError(f"Noise semantic has part={part}; give a share of the rows between 0 and 1, such as 0.05.")
    if any(size < 1 for size in hidden):
        raise InputError(f"Noise semantic has hidden={list(hidden)}; give sizes of 1 or more, or none at all.")
    inputs = check_inputs(inputs, len(labels), "semantic")
    if rate == 0:
        return Noisy(labels.copy(), np.eye(num_classes))
    trained_on = _balanced_part(rng, labels, num_classes, part)
    rest = np.setdiff1d(np.arange(len(labels)), trained_on)
    if len(np.unique(labels)) < 2 or not len(rest):
        raise InputError(
            f"Noise semantic cannot train a classifier: {len(trained_on)} of {len(labels)} rows in "
            f"{len(np.unique(labels))} classes are its small part; it needs two classes and rows besides the part."
        )
    mean, std = (np.tile(value, inputs[0].size // len(value)) for value in statistics(inputs))  # [D]

    def vectors(rows: np.ndarray) -> np.ndarray:
        return (flat_rows(inputs, rows) - mean) / std

    probe = rng.choice(rest, min(PROBE, len(rest)), replace=False)
    known, seen = (vectors(trained_on), labels[trained_on]), (vectors(probe), labels[probe])
    share = len(rest) / len(labels)  # the wrong labels are all in the rest
    classifier = _stopped_at(rng, rate, share, tuple(hidden), known, seen)
    noisy = labels.copy()
    for start in range(0, len(rest), CHUNK):
        rows = rest[start : start + CHUNK]
        noisy[rows] = classifier.predict(vectors(rows))
    return Noisy(noisy, count_transition(labels, noisy, num_classes))


def _balanced_part(rng: np.random.Generator, labels: np.ndarray, num_classes: int, part: float) -> np.ndarray:
    """Returns the rows of the small part: as many of every class, or all of a class that has fewer."""
    share = max(round(part * len(labels) / num_classes), 1)
    members = [np.flatnonzero(labels == klass) for klass in range(num_classes)]
    return np.concatenate([rng.choice(rows, min(share, len(rows)), replace=False) for rows in members])


def _stopped_at(
    rng: np.random.Generator,
    rate: float,
    share: float,
    hidden: tuple[int, ...],
    known: tuple[np.ndarray, np.ndarray],
    seen: tuple[np.ndarray, np.ndarray],
) -> Any:
    """Returns the classifier at the point of its training where the share of wrong labels falls to `rate`.

    Args:
        rng: decides about weights and batches.
        rate: wanted share of wrong labels among all rows.
        share: share of the rows that get labels from the classifier; the others have right ones.
        hidden: sizes of the hidden layers.
        known: vectors [n, D] and classes [n] to train on.
        seen: vectors [m, D] and classes [m] of rows that do, to measure it on.
    """

    from sklearn.neural_network import MLPClassifier  # a second to import, which only this noise should cost

    def wrong() -> float:
        return share * float(np.mean(classifier.predict(seen[0]) != seen[1]))

    classifier = MLPClassifier(hidden, learning_rate_init=LEARNING_RATE, random_state=int(rng.integers(2**31)))
    classes = np.unique(known[1])
    shares: list[float] = []
    before: list[np.ndarray] = []
    after: list[np.ndarray] = []
    for _ in range(STEPS):
        batch = rng.choice(len(known[0]), min(BATCH, len(known[0])), replace=False)
        classifier.partial_fit(known[0][batch], known[1][batch], classes=classes)
        before, after = after, [weights.copy() for weights in (*classifier.coefs_, *classifier.intercepts_)]
        shares.append(wrong())
        if shares[-1] <= rate or classifier.loss_ < LEARNT:
            break
    met = shares[-1]
    if len(shares) > 1 and met < rate:  # one step may go too far by more than is allowed: find the place inside it
        too_little, enough = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (too_little + enough) / 2
            _move(classifier, before, after, middle)
            too_little, enough = (middle, enough) if wrong() > rate else (too_little, middle)
        _move(classifier, before, after, enough)
        met = wrong()
    if abs(met - rate) > NEAR:
        reach = (
            f"has only {met:.1%} wrong labels when it begins; ask for fewer"
            if met < rate
            else f"does not come below {min(shares):.1%} wrong labels; ask for more of them, or change part or hidden"
        )
        raise InputError(
            f"Noise semantic was asked for a rate of {rate:.1%}, but a classifier that learns from {len(known[0])} "
            f"rows {reach}."
        )
    return classifier


def _move(classifier: Any, before: list[np.ndarray], after: list[np.ndarray], share: float) -> None:
    """Puts the weights to `before + share (after - before)`."""
    weights = [start + share * (end - start) for start, end in zip(before, after, strict=True)]
    layers = len(classifier.coefs_)
    classifier.coefs_, classifier.intercepts_ = weights[:layers], weights[layers:]
