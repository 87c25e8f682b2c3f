import datetime

import numpy as np
import pyarrow as pa
import pytest

from meta_noise.cli.words import told
from meta_noise.data.own import read
from meta_noise.data.own.labels import class_order, distinct, lone_labels


def rows(labels):
    return "text,label\n" + "".join(f"words and words {row},{label}\n" for row, label in enumerate(labels))


@pytest.mark.parametrize(
    "labels, classes",
    [
        (["b", "a", "b", "a"], ("a", "b")),
        (["10", "9", "10", "9"], ("9", "10")),
        (["1.0", "2.0", "1.0", "2.0"], ("1", "2")),
        (["007", "-1", "007", "-1"], ("-1", "007")),
        (["True", "False", "True", "False"], ("False", "True")),
        (["1e5", "3d", "1e5", "3d"], ("1e5", "3d")),
        ([" a", "b ", "a", "b"], ("a", "b")),
        (["=1+1", "<b>", "=1+1", "<b>"], ("<b>", "=1+1")),
        (["0.5", "1.5", "0.5", "1.5"], ("0.5", "1.5")),
    ],
)
def test_labels_become_classes(write, labels, classes):
    own = read(write("a.csv", rows(labels)))
    assert own.class_names == own.source.class_names == classes
    assert [classes[label] for label in own.source.labels] == [
        text.strip().removesuffix(".0") for text in labels
    ] and own.given.tolist() == own.source.labels.tolist()


def test_order_of_classes():
    assert class_order(["b", "10", "9"]) == ("10", "9", "b")
    assert class_order(["1", "01", "-2.5"]) == ("-2.5", "01", "1")
    assert class_order(["ant", "zebra"], ("zebra", "bee", "ant")) == ("zebra", "ant")


def test_mixed_types(write, refusal):
    path = write("a.csv", rows(["1", "2", "1", "2", "cat"]))
    assert "a.csv, line 6 (id 'a-00004'): label 'cat' is a word, but 4 labels are a number, such as '1'" in refusal(
        path
    )
    assert read(path, skip_bad=True).class_names == ("1", "2")


def test_missing_labels_are_left_out_and_counted(write):
    words = ["", "NA", "n/a", "NaN", "null", "None", "-", " inf ", "-inf"]
    own = read(write("a.csv", rows(["a", "b", "a", "b", *words])))
    assert own.class_names == ("a", "b") and [each.row for each in own.skipped] == list(range(6, 15))
    assert own.skipped[1].reason.endswith("column 'label' holds 'NA', a word for a missing value.")
    (note,) = [note for note in own.notes if "holds no label there" in note]
    assert "9 rows (empty 1, -inf 1," in note.replace("- 1, ", "") and "--keep-missing-words" in note


def test_missing_words_may_be_kept(write):
    path = write("a.csv", rows(["1", "2", "NA", "nan", "", "1", "2", "NA", "nan"]))
    assert read(path).class_names == ("1", "2")
    kept = read(path, keep_missing_words=True)
    assert set(kept.class_names) == {"1", "2", "NA", "nan"} and [each.row for each in kept.skipped] == [6]


@pytest.mark.parametrize(
    "labels, classes",
    [
        ([0, 1, -1, 0, 1, -1], ("0", "1")),
        ([0.0, 1.0, -1.0, 0.0, 1.0, -1.0], ("0", "1")),
        ([0.0, 1.0, np.nan, np.inf, 0.0, 1.0, -np.inf], ("0", "1")),
        (["-1", "cat", "dog", "-1", "cat", "dog", "?"], ("cat", "dog")),
        ([-1, 1, -1, 1], ("-1", "1")),
        ([-1, 1, 2, -1, 1, 2], ("-1", "1", "2")),
        (["+", "-", "+", "-"], ("+", "-")),
        (["a", None, "b", "a", "None", "b"], ("a", "b")),
    ],
)
@pytest.mark.parametrize("make", [list, np.array, lambda values: pa.array(values, from_pandas=True)])
def test_missing_labels_of_every_form(labels, classes, make):
    if make is np.array and None in labels:
        make = lambda values: np.array(values, object)  # noqa: E731
    own = read({"text": [f"words and words {row}" for row in range(len(labels))], "label": make(labels)})
    assert own.class_names == classes
    assert len(own.source.labels) + len(own.skipped) == len(labels)


def test_spellings_are_one_class_named_by_the_most_frequent(write):
    labels = ["Sports", "sports ", "Sports", "SPORTS", "New  York", "new york", "New York", "New York", "ﬁne", "fine"]
    own = read(write("a.csv", rows(labels)))
    assert own.class_names == ("New York", "Sports", "fine")
    assert np.bincount(own.source.labels).tolist() == [4, 4, 2]
    (note,) = [note for note in own.notes if "are one class" in note]
    assert "5 rows: 'New  York' as 'New York', 'SPORTS' as 'Sports'" in note and "--keep-spellings" in note
    apart = read(write("a.csv", rows(labels * 2)), keep_spellings=True)
    assert len(apart.class_names) == 8


def test_numbers_in_other_characters(write):
    assert read(write("a.csv", rows(["1", "2", "\uff11", "2", "1"]))).source.labels.tolist() == [0, 1, 0, 1, 0]


def test_label_seen_once_is_left_out(write):
    own = read(write("a.csv", rows(["kitten", "dog", "kiten", "dog", "kitten"])))
    assert own.class_names == ("dog", "kitten") and [each.row for each in own.skipped] == [4]
    assert "label 'kiten' is seen in no other row" in own.skipped[0].reason
    assert "Did you mean 'kitten'?" in own.skipped[0].reason
    assert "Left out, as a class needs two rows or more: 1 class of one row (kiten)." in own.notes
    assert list(lone_labels(["a", "b", "a", "c"])) == [1, 3]


def test_held_out_rows_of_a_class_of_one_row():
    frame = {"x": [1.0, 2.5, 3.0, 4.0, 5.0, 6.0], "label": list("aabbcc"), "split": ["train"] * 5 + ["test"]}
    own = read({name: [*values, values[-1]] for name, values in frame.items()} | {"label": list("aabbcca")})
    assert own.class_names == ("a", "b") and own.test.labels.tolist() == [0] and len(own.skipped) == 2


def test_label_left_alone_by_another_bad_row(write, refusal):
    path = write("a.csv", rows(["a", "b", "a", "b", "c"]) + " ,c\n")
    own = read(path, skip_bad=True)
    assert own.class_names == ("a", "b") and [each.row for each in own.skipped] == [7, 6]


@pytest.mark.parametrize(
    "labels, said",
    [
        (["a", "a"], "has only one class, 'a'"),
        (["a", "b"], "is seen in no other row"),
        ([str(row / 7) for row in range(30)], "holds 30 different numbers, such as '0'"),
        ([f"{row},{row % 7 + 1}" for row in range(30)], "3 cells"),
        ([f'"{row},{row % 7 + 1}"' for row in range(30)], "a quantity to predict (regression)"),
        ([f"key{row}" for row in range(30)], "another value in each of its 30 rows"),
        ([f"k{row * 2 // 3}" for row in range(30)], "has 20 different labels in 30 rows"),
        ([f"2024-0{row % 9 + 1}-11" for row in range(30)], "holds dates, such as '2024-01-11'"),
        ([f"{row % 9 + 1}.12.24 10:30" for row in range(30)], "holds dates"),
        (["A|B", "A", "B", "A"] * 3, "several labels in one cell in 25% of the rows, such as 'A|B'"),
        (['"A, B"', "A", "B", "A"] * 3, "several labels in one cell"),
        (['"[""A"", ""B""]"', "A", "B", "A"] * 3, "several labels in one cell"),
        (["\"['A', 'B']\"", "A", "B", "A"] * 3, "several labels in one cell"),
        ([""] * 3, "holds no label"),
    ],
)
def test_no_classes(write, refusal, labels, said):
    assert said in refusal(write("a.csv", rows(labels)))


def test_nothing_sensible_is_left(write, refusal):
    for labels in ([""] * 3, ["a", "b"]):
        assert "No row is left without the bad ones" in refusal(write("a.csv", rows(labels)), skip_bad=True)
    assert "only one class" in refusal(write("a.csv", rows(["a", "", "a"])), skip_bad=True)


def test_a_few_rows_of_several_labels_are_left_out(write):
    own = read(write("a.csv", rows(["A", "B"] * 20 + ["A|B"])))
    assert own.class_names == ("A", "B") and [each.row for each in own.skipped] == [42]
    assert "label 'A|B' holds several labels in one cell, between '|'" in own.skipped[0].reason
    assert any(note.startswith("Left out, as their label is several in one, such as 'A|B'") for note in own.notes)


def test_signs_inside_of_classes_are_no_matter(write):
    labels = ['"Arts, Music"', "Sport/Outdoor", "food|fruit", "food|roots", "Sport"] * 3
    own = read(write("a.csv", rows(labels)))
    assert len(own.class_names) == 5 and not any("of their own" in note for note in own.notes)


def test_what_may_be_several_labels_is_said(write):
    own = read(write("a.csv", rows(["cat", "cat|dog", "cat|dog", "bird"] * 3)))
    assert "cat|dog" in own.class_names
    (said,) = (note for note in own.notes if "of their own" in note)
    assert "such as 'cat|dog', 6 rows, are taken as classes of their own beside 'cat'" in said
    assert told(said).endswith("""If they are several labels of one row, --multilabel '|' judges each by itself.""")


@pytest.mark.parametrize("make", [list, lambda values: pa.array(values), lambda values: [set(one) for one in values]])
def test_lists_as_labels(make, refusal):
    texts = [f"words and words {row}" for row in range(6)]
    one = read({"text": texts, "label": make([["a"], ["b"], ["a"], ["b"], [], ["a"]])})
    assert one.class_names == ("a", "b") and one.source.labels.tolist() == [0, 1, 0, 1, 0] and one.skipped[0].row == 4
    assert "several labels in one cell" in refusal({"text": texts, "label": make([["a", "b"], ["a"], ["b"]] * 2)})


def test_objects_are_no_labels(refusal):
    frame = {
        "text": [f"words and words {row}" for row in range(4)],
        "label": [{"x": row % 2, "y": 1} for row in range(4)],
    }
    assert "holds objects of several parts (x, y); give one label a row" in refusal(frame)


def test_dates_with_types_are_no_labels(refusal):
    days = [datetime.date(2024, 1, day + 1) for day in range(6)]
    assert "holds dates" in refusal({"text": [f"words and words {row}" for row in range(6)], "label": days})


def test_a_column_of_as_many_classes_as_its_numbers_can_count_may_have_gaps():
    numbers = pa.array([*range(128), None], pa.int8())
    column = pa.chunked_array([pa.DictionaryArray.from_arrays(numbers, pa.array([f"c{n}" for n in range(128)]))])
    values, of_row = distinct(column)
    assert [values[row] for row in of_row] == [*(f"c{n}" for n in range(128)), None]
