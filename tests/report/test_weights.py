"""Weights of rows, and the curve of a weight network."""

import numpy as np
import pytest

from meta_noise.report.weights import weight_curve, weight_histogram
from tests.report.drawn import overlaps, texts


def test_weight_curve():
    figure = weight_curve(np.array([[0.0, 1.0, 4.0], [0.9, 0.5, 0.1]]))
    axes = figure.axes[0]
    assert np.array_equal(axes.lines[0].get_xydata(), [[0, 0.9], [1, 0.5], [4, 0.1]])
    assert axes.get_xlim() == (0, 4) and axes.get_ylim() == pytest.approx((0, 0.972))
    assert axes.get_xlabel().startswith("loss") and axes.get_ylabel().startswith("weight")
    assert not overlaps(figure)
    assert weight_curve(np.array([[1.0], [0.0]])).axes[0].get_ylim() == (0, 1)


def test_histogram_of_weights():
    weights = np.array([0.0, 0.1, 1.0, 0.9, np.nan])
    figure = weight_histogram(weights, np.array([True, True, False, False, True]))
    assert "wrong labels: 2 rows, mean weight 0.05" in texts(figure)
    assert "right labels: 2 rows, mean weight 0.95" in texts(figure)
    assert not overlaps(figure)
    assert "all rows: 4 rows, mean weight 0.50" in texts(weight_histogram(weights))
    assert weight_histogram(np.full(3, np.nan)) is None
    assert "right labels: 4 rows, mean weight 0.50" in texts(weight_histogram(weights, np.zeros(5, bool)))
    assert weight_histogram(np.zeros(4), np.ones(4, bool)) is not None


def test_histogram_with_a_long_tail():
    weights = np.append(np.linspace(0, 2, 999), 500.0)
    figure = weight_histogram(weights)
    assert figure.axes[0].get_xlim()[1] < 3
    assert any("last bar" in text for text in texts(figure))
