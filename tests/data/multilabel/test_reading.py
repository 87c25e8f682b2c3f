import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from meta_noise.data.multilabel import read_multilabel
from meta_noise.errors import InputError

SETS = [["sea"], ["sea", "sun"], [], ["sun"], ["city", "sun"], ["city"], ["sea", "city"], ["sun"]]
TRUTH = [["sea" in one, "sun" in one, "city" in one] for one in SETS]


def texts():
    return [f"a picture of number {row} with words" for row in range(len(SETS))]


def written(path, cells, name="tags", extra=""):
    lines = [f"id,text,{name}{extra}", *(f"r{row},{text},{cells[row]}" for row, text in enumerate(texts()))]
    path.write_text("\n".join(lines) + "\n")
    return path


def matrix(found):
    return found.given[:, [found.names.index(name) for name in ("sea", "sun", "city")]].astype(bool).tolist()


@pytest.mark.parametrize(
    "cell, kind, sign",
    [
        (lambda one: "|".join(one), "sign", "|"),
        (lambda one: " ; ".join(one), "sign", " ; "),
        (lambda one: '"' + ", ".join(one) + '"', "sign", ", "),
        (lambda one: '"' + json.dumps(one).replace('"', '""') + '"', "json text", ""),
        (lambda one: f'"{one}"', "python text", ""),
    ],
)
def test_cells_of_text_files(tmp_path, cell, kind, sign):
    found = read_multilabel(written(tmp_path / "a.csv", [cell(one) for one in SETS]), label="tags")
    assert found.names == ("city", "sea", "sun") and matrix(found) == TRUTH
    assert (found.form.kind, found.form.sign) == (kind, sign)
    assert found.own.texts == texts() and not found.trusted.any() and np.array_equal(found.given, found.labels)


def test_a_sign_inside_names_of_classes(tmp_path):
    """Half of the rows have one label; "food & drink" stands in most cells."""
    sets = [["food & drink"], ["food & drink", "travel"], ["travel", "sport", "food & drink"], ["sport"]] * 6
    found = read_multilabel(written(tmp_path / "a.csv", ["|".join(one) for one in sets]), label="tags")
    assert found.names == ("food & drink", "sport", "travel") and found.form.sign == "|"


def test_lists_and_words_for_none(tmp_path):
    frame = {"text": [*texts(), "one more of these texts", "and again one of them"], "labels": [*SETS, None, ["Sea"]]}
    found = read_multilabel(frame)
    assert matrix(found) == [*TRUTH, [True, False, False]]  # a row of no list is left out, another spelling is one
    assert any("1 row (empty 1)" in note for note in found.own.notes)
    path = written(tmp_path / "a.csv", ["|".join(one) or "none" for one in SETS[:-1]] + ["NA"])
    found = read_multilabel(path, label="tags")
    assert matrix(found) == TRUTH[:-1] and found.form.nothing == "none"


def test_columns_of_yes_and_no(tmp_path):
    cells = [f"{'sea' in one:d},{'yes' if 'sun' in one else 'no'},{'x' if 'city' in one else ''}" for one in SETS]
    path = written(tmp_path / "a.csv", [cell.replace("x", "1") for cell in cells], "sea,sun,city")
    found = read_multilabel(path, label="sea, sun,city")
    assert found.names == ("sea", "sun", "city") and found.given.astype(bool).tolist() == TRUTH
    cells[2] = "0,maybe,"
    written(path, [cell.replace("x", "1") for cell in cells], "sea,sun,city")
    with pytest.raises(InputError, match=r"a.csv, line 4 .*column 'sun' holds 'maybe'; write 1 or 0"):
        read_multilabel(path, label=["sea", "sun", "city"])
    assert len(read_multilabel(path, label=["sea", "sun", "city"], skip_bad=True).given) == 7


def test_an_empty_cell_beside_words_for_no_is_bad(tmp_path):
    path = written(tmp_path / "a.csv", ["1,0", "0,1", ",1", "0,0", "1,1", "0,0", "1,0", "0,1"], "sea,sun")
    with pytest.raises(InputError, match=r"line 4 .*column 'sea' holds nothing; write 1 or 0"):
        read_multilabel(path, label="sea,sun")


def test_trusted_rows_by_file_and_by_column(tmp_path):
    path = written(tmp_path / "a.csv", ["|".join(one) for one in SETS])
    right = tmp_path / "right.csv"
    right.write_text("id,tags\nr0,sea|CITY|sun\nr2,\n")  # a set that no row was given
    found = read_multilabel(path, label="tags", trusted=right)
    assert np.flatnonzero(found.trusted).tolist() == [0, 2] and found.labels[0].tolist() == [1, 1, 1]
    assert found.given[0].tolist() == [0, 1, 0] and found.is_counted
    right.write_text("id,tags\nr0,sea|cty\n")
    with pytest.raises(InputError, match=r"right.csv, line 2 .*'cty' is no class of the data. Did you mean 'city"):
        read_multilabel(path, label="tags", trusted=right)
    cells = [f"{'|'.join(one)},{row == 1}" for row, one in enumerate(SETS)]
    found = read_multilabel(written(tmp_path / "b.csv", cells, "tags,trusted"), label="tags")
    assert np.flatnonzero(found.trusted).tolist() == [1] and not found.is_counted


def test_trusted_rows_need_a_column_for_each_class(tmp_path):
    path = written(tmp_path / "a.csv", ["1,0", "0,1"] * 4, "sea,sun")
    with pytest.raises(InputError, match="the dictionary lacks the column 'sun'"):
        read_multilabel(path, label="sea,sun", trusted={"id": ["r0"], "sea": [1]})
    found = read_multilabel(path, label="sea,sun", trusted={"id": ["r0"], "sea": [0], "sun": [1]})
    assert found.labels[0].tolist() == [0, 1] and found.given[0].tolist() == [1, 0]


def test_classes_of_hugging_face(tmp_path):
    kind = {"feature": {"names": ["sea", "sun", "city"], "_type": "ClassLabel"}, "_type": "List"}
    meta = {b"huggingface": json.dumps({"info": {"features": {"labels": kind}}}).encode()}
    numbers = [[("sea", "sun", "city").index(name) for name in one] for one in SETS]
    table = pa.table({"text": texts(), "labels": numbers}).replace_schema_metadata(meta)
    pq.write_table(table, tmp_path / "a.parquet")
    found = read_multilabel(tmp_path / "a.parquet")
    assert matrix(found) == TRUTH and found.form.written([], ["sun", "city"]) == [1, 2]


def test_what_holds_no_several_labels_is_refused(tmp_path):
    path = written(tmp_path / "a.csv", ["sea", "sun"] * 4)
    with pytest.raises(InputError, match=r"No cell of column 'tags' of a.csv holds several labels"):
        read_multilabel(path, label="tags")
    with pytest.raises(InputError, match="no column of labels by a usual name"):
        read_multilabel(path)
    with pytest.raises(InputError, match=r"holds '/' between labels; give the sign there"):
        read_multilabel(path, label="tags", sign="/")
    with pytest.raises(InputError, match="The column 'tags' is named twice"):
        read_multilabel(path, label="tags,tags")
    with pytest.raises(InputError, match=r"Unknown column of a.csv 'tag'. Did you mean 'tags'"):
        read_multilabel(path, label=["tags", "tag"])
    with pytest.raises(InputError, match="has no column of images"):
        read_multilabel({"labels": SETS})


@pytest.mark.parametrize("kind, cell", [("sign", "b, a"), ("json text", '["b", "a"]'), ("list", ["b", "a"])])
def test_sets_are_written_as_they_were(kind, cell):
    from meta_noise.data.multilabel.form import Form, parts_of, read_set, written_set

    form = Form(kind, ("tags",), ("a", "b"), ", " if kind == "sign" else "")
    assert parts_of(cell, form.sign) == ["b", "a"] and form.written(cell, ["b", "a"]) == cell
    assert read_set(written_set(["b", "a"])) == ("a", "b") and read_set(written_set([])) == ()
