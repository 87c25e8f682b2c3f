"""The actual part of a step: an ordinary update of the classifier, with meta-parameters that stay."""

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import optax

from meta_noise.core.begin import Begun
from meta_noise.core.descend import move
from meta_noise.core.loops import apart, one_by_one
from meta_noise.core.passes import further_passes
from meta_noise.core.predict import flat_rows
from meta_noise.core.problem import Problem
from meta_noise.core.rows import describe
from meta_noise.types import Array, Batch, Info, Learner, Network, Outputs, Pass, Rows

Report = tuple[Array, Rows]  # loss and rows of a batch


def described(problem: Problem, outputs: Outputs, meta_params, batch: Batch) -> Report:
    """Returns (loss, rows) of the inner loss."""
    loss, rows = problem.inner_loss(outputs, meta_params, batch)
    return loss, describe(rows, outputs, batch)


def act(
    problem: Problem,
    network: Network,
    tx: optax.GradientTransformation,
    learner: Learner,
    begun: Begun,
    meta_params,
    passed: Pass | None = None,
) -> tuple[Learner, tuple[Report, ...]]:
    """Returns (learner, reports) after the actual step on every batch; `passed` is the pass of the first, if known."""

    def step(learner: Learner, batch: Batch) -> tuple[Learner, Report]:
        if passed is None:
            forward = functools.partial(begun.forward, batch_stats=learner.batch_stats, batch=batch)
            outputs, pullback, batch_stats = jax.vjp(forward, learner.params, has_aux=True)
        else:
            outputs, pullback, batch_stats = passed.outputs, passed.pullback, passed.batch_stats

        def loss_of(outputs, params):
            if problem.actual_loss is None:
                return described(problem, outputs, meta_params, batch)
            model = further_passes(network, learner, params, begun.key_model)
            loss, row = problem.actual_loss(outputs, model, meta_params, batch, begun.clean)
            return loss, describe(row, outputs, batch)

        report, slopes = jax.value_and_grad(loss_of, argnums=(0, 1), has_aux=True)(outputs, learner.params)
        grads = jax.tree.map(jnp.add, pullback(slopes[0])[0], slopes[1])
        return move(tx, learner, grads, batch_stats), report

    learner, reports = one_by_one(step, learner, begun.batches)
    return learner, apart(reports, len(begun.batches))


def info_of(network: Network, reports: Sequence[Report]) -> Info:
    """Returns the info of a step from the reports on its batches: the mean loss of a network, all rows."""
    losses, rows = zip(*reports, strict=True)
    rows = flat_rows(network, jax.tree.map(lambda *x: jnp.concatenate(x), *rows))
    return Info(jnp.mean(jnp.stack(losses)) / network.copies, None, rows)
