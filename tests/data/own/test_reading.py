import numpy as np
import pytest

from meta_noise.data.own import Skipped, read

HEADER = "id,text,label,split,trusted\n"
ROWS = [
    "a,one fine day,good,train,yes",
    "b,two fine days,good,train,no",
    "c,one bad day,bad,train,0",
    "d,two bad days,bad,train,TRUE",
    "e,three fine days,good,test,",
    "f,three bad days,bad,valid,f",
]


@pytest.fixture
def table(write):
    return lambda *more: write("days.csv", HEADER + "\n".join([*ROWS, *more]) + "\n")


def test_all_columns(table):
    own = read(table())
    source = own.source
    assert (own.kind, own.class_names, own.columns, own.skipped, own.duplicates) == (
        "texts",
        ("bad", "good"),
        (),
        [],
        [],
    )
    assert own.texts == ["one fine day", "two fine days", "one bad day", "two bad days"]
    assert source.inputs.shape == (4, 0) and source.labels.tolist() == [1, 1, 0, 0] and source.labels.dtype == np.int32
    assert source.ids.tolist() == list("abcd") and source.trusted.tolist() == [True, False, False, True]
    assert source.name == "days" and source.true_labels is None
    assert own.test_texts == ["three fine days", "three bad days"] and own.test.ids.tolist() == ["e", "f"]
    assert own.test.labels.tolist() == [1, 0] and own.test.trusted is None and own.test.inputs.shape == (2, 0)
    assert own.notes == [
        "Labels are in column 'label', by its name.",
        "Ids are in column 'id', by its name.",
        "Trusted rows are in column 'trusted', by its name.",
        "Parts are in column 'split', by its name.",
        "Inputs are the texts in column 'text'.",
        "2 rows are held out for measuring, by column 'split'.",
        "2 of 4 rows are trusted.",
    ]


@pytest.mark.parametrize(
    "row, said",
    [
        ("a,one good day,good,train,no", "(id 'a'): line 2 has this id too; every row needs its own"),
        (",one good day,good,train,no", "holds no id"),
        ("g,one good day,good,tran,no", "(id 'g'): column 'split' holds 'tran'; write train, test or valid"),
        ("g,one good day,good,train,maybe", "(id 'g'): column 'trusted' holds 'maybe'; write true or false"),
        ("g,one good day,good,test,yes", "(id 'g'): it is trusted and held out for testing"),
        (
            "g,three bad days,bad,train,yes",
            "(id 'g'): this trusted row is the same as days.csv, line 7, which is held out",
        ),
        ("g,one good day,fair,test,no", "(id 'g'): label 'fair' is that of no row to train on"),
    ],
)
def test_bad_rows(table, refusal, row, said):
    path = table(row)
    assert f"days.csv, line 8 {said}" in refusal(
        path
    ) or f"days.csv, line 8 (id 'days-00006'): column 'id' {said}" in refusal(path)
    own = read(path, skip_bad=True)
    assert [each.row for each in own.skipped] == [8] and own.source.ids.tolist() == list("abcd")
    assert (
        own.test.ids.tolist() == ["e", "f"] and own.notes[-1] == f"Rows left out: 1, the first: {own.skipped[0].reason}"
    )


def test_skipped_rows_are_listed(table):
    path = table("g,,good,train,no", "h,four fine days,good", "i,four bad days,bad,train,no")
    own = read(path, skip_bad=True)
    assert own.source.ids.tolist() == ["a", "b", "c", "d", "i"]
    assert own.skipped[0] == Skipped(8, "g", "days.csv, line 8 (id 'g'): column 'text' holds no text.")
    assert own.skipped[1].row == 9 and own.skipped[1].id == "days-00007"


def test_duplicates_across_parts(table):
    own = read(table("g,three fine days,bad,train,no", "h,one bad day,bad,train,no"))
    assert sorted(own.duplicates) == [("c", "h"), ("e", "g")]
    note = "4 rows are in 2 groups with the same inputs; labels differ in 1 of them. One is "
    assert [text for text in own.notes if text.startswith(note)]


def test_some_rows_must_be_left(write, refusal):
    assert "All 4 rows of all are trusted" in refusal(
        write("all.csv", HEADER + "\n".join(f"{i},x y,{i % 2},train,1" for i in range(4)))
    )
    assert "All rows of all.csv are held out" in refusal(
        write("all.csv", HEADER + "\n".join(f"{i},x y,{i % 2},test,0" for i in range(4)))
    )


def test_a_part_of_the_rows(write):
    lines = [
        f"{i},x y {i},{i % 2 if i < 95 else 2},{'test' if i % 5 == 0 else 'train'},{int(i % 10 == 1)}"
        for i in range(100)
    ]
    path = write("many.csv", HEADER + "\n".join(lines))
    own = read(path, max_rows=15)
    assert len(own.source.ids) == 15 and len(own.test.ids) == 15
    assert own.source.trusted.sum() == 10 and np.bincount(own.source.labels).min() >= 2
    assert own.source.ids.tolist() == sorted(own.source.ids.tolist(), key=int)
    assert own.source.ids.tolist() == read(path, max_rows=15).source.ids.tolist()
    assert len(read(path, max_rows=100).source.ids) == 80


def test_too_small_a_part(table, refusal):
    assert "max_rows is 1, but the trusted rows and 2 of each class are 4" in refusal(table(), max_rows=1)


@pytest.mark.parametrize(
    "name, said",
    [
        ("day.csv", "does not exist. Did you mean"),
        ("days.xlsx", "Save the sheet as CSV"),
        ("days.zip", "Unpack it"),
        ("days.h5", "is of no form that is read here. Give one of .csv"),
        ("days.parquet.gz", "is packed"),
    ],
)
def test_other_files(table, write, refusal, name, said):
    path = table()
    assert said in refusal(write(name, b"x") if name != "day.csv" else path.with_name(name))


def test_the_files_are_not_changed(table, tmp_path):
    before = table().read_bytes()
    read(tmp_path / "days.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["days.csv"] and (tmp_path / "days.csv").read_bytes() == before


def test_real_files(real_data):
    own = read(real_data("noisy_ag_news") / "train.csv.gz")
    assert own.kind == "texts" and np.bincount(own.source.labels).tolist() == [3337, 2487, 2423, 1753]
    own = read(real_data("weak_text") / "sms" / "train.csv.gz")
    assert np.bincount(own.source.labels).tolist() == [3954, 617] and own.duplicates
