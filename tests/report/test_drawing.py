"""What all figures share: sizes, SVG, places of texts."""

import re
import sys

import numpy as np

from meta_noise.report.corrections import confusion_figure
from meta_noise.report.curves import (
    accuracy_curves,
)
from meta_noise.report.drawing import VARIABLES, shorten, spread, thin, to_svg
from tests.report.fake_run import fake_metrics, fake_table


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


def test_class_names_are_only_text():
    names = ("$\\frac{", "<script>alert(1)</script>", "日本", "two\nlines", "x" * 200)
    svg = to_svg(confusion_figure(fake_table(classes=5, names=names)), "confusion")
    assert "<script" not in svg and "$\\frac{" in svg and "日本" in svg and "two\\nlines" in svg
    assert "x" * 20 not in svg
