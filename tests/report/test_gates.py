"""The gates of the layer sampler."""

import numpy as np
import pytest

from meta_noise.report.drawing import to_svg
from meta_noise.report.gates import gate_figure, gates, open_gates, open_gates_curve
from tests.report.drawn import overlaps, texts
from tests.report.fake_run import fake_metrics, fake_sampler

LINES = [
    {"epoch": 1, "gate/b/kernel": 0.25, "gate/a/bias": 1.0, "loss": 2.0},
    {"epoch": 3, "gate/b/kernel": 0.75, "gate/a/bias": 0.0, "gate/c": 0.5},
]


def test_names_in_order_of_first_appearance():
    found = gates(LINES)
    assert found.names == ("b/kernel", "a/bias", "c") and found.epochs.tolist() == [1, 3]
    np.testing.assert_array_equal(found.shares, [[0.25, 0.75], [1.0, 0.0], [np.nan, 0.5]])
    assert open_gates(found).tolist() == [1.25, 1.25]


def test_no_gates():
    assert gates(fake_metrics()) is None and gates([]) is None and gates([{"epoch": 1, "gate/a": None}]) is None


def cells(figure):
    """Returns {(tensor, column): opacity} of the heat map."""
    (drawn,) = figure.axes[0].collections
    places = [path.get_extents() for path in drawn.get_paths()]
    return {(int(box.y0), int(box.x0)): face[3] for box, face in zip(places, drawn.get_facecolors(), strict=True)}


def test_heat_map():
    figure = gate_figure(gates(LINES))
    found = cells(figure)
    assert set(found) == {(0, 0), (0, 1), (1, 0), (1, 1), (2, 1)}  # nothing was recorded of c in the first epoch
    assert found[1, 0] == pytest.approx(1.0) and found[1, 1] == pytest.approx(0.06)
    assert found[0, 0] == pytest.approx(0.06 + 0.94 * 0.25) and found[0, 0] < found[2, 1] < found[0, 1]
    assert [t for t in texts(figure) if t in ("b/kernel", "a/bias", "c")] == ["b/kernel", "a/bias", "c"]
    assert {"1", "3", "epoch"} <= set(texts(figure))


def test_many_epochs_are_averaged():
    lines = [{"epoch": e, "gate/a": float(e % 2)} for e in range(1, 121)]
    found = cells(gate_figure(gates(lines)))
    assert len(found) == 60 and list(found.values()) == pytest.approx([0.06 + 0.94 * 0.5] * 60)


@pytest.mark.parametrize("epochs, tensors", [(1, 1), (2, 3), (20, 13), (300, 13), (60, 95)])
def test_sizes(epochs, tensors):
    figure = gate_figure(gates(fake_sampler(epochs, tensors)))
    assert not overlaps(figure) and len(to_svg(figure, "gates")) < 500_000


def test_long_names_keep_their_end():
    figure = gate_figure(gates([{"epoch": 1, "gate/" + "stage/" * 9 + "kernel": 1.0, "gate/a\u202eb": 0.5}]))
    assert any(text.startswith("…") and text.endswith("/kernel") for text in texts(figure))
    assert r"a\u202eb" in texts(figure)


def test_curve_of_open_gates():
    figure = open_gates_curve(gates(LINES))
    assert figure.axes[0].lines[0].get_ydata().tolist() == [1.25, 1.25]
    assert "open 1.25" in texts(figure) and figure.axes[0].get_ylabel() == "mean number (of 3)"
