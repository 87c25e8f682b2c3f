"""Guessed clean rows: the mixture, the threshold that gives way, and the method that draws from them."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.build.pseudo_clean import with_pseudo_clean
from meta_noise.core.averages import average
from meta_noise.core.rows import losses_of
from meta_noise.core.single import Objective, single
from meta_noise.losses.cross_entropy import mean_cross_entropy
from meta_noise.models.meta.mixture import clean_probability, cover_classes, divide
from meta_noise.types import Learner, Meta, Refreshed, Rows, State
from tests.toy import toy_batch, toy_network

NAN = float("nan")


def two_groups(seed):
    """Returns losses of 300 rows around 0.3 and 200 around 2.5, shuffled, and which belong to the lower group."""
    rng = np.random.default_rng(seed)
    losses = np.concatenate([rng.normal(0.3, 0.15, 300), rng.normal(2.5, 0.4, 200)]).astype(np.float32)
    order = rng.permutation(500)
    return losses[order], (np.arange(500) < 300)[order]


@pytest.mark.parametrize("seed", range(4))
def test_the_mixture_tells_two_groups_apart(seed):
    losses, lower = two_groups(seed)
    probability = clean_probability(losses, seed)
    assert probability.dtype == np.float32 and probability.min() >= 0 and probability.max() <= 1
    assert np.mean((probability > 0.5) == lower) > 0.99
    assert probability[lower].mean() > 0.98 and probability[~lower].mean() < 0.02
    np.testing.assert_allclose(clean_probability(7 * losses + 3, seed), probability, atol=1e-4)


def test_the_probability_is_the_posterior_of_the_mixture():
    """Halves of N(0, 1) and N(3, 1), symmetric about 1.5; the posterior of the lower one is 1 / (1 + e^(3x - 4.5))."""
    rng = np.random.default_rng(0)
    one = np.concatenate([rng.normal(0, 1, 1000), rng.normal(3, 1, 1000)])
    losses = np.concatenate([one, 3 - one])
    np.testing.assert_allclose(clean_probability(losses, 0), 1 / (1 + np.exp(3 * losses - 4.5)), atol=0.06)


def test_rows_without_a_loss_have_probability_zero_and_change_nothing():
    losses, _ = two_groups(0)
    padded = np.concatenate([[NAN, np.inf], losses, [NAN]])
    probability = clean_probability(padded, 3)
    assert probability[[0, 1, -1]].tolist() == [0, 0, 0]
    np.testing.assert_array_equal(probability[2:-1], clean_probability(losses, 3))


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([2.0, 2.0, 2.0, NAN], [0.5, 0.5, 0.5, 0]),  # nothing can be told apart
        ([1.0, NAN], [0.5, 0]),
        ([NAN, NAN], [0, 0]),
        ([0.5, 3.0], [1, 0]),
        ([3.0, 0.5, 0.5], [0, 1, 1]),
    ],
)
def test_few_or_equal_losses(losses, expected):
    np.testing.assert_allclose(clean_probability(np.array(losses, np.float32), 0), expected, atol=1e-6)


def test_divide_by_the_threshold():
    """0.5 itself is not above it, and the last row may not be chosen."""
    probability, eligible = np.array([0.9, 0.2, 0.6, 0.5, 0.8]), np.array([True, True, True, True, False])
    division = divide(probability, eligible, fewest=1, most=4)
    assert division.chosen.tolist() == [True, False, True, False, False] and division.note is None
    assert divide(probability, eligible, fewest=2, most=2).note is None


@pytest.mark.parametrize(
    ("probability", "fewest", "most", "chosen", "count"),
    [
        ([0.9, 0.2, 0.6, 0.5, 0.8], 3, 4, [0, 2], "2 of 4"),  # too few
        ([0.9, 0.7, 0.6, 0.8, 0.8], 1, 3, [0, 3], "4 of 4"),  # all in one component: too many
        ([0.1, 0.2, 0.3, 0.0, 0.8], 1, 4, [1, 2], "0 of 4"),  # all in the other one
        ([0.5, 0.5, 0.5, 0.5, 0.5], 1, 4, [0, 1], "0 of 4"),  # equal losses: the first ones
    ],
)
def test_divide_takes_half_where_the_threshold_leaves_one_side_too_small(probability, fewest, most, chosen, count):
    eligible = np.array([True, True, True, True, False])
    division = divide(np.array(probability), eligible, fewest, most)
    assert np.flatnonzero(division.chosen).tolist() == chosen
    assert division.note is not None and f"called {count} rows clean" in division.note and "half" in division.note


def test_divide_chooses_at_least_one_row_and_none_where_there_is_none():
    one = divide(np.array([0.2, 0.4]), np.array([True, False]), 1, 1)
    assert one.chosen.tolist() == [True, False] and one.note is not None
    none = divide(np.array([0.9, 0.9]), np.array([False, False]), 1, 2)
    assert none.chosen.tolist() == [False, False]


def test_cover_classes():
    """Class 0 has two already; 1 gets its lowest loss; 2 has one row in all; 3 has none; NaN rows never come."""
    labels = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2])
    losses = np.array([1.0, 2.0, 0.1, 3.0, 0.9, 0.4, NAN, 5.0, NAN])
    chosen = np.array([True, True, False, True, False, False, False, False, False])
    before = chosen.copy()
    covered, note = cover_classes(chosen, losses, labels, num_classes=4, count=2)
    assert np.flatnonzero(covered).tolist() == [0, 1, 3, 5, 7]
    assert note is not None and note.startswith("Of 2 of 4 classes fewer than 2 rows")
    np.testing.assert_array_equal(chosen, before)
    np.testing.assert_array_equal(cover_classes(covered, losses, labels, 4, 1)[0], covered)
    assert cover_classes(covered, losses, labels, 4, 1)[1] is None


def plain(tx):
    return single(Objective(lambda o, b: (mean_cross_entropy(o, b), Rows())), toy_network(), tx)


def test_a_method_with_pseudo_clean_rows():
    """Low losses belong to rows 0-5 of class 0 and row 6 of class 1; row 9 is not a training row."""
    method = plain(optax.sgd(0.1))
    labels = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 0])
    losses = np.array([0.1, 0.2, 0.15, 0.12, 0.18, 0.11, 0.14, 3.0, 2.9, NAN], np.float32)
    guessing = with_pseudo_clean(method, toy_network(), labels, num_classes=2, per_class=2)
    assert guessing.step is method.step and guessing.refresh is not None
    state = State(jnp.int32(0), Learner((), (), ()), Meta((), (), ()), "kept")
    swept = []

    def sweep(function):
        swept.append(function)
        return losses

    refreshed = guessing.refresh(jax.random.key(1), state, sweep, 4)
    assert refreshed.memory == "kept"
    assert refreshed.split.train.dtype == np.int8 and refreshed.split.train.tolist() == [1] * 9 + [0]
    assert np.flatnonzero(refreshed.split.clean).tolist() == [0, 1, 2, 3, 4, 5, 6, 8]  # 8 covers class 1
    assert len(refreshed.notes) == 1 and "Of 1 of 2 classes" in refreshed.notes[0]
    guessing.refresh(jax.random.key(2), state, sweep, 5)
    assert swept[0] is swept[1]  # so that it compiles once


def test_all_notes_are_said():
    """Equal losses: the half by position, which is class 0 only; both sentences come."""
    guessing = with_pseudo_clean(plain(optax.sgd(0.1)), toy_network(), np.repeat([0, 1], 4), 2, 1)
    assert guessing.refresh is not None
    state = State(jnp.int32(0), Learner((), (), ()), Meta((), (), ()), ())
    refreshed = guessing.refresh(jax.random.key(1), state, lambda fn: np.ones(8, np.float32), 0)
    assert np.flatnonzero(refreshed.split.clean).tolist() == [0, 1, 2, 3, 4]
    assert ["half" in note for note in refreshed.notes] == [True, False]


def test_without_any_finite_loss_no_row_is_left():
    """The loop then stops the run with a sentence."""
    guessing = with_pseudo_clean(plain(optax.sgd(0.1)), toy_network(), np.zeros(4, int), 1, 1)
    assert guessing.refresh is not None
    state = State(jnp.int32(0), Learner((), (), ()), Meta((), (), ()), ())
    split = guessing.refresh(jax.random.key(1), state, lambda fn: np.full(4, NAN, np.float32), 0).split
    assert not split.train.any() and not split.clean.any()


def test_losses_are_those_of_averaged_parameters_in_evaluation_mode():
    method = plain(optax.chain(optax.sgd(0.5), average(0.99)))
    guessing = with_pseudo_clean(method, toy_network(), np.zeros(8, int), 3, 1)
    assert guessing.refresh is not None
    batch = toy_batch(0)
    state = jax.jit(method.init)(jax.random.key(0), batch)
    state, _ = jax.jit(method.step)(jax.random.key(1), state, batch, batch)
    found = []

    def sweep(function):
        found.append(np.asarray(function(state, batch)))
        return found[0]

    guessing.refresh(jax.random.key(1), state, sweep, 0)
    ema = optax.tree.get(state.learner.opt_state, "ema")
    logits = toy_network().apply((ema, state.learner.batch_stats), batch.inputs, False)[0].logits
    shifted = np.asarray(logits) - np.asarray(logits).max(-1, keepdims=True)
    expected = np.log(np.exp(shifted).sum(-1)) - shifted[np.arange(8), np.asarray(batch.labels)]
    np.testing.assert_allclose(found[0], expected, rtol=1e-5, atol=1e-6)
    together = batch._replace(labels=jnp.stack([batch.labels] * 2))
    outputs = toy_network().apply((ema, state.learner.batch_stats), batch.inputs, False)[0]
    pair = losses_of(jax.tree.map(lambda x: jnp.stack([x] * 2), outputs), together)
    np.testing.assert_allclose(pair, [expected, expected], rtol=1e-5, atol=1e-6)


def test_a_method_that_looks_for_itself_is_refused():
    looking = plain(optax.sgd(0.1))._replace(refresh=lambda key, state, sweep, epoch: Refreshed((), None))
    with pytest.raises(ValueError, match="by itself"):
        with_pseudo_clean(looking, toy_network(), np.zeros(8, int), 3, 1)
