"""A user's own data as classifiers without a network see them, and the one noise estimate that all commands give."""

import contextlib
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from meta_noise.cleaning.noise import NoiseEstimate, estimate_noise
from meta_noise.cleaning.views import Views, make_views
from meta_noise.data.own import Own

WEAK = 0.5  # of what naming the largest class leaves open; a classifier that tells less may be weak
FEWEST = 20  # rows from which noise is told
FEW = 5_000  # rows up to which trees take one thread
SAMPLE = 50_000  # rows that the noise is estimated on at most


class Labelled(NamedTuple):
    """N rows of own data.

    Attributes:
        views: the inputs as matrices.
        given: [N] int classes as the data have them, -1 where unknown or where it cannot be counted.
        truth: [N] int trusted classes, -1 for rows that are not trusted.
        is_counted: given labels of trusted rows were there before a person checked them, and stand for the others.
    """

    views: Views
    given: np.ndarray
    truth: np.ndarray
    is_counted: bool


def steady(rows: int | None = None) -> contextlib.AbstractContextManager[Any]:
    """Returns a context in which linear algebra runs on one thread; trees, too, where `rows` says that rows are few.

    The matrices are small: threads that wait for each other cost more than they bring, many times more on a busy
    machine, and sums differ in their last digits with the number of threads.
    """
    return threadpool_limits(1, user_api=None if rows is not None and rows <= FEW else "blas")


def sampled(own: Own) -> np.ndarray:
    """Returns the row numbers that the noise is estimated on: of very many rows a sample, and the trusted ones."""
    rows = len(own.source.labels)
    if rows <= SAMPLE:
        return np.arange(rows)
    rng = np.random.default_rng(0)
    chosen = rng.choice(rows, SAMPLE, replace=False)
    trusted = np.zeros(0, int) if own.source.trusted is None else np.flatnonzero(own.source.trusted)
    return np.union1d(chosen, trusted if len(trusted) <= SAMPLE else rng.choice(trusted, SAMPLE, replace=False))


def differs(own: Own, rows: np.ndarray) -> bool:
    """Returns whether any of the rows [N] bool has another label than the data give it."""
    return bool(np.any(rows & (own.given >= 0) & (own.given != own.source.labels)))


def given_and_true(own: Own, by_chance: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Returns the given and the trusted classes [N] of all rows, as `Labelled` has them; `by_chance` as `labelled`."""
    source = own.source
    trusted = np.zeros(len(source.labels), bool) if source.trusted is None else source.trusted
    truth = np.where(trusted, source.labels, -1)
    given = np.where(trusted, own.given, source.labels)
    if by_chance is None:
        by_chance = np.full(len(trusted), differs(own, trusted))
    return np.where(trusted & ~by_chance, -1, given), truth


def labelled(own: Own, rows: np.ndarray, by_chance: np.ndarray | None = None) -> Labelled:
    """Returns the given row numbers as arrays.

    Args:
        own: the data.
        rows: [n] row numbers.
        by_chance: [N] bool, trusted rows whose given labels can be counted, being a random sample; None for all of
            them, or none where all trusted labels are the given ones: then rows are trusted because they are right.
    """
    source = own.source
    given, truth = given_and_true(own, by_chance)
    is_counted = bool(np.any((truth >= 0) & (given >= 0)))
    texts = None if own.texts is None else [own.texts[row] for row in rows.tolist()]
    whole = len(rows) == len(source.labels)
    views = make_views(own.kind, source.inputs if whole else source.inputs[rows], texts)
    return Labelled(views, given[rows], truth[rows], is_counted)


def noise_of(data: Labelled, num_classes: int) -> tuple[dict[str, Any], NoiseEstimate | None]:
    """Returns the section on noise as JSON holds it, and the estimate behind it, None where the rows are too few.

    Keys: `rate` {value, low, high} or None, `how` it was told, `head` on the classifier.
    """
    rows = len(data.given)
    if rows < FEWEST:
        return {"rate": None, "how": f"fewer than {FEWEST} rows: too few to tell noise from them", "head": None}, None
    found = estimate_noise(data.views, data.given, data.truth, num_classes, data.is_counted)
    rate = {"value": found.rate.value, "low": found.rate.low, "high": found.rate.high}
    if found.rate.counted:
        rate |= {"hits": found.rate.wrong, "of": found.rate.counted}
    is_weak = not found.rate.counted and _told(found.agreement, data.given) < WEAK
    head = {"inputs": data.views.what, "agreement": found.agreement, "rows": rows, "rate": rate, "is_weak": is_weak}
    if found.worth.worthless:
        return {"rate": None, "how": f"{found.worth.reason} {found.worth.help}", "head": head}, found
    return {"rate": rate, "how": _how(found, data.views.what, is_weak), "head": head}, found


def _told(agreement: float, given: np.ndarray) -> float:
    """Returns which share of what naming the largest class leaves open is told."""
    largest = np.bincount(given[given >= 0]).max() / max(np.sum(given >= 0), 1)
    return float((agreement - largest) / max(1 - largest, 1e-9))


def _how(found: NoiseEstimate, what: str, is_weak: bool) -> str:
    """Returns how the rate was told, in words."""
    classifier = f"a fast classifier on {what}, asked about rows it has not seen"
    if found.rate.counted:
        return (
            f"the labels of {found.rate.counted:,} trusted rows before they were checked, if these are a random "
            f"sample, and {classifier}."
        )
    how = (
        f"{classifier}; it agrees with {found.agreement:.0%} of the labels. The interval goes from half of what its "
        "surest predictions contradict to all that it contradicts. Errors that follow a rule which can be learned are "
        "not seen this way; a few dozen trusted rows drawn at random tell more."
    )
    if is_weak:
        how += (
            " Either many labels are wrong here or the classifier is weak, and then much of what it contradicts is its "
            "own failing: only trusted rows tell which."
        )
    return how
