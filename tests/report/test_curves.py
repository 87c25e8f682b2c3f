"""Curves over epochs."""

import pytest
from matplotlib.figure import Figure

from meta_noise.report.curves import (
    accuracy_curves,
    loss_curves,
    right_and_wrong_curves,
    series,
    training_curves,
    variance_curve,
)
from meta_noise.report.weights import weight_curves
from tests.report.drawn import overlaps, texts
from tests.report.fake_run import fake_metrics, fake_sampler

ALL = [
    lambda m: accuracy_curves(m),
    lambda m: training_curves(m),
    lambda m: right_and_wrong_curves(m),
    lambda m: loss_curves(m),
    lambda m: weight_curves(m),
    lambda m: variance_curve(m),
]


@pytest.mark.parametrize("draw", ALL)
@pytest.mark.parametrize("epochs", [1, 20, 300])
def test_curves_are_labelled_and_clear(draw, epochs):
    figure = draw(fake_sampler(epochs))
    assert isinstance(figure, Figure)
    axes = figure.axes[0]
    assert axes.get_xlabel() == "epoch" and axes.get_ylabel().endswith(")")
    assert not overlaps(figure)


@pytest.mark.parametrize("draw", ALL)
def test_nothing_to_draw(draw):
    assert draw([]) is None
    assert draw([{"step": 1, "epoch": 1, "other": 3.0}, {"step": 2}]) is None


def test_series_skips_what_is_no_number_and_keeps_the_later_line():
    lines = [
        {"epoch": 1, "loss": 3.0},
        {"epoch": 2, "loss": float("nan")},
        {"epoch": 3, "loss": None},
        {"epoch": 4, "loss": "high"},
        {"epoch": 1, "loss": 2.0},
        {"loss": 9.0},
    ]
    assert series(lines, "loss") == {1.0: 2.0}


def test_right_and_wrong_rows_are_told_apart():
    line = {"epoch": 1, "learned": 0.9, "memorised": 0.2, "recovered": 0.7}
    assert {"learned 90.0%", "memorised 20.0%", "recovered 70.0%"} <= set(texts(right_and_wrong_curves([line])))
    assert right_and_wrong_curves([{"epoch": 1, "given_accuracy": 0.5}]) is None


def test_averaged_and_raw_parameters_are_two_lines():
    line = {"epoch": 1, "test_accuracy": 0.94, "test_raw_accuracy": 0.91}
    assert {"averaged parameters 94.0%", "raw parameters 91.0%"} <= set(texts(accuracy_curves([line])))
    assert texts(accuracy_curves([{"epoch": 1, "test_accuracy": 0.94}])).count("test 94.0%") == 1


def test_rows_of_the_outer_loss_are_named():
    line = {"epoch": 1, "loss": 1.0, "outer_loss": 0.5}
    assert "clean 0.50" in texts(loss_curves([line]))
    assert "pseudo-clean 0.50" in texts(loss_curves([line], "pseudo-clean"))


def test_variance_on_whole_decades():
    lines = [{"epoch": e, "meta_gradient_variance": v} for e, v in ((1, 3e-4), (2, 2e-5), (3, 0.0), (4, 4e-5))]
    figure = variance_curve(lines)
    axes = figure.axes[0]
    assert axes.get_yscale() == "log" and axes.get_ylim() == pytest.approx((1e-5, 1e-3))
    drawn = axes.lines[0]
    assert list(drawn.get_xdata()) == [1, 2, 4] and list(drawn.get_ydata()) == [3e-4, 2e-5, 4e-5]  # 0 has no logarithm
    assert {"variance 4.0e-5", "1e-4"} <= set(texts(figure))
    one = variance_curve([{"epoch": 1, "meta_gradient_variance": 0.01}])
    assert one.axes[0].get_ylim() == pytest.approx((0.01, 0.1))
    assert variance_curve([{"epoch": 1, "meta_gradient_variance": 0.0}]) is None


def test_losses_of_different_size_get_a_log_scale():
    lines = [{"epoch": e, "loss": 0.002 / e, "outer_loss": 2.0 / e} for e in range(1, 9)]
    figure = loss_curves(lines)
    assert figure.axes[0].get_yscale() == "log" and not overlaps(figure)
    assert loss_curves(fake_metrics()).axes[0].get_yscale() == "linear"
