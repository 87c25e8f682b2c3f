"""Suggested and corrected labels, counted by hand."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from meta_noise.report.corrections import (
    Corrections,
    Share,
    confused_pairs,
    confusion_figure,
    correction_figures,
    correction_shares,
    corrections,
)
from meta_noise.report.drawing import BLUE, MUTED, ORANGE
from meta_noise.report.labels import Evidence, columns, label_table
from meta_noise.report.quality import Targets
from tests.report.drawn import overlaps, texts
from tests.report.fake_run import fake_table

NAMES = ("cat", "dog", "owl")
#                   repaired, missed, moved, right, spoiled, right, truth unknown, never visited
TRUE = np.array([0, 0, 1, 1, 2, 2, -1, 2])
GIVEN = np.array([1, 1, 0, 1, 2, 2, 0, 0])
CORRECTED = np.array([0, 1, 2, 1, 0, 2, 1, -1])


def table(true=TRUE, given=GIVEN, corrected=CORRECTED):
    count = len(given)
    targets = None if corrected is None else Targets(corrected, np.full(count, 0.1))
    return label_table(Evidence(range(count), given, NAMES, np.eye(3)[given], np.ones(count), None, targets, true=true))


def test_the_corrected_label_has_its_own_column():
    labels = table()
    assert labels["corrected_label"].to_pylist() == ["cat", "dog", "owl", "dog", "cat", "owl", "dog", None]
    assert labels["suggested_label"].to_pylist() == [NAMES[i] for i in GIVEN]  # the prediction is more certain
    assert columns(labels).corrected.tolist() == CORRECTED.tolist()
    assert "corrected_label" not in table(corrected=None).column_names


def test_counts():
    counts = corrections(table())
    assert counts == Corrections(rows=6, changed=3, wrong=3, repaired=1, missed=1, spoiled=1)
    assert correction_shares(counts) == [
        Share("given label wrong", 3, 6),
        Share("of these, corrected to the truth", 1, 3),
        Share("of these, changed to another wrong class", 1, 3),
        Share("of these, left as they were", 1, 3),
        Share("given label right", 3, 6),
        Share("of these, spoiled", 1, 3),
        Share("corrected label right", 3, 6),
    ]


def test_counts_without_a_truth():
    counts = corrections(table(true=None))
    assert counts == Corrections(rows=7, changed=4)
    assert correction_shares(counts) == [Share("label changed", 4, 7)]


def test_nothing_is_corrected():
    assert corrections(table(corrected=None)) is None and correction_figures(table(corrected=None)) == []
    never = np.full(8, -1)
    assert corrections(table(corrected=never)) is None and correction_figures(table(corrected=never)) == []
    only_unknown = np.where(TRUE == -1, 1, -1)  # the one corrected row has no truth
    labels = table(corrected=only_unknown)
    assert corrections(labels) is None and correction_figures(labels) == []


def cells(figure):
    """Returns {(row, column): number}."""
    return {(int(t.get_position()[1]), int(t.get_position()[0])): t.get_text() for t in figure.axes[0].texts}


def test_rows_of_the_matrices_are_shares_of_the_true_class():
    before, after = correction_figures(table())
    assert cells(before) == {(0, 1): "100", (1, 0): "50", (1, 1): "50", (2, 2): "100"}
    assert cells(after) == {(0, 0): "50", (0, 1): "50", (1, 1): "50", (1, 2): "50", (2, 0): "50", (2, 2): "50"}
    assert before.axes[0].get_xlabel() == "given label" and after.axes[0].get_xlabel() == "corrected label"
    assert before.axes[0].get_ylabel() == after.axes[0].get_ylabel() == "true label"
    assert not overlaps(before) and not overlaps(after)


@pytest.mark.parametrize("true, colour, count", [(None, MUTED, 2), (TRUE, BLUE, 3)])
def test_blue_means_right(true, colour, count):
    figures = correction_figures(table(true=true))
    assert len(figures) == (1 if true is None else 2)
    faces = figures[-1].axes[0].collections[0].get_facecolors()
    wanted = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    assert sum(np.allclose(face[:3], wanted) for face in faces) == count  # all cells of the diagonal that are not empty
    assert "given label" in texts(figures[0])


def test_of_many_classes_the_worst_are_drawn():
    names = tuple(f"n{i:02d}" for i in range(40))
    given = np.arange(40).repeat(2)
    corrected = given.copy()
    corrected[66] = 7  # class 33 is spoiled
    labels = label_table(
        Evidence(
            range(80), given, names, np.eye(40)[given], np.ones(80), None, Targets(corrected, np.ones(80)), true=given
        )
    )
    before, after = correction_figures(labels)
    assert {"n07", "n33"} <= set(texts(after)) and "Corrected labels (%), 20 of 40 classes" in texts(after)
    assert [t for t in texts(before) if t.startswith("n")] == [t for t in texts(after) if t.startswith("n")]


@pytest.mark.parametrize("classes", [2, 12, 31])
def test_sizes(classes):
    names = tuple(f"class number {i}" for i in range(classes))
    for figure in correction_figures(fake_table(rows=20 * classes, classes=classes, corrected=True, names=names)):
        assert not overlaps(figure)


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
    labels = label_table(Evidence("abcde", given, ("x", "y", "z"), np.eye(3)[predicted], np.ones(5), true=true))
    assert confused_pairs(labels) == [("x", "y", 2, 1), ("z", "x", 1, 0)]
    assert confused_pairs(labels, limit=1) == [("x", "y", 2, 1)]
    assert confused_pairs(labels.drop_columns(["true_label"]))[0].right is None


def test_the_most_confused_classes_are_chosen():
    given = np.arange(40)
    predicted = given.copy()
    predicted[33] = 7
    names = [f"n{i:02d}" for i in range(40)]
    table = label_table(Evidence(given, given, names, np.eye(40)[predicted], np.ones(40)))
    assert {"n07", "n33"} <= set(texts(confusion_figure(table)))


def painted(figure):
    """Returns {(row, column): (colour, opacity, text)} of a matrix."""
    axes = figure.axes[0]
    (drawn,) = axes.collections
    found = {}
    texts_at = {tuple(np.floor(text.get_position()).astype(int)[::-1]): text.get_text() for text in axes.texts}
    for path, face in zip(drawn.get_paths(), drawn.get_facecolors(), strict=True):
        column, row = np.floor(path.vertices.min(axis=0)).astype(int)
        found[row, column] = to_hex(face[:3]), round(float(face[3]), 6), texts_at.get((row, column), "")
    return found


def test_cells_of_the_confusion_by_hand():
    given, predicted = np.array([0] * 6 + [1] * 5), np.array([0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0])
    labels = label_table(Evidence(range(11), given, ("x", "y", "z"), np.eye(3)[predicted], np.ones(11)))
    figure = confusion_figure(labels)
    assert painted(figure) == {  # orange by the root of the share of the largest; all at six tenths
        (0, 0): (MUTED, 0.21, "3"), (0, 1): (ORANGE, 0.6, "3"), (1, 1): (MUTED, 0.21, "4"),
        (1, 0): (ORANGE, round(0.6 * (0.02 + 0.98 / 3) ** 0.5, 6), "1"),
    }  # fmt: skip
    assert "Given against suggested labels" in texts(figure)
    same = label_table(Evidence(range(2), np.arange(2), ("x", "y"), np.eye(2), np.ones(2)))
    assert painted(confusion_figure(same)) == {(0, 0): (MUTED, 0.21, "1"), (1, 1): (MUTED, 0.21, "1")}
    one = label_table(Evidence(range(1), np.array([0]), ("x", "y"), np.eye(2)[[1]], np.ones(1)))
    assert painted(confusion_figure(one)) == {(0, 1): (ORANGE, 0.6, "1")}


def test_titles_say_how_many_classes_are_drawn():
    small = fake_table(rows=600, classes=30, corrected=True)
    assert "Given against suggested labels" in texts(confusion_figure(small))
    assert "Corrected labels (%)" in texts(correction_figures(small)[1])
    large = fake_table(rows=600, classes=31, corrected=True)
    assert "The 20 most confused of 31 classes" in texts(confusion_figure(large))
    assert "Corrected labels (%), 20 of 31 classes" in texts(correction_figures(large)[1])


def test_twelve_corrections_are_listed():
    given = np.arange(20) % 10
    labels = label_table(
        Evidence(range(20), given, list("abcdefghij"), np.eye(10)[(given + 1 + (np.arange(20) > 9)) % 10], np.ones(20))
    )
    assert len(confused_pairs(labels)) == 12 and len(confused_pairs(labels, 99)) == 20
    assert confused_pairs(labels)[:2] == [("a", "b", 1, None), ("a", "c", 1, None)]  # of equal ones the first


def test_rows_of_no_class_do_not_count():
    counts = corrections(table(true=np.array([3, 0, 1, 1, 2, 2, -1, 2])))
    assert counts == Corrections(rows=5, changed=2, wrong=2, repaired=0, missed=1, spoiled=1)


def test_classes_that_are_wrong_or_change_are_drawn():
    names, true = [f"n{i:02d}" for i in range(40)], np.arange(40).repeat(2)
    given, corrected = true.copy(), true.copy()
    given[60] = corrected[60] = 35  # class 30 is wrong and stays so
    targets = Targets(corrected, np.ones(80))
    labels = label_table(Evidence(range(80), given, names, np.eye(40)[given], np.ones(80), None, targets, true=true))
    before, _ = correction_figures(labels)
    assert "n30" in texts(before)
    given[60], given[66] = 30, 37  # class 33 is wrong and repaired
    labels = label_table(Evidence(range(80), given, names, np.eye(40)[given], np.ones(80), None, targets, true=true))
    assert "n33" in texts(correction_figures(labels)[0])
