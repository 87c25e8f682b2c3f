"""The equations of quality, suggestion and issue, with numbers worked out by hand."""

import numpy as np
import pytest

from meta_noise.report.quality import Targets, label_quality, looks_wrong, suggest

PROBABILITIES = np.array([[0.9, 0.1, 0.0], [0.7, 0.2, 0.1], [0.25, 0.5, 0.25], [0.4, 0.4, 0.2]], np.float32)


def test_quality_is_the_mean_of_two_probabilities():
    given = np.array([0, 1, 2, 2])
    in_training = np.array([0.5, 0.8, 0.75, 0.0], np.float32)
    found = label_quality(PROBABILITIES, given, in_training, np.array([True, True, True, True]))
    assert found.dtype == np.float64
    assert found == pytest.approx([0.7, 0.5, 0.5, 0.1])  # (0.9 + 0.5) / 2, (0.2 + 0.8) / 2, (0.25 + 0.75) / 2, 0.2 / 2


def test_an_unseen_row_has_the_probability_of_the_network_alone():
    found = label_quality(PROBABILITIES[:2], np.array([0, 1]), np.array([0.5, 0.0]), np.array([False, True]))
    assert found == pytest.approx([0.9, 0.1])


def test_quality_stays_in_its_range():
    certain = np.array([[1.0000001, 0.0], [-1e-7, 1.0]])
    assert label_quality(certain, np.array([0, 0]), np.zeros(2), np.zeros(2, bool)).tolist() == [1.0, 0.0]


def test_the_first_of_the_most_probable_classes_is_suggested():
    found = suggest(PROBABILITIES)
    assert found.predicted.tolist() == found.classes.tolist() == [0, 0, 1, 0]
    assert found.probability.tolist() == PROBABILITIES.max(axis=1).astype(np.float64).tolist()


def test_a_target_must_be_more_certain_than_the_prediction():
    probabilities = np.array([[0.75, 0.25]] * 4)
    targets = Targets(np.array([1, 1, 1, -1]), np.array([0.5, 0.75, 0.875, 0.99]))  # less, as, more; none
    found = suggest(probabilities, targets)
    assert found.predicted.tolist() == [0, 0, 0, 0] and found.classes.tolist() == [0, 0, 1, 0]
    assert found.probability.tolist() == [0.75, 0.75, 0.875, 0.75]
    found = suggest(np.array([[0.25, 0.75]] * 2), Targets(np.array([0, -1]), np.array([0.875, 0.875])))
    assert found.classes.tolist() == [0, 1] and found.probability.tolist() == [0.875, 0.75]  # class 0 is a class


def test_an_issue_needs_another_prediction_and_a_quality_below_one_half():
    predicted, given = np.array([0, 0, 0, 0]), np.array([1, 1, 1, 0])
    quality = np.array([0.5, np.nextafter(0.5, 0), 0.1, 0.1])
    assert looks_wrong(predicted, given, quality).tolist() == [False, True, True, False]
    found = looks_wrong(np.array([2, 1]), np.array([1, 2]), np.array([0.2, 0.9]))  # above the given class, and below
    assert found.tolist() == [True, False] and found.dtype == bool
