"""Curves, weights, confusion, and what they share."""

import re
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from meta_noise.report.confusion import confused_pairs, confusion_figure
from meta_noise.report.curves import (
    accuracy_curves,
    loss_curves,
    right_and_wrong_curves,
    series,
    training_curves,
)
from meta_noise.report.drawing import VARIABLES, shorten, spread, thin, to_svg
from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.variance import variance_curve
from meta_noise.report.weight_curve import weight_curve
from meta_noise.report.weights import weight_curves, weight_histogram
from tests.report.drawn import overlaps, texts
from tests.report.fake_run import fake_metrics, fake_sampler, fake_table

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


def test_weight_curve():
    figure = weight_curve(np.array([[0.0, 1.0, 4.0], [0.9, 0.5, 0.1]]))
    axes = figure.axes[0]
    assert np.array_equal(axes.lines[0].get_xydata(), [[0, 0.9], [1, 0.5], [4, 0.1]])
    assert axes.get_xlim() == (0, 4) and axes.get_ylim() == pytest.approx((0, 0.972))
    assert axes.get_xlabel().startswith("loss") and axes.get_ylabel().startswith("weight")
    assert not overlaps(figure)
    assert weight_curve(np.array([[1.0], [0.0]])).axes[0].get_ylim() == (0, 1)


def test_losses_of_different_size_get_a_log_scale():
    lines = [{"epoch": e, "loss": 0.002 / e, "outer_loss": 2.0 / e} for e in range(1, 9)]
    figure = loss_curves(lines)
    assert figure.axes[0].get_yscale() == "log" and not overlaps(figure)
    assert loss_curves(fake_metrics()).axes[0].get_yscale() == "linear"


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


@pytest.mark.parametrize("classes", [2, 12, 13, 30, 31, 100])
def test_confusion_of_many_sizes(classes):
    names = tuple(f"class {i}" for i in range(classes))
    figure = confusion_figure(fake_table(rows=40 * classes, classes=classes, names=names))
    shown = [text for text in texts(figure) if text.startswith("class ")]
    assert len(shown) == 2 * (classes if classes <= 30 else 20)
    assert not overlaps(figure)


def test_confusion_counts():
    given, predicted = np.array([0, 0, 0, 1, 2]), np.array([0, 1, 1, 1, 0])
    true = np.array([0, 1, 0, 1, 2])
    table = label_table(Evidence("abcde", given, ("x", "y", "z"), np.eye(3)[predicted], np.ones(5), true=true))
    assert confused_pairs(table) == [("x", "y", 2, 1), ("z", "x", 1, 0)]
    assert confused_pairs(table, limit=1) == [("x", "y", 2, 1)]
    assert confused_pairs(table.drop_columns(["true_label"]))[0].right is None


def test_the_most_confused_classes_are_chosen():
    given = np.arange(40)
    predicted = given.copy()
    predicted[33] = 7
    names = [f"n{i:02d}" for i in range(40)]
    table = label_table(Evidence(given, given, names, np.eye(40)[predicted], np.ones(40)))
    assert {"n07", "n33"} <= set(texts(confusion_figure(table)))


def test_class_names_are_only_text():
    names = ("$\\frac{", "<script>alert(1)</script>", "日本", "two\nlines", "x" * 200)
    svg = to_svg(confusion_figure(fake_table(classes=5, names=names)), "confusion")
    assert "<script" not in svg and "$\\frac{" in svg and "日本" in svg and "two\\nlines" in svg
    assert "x" * 20 not in svg


def test_svg_fits_a_page():
    svg = to_svg(accuracy_curves(fake_metrics()), "one")
    assert svg.startswith("<svg") and svg.rstrip().endswith("</svg>")
    assert not any(colour in svg for colour in VARIABLES)
    assert "var(--blue)" in svg and "var(--sans)" in svg and "DejaVu" not in svg
    other = to_svg(accuracy_curves(fake_metrics()), "two")
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert ids and not set(ids) & set(re.findall(r'\bid="([^"]+)"', other))
    assert set(re.findall(r"(?:href=\"#|url\(#)([^\")]+)", svg)) <= set(ids)
    assert svg == to_svg(accuracy_curves(fake_metrics()), "one")


def test_figures_alone_have_a_white_card():
    assert accuracy_curves(fake_metrics()).get_facecolor() == (1, 1, 1, 1)
    assert confusion_figure(fake_table()).get_facecolor() == (1, 1, 1, 1)


def test_pyplot_is_not_used():
    modules = [module for name, module in sys.modules.items() if name.startswith("meta_noise.report")]
    assert modules and not any(hasattr(module, "plt") or hasattr(module, "pyplot") for module in modules)


def test_spread():
    assert spread([0.2, 0.8], 0.1) == [0.2, 0.8]
    close = spread([0.5, 0.5, 0.52], 0.1)
    assert np.all(np.diff(close) > 0.099) and abs(np.mean(close) - 0.507) < 0.02
    edge = spread([0.99, 1.0, 0.98], 0.1)
    assert max(edge) <= 1 and np.all(np.diff(np.sort(edge)) > 0.099)
    assert edge.index(max(edge)) == 1


def test_thin_keeps_the_last_point():
    x, y = thin(np.arange(1001.0), np.arange(1001.0))
    assert len(x) <= 400 and x[-1] == 1000 and np.array_equal(x, y)
    assert len(thin(np.arange(3.0), np.arange(3.0))[0]) == 3


def test_shorten():
    assert shorten("a  b\nc", 10) == "a b\\nc"  # two spaces become one; an end of line is shown
    assert shorten("abcdefgh", 5) == "abcd…"


def test_a_wide_figure_is_not_squeezed():
    names = tuple(f"class number {i}" for i in range(30))
    wide = confusion_figure(fake_table(rows=300, classes=30, names=names))
    least = re.search(r'<svg style="min-width: (\d+)pt"', to_svg(wide, "wide"))
    assert least and int(least[1]) == round(0.85 * 72 * wide.get_figwidth()) > 346
    assert "min-width" not in to_svg(accuracy_curves(fake_metrics()), "narrow")
