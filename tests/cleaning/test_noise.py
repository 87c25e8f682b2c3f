"""Noise told from predictions for rows that were not seen, against labels whose truth is known."""

import numpy as np
import pytest

from meta_noise.cleaning.noise import estimate_noise
from meta_noise.cleaning.views import make_views

NONE = np.full(4000, -1)


@pytest.fixture(scope="module")
def points():
    """Returns views of vectors [N, 3] of three groups that hardly touch, and their classes; few are of class 2."""
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], [2000, 1600, 400])
    vectors = (5 * np.eye(3)[truth] + rng.normal(size=(4000, 3))).astype(np.float32)
    return make_views("features", vectors), truth


def test_clean_labels_are_called_clean(points):
    views, truth = points
    found = estimate_noise(views, truth, NONE, 3)
    assert found.rate.value < 0.01 and found.rate.high < 0.05 and not found.worth.worthless
    assert found.agreement > 0.98


def test_noise_of_one_class_is_found_there(points):
    views, truth = points
    rng = np.random.default_rng(1)
    given = np.where((truth == 0) & (rng.random(4000) < 0.3), 1, truth)
    real = np.mean(given != truth)
    found = estimate_noise(views, given, NONE, 3)
    assert found.rate.low < real < found.rate.high
    assert real / 2 < found.rate.value < real + 0.03  # rows that are surely of no class are not counted
    assert found.rate.classes[1, 0] > 5 * found.rate.classes[0, 0]
    assert found.joint[0, 1] > 5 * found.joint[1, 0]
    np.testing.assert_allclose(found.joint.sum(axis=0), np.bincount(given) / 4000, rtol=1e-4)


def test_trusted_rows_narrow_the_interval(points):
    views, truth = points
    rng = np.random.default_rng(2)
    given = np.where(rng.random(4000) < 0.3, (truth + 1) % 3, truth)
    checked = np.where(rng.random(4000) < 0.025, truth, -1)
    found = estimate_noise(views, given, checked, 3)
    assert found.rate.counted == np.sum(checked >= 0)
    assert found.rate.low < np.mean(given != truth) < found.rate.high
    assert found.rate.high - found.rate.low < 0.15  # from 100 rows alone it is 0.18


def test_rows_trusted_because_they_are_right_are_not_counted(points):
    views, truth = points
    given = np.where(np.random.default_rng(3).random(4000) < 0.3, (truth + 1) % 3, truth)
    checked = np.where((given == truth) & (np.arange(4000) % 9 == 0), truth, -1)
    found = estimate_noise(views, given, checked, 3, is_counted=False)
    assert found.rate.counted == 0 and abs(found.rate.value - 0.3) < 0.1


def test_constant_inputs_are_worthless():
    labels = np.random.default_rng(0).integers(0, 3, 150)
    found = estimate_noise(make_views("features", np.ones((150, 4), np.float32)), labels, np.full(150, -1), 3)
    assert found.worth.worthless and "same inputs" in found.worth.reason


def test_inputs_that_tell_nothing_are_worthless():
    rng = np.random.default_rng(0)
    views = make_views("features", rng.normal(size=(400, 5)).astype(np.float32))
    found = estimate_noise(views, rng.integers(0, 3, 400), np.full(400, -1), 3)
    assert found.worth.worthless


def test_very_many_classes_make_no_matrix():
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(300), 4)
    centres = rng.normal(size=(300, 40))
    views = make_views("features", (centres[truth] + 0.3 * rng.normal(size=(1200, 40))).astype(np.float32))
    given = np.where(rng.random(1200) < 0.1, rng.permutation(truth), truth)
    found = estimate_noise(views, given, np.full(1200, -1), 300)
    assert found.joint is None and found.rate.classes.shape == (300, 3)
    assert abs(found.rate.value - np.mean(given != truth)) < 0.05
