"""The formulas of the tournament, against numbers worked out by hand."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from sklearn.linear_model import LogisticRegression

from meta_noise.cleaning.tournament.candidates import gold
from meta_noise.cleaning.tournament.candidates.gold import gold_loss_correction
from meta_noise.cleaning.tournament.combine import LABEL_POWER, Fusion, fuse_weights, fused, pool_weights, pooled
from meta_noise.cleaning.tournament.confusion import anchored, averaged, confident
from meta_noise.cleaning.tournament.problem import make_problem
from meta_noise.cleaning.tournament.softmax import fit_softmax, folds_of, one_hot, scores_of, softmax, spanned
from meta_noise.cleaning.tournament.transition import (
    counted,
    deconvolved,
    likelihood,
    shrunk,
    symmetric,
    tempered,
    with_rate,
)
from meta_noise.cleaning.views import Views

T = np.array([[0.8, 0.2], [0.1, 0.9]])


def test_a_given_label_is_evidence_by_the_rule_of_bayes():
    p = np.array([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]])
    likely = likelihood(T, np.array([0, 1, -1]))
    np.testing.assert_allclose(likely, [[0.8, 0.1], [0.2, 0.9], [1, 1]], rtol=1e-6)
    found = fused(p, likely, Fusion(1.0, 1.0, np.zeros(2)))
    np.testing.assert_allclose(found, [[8 / 9, 1 / 9], [2 / 11, 9 / 11], [0.5, 0.5]], rtol=1e-5)


def test_counts_are_of_rows_where_both_labels_are_known():
    found = counted(np.array([0, 0, 1, -1, 1]), np.array([0, 1, 1, 1, -1]), 2)
    np.testing.assert_array_equal(found, [[1, 1], [0, 1]])


def test_a_symmetric_transition_spreads_by_the_shares():
    found = symmetric(0.3, np.array([0.5, 0.25, 0.25]))
    np.testing.assert_allclose(found[0], [0.7, 0.15, 0.15], atol=1e-6)
    np.testing.assert_allclose(found[1], [0.2, 0.7, 0.1], atol=1e-6)


def test_counts_win_over_guesses_as_they_grow_and_the_better_guess_wins():
    good, bad = T, np.array([[0.3, 0.7], [0.7, 0.3]])
    few, many = shrunk(10 * T, [good, bad]), shrunk(10_000 * bad, [good])
    np.testing.assert_allclose(few, good, atol=0.05)
    np.testing.assert_allclose(many, bad, atol=0.05)
    np.testing.assert_allclose(shrunk(np.zeros((2, 2)), [good]), good, atol=1e-6)


def test_deconvolution_undoes_a_transition():
    p = np.array([[0.9, 0.1], [0.2, 0.8]])
    np.testing.assert_allclose(deconvolved(p @ T, T, steps=500), p, atol=0.01)


def test_tempering_finds_how_sure_to_be():
    rng = np.random.default_rng(0)
    p = softmax(2 * rng.normal(size=(20_000, 2)))
    truth = (rng.random(20_000) < p[:, 1]).astype(int)
    given = (rng.random(20_000) < T[truth, 1]).astype(int)
    np.testing.assert_allclose(tempered(softmax(3 * np.log(p)), T, given), p, atol=0.03)


def test_regression_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(200, 4)).astype(np.float32), rng.integers(0, 3, 200)
    head = fit_softmax(x, one_hot(labels, 3), 1.0, steps=500)
    other = LogisticRegression(C=1.0, tol=1e-8, max_iter=1000).fit(x, labels)
    np.testing.assert_allclose(softmax(scores_of(head, x)), other.predict_proba(x), atol=0.01)


def test_the_forward_correction_finds_what_is_under_the_noise():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20_000, 2)).astype(np.float32)
    p = softmax(np.stack([2 * x[:, 0], -x[:, 1]], axis=1))
    truth = (rng.random(len(x)) < p[:, 1]).astype(int)
    given = (rng.random(len(x)) < T[truth, 1]).astype(int)
    head = fit_softmax(x, T.T[given], 0.1, steps=300)
    assert np.abs(softmax(scores_of(head, x)) - p).mean() < 0.02


def test_few_rows_span_the_same_classifier():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 30)).astype(np.float32)
    few = np.arange(12)
    z = spanned(x, few)
    assert z.shape == (50, 12)
    labels = one_hot(np.arange(12) % 2, 2)
    by_x, by_z = (fit_softmax(rows[few], labels, 1.0, steps=500) for rows in (x, z))
    np.testing.assert_allclose(softmax(scores_of(by_x, x)), softmax(scores_of(by_z, z)), atol=0.01)


def test_folds_spread_every_label():
    labels = np.array([0] * 10 + [1] * 5)
    fold_of = folds_of(labels, 5, 0)
    assert (np.bincount(fold_of[labels == 0]) == 2).all() and (np.bincount(fold_of[labels == 1]) == 1).all()


def test_guesses_of_the_transition_find_it():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 10_000)
    given = (rng.random(10_000) < T[truth, 1]).astype(int)
    p = T[truth]  # what a perfect model says of given labels
    np.testing.assert_allclose(anchored(p, given), T, atol=0.05)
    np.testing.assert_allclose(confident(p, given), T, atol=0.05)
    few = np.where(np.arange(10_000) < 50, truth, -1)
    np.testing.assert_allclose(averaged(p, few, T), T, atol=1e-6)


def test_pooling_takes_the_part_that_explains_the_labels():
    rng = np.random.default_rng(0)
    good = softmax(2 * rng.normal(size=(5000, 2)))
    labels = (rng.random(5000) < good[:, 1]).astype(int)
    bad = softmax(2 * rng.normal(size=(5000, 2)))
    weights = pool_weights([good, bad], labels)
    assert weights[0] > 0.9 and weights[1] < 0.1
    np.testing.assert_allclose(pooled([good, bad], [1, 0]), good, atol=1e-5)


def test_calibration_makes_labels_more_probable_and_stays_put_without_any():
    rng = np.random.default_rng(0)
    p = softmax(2 * rng.normal(size=(400, 3)))
    labels = np.array([rng.choice(3, p=row) for row in p])
    sharp = softmax(4 * np.log(p))  # far too sure
    fusion = fuse_weights(sharp, np.ones_like(p), labels)
    after = fused(sharp, np.ones_like(p), fusion)
    rows = np.arange(400)
    assert np.log(after[rows, labels]).mean() > np.log(sharp[rows, labels]).mean() + 0.2
    assert fusion.prediction == pytest.approx(0.25, abs=0.1)
    none = fuse_weights(sharp[:0], np.ones((0, 3)), labels[:0])
    assert none.prediction == 1 and none.label == LABEL_POWER and not none.bias.any()


def test_the_gradient_of_the_regression_is_right():
    from meta_noise.cleaning.tournament import softmax as module

    rng = np.random.default_rng(0)
    x, evidence = rng.normal(size=(6, 3)), rng.random((6, 2))
    losses = {}
    original = module.minimize
    module.minimize = lambda loss, begin, **_: losses.setdefault("x", loss) and type("R", (), {"x": begin})
    try:
        fit_softmax(x, evidence, 0.7)
    finally:
        module.minimize = original
    point = rng.normal(size=8)
    expected = approx_fprime(point, lambda flat: losses["x"](flat)[0], 1e-3)
    np.testing.assert_allclose(losses["x"](point)[1], expected, rtol=0.02, atol=0.01)


def test_a_transition_with_another_rate():
    transition = np.array([[0.9, 0.1], [0.3, 0.7]])
    share = np.array([0.5, 0.5])  # 20% wrong
    np.testing.assert_allclose(with_rate(transition, share, 0.1), [[0.95, 0.05], [0.15, 0.85]])
    np.testing.assert_allclose(with_rate(transition, share, 0.0), np.eye(2))
    np.testing.assert_allclose(with_rate(transition, share, 0.9)[1], [0.95, 0.05])  # as far as it goes
    np.testing.assert_allclose(with_rate(np.eye(2), share, 0.3), np.eye(2))  # no errors to make likelier


def test_gold_loss_correction_learns_through_the_transition(monkeypatch):
    rng = np.random.default_rng(0)
    true = rng.integers(0, 2, 400)
    x = (np.stack([np.where(true == 1, 1.0, -1.0), np.ones(400)], axis=1) + rng.normal(size=(400, 2)) * 0.5).astype("f")
    given = np.where(rng.random(400) < np.where(true == 0, 0.7, 0.0), 1, true)  # most of class 0 is called 1
    truth = np.where(np.arange(400) < 40, true, -1)
    views = Views({"x": x}, x, None, "x")
    problem = make_problem(views, given, truth, 2)
    right = np.array([[0.3, 0.7], [0.0, 1.0]])
    p = gold_loss_correction(problem, x, lambda seen: right)
    assert np.mean(p.argmax(axis=1) == true) > 0.93 > np.mean(given == true)
    other = np.where(problem.fold_of == 0, 1 - true, given)  # labels of a fold do not reach its own rows
    turned = problem._replace(given=other, truth=np.where((problem.fold_of == 0) & (truth >= 0), 1 - true, truth))
    rows = problem.fold_of == 0
    monkeypatch.setattr(gold, "STRENGTHS", (1.0,))  # which is chosen over all folds
    first, second = (gold_loss_correction(one, x, lambda seen: right)[rows] for one in (problem, turned))
    np.testing.assert_array_equal(first, second)
