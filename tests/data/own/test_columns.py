import numpy as np
import pytest

from meta_noise.data.own import read

TEXTS = [f"some words of row {row}" for row in range(6)]
LABELS = list("ababab")
NUMBERS = [0.5, 1.5, 2.0, 0.0, 1.0, 3.0]


@pytest.mark.parametrize("name", ["label", "Given Label", "CLASS", "noisy-label", "y", "target"])
def test_labels_by_usual_names(name):
    own = read({"text": TEXTS, name: LABELS})
    assert own.class_names == ("a", "b") and f"Labels are in column {name!r}, by its name." in own.notes


def test_the_likeliest_name_wins_and_the_user_before_it():
    frame = {"text": TEXTS, "y": LABELS[::-1], "label": LABELS}
    assert read(frame).source.labels.tolist() == [0, 1] * 3
    assert read(frame, label="y").source.labels.tolist() == [1, 0] * 3


@pytest.mark.parametrize("name", ["text", "sentence", "headline"])
def test_texts_by_name_or_by_their_words(name):
    own = read({"length": NUMBERS, name: TEXTS, "label": LABELS})
    assert own.kind == "texts" and own.texts == TEXTS


def test_two_columns_that_look_like_texts(refusal):
    frame = {"headline": TEXTS, "story": TEXTS[::-1], "label": LABELS}
    assert "'headline', 'story' all look like texts; name one by text=" in refusal(frame)
    assert read(frame, text="story").texts == TEXTS[::-1]


def test_numbers_without_labels_ids_and_counters():
    frame = {
        "row": list(range(3, 15)),
        "height": NUMBERS * 2,
        "colour": ["red", "blue"] * 6,
        "is_old": [True, False] * 6,
        "label": LABELS * 2,
        "true_label": list(range(2)) * 6,
        "id": list(range(0, 24, 2)),
        "trusted": [1, 0] * 6,
    }
    own = read(frame, id="", trusted="")
    assert own.kind == "table" and own.columns == ("height", "colour", "is_old")
    said = "Inputs are the numbers in 2 columns: height, is_old; the categories in 1 column: colour."
    assert said in own.notes
    assert "Columns that hold labels, ids or flags left out: true_label, id, trusted." in own.notes
    assert "Columns that only count rows left out: row." in own.notes
    assert read(frame, features=["row", "height"]).columns == ("row", "height")


def test_columns_that_are_no_inputs():
    frame = {
        "height": NUMBERS,
        "same": ["x"] * 6,
        "name": list("uvwxyz"),
        "list": [[1], ["a"], [], [2], [3], [4]],
        "mixed": ["1.5", "2", "foo", "3", "", "4"],
        "label": LABELS,
    }
    own = read(frame)
    (mixed,) = (note for note in own.notes if note.endswith(" left out: mixed."))
    assert mixed.startswith("Columns that hold numbers, but words in more than one of ten rows (empty such cells")
    assert own.columns == ("height",) and {
        "Columns that hold the same in every row left out: same.",
        "Columns that hold another word or text in most rows (text=... takes one of them alone) left out: name.",
        "Columns that hold neither numbers, dates nor categories left out: list.",
    } <= set(own.notes)
    assert read(frame, features=["height", "name"]).source.inputs.shape == (6, 7)


def test_names_beside_enough_columns_are_no_texts():
    names = [f"Braund, Mr. Owen Harris {row}" for row in range(6)]
    frame = {"Name": names, "age": NUMBERS, "fare": NUMBERS[::-1], "label": LABELS}
    assert read(frame).kind == "texts" and any("Not used: age, fare." in note for note in read(frame).notes)
    many = {**frame, "sex": ["m", "f", "f"] * 2}
    own = read(many)
    assert own.columns == ("age", "fare", "sex")
    assert (
        "Columns that hold another word or text in most rows (text=... takes one of them alone) left out: Name."
        in own.notes
    )
    assert read(many, text="Name").kind == "texts"
    long = {**many, "Name": [f"{name} and a story of many more words" for name in names]}
    assert read(long).kind == "texts"


def test_an_export_with_other_names():
    frame = {
        "annotation_id": [1000, 1003, 1001, 1010, 1020, 1002],
        "data_text": [f"some words of {row}" for row in range(6)],
        "lead_time": NUMBERS,
        "annotator": [1, 2, 2] * 2,
        "created_at": [f"2024-01-0{row + 1}T10:00:00Z" for row in range(6)],
        "sentiment": LABELS,
    }
    own = read(frame, label="sentiment")
    assert own.kind == "texts" and own.texts == frame["data_text"]
    assert read({name: cells for name, cells in frame.items() if name != "data_text"}, label="sentiment").columns == (
        "lead_time",
        "annotator",
        "created_at",
    )


def test_a_file_without_a_header(write, refusal):
    said = refusal(write("a.csv", "a fine day,good\na bad day,bad\n" * 6))
    assert said.endswith("if these are no names but cells, put a line of names before them.")


def test_coordinates_are_no_labels():
    own = read({"x": NUMBERS, "y": NUMBERS[::-1], "label": LABELS})
    assert own.columns == ("x", "y") and own.class_names == ("a", "b")
    assert read({"height": NUMBERS, "y": NUMBERS, "label": LABELS}).columns == ("height",)


def test_vectors_in_a_column():
    frame = {"embedding": [[row, 2.0] for row in NUMBERS], "height": NUMBERS, "label": LABELS}
    own = read(frame)
    assert own.kind == "features" and own.source.inputs[1].tolist() == [1.5, 2.0]
    assert read(frame, features=["height"]).source.inputs.shape == (6, 1)
    assert read({**frame, "text": TEXTS}).kind == "texts"
    assert read({**frame, "text": TEXTS}, features="embedding").kind == "features"


def test_vectors_of_other_lengths_are_bad(refusal):
    frame = {"embedding": [[1.0, 2.0]] * 4 + [[1.0], None], "label": LABELS}
    assert "row 4 (id 'dictionary-00004'): column 'embedding' holds 1 numbers, in most rows 2" in refusal(frame)
    own = read(frame, skip_bad=True)
    assert own.source.inputs.shape == (4, 2) and [each.row for each in own.skipped] == [4, 5]


def test_ids_trusted_and_split_by_usual_names():
    frame = {
        "text": TEXTS,
        "label": LABELS,
        "uid": list("uvwxyz"),
        "verified": [1, 0, 0, 0, 0, 0],
        "part": ["train"] * 6,
    }
    own = read(frame)
    assert own.source.ids.tolist() == list("uvwxyz") and own.source.trusted.tolist() == [True] + [False] * 5
    assert read(frame, id="", trusted="").source.trusted is None


def test_names_are_not_enough_where_cells_do_not_fit():
    frame = {"clean": NUMBERS, "part": ["wheel", "door"] * 3, "image": ["red", "blue"] * 3, "label": LABELS}
    own = read(frame)
    assert (
        own.kind == "table"
        and own.columns == ("clean", "part", "image")
        and own.source.trusted is None
        and own.test is None
    )


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"label": "labl"}, "Unknown column of the dictionary 'labl'. Did you mean 'label'? Choices: "),
        ({"text": "txt"}, "Did you mean 'text'?"),
        ({"image": "picture"}, "Unknown column"),
        ({"id": "key"}, "Unknown column"),
        ({"split": "part"}, "Unknown column"),
        ({"features": ["height", "width"]}, "Unknown column of the dictionary 'width'"),
        ({"features": "hight"}, "Did you mean 'height'?"),
        ({"trusted": "truth"}, "Unknown column"),
        ({"trusted": "truth.csv"}, "neither a column of the dictionary (text, height, label) nor a file"),
        ({"features": "vectors.npy"}, "vectors.npy does not exist"),
        ({"features": np.zeros((5, 2))}, "features hold 5 rows, the dictionary 6"),
        ({"features": np.zeros(6)}, "float64 of shape (6,); give numbers"),
        ({"text": "height"}, "holds cells of type double; it should hold text"),
        ({"image": "height"}, "it should hold paths or bytes"),
        ({"features": "text"}, "it should hold lists of numbers"),
        ({"text": "text", "image": "text"}, "cannot both be the inputs"),
        ({"max_rows": -1}, "max_rows is -1"),
    ],
)
def test_wrong_settings(refusal, settings, said):
    assert said in refusal({"text": TEXTS, "height": NUMBERS, "label": LABELS}, **settings)


def test_no_labels_or_no_inputs(refusal):
    said = refusal({"text": TEXTS, "kind": LABELS})
    assert "no column of labels by a usual name" in said and "Its columns: text, kind." in said
    said = refusal({"name": ["x"] * 6, "label": LABELS})
    assert "no column of images, texts, numbers or categories beside the labels in 'label'" in said


def test_features_in_a_file(tmp_path, write):
    data = write("a.csv", "id,label\n" + "".join(f"r{row},{row % 2}\n" for row in range(4)) + "r9\n")
    np.save(tmp_path / "v.npy", np.arange(10).reshape(5, 2))
    own = read(data, features=tmp_path / "v.npy", skip_bad=True)
    assert own.kind == "features" and own.source.inputs.tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert own.source.ids.tolist() == ["r0", "r1", "r2", "r3"] and own.skipped[0].row == 6
