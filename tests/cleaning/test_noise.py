"""Noise told from out-of-fold probabilities, against labels whose truth is known."""

import numpy as np
import pytest

from meta_noise.cleaning.noise import estimate_noise, out_of_fold, surest_disagreement


@pytest.fixture(scope="module")
def points():
    """Returns vectors [N, 3] of three groups that hardly touch, and their classes; of class 2 there are few."""
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], [500, 400, 100])
    return (5 * np.eye(3)[truth] + rng.normal(size=(1000, 3))).astype(np.float32), truth


def test_clean_labels_are_called_clean(points):
    vectors, truth = points
    probabilities = out_of_fold(vectors, truth, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    estimate = estimate_noise(probabilities, truth)
    assert estimate.rate < 0.01 and surest_disagreement(probabilities, truth)[0] == 0


def test_noise_of_one_class_is_found_there(points):
    vectors, truth = points
    rng = np.random.default_rng(1)
    given = np.where((truth == 0) & (rng.random(1000) < 0.3), 1, truth)
    estimate = estimate_noise(out_of_fold(vectors, given, 3), given)
    real = np.mean(given != truth)
    assert real / 2 < estimate.rate < real + 0.03  # rows that are surely of no class are not counted
    assert estimate.draws.min() <= estimate.rate <= estimate.draws.max()
    np.testing.assert_allclose(estimate.joint.sum(axis=0), np.bincount(given) / 1000)  # given classes keep their shares
    assert estimate.joint[0, 1] > 5 * estimate.joint[1, 0]
    assert np.mean((given != truth)[estimate.looks_wrong]) > 0.8


def test_a_class_seen_twice_and_one_seen_never(points):
    vectors, truth = points
    labels = np.where(truth == 2, 1, truth)
    labels[:2] = 3  # class 2 has no row
    probabilities = out_of_fold(vectors, labels, 4)
    assert not probabilities[:, 2].any()
    estimate = estimate_noise(probabilities, labels)
    assert np.isfinite(estimate.joint).all() and np.isclose(estimate.joint.sum(), 1)
