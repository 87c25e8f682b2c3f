"""Sums over the steps of an epoch, on the device, so that the loop fetches numbers once per epoch."""

from typing import Any, NamedTuple

import jax.numpy as jnp

from meta_noise.types import Array, Info


class Tally(NamedTuple):
    """Sums since the start of the epoch.

    Attributes:
        sums: name -> () float32 sum; a mean is `sums[name] / sums[its denominator]`.
        bad_step: () int32 first step whose loss was not finite, -1 for none.
        bad_outer: () bool it was the outer loss that failed first.
    """

    sums: dict[str, Array]
    bad_step: Array
    bad_outer: Array


ZERO_WEIGHTS = "zero_weights"  # share of steps in which no row had a weight above 0
DENOMINATORS = ("steps", "meta_steps", "rows", "right", "wrong")


def metric_names(truth: bool, info: Info) -> dict[str, str]:
    """Returns the metrics that exist for a data set and a method, each with its denominator.

    Args:
        truth: the true labels are known.
        info: what a step reports (or the shapes of it).
    """
    rows, names = info.rows, {"loss": "steps", "given_accuracy": "rows", **dict.fromkeys(info.metrics, "meta_steps")}
    if info.outer_loss is not None:
        names["outer_loss"] = "meta_steps"
    if rows.weights is not None:
        names[ZERO_WEIGHTS] = "steps"
    if truth:
        names |= {"true_accuracy": "rows", "learned": "right", "memorised": "wrong", "recovered": "wrong"}
        if rows.weights is not None:
            names |= {"weight_right": "right", "weight_wrong": "wrong"}
        if rows.targets is not None:
            names["target_accuracy"] = "rows"
    return names


def no_tally(names: dict[str, str]) -> Tally:
    """Returns the tally of the given metrics before the first step of an epoch."""
    sums = {name: jnp.zeros((), jnp.float32) for name in (*names, *DENOMINATORS)}
    return Tally(sums, jnp.full((), -1, jnp.int32), jnp.zeros((), bool))


def add(tally: Tally, info: Info, step: Array, labels: Array, truth: Array | None) -> Tally:
    """Returns the tally after one step; `labels` and `truth` are those of all N rows of the data set."""
    rows = info.rows
    inside = rows.index >= 0
    index = jnp.where(inside, rows.index, 0)
    given = labels[index]

    def count(condition):
        return jnp.sum(inside & condition, dtype=jnp.float32)

    new: dict[str, Any] = {**info.metrics, "steps": 1.0, "loss": info.loss}
    if info.outer_loss is not None:
        new["outer_loss"] = info.outer_loss
    if info.outer_loss is not None or info.metrics:  # steps between two meta steps have neither
        new["meta_steps"] = 1.0
    new |= {"rows": count(True), "given_accuracy": count(rows.prediction == given)}
    if rows.weights is not None:
        new[ZERO_WEIGHTS] = jnp.all(rows.weights <= 0).astype(jnp.float32)
    if truth is not None:
        right, wrong = truth[index] == given, truth[index] != given
        new |= {"right": count(right), "wrong": count(wrong)}
        new["true_accuracy"] = count(rows.prediction == truth[index])
        new["learned"] = count(right & (rows.prediction == given))
        new["memorised"] = count(wrong & (rows.prediction == given))
        new["recovered"] = count(wrong & (rows.prediction == truth[index]))
        if rows.weights is not None:
            new["weight_right"] = jnp.sum(jnp.where(inside & right, rows.weights, 0))
            new["weight_wrong"] = jnp.sum(jnp.where(inside & wrong, rows.weights, 0))
        if rows.targets is not None:
            new["target_accuracy"] = count(jnp.argmax(rows.targets, axis=-1) == truth[index])
    finite = jnp.isfinite(info.loss)
    outer_finite = True if info.outer_loss is None else jnp.isfinite(info.outer_loss)
    first_bad = (tally.bad_step < 0) & ~(finite & outer_finite)
    sums = {name: total + new.get(name, 0.0) for name, total in tally.sums.items()}
    return Tally(sums, jnp.where(first_bad, step, tally.bad_step), jnp.where(first_bad, finite, tally.bad_outer))


def means(tally: Tally, names: dict[str, str]) -> dict[str, float]:
    """Returns the epoch's means of the named metrics on the host; a mean over nothing is left out."""
    sums = {name: float(total) for name, total in tally.sums.items()}
    return {name: sums[name] / sums[below] for name, below in names.items() if sums[below]}
