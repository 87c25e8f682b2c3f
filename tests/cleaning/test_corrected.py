"""Corrected data: every row of the user's in their form, with the label that is probably right and where it is from."""

import csv

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

import meta_noise
from meta_noise.cleaning.corrected import ADDED, corrected_files, write_once
from meta_noise.cleaning.moves import check_copy
from meta_noise.data.answers import Answer, with_answers
from meta_noise.data.origin import ORIGIN, origin_of, to_json
from meta_noise.data.own import read
from meta_noise.disk.sealed import write_json
from meta_noise.errors import InputError
from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.quality import Scores
from tests.images import put

ROWS = [  # id, label, x, split
    ("a", "cat", "1", "train"),
    ("b", "dog", "2", "train"),
    ("c", "Cat", "3", "train"),
    ("=1+1", "dog", "4", "train"),
    ("e", "cat", "5", "test"),
    ("f", "", "6", "train"),
    ("g", "dog", "7", "train"),
    ("h", "cat", "8", "train"),
    ("h", "dog", "9", "train"),
]


def write(path, rows=ROWS):
    path.write_text("id,label,x,split\n" + "".join(",".join(row) + "\n" for row in rows))
    return path


def judged(own, flagged, known=True, sure=0.7):
    """Returns the label table of the rows that are not trusted, those named in `flagged` with another suggestion, of
    which it is `sure`."""
    free = np.ones(len(own.source.ids), bool) if own.source.trusted is None else ~own.source.trusted
    rows = np.flatnonzero(free)
    given, ids = own.source.labels[rows].astype(int), own.source.ids[rows]
    is_issue = np.isin(ids, flagged)
    classes = len(own.class_names)
    suggested = np.where(is_issue, (given + 1) % classes, given)
    quality = np.where(is_issue, 0.1 + 0.01 * np.arange(len(rows)), 0.9)
    probability = np.where(is_issue, sure, 0.9)
    scores = Scores(quality, is_issue if known else None, suggested, probability, suggested)
    even = np.full((len(rows), classes), 1 / classes)
    return label_table(Evidence(ids, given, own.class_names, even, quality, scores=scores))


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def left(folder, data, settings, flagged, answers=(), known=True):
    own = with_answers(read(data, skip_bad=True, **settings), answers)
    return corrected_files(own, data, settings, Console(quiet=True), answers)(folder, judged(own, flagged, known))


def test_where_every_row_was_judged_their_order_makes_no_difference(tmp_path):
    path = write(tmp_path / "rows.csv", [(f"r{n}", ("cat", "dog")[n % 2], str(n), "train") for n in range(8)])
    own = read(path)
    leave, labels = corrected_files(own, path, {}, Console(quiet=True)), judged(own, ["r3", "r6"])
    table = leave(tmp_path, labels)
    assert table.column_names == [*labels.column_names, "label_source"]
    assert table["label_source"].to_pylist().count("suggested") == 2
    turned = leave(tmp_path, labels.take(np.arange(8)[::-1]))
    assert table.equals(turned, check_metadata=True)


def test_all_rows_are_there_with_their_label_and_its_source(tmp_path):
    data, checked = write(tmp_path / "rows.csv"), tmp_path / "checked.csv"
    checked.write_text("id,label\ng,cat\n")
    answers = [Answer("b", "cat", False, "random", "dog"), Answer("c", "", True, "random", "cat")]
    table = left(tmp_path, data, {"trusted": str(checked)}, ["=1+1"], answers).to_pylist()
    found = rows_of(tmp_path / "cleaned.csv")
    assert [row["id"] for row in found] == [row[0] for row in ROWS]
    assert [row["id"] for row in table] == [row[0] for row in ROWS]
    assert [row["label_source"] for row in table] == [row["label_source"] for row in found]
    for row, one in zip(table, found, strict=True):
        assert (row["suggested_label"] or "") == one["suggested_label"].lower()
        assert row["is_label_issue"] == {"true": True, "false": False, "": None}[one["is_label_issue"]]
        assert not row["is_label_issue"] or row["suggested_label"] != row["given_label"]
    assert list(found[0]) == ["id", "label", "x", "split", *ADDED]
    assert [row["x"] for row in found] == [row[2] for row in ROWS]
    assert [row["given_label"] for row in found] == [row[1] for row in ROWS]
    assert [(row["label"], row["label_source"]) for row in found] == [
        ("cat", "given"),
        ("cat", "answered"),
        ("Cat", "bad"),
        ("cat", "suggested"),
        ("cat", "not judged"),
        ("", "not judged"),
        ("cat", "trusted"),
        ("cat", "given"),
        ("dog", "not judged"),  # its id is that of the row before
    ]
    for row in found:
        assert row["suggested_label"] == row["label"]
        assert (row["is_label_issue"] == "true") == (row["label_source"] == "suggested")
    (worst,) = rows_of(tmp_path / "issues.csv")
    assert worst["id"] == "'=1+1" and worst["line"] == "5"  # for spreadsheets, unlike cleaned.csv
    assert (worst["given_label"], worst["suggested_label"]) == ("dog", "cat")


def test_a_row_that_was_called_bad_is_known_as_such(tmp_path):
    answers = [Answer("a", "", True)]
    left(tmp_path, write(tmp_path / "rows.csv"), {}, ["b", "g"], answers)
    found = rows_of(tmp_path / "cleaned.csv")
    assert found[0]["label_source"] == "bad" and found[0]["label"] == "cat"
    assert [row["id"] for row in rows_of(tmp_path / "issues.csv")] == ["b", "g"]  # the lowest quality first


def test_a_label_that_is_flagged_as_asked_for_stays_where_no_other_is_more_probable(tmp_path):
    path = write(tmp_path / "rows.csv", [(f"r{n}", ("cat", "dog")[n % 2], str(n), "train") for n in range(8)])
    own = read(path)
    table = corrected_files(own, path, {}, Console(quiet=True))(tmp_path, judged(own, ["r3"], sure=0.02))
    row, written = table.to_pylist()[3], rows_of(tmp_path / "cleaned.csv")[3]
    assert (row["is_label_issue"], row["suggested_label"], row["label_source"]) == (True, "cat", "given")
    assert (written["label"], written["suggested_label"], written["is_label_issue"]) == ("dog", "dog", "true")
    assert written["suggested_probability"] == written["label_quality"] == "0.13"


def test_where_nothing_was_found_out_no_label_changes(tmp_path):
    data = write(tmp_path / "rows.csv")
    left(tmp_path, data, {}, [], known=False)
    found = rows_of(tmp_path / "cleaned.csv")
    assert [row["label"] for row in found] == [row[1] for row in ROWS]
    assert {row["is_label_issue"] for row in found} == {""} and rows_of(tmp_path / "issues.csv") == []


def test_a_frame_comes_back_as_parquet(tmp_path):
    frame = {"label": [0, 1, 0, 1, 1, 0], "text": ["one", "two", "three", "four", "five", "six"]}
    left(tmp_path, frame, {}, [read(frame).source.ids[2]])
    table = pq.read_table(tmp_path / "cleaned.parquet")
    assert table["label"].to_pylist() == [0, 1, 1, 1, 1, 0] and table["given_label"].to_pylist() == frame["label"]
    assert table["text"].to_pylist() == frame["text"]
    assert rows_of(tmp_path / "issues.csv")[0]["text"] == "three"


@pytest.mark.parametrize("form", ["images", "texts", "vectors", "features", "npz", "arrow"])
def test_every_form_of_data_comes_back(tmp_path, form):
    rng, labels = np.random.default_rng(0), np.array(["cat", "dog"] * 10)
    texts = [f"some words, number {n}" for n in range(20)]
    forms = {
        "images": (rng.integers(0, 255, (20, 8, 8)).astype(np.uint8), {"label": labels}),
        "texts": (texts, {"label": labels}),
        "vectors": (rng.normal(size=(20, 4)), {"label": labels}),
        "features": ({"label": labels, "text": texts}, {"features": rng.normal(size=(20, 3))}),
        "npz": (tmp_path / "rows.npz", {}),
        "arrow": (tmp_path / "rows.arrow", {}),
    }
    np.savez(tmp_path / "rows.npz", inputs=rng.normal(size=(20, 4)), labels=np.arange(20) % 2)
    table = pa.table({"text": texts, "label": labels})
    with pa.OSFile(str(tmp_path / "rows.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    data, settings = forms[form]
    identity = read(data, **settings).source.ids[3]
    left(tmp_path, data, settings, [identity])
    (path,) = tmp_path.glob("cleaned.*")
    rows = rows_of(path) if path.suffix == ".csv" else pq.read_table(path).to_pylist()
    column = "labels" if form == "npz" else "label"
    assert len(rows) == 20 and [row["label_source"] for row in rows].count("suggested") == 1
    changed = [(place, row) for place, row in enumerate(rows) if row["given_label"] != row[column]]
    assert [place for place, _ in changed] == [3] and changed[0][1]["suggested_label"] == changed[0][1][column]
    if form in ("texts", "features", "arrow"):
        assert [row["text"] for row in rows] == texts


def test_files_of_the_user_are_never_overwritten(tmp_path):
    assert write_once(tmp_path, {"cleaned.csv": b"first"}) == []
    assert write_once(tmp_path, {"cleaned.csv": b"second"}) == []
    assert (tmp_path / "cleaned.csv").read_bytes() == b"second"
    (tmp_path / "cleaned.csv").write_bytes(b"mine now")
    (tmp_path / "issues.csv").write_bytes(b"mine, too")
    assert write_once(tmp_path, {"cleaned.csv": b"third", "issues.csv": b"x"}) == ["cleaned.csv", "issues.csv"]
    assert (tmp_path / "cleaned.csv").read_bytes() == b"mine now"
    assert (tmp_path / "issues.csv").read_bytes() == b"mine, too"


@pytest.fixture
def photos(tmp_path):
    """A folder of images, in which a name is in both classes, and a run folder with its moves."""
    folder, run = tmp_path / "photos", tmp_path / "run"
    for number, name in enumerate(("cat/1.png", "cat/2.png", "cat/3.png", "dog/1.png", "dog/=x.png", "dog/5.png")):
        put(folder / name, number, number % 2, 20, 20)
    (folder / "cat" / "notes.txt").write_text("no image")
    run.mkdir()
    answers = [Answer("cat/3.png", "", True)]
    left(run, folder, {}, ["cat/1.png", "dog/=x.png"], answers)
    write_json(run / ORIGIN, to_json(origin_of(folder, {}, {})))
    (run / "config.json").write_text("{}")
    return folder, run


def test_an_image_folder_is_a_list_of_moves_and_a_copy(photos, tmp_path):
    folder, run = photos
    assert (run / "moves.csv").read_text() == (
        "from,to\ncat/1.png,dog/1 from cat.png\ncat/3.png,\ndog/=x.png,cat/=x.png\n"
    )
    before = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    assert meta_noise.copy_corrected(run, tmp_path / "new" / "copy") == 5
    found = sorted(path.relative_to(tmp_path / "new/copy").as_posix() for path in (tmp_path / "new").rglob("*.png"))
    assert found == ["cat/2.png", "cat/=x.png", "dog/1 from cat.png", "dog/1.png", "dog/5.png"]
    assert (tmp_path / "new/copy/dog/1 from cat.png").read_bytes() == (folder / "cat/1.png").read_bytes()
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) == before
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["copy"]
    with pytest.raises(InputError, match="not empty"):
        meta_noise.copy_corrected(run, tmp_path / "new/copy")
    with pytest.raises(InputError, match="copied into itself"):
        meta_noise.copy_corrected(run, folder / "copy")


def test_a_link_that_leads_nowhere_is_not_copied(photos, tmp_path):
    folder, run = photos
    (folder / "dog" / "gone.png").symlink_to("nowhere.png")
    assert meta_noise.copy_corrected(run, tmp_path / "copy") == 5
    assert not (tmp_path / "copy/dog/gone.png").is_symlink()


def test_moves_that_leave_the_folder_are_refused(photos, tmp_path):
    _, run = photos
    (run / "moves.csv").write_text("from,to\ncat/1.png,../../out.png\n")
    with pytest.raises(InputError, match="leaves the folder"):
        meta_noise.copy_corrected(run, tmp_path / "copy")
    assert not (tmp_path / "copy").exists() and not (tmp_path / "out.png").exists()


def test_only_image_folders_are_copied(tmp_path):
    with pytest.raises(InputError, match="copies folders of images"):
        check_copy(write(tmp_path / "rows.csv"), tmp_path / "copy")
