"""Learned against true transition matrices."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from meta_noise.report.drawing import MUTED, PURPLE
from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.transition import (
    Reference,
    estimated_figure,
    reference,
    signed_figures,
    total_variation,
    transition_figures,
)
from tests.report.drawn import overlaps, texts
from tests.report.fake_run import fake_learned, fake_table, uniform_transition

NAMES = ("cat", "dog", "owl")
NOISE = {"kind": np.array("uniform"), "transition": uniform_transition(3, 0.3)}


def table(true):
    given = np.array([0, 0, 0, 1, 1])
    true = None if true is None else np.array(true)
    return label_table(Evidence(range(5), given, NAMES, np.eye(3)[given], np.ones(5), true=true))


def test_total_variation_by_hand():
    one = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    other = np.array([[0.5, 0.5, 0.0], [0.3, 0.3, 0.4], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    found = total_variation(one, other)
    assert found[:3] == pytest.approx([0.0, 0.1, 1.0]) and np.isnan(found[3])


def test_the_drawn_matrix_comes_first():
    found = reference(NOISE, table([0, 0, 1, 1, 1]))
    assert not found.is_counted and np.array_equal(found.transition, NOISE["transition"]) and found.name == "true"


@pytest.mark.parametrize(
    "noise",
    [
        {},
        {"kind": np.array("none"), "transition": np.eye(3)},  # the labels may be wrong by nature
        NOISE | {"transition": np.eye(4)},
        NOISE | {"transition": np.full((3, 3), np.nan)},
    ],
)
def test_counted_where_no_noise_was_added(noise):
    found = reference(noise, table([0, 0, 1, 1, -1]))
    assert found.is_counted and found.transition.tolist() == [[1, 0, 0], [0.5, 0.5, 0], [0, 0, 0]]
    assert found.name == "counted"
    assert reference(noise, table(None)) is None


def numbers(figure):
    axes = figure.axes[0]
    size = len(axes.get_yticks())
    inside, beside = np.full((size, size), "", object), {}
    for text in axes.texts:
        x, y = text.get_position()
        if x < size:
            inside[int(y), int(x)] = text.get_text()
        else:
            beside[int(np.floor(y))] = text.get_text()
    return inside.tolist(), beside


def test_figures_of_probabilities():
    learned = np.array([[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0.1, 0.1, 0.8]])
    true = Reference(np.array([[0.8, 0.1, 0.1], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), is_counted=True)
    before, after = transition_figures(learned, true, NAMES)
    assert "Counted transition (%)" in texts(before) and "distance" not in texts(before)
    assert numbers(before) == ([["80", "10", "10"], ["", "100", ""], ["", "", ""]], {})
    inside, beside = numbers(after)
    assert inside == [["70", "20", "10"], ["", "100", ""], ["10", "10", "80"]]
    assert beside == {-1: "distance", 0: "0.10", 1: "0.00", 2: "-"}
    boxes = [figure.axes[0].get_position().bounds for figure in (before, after)]
    assert boxes[0] == pytest.approx(boxes[1])  # cells of one size
    (alone,) = transition_figures(learned, None, NAMES)
    assert "Learned transition (%)" in texts(alone) and numbers(alone)[1] == {}
    assert not any(overlaps(figure) for figure in (before, after, alone))


def test_figures_of_signed_numbers():
    learned = np.array([[3.0, -1.25, -0.01], [0.0, 2.0, 0.5], [0.1, 250.0, 4.0]])
    (figure,) = signed_figures(learned, None, NAMES)
    assert numbers(figure)[0] == [["3.0", "-1.2", "0.0"], ["0.0", "2.0", "0.5"], ["0.1", "2e+02", "4.0"]]
    faces = figure.axes[0].collections[0].get_facecolors()
    assert len({tuple(face[:3]) for face in faces}) == 2
    assert faces[7][3] == max(face[3] for face in faces) == pytest.approx(0.6)  # 250 is the strongest
    assert len(signed_figures(learned, Reference(np.eye(3), False), NAMES)) == 2
    assert signed_figures(np.zeros((3, 3)), None, NAMES)


def test_of_many_classes_those_that_differ_most_are_drawn():
    names = [f"n{i:02d}" for i in range(40)]
    learned = np.eye(40)
    learned[33] = 1 / 40
    before, after = transition_figures(learned, Reference(np.eye(40), False), names)
    assert {"n33", "0.97", "Learned transition (%), 20 of 40 classes"} <= set(texts(after))
    assert [t for t in texts(before) if t[0] == "n"] == [t for t in texts(after) if t[0] == "n"]


@pytest.mark.parametrize("classes", [2, 12, 13, 30])
def test_sizes(classes):
    names = [f"class number {i}" for i in range(classes)]
    learned = fake_learned(classes)
    true = reference({}, fake_table(rows=30 * classes, classes=classes, names=tuple(names)))
    figures = transition_figures(learned["transition"].astype(float), true, names)
    for figure in figures + signed_figures(learned["matrix"].astype(float), true, names):
        assert not overlaps(figure)


def test_a_row_without_a_partner_has_no_distance():
    zero, one = np.array([[0.0, 0.0]]), np.array([[0.25, 0.75]])
    assert np.isnan(total_variation(zero, one)).all() and np.isnan(total_variation(one, zero)).all()
    assert total_variation(one, one[:, ::-1]) == pytest.approx([0.5])
    assert total_variation(0.5 * one, one) == pytest.approx([0.25])


def test_rows_of_no_class_and_unknown_ones_are_not_counted():
    found = reference({}, table([0, 3, 0, 1, -1]))  # given: 0 0 0 1 1
    assert found.transition.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]
    found = reference({"transition": np.eye(3)}, table([2, 2, 2, 2, 0]))  # a file that does not name its kind
    assert found.is_counted and found.transition.tolist() == [[0, 1, 0], [0, 0, 0], [0.75, 0.25, 0]]


def test_the_estimated_matrix_counts_suggestions():
    given, suggested = np.array([0, 0, 1, 1, 1, 1, 2]), np.array([0, 1, 1, 1, 0, 0, 0])
    labels = label_table(Evidence(range(7), given, NAMES, np.eye(3)[suggested], np.ones(7)))
    figure = estimated_figure(labels)
    assert numbers(figure)[0] == [["25", "50", "25"], ["33", "67", ""], ["", "", ""]]
    assert {"Estimated transition (%)", "suggested label", "given label"} <= set(texts(figure))


def test_of_many_classes_those_that_keep_least_are_estimated():
    names = [f"n{i:02d}" for i in range(40)]
    suggested = np.arange(40).repeat(3)[:-3]  # class 39 is suggested nowhere
    given = suggested.copy()
    given[99], given[105:107] = 1, 2  # of class 33 a third is given otherwise, of class 35 two thirds
    labels = label_table(Evidence(range(117), given, names, np.eye(40)[suggested], np.ones(117)))
    shown = set(texts(estimated_figure(labels)))
    assert {"n33", "n35", "Estimated transition (%), 20 of 40 classes"} <= shown and "n39" not in shown


def test_without_a_true_matrix_the_smallest_diagonals_are_drawn():
    learned = np.eye(40)
    learned[37], learned[38] = 1 / 40, 1 / 40
    (figure,) = transition_figures(learned, None, [f"n{i:02d}" for i in range(40)])
    assert {"n37", "n38"} <= set(texts(figure))


def test_of_many_classes_those_with_the_largest_number_off_the_diagonal_are_drawn():
    names = [f"n{i:02d}" for i in range(40)]
    learned = np.diag(np.arange(40.0, 0.0, -1.0))
    learned[30, 35], learned[36, 2] = -3.0, 2.0
    (figure,) = signed_figures(learned, None, names)
    shown = set(texts(figure))
    assert {"n30", "n35", "n36", "n02", "Learned matrix, 20 of 40 classes"} <= shown


def test_signed_cells_by_hand():
    (figure,) = signed_figures(np.array([[4.0, -1.0], [0.0, 99.4]]), None, ("x", "y"))
    assert numbers(figure)[0] == [["4.0", "-1.0"], ["0.0", "99.4"]]
    faces = figure.axes[0].collections[0].get_facecolors()
    assert [to_hex(face[:3]) for face in faces] == [PURPLE, MUTED, MUTED, PURPLE]
    assert [face[3] for face in faces] == pytest.approx([0.6 * (4 / 99.4) ** 0.5, 0.6 * (1 / 99.4) ** 0.5, 0, 0.6])
    (figure,) = signed_figures(np.array([[99.5, -99.5], [-99.44, 0.04]]), None, ("x", "y"))
    assert numbers(figure)[0] == [["1e+02", "-1e+02"], ["-99.4", "0.0"]]


def test_small_positive_numbers_are_purple():
    (figure,) = signed_figures(np.array([[0.5, -0.5], [0.1, 2.0]]), None, ("x", "y"))
    faces = figure.axes[0].collections[0].get_facecolors()
    assert [to_hex(face[:3]) for face in faces] == [PURPLE, MUTED, PURPLE, PURPLE]


def test_the_distance_decides_and_not_the_diagonal():
    names, learned, true = [f"n{i:02d}" for i in range(40)], np.eye(40), np.eye(40)
    learned[20:39], true[20:39] = 1 / 40, 1 / 40  # far from the diagonal, and rightly so
    learned[39] = np.roll(np.eye(40)[39], 1)
    before, _ = transition_figures(learned, Reference(true, False), names)
    shown = {text for text in texts(before) if text[0] == "n"}
    assert shown == {"n39", *names[:19]}


def test_classes_of_one_row():
    names = [f"n{i:02d}" for i in range(40)]
    suggested = np.append(np.arange(39), [38, 39])  # one row each, two of class 38
    given = suggested.copy()
    given[25], given[38] = 0, 1  # the only row of class 25, one of two of class 38
    labels = label_table(Evidence(range(41), given, names, np.eye(40)[suggested], np.ones(41)))
    shown = {text for text in texts(estimated_figure(labels)) if text[0] == "n"}
    assert shown == {"n25", "n38", *names[:18]}
