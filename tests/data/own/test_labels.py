import pytest

from meta_noise.data.own import read
from meta_noise.data.own.labels import class_order, lone_labels


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
        (["1e5", "3d", "nan", "1e5", "3d", "nan"], ("1e5", "3d", "nan")),
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


def test_missing_label(write, refusal):
    path = write("a.csv", rows(["a", "b", "", "b", "a"]))
    assert "a.csv, line 4 (id 'a-00002'): column 'label' holds no label" in refusal(path)
    assert [each.row for each in read(path, skip_bad=True).skipped] == [4]


def test_label_seen_once(write, refusal):
    path = write("a.csv", rows(["kitten", "dog", "kiten", "dog", "kitten"]))
    said = refusal(path)
    assert "line 4 (id 'a-00002'): label 'kiten' is seen in no other row" in said and "Did you mean 'kitten'?" in said
    assert read(path, skip_bad=True).class_names == ("dog", "kitten")
    assert list(lone_labels(["a", "b", "a", "c"])) == [1, 3]


def test_label_left_alone_by_another_bad_row(write, refusal):
    path = write("a.csv", rows(["a", "b", "a", "b", "c"]) + " ,c\n")
    own = read(path, skip_bad=True)
    assert own.class_names == ("a", "b") and [each.row for each in own.skipped] == [7, 6]


@pytest.mark.parametrize(
    "labels, said",
    [
        (["a", "a"], "has only one class, 'a'"),
        (["a", "b"], "is seen in no other row"),
        ([str(row / 7) for row in range(30)], "has 30 different labels in 30 rows"),
        ([""] * 3, "holds no label"),
    ],
)
def test_no_classes(write, refusal, labels, said):
    assert said in refusal(write("a.csv", rows(labels)))


def test_nothing_sensible_is_left(write, refusal):
    for labels in ([""] * 3, ["a", "b"]):
        assert "No row is left without the bad ones" in refusal(write("a.csv", rows(labels)), skip_bad=True)
    assert "only one class" in refusal(write("a.csv", rows(["a", "", "a"])), skip_bad=True)
