"""Learned against true transition matrices."""

import numpy as np
import pytest

from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.transition import Reference, reference, signed_figures, total_variation, transition_figures
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
