import numpy as np
import pytest

from meta_noise.data.own import read

ROWS = "id,text,label,split\na,one fine day,good,train\nb,two fine days,bad,train\nc,one bad day,bad,train\n" + (
    "d,two bad days,good,train\ne,three fine days,good,test\n"
)


@pytest.fixture
def data(write):
    return write("days.csv", ROWS)


def test_rows_are_found_by_id(data, write):
    own = read(data, trusted=write("right.csv", "id,label\nd,bad\nb,good\n"))
    assert own.source.trusted.tolist() == [False, True, False, True]
    assert own.class_names == ("bad", "good") and own.source.labels.tolist() == [1, 1, 0, 0]
    assert own.given.tolist() == [1, 0, 0, 1]  # as the data has them
    assert "Trusted labels are in column 'label' of right.csv: 2 rows of days.csv found, 0 rows added." in own.notes
    assert "2 of 4 rows are trusted; 2 had another label before." in own.notes


def test_rows_of_one_class_alone_are_told(data, write):
    own = read(data, trusted=write("right.csv", "id,label\nb,bad\nc,bad\n"))
    assert any("All are of class 'bad', so they tell nothing of the others" in note for note in own.notes)


def test_rows_are_found_by_their_text_or_added(data, write):
    own = read(data, trusted=str(write("right.csv", "text,label\n two bad days ,bad\na new day,good\n")))
    assert own.source.ids.tolist() == ["a", "b", "c", "d", "trusted-00001"]
    assert own.source.labels.tolist() == [1, 0, 0, 0, 1] and own.given.tolist() == [1, 0, 0, 1, -1]
    assert own.source.trusted.tolist() == [False, False, False, True, True] and own.texts[-1] == "a new day"


def test_rows_of_a_table_are_found_by_their_columns_where_those_are_of_one_row(write):
    head = "x,colour,label\n"
    data = write("a.csv", head + "1,red,p\n2,blue,q\n,blue,p\n2,red,q\n4,red,p\n4,red,q\n")
    own = read(data, trusted=write("right.csv", head + "2,blue,p\n,blue,q\n4,red,p\n9,red,p\n"))
    assert own.source.trusted.tolist() == [False, True, True, *[False] * 3, True, True]  # two rows are 4, red
    assert own.source.labels.tolist() == [0, 0, 1, 1, 0, 1, 0, 0] and "2 rows added." in own.notes[2]


def test_made_ids_are_found_and_frames_taken(write):
    data = write("plain.csv", "text,label\none fine day,a\none bad day,b\ntwo fine days,a\ntwo bad days,b\n")
    own = read(data, trusted={"id": ["plain-00001"], "label": ["a"], "true_label": ["b"]})
    assert own.source.trusted.tolist() == [False, True, False, False] and own.source.labels.tolist() == [0, 1, 0, 1]


def test_column_and_file_together(write):
    data = write("a.csv", "id,x,label,trusted\na,0,p,1\nb,1,q,0\nc,5,p,0\nd,3,p,0\n")
    own = read(data, trusted=write("right.csv", "id,label\nc,q\n"))
    assert own.source.trusted.tolist() == [True, False, True, False] and own.source.labels.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(
    "row, said",
    [
        ("b,fair", "right.csv, line 3 (id 'b'): trusted label 'fair' is no class of days.csv. Its classes: bad, good"),
        ("b,goood", "Did you mean 'good'?"),
        ("e,good", "right.csv, line 3 (id 'e'): this trusted row is days.csv, line 6, which is held out"),
        ("z,good", "id 'z' is not in days.csv (its ids are such as 'a'), and there is no input"),
        ("b,good,3", "right.csv, line 3 (id 'trusted-00001'): 3 cells"),
    ],
)
def test_bad_rows(data, write, refusal, row, said):
    right = write("right.csv", f"id,label\na,good\n{row}\n")
    assert said in refusal(data, trusted=right)
    own = read(data, trusted=right, skip_bad=True)
    assert [each.row for each in own.skipped] == [3] and own.source.trusted.tolist() == [True, False, False, False]
    assert own.source.labels.tolist() == [1, 0, 0, 1]


def test_of_two_that_contradict_each_other_none_is_trusted(data, write, refusal):
    right = write("right.csv", "id,label\na,good\nb,bad\na,bad\n")
    said = "right.csv, line 2 (id 'a'): trusted label 'good' contradicts 'bad', which right.csv, line 4, gives"
    assert said in refusal(data, trusted=right)
    own = read(data, trusted=right, skip_bad=True)
    assert own.source.ids[own.source.trusted].tolist() == ["b"] and len(own.skipped) >= 2


def test_a_trusted_file_without_a_column_of_labels(data, write, refusal):
    said = refusal(data, trusted=write("right.csv", "id,what is right\na,good\n"))
    assert (
        "no column of trusted labels; its columns: id, what is right. Call the one that holds the right labels" in said
    )


def test_what_is_said_twice_is_trusted_once(data, write):
    own = read(data, trusted=write("right.csv", "id,label\na,good\nc,bad\na,Good\n"))
    assert own.source.trusted.tolist() == [True, False, True, False]
    assert [each.reason for each in own.skipped] == [
        "right.csv, line 4 (id 'a'): id 'a' stands there before, with the same label."
    ]


def test_rows_without_a_trusted_label_are_not_trusted(data, write):
    own = read(data, trusted=write("right.csv", "id,label\nc,bad\nb,\na,n/a\n"))
    assert own.source.trusted.tolist() == [False, False, True, False] and own.source.labels.tolist() == [1, 0, 0, 1]
    assert [each.row for each in own.skipped] == [3, 4]
    assert any("holds no label there: 2 rows (empty 1, n/a 1)" in note for note in own.notes)


def test_trusted_labels_in_another_spelling(data, write, refusal):
    right = write("right.csv", "id,label\na,BAD\nb, Bad \nc,\uff27ood\n")
    assert read(data, trusted=right).source.labels.tolist() == [0, 0, 1, 1]
    assert "trusted label 'BAD' is no class" in refusal(data, trusted=right, keep_spellings=True)


def test_trusted_labels_of_rows_that_have_none(write):
    data = write("a.csv", "id,x,label\na,0,p\nb,1,NA\nc,5,q\nd,3,p\ne,4,q\nf,7,\n")
    own = read(data, trusted={"id": ["b"], "label": ["q"]})
    assert own.source.ids.tolist() == list("abcde") and own.source.labels.tolist() == [0, 1, 1, 0, 1]
    assert own.source.trusted.tolist() == [False, True, False, False, False] and own.given[1] == -1
    assert [each.id for each in own.skipped] == ["f"]


def test_abstaining_is_no_trusted_label(write):
    data = write("a.csv", "id,x,label\n" + "".join(f"r{row},{row / 7},{row % 3 - 1}\n" for row in range(9)))
    own = read(data, trusted={"id": ["r1", "r2"], "label": [1, -1]})
    assert own.class_names == ("0", "1") and own.source.trusted.sum() == 1 and own.source.labels[0] == 1
    kept = read(data, trusted={"id": ["r1", "r2"], "label": [1, -1]}, keep_missing_words=True)
    assert kept.class_names == ("-1", "0", "1") and kept.source.trusted.sum() == 2


def test_texts_that_repeat_or_are_held_out(data, write, refusal):
    right = write("right.csv", "text,label\none fine day,good\none fine day,good\n")
    assert "right.csv, line 2 is the same row, days.csv, line 2; name it once" in refusal(data, trusted=right)
    right = write("right.csv", "text,label\nthree fine days,good\n")
    assert "this trusted row is days.csv, line 6, which is held out" in refusal(data, trusted=right)


def test_nothing_to_find_rows_by(data, write, refusal):
    right = write("right.csv", "name,label\nx,good\n")
    assert "right.csv has nothing to find its rows in days.csv by" in refusal(data, trusted=right)


def test_images_are_found_by_file_or_added(write, pixels, packed, tmp_path):
    arrays = [pixels() for _ in range(6)]
    for row, array in enumerate(arrays):
        write(f"data/{'cat' if row % 2 else 'dog'}/{row}.png", packed(array))
    write("more/cat/0.png", packed(arrays[0] // 2))
    write("data/cat/readme.txt", "")
    by_path = read(tmp_path / "data", trusted=write("right.csv", "file,label\ndog/0.png,cat\ncat/5.png,cat\n"))
    at = by_path.source.ids.tolist().index
    assert by_path.source.trusted.sum() == 2 and by_path.source.labels[at("dog/0.png")] == 0
    assert by_path.given[at("dog/0.png")] == 1
    write("more/dog/2.png", packed(arrays[1] // 2))
    added = read(tmp_path / "data", trusted=tmp_path / "more")  # dog/2.png is there too, but another file
    assert added.source.ids.tolist()[-2:] == ["cat/0.png", "trusted/dog/2.png"]
    assert np.array_equal(added.source.inputs[-1], arrays[1] // 2) and added.source.trusted.tolist()[-2:] == [
        True,
        True,
    ]
    assert not added.source.trusted[:-2].any()


def test_a_missing_image_matters_only_in_new_rows(write, pixels, packed, refusal):
    for row in range(4):
        write(f"data/{row}.png", packed(pixels()))
    data = write("data/a.csv", "id,image,label\n" + "".join(f"r{row},{row}.png,{row % 2}\n" for row in range(4)))
    assert read(data, trusted=write("right.csv", "id,image,label\nr1,gone.png,1\n")).source.trusted.sum() == 1
    said = refusal(data, trusted=write("right.csv", "id,image,label\nr7,gone.png,0\n"))
    assert "right.csv, line 2 (id 'r7'): image 'gone.png' does not exist" in said


def test_new_rows_of_numbers(write, refusal):
    data = write("a.csv", "x,y,label\n0,1,p\n1,5,q\n5,2,p\n3,1,q\n")
    own = read(data, trusted=write("right.csv", "y,x,label,true_label\n7,8,p,q\n"))
    assert own.source.inputs[-1].tolist() == [8, 7] and own.source.labels.tolist() == [0, 1, 0, 1, 1]
    assert "nothing to find its rows" in refusal(data, trusted=write("right.csv", "x,label\n7,p\n"))


def test_ready_vectors(rng, refusal):
    frame = {"x": rng.normal(size=(4, 3)), "y": [0, 1, 0, 1]}
    assert read(frame, trusted={"x": np.ones((2, 3)), "y": [0, 1]}).source.inputs.shape == (6, 3)
    assert "must be alike" in refusal(frame, trusted={"x": np.ones((2, 4)), "y": [0, 1]})
