"""Votes in every form come out as the same labels, votes and names."""

import json

import numpy as np
import pytest

from meta_noise.data.own import read
from meta_noise.errors import InputError

PEOPLE = ("annotator_1", "annotator_2", "annotator_3")
VOTES = [
    ("cat", "cat", "dog"),
    ("dog", "dog", "dog"),
    ("cat", "", "cat"),
    ("dog", "dog", ""),
    ("cat", "cat", "cat"),
] * 3
WANTED = ["cat", "dog", "cat", "dog", "cat"] * 3


def frame(**further):
    return {
        "id": [f"r{n}" for n in range(len(VOTES))],
        "a": [float(n) for n in np.random.default_rng(0).normal(size=len(VOTES))],
        "b": [float(n) for n in np.random.default_rng(1).normal(size=len(VOTES))],
        **further,
    }


def wide():
    return frame(**{name: [row[n] or None for row in VOTES] for n, name in enumerate(PEOPLE)})


def check(own, names=PEOPLE):
    assert [own.class_names[label] for label in own.source.labels] == WANTED
    assert own.crowd.names == tuple(names)
    told = [tuple(own.class_names[v] if v >= 0 else "" for v in row) for row in own.crowd.votes]
    assert told == VOTES
    assert own.columns == ("a", "b")  # votes are no inputs


def test_columns_are_guessed_by_a_common_prefix_with_one_note():
    own = read(wide())
    check(own)
    assert sum("--annotators" in note for note in own.notes) == 1


@pytest.mark.parametrize("asked", [",".join(PEOPLE), list(PEOPLE)])
def test_columns_are_named(asked):
    check(read(wide(), annotators=asked))


def test_a_list_column_is_taken_apart(tmp_path):
    path = tmp_path / "rows.jsonl"
    data = frame(labels=[[vote or None for vote in row] for row in VOTES])
    rows = [dict(zip(data, values, strict=True)) for values in zip(*data.values(), strict=True)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    check(read(path, annotators="labels"), [f"labels {n}" for n in (1, 2, 3)])


def test_long_form_in_a_second_file_and_in_the_same_one(tmp_path):
    rows = [(f"r{n}", who, vote) for n, row in enumerate(VOTES) for who, vote in zip(PEOPLE, row, strict=True) if vote]
    path = tmp_path / "votes.csv"
    path.write_text("id,annotator,label\n" + "".join(",".join(row) + "\n" for row in rows))
    check(read(frame(), long=path))
    data = frame()
    place = {identity: n for n, identity in enumerate(data["id"])}
    same = {name: [data[name][place[row[0]]] for row in rows] for name in data}
    check(read({**same, "annotator": [row[1] for row in rows], "label": [row[2] for row in rows]}, long=True))


def test_rules_abstain_and_their_classes_have_names(tmp_path):
    votes = np.array([[{"cat": 0, "dog": 1, "": -1}[vote] for vote in row] for row in VOTES])
    path = tmp_path / "votes.npz"
    np.savez(path, train_weak=votes, label_names=np.array(["cat", "dog"]), other=np.zeros(4))
    check(read(frame(), rules=path), [f"rule {n}" for n in (1, 2, 3)])
    own = read(frame(**{f"lf_{n}": votes[:, n].tolist() for n in range(3)}))
    assert own.crowd.kind == "rules" and own.class_names == ("0", "1")
    np.testing.assert_array_equal(own.crowd.votes, votes)


def test_probabilities_are_kept_beside_the_likeliest_class():
    p = [0.9 if label == "cat" else 0.2 for label in WANTED]
    data = frame(prob_cat=p, prob_dog=[1 - one for one in p])
    for own in (read(data), read(data, probabilities="prob_"), read(data, probabilities="prob_cat,prob_dog")):
        assert [own.class_names[label] for label in own.source.labels] == WANTED
        np.testing.assert_allclose(own.crowd.soft[:, own.class_names.index("cat")], p)
        assert own.columns == ("a", "b")


def test_a_label_column_is_never_replaced_by_a_guess():
    own = read({**wide(), "label": WANTED})
    assert own.crowd is None and [own.class_names[label] for label in own.source.labels] == WANTED


def test_annotators_that_never_overlap_are_read_and_it_is_said():
    data = frame(annotator_1=[*WANTED[:7], *[None] * 8], annotator_2=[*[None] * 7, *WANTED[7:]])
    own = read(data)
    assert [own.class_names[label] for label in own.source.labels] == WANTED
    assert any("nothing is told from their agreement" in note for note in own.notes)


def test_rows_left_out_take_their_votes_with_them():
    data = wide()
    data["annotator_1"][0] = data["annotator_2"][0] = data["annotator_3"][0] = None
    own = read(data)
    assert own.source.ids[0] == "r1" and own.crowd.votes[0].tolist() == [own.class_names.index("dog")] * 3


def ragged():
    return frame(label=[["cat", "dog"]] * 5 + [["cat"]] * 10)


@pytest.mark.parametrize(
    ("data", "settings", "words"),
    [
        (wide, {"annotators": "annotator_1"}, "name two or more columns"),
        (wide, {"annotators": "annotator_1,annotator_9"}, "Unknown column"),
        (wide, {"annotators": "annotator_1,annotator_1"}, "twice"),
        (wide, {"annotators": "annotator_1,annotator_2", "rules": "annotator_3"}, "cannot be combined"),
        (wide, {"annotators": "annotator_1,annotator_2", "label": "annotator_3"}, "give one of them"),
        (wide, {"long": True}, "an annotator and a label"),
        (wide, {"long": {"id": ["x"], "annotator": ["p"], "label": ["cat"]}}, "No id of"),
        (wide, {"probabilities": "a,b"}, "sum to one"),
        (ragged, {"annotators": "label"}, "use --long"),
        (ragged, {}, "several labels in one cell"),
    ],
)
def test_what_cannot_be_votes_is_one_sentence(data, settings, words):
    with pytest.raises(InputError, match=words) as caught:
        read(data(), **settings)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600
