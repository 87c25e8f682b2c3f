"""Queue, answers, next round: answered rows are trusted, the network goes on, the old run stays as it was."""

import csv
import hashlib
import io
import shutil
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import meta_noise
from meta_noise import InputError, load
from meta_noise.cleaning.changed import changed
from meta_noise.cleaning.rounds import next_folder, noise_estimate
from meta_noise.cli.run import run as command
from meta_noise.config.schema import Optimizer
from meta_noise.data.answers import Answer, with_reasons
from meta_noise.data.formats.npz import read_npz
from meta_noise.data.origin import read_origin, to_json
from meta_noise.data.own import read
from meta_noise.data.reader import encoded
from meta_noise.disk.sealed import read_json, write_json
from tests.own_runs import NAMES, QUICK, write_rows


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and "queue" not in path.parts
    }


def test_a_round_trusts_the_answers_and_leaves_bad_rows_out(world, second_round):
    fitted, _ = second_round
    assert fitted.folder == world.run.with_name("mine-round2")
    ids = fitted.labels["id"].to_pylist()
    assert sorted(ids) == sorted(world.ids[20:])  # trusted rows are none to look for errors in
    assert fitted.results["clean_set"]["size"] == 19 and not fitted.results["clean_set"]["pseudo"]
    noise = read_npz(fitted.folder / "noise.npz", ["ids", "labels"], "noise")
    given = dict(zip(noise["ids"].tolist(), noise["labels"].tolist(), strict=True))
    names = sorted(NAMES)
    assert "row7" not in given and len(given) == 59
    assert all(names[given[identity]] == world.truth[identity] for identity in world.ids[:20] if identity != "row7")
    origin = read_origin(fitted.folder)
    assert [answer.id for answer in origin.answers if answer.is_bad] == ["row7"]
    assert origin.root == read_origin(world.run).root


def test_a_round_leaves_corrected_data_with_answers_and_bad_rows(world, second_round):
    fitted, _ = second_round
    with (fitted.folder / "cleaned.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert list(rows) == world.ids  # all of them, in their order
    assert rows["row7"]["label_source"] == "bad" and rows["row7"]["label"] == world.rows[7]["label"]
    for place in (*range(7), *range(8, 20)):
        row = rows[world.ids[place]]
        assert (row["label"], row["label_source"]) == (world.truth[world.ids[place]], "answered")
        assert row["given_label"] == world.rows[place]["label"]
    assert {rows[name]["label_source"] for name in world.ids[20:]} <= {"given", "suggested"}


def _spy(seen):
    """Returns a function in place of the training that keeps what it is given."""

    def spy(*arguments):
        seen.extend(arguments)
        raise InputError("seen")

    return spy


def test_the_network_starts_where_the_last_round_ended(world, tmp_path, monkeypatch):
    answers = world.answers(tmp_path / "answers.csv", world.rows[:36])
    seen = {}

    def spy(*arguments):
        seen["config"], seen["learns"], seen["starts"] = arguments[0], arguments[1].learns, arguments[4]
        raise InputError("seen")

    monkeypatch.setattr("meta_noise.cleaning.rounds.train_source", spy)
    with pytest.raises(InputError, match="seen"):
        meta_noise.ingest(world.run, answers, tmp_path / "next")
    assert seen["config"].method.name == "supervised"  # mw_net was asked for when no row was trusted
    assert seen["learns"]
    assert seen["config"].clean.train_on == "both" and seen["config"].train.epochs == 20
    ours = read_npz(world.run / "model.npz", ["0/head/dense/kernel"], "network")["0/head/dense/kernel"]
    np.testing.assert_array_equal(seen["starts"][0][0]["head"]["dense"]["kernel"], ours)


@pytest.mark.slow
def test_texts_keep_their_vocabulary_and_bad_ones_are_left_out(texts, tmp_path, monkeypatch):
    run, rows = texts
    seen = []
    monkeypatch.setattr("meta_noise.cleaning.rounds.train_source", _spy(seen))
    own = read(read_origin(run).data)
    answers = write_rows(
        tmp_path / "answers.csv",
        [
            {"id": own.source.ids[0], "answer": "fruit", "verdict": ""},
            {"id": own.source.ids[3], "answer": "", "verdict": "bad"},
        ],
    )
    with pytest.raises(InputError, match="seen"):
        meta_noise.ingest(run, answers, tmp_path / "next")
    source, reader = seen[1].source, seen[1].reader
    kept = [text for place, text in enumerate(rows) if place != 3]
    np.testing.assert_array_equal(source.inputs, encoded(kept, load(run).reader))
    assert reader.words == load(run).reader.words
    assert source.trusted.tolist() == [True] + [False] * 38 and source.class_names[source.labels[0]] == "fruit"


@pytest.mark.slow
def test_with_no_step_worth_mentioning_the_next_network_is_the_old_one(world, tmp_path, monkeypatch):
    monkeypatch.setattr("meta_noise.cleaning.rounds.choose", lambda *a, **k: slow(*a, **k))
    from meta_noise.cleaning.choose import choose

    def slow(*arguments, **settings):
        chosen = choose(*arguments, **settings)
        return chosen._replace(config=replace(chosen.config, optimizer=Optimizer("sgd", 1e-9)))

    answers = world.answers(tmp_path / "answers.csv", world.rows[:12])
    meta_noise.ingest(world.run, answers, tmp_path / "next", method="mw_net", epochs=1)
    before, after = (
        read_npz(folder / "model.npz", ["0/head/dense/kernel"], "network")["0/head/dense/kernel"]
        for folder in (world.run, tmp_path / "next")
    )
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_a_method_that_guesses_takes_answers_for_given_labels(world, tmp_path, monkeypatch):
    answers = world.answers(tmp_path / "answers.csv", world.rows[:12])
    seen = []
    monkeypatch.setattr("meta_noise.cleaning.rounds.train_source", _spy(seen))
    with pytest.raises(InputError, match="seen"):
        meta_noise.ingest(world.run, answers, tmp_path / "next", method="famus")
    config, source = seen[0], seen[1].source
    assert config.clean.auto and config.clean.train_on == "noisy" and source.trusted is None
    assert [source.class_names[label] for label in source.labels[:12]] == list(world.truth.values())[:12]
    monkeypatch.undo()
    run = tmp_path / "run"  # as such a round leaves it
    shutil.copytree(world.run, run)
    write_json(run / "origin.json", to_json(seen[1].origin))
    about = read_json(run / "config.json")
    about["data"]["sha256"] = source.sha256()
    write_json(run / "config.json", about)
    again = []
    monkeypatch.setattr("meta_noise.cleaning.rounds.train_source", _spy(again))
    more = world.answers(tmp_path / "more.csv", world.rows[12:20])
    with pytest.raises(InputError, match="seen"):
        meta_noise.ingest(run, more, tmp_path / "after", method="mw_net")
    assert again[1].source.trusted.sum() == 20
    folder = meta_noise.queue(run, 60, tmp_path / "queue")
    with (folder / "queue.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 48


def test_a_round_says_whether_it_is_better(world, tmp_path):
    rows = [{"id": row["id"], "answer": world.truth[row["id"]], "verdict": "", "why": "random"} for row in world.rows]
    fitted = meta_noise.ingest(world.run, write_rows(tmp_path / "answers.csv", rows[:15]), tmp_path / "next", epochs=2)
    found, labels = fitted.results["round"], world.fitted.labels.to_pydict()
    suggested = dict(zip(labels["id"], labels["suggested_label"], strict=True))
    assert found["rows"] == 15 and found["before"] == sum(suggested[row["id"]] == row["answer"] for row in rows[:15])
    page = (fitted.folder / "report.html").read_text()
    assert f"Of 15 answers drawn by chance the round before had suggested {found['before']}" in page
    assert fitted.results["method"] == "supervised" and fitted.results["noise_estimate"]["rate"]["of"] == 15
    now = fitted.labels.to_pydict()
    other = {i: label for i, label in zip(now["id"], now["suggested_label"], strict=True) if label != suggested[i]}
    with (fitted.folder / "changed.csv").open(newline="") as file:
        told = list(csv.DictReader(file))
    assert {row["id"]: row["suggested_label"].removeprefix("'") for row in told} == other
    assert all(row["suggested_before"].removeprefix("'") == suggested[row["id"]] for row in told)  # "'" before "="
    assert len(other) == found["changed"] and "changed.csv" in page


def test_changed_suggestions_are_listed_the_surest_first():
    def labels(ids, suggested, probability):
        columns = {"id": ids, "given_label": ["a"] * len(ids), "suggested_label": suggested}
        return pa.table({**columns, "suggested_probability": probability, "label_quality": [0.5] * len(ids)})

    before = labels(["1", "2", "3", "4"], ["a", "a", "b", "=c"], [0.9, 0.8, None, 0.6])
    now = labels(["4", "3", "2", "9"], ["a", "c", "a", "b"], [0.7, 0.8, 0.9, 1.0])  # 1 was answered, 9 is new
    told = list(csv.DictReader(io.StringIO(changed(before, now).decode())))
    assert [(row["id"], row["suggested_before"], row["suggested_label"]) for row in told] == [
        ("3", "b", "c"),
        ("4", "'=c", "a"),
    ]
    assert list(csv.DictReader(io.StringIO(changed(before, before).decode()))) == []
    assert [row["id"] for row in csv.DictReader(io.StringIO(changed(before, now, ["3"]).decode()))] == ["4"]


def test_answers_that_were_not_drawn_by_chance_count_for_no_rate(second_round):
    fitted, _ = second_round  # nobody said why the rows were asked about
    assert "of" not in fitted.results["noise_estimate"]["rate"] and fitted.results["round"]["rows"] == 0


def test_why_a_row_was_asked_about_is_found_in_the_queue_of_the_run(tmp_path):
    answers = [Answer("=a", "x", False), Answer("b", "x", False, "uncertain"), Answer("c", "x", False)]
    lines = ["id,why,run,answer", "'=a,random,r,", "b,random,r,x", "c,random,another,x"]
    (tmp_path / "queue.csv").write_text("\n".join(lines))
    assert [one.why for one in with_reasons(answers, tmp_path / "queue.csv", "r")] == ["random", "uncertain", ""]
    (tmp_path / "queue.csv").write_bytes(b"\x00")
    for queue in ("queue.csv", "none.csv"):
        assert with_reasons(answers, tmp_path / queue, "r") == answers


def test_noise_is_estimated_by_rows_drawn_by_chance():
    random = [Answer(str(n), "a", False, "random", "b" if n < 3 else "a") for n in range(20)]
    others = [Answer("x", "a", False, "suspicious", "b")] * 9
    n, wrong, low, high = noise_estimate(random + others)
    assert (n, wrong) == (20, 3)
    assert (low, high) == pytest.approx((0.0524, 0.3604), abs=1e-4)  # as tables of Wilson's interval have it
    assert noise_estimate(others) is None
    assert noise_estimate(random[3:4])[1:3] == (0, 0.0)


def test_the_old_run_is_untouched_and_the_same_command_ends_the_same(world, second_round):
    fitted, answers = second_round
    before, old = contents(fitted.folder), contents(world.run)
    again = meta_noise.ingest(world.run, answers, **QUICK)
    assert again.history == fitted.history
    assert contents(world.run) == old
    same = [name for name in before if name.startswith(("checkpoints", "labels", "model", "origin"))]
    assert len(same) > 5 and {name: contents(fitted.folder)[name] for name in same} == {n: before[n] for n in same}


def test_a_round_that_was_cut_off_goes_on(world, tmp_path, monkeypatch):
    answers = world.answers(tmp_path / "answers.csv", world.rows[:20], wrong=("row7",))

    def cut(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("meta_noise.runs.run.export", cut)
        meta_noise.ingest(world.run, answers, tmp_path / "next", **QUICK)
    with pytest.raises(InputError, match="has not finished"):
        load(tmp_path / "next")
    with pytest.raises(InputError, match="has not finished"):
        meta_noise.queue(tmp_path / "next")
    with pytest.raises(InputError, match="has not finished"):
        meta_noise.ingest(tmp_path / "next", answers)
    fitted = meta_noise.ingest(world.run, answers, tmp_path / "next", **QUICK)
    assert len(fitted.labels) == 40 and load(tmp_path / "next").class_names == tuple(sorted(NAMES))


@pytest.mark.slow
def test_a_third_round_asks_about_other_rows(world, second_round, tmp_path):
    fitted, first = second_round
    folder = meta_noise.queue(fitted.folder, 10, tmp_path / "queue")
    with (folder / "queue.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10 and not {row["id"] for row in rows} & set(world.ids[:20])
    answers = world.answers(tmp_path / "more.csv", [{"id": row["id"]} for row in rows])
    third = meta_noise.ingest(fitted.folder, answers, tmp_path / "third", epochs=3)
    assert third.results["method"] == "mw_net"  # as in the round before
    assert len(third.labels) == 60 - 20 - 10 and third.results["clean_set"]["size"] == 29
    assert {answer.round for answer in read_origin(third.folder).answers} == {1, 2}
    with pytest.raises(InputError, match="holds no new answers"):
        meta_noise.ingest(fitted.folder, first, tmp_path / "fourth")


def test_other_answers_do_not_go_into_a_folder_that_is_taken(world, second_round, tmp_path):
    answers = world.answers(tmp_path / "answers.csv", world.rows[30:34])
    with pytest.raises(InputError, match="is a round with other answers"):
        meta_noise.ingest(world.run, answers)
    with pytest.raises(InputError, match="cannot be in the folder of this one"):
        meta_noise.ingest(world.run, answers, world.run)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{"id": "row9", "answer": "z"}, {"id": "nobody", "answer": "z"}], "line 3: there is no row with id 'nobody'"),
        ([{"id": "row9", "answer": "zz"}], "line 2: 'zz' is no class of this run. Did you mean 'z'? Its classes: "),
        ([{"id": "row9", "answer": "z"}, {"id": "row9", "answer": "=y"}], "labelled '=y', but labelled 'z' in line 2"),
        ([{"id": "row9", "answer": "z", "verdict": "bad"}], "called bad, and 'z', too"),
        ([{"id": "row9", "answer": "z", "verdict": "good"}], "verdict 'good' is unknown"),
        ([{"id": "row9", "answer": "z", "run": "0123456789abcdef"}], "is for run 0123456789abcdef on other data"),
        ([{"id": "row9", "answer": ""}], "holds no new answers"),
        ([{"id": "row9", "label": "z"}], "has no column 'answer'"),
        ([{"id": "row9", "answer": "z", "verdict": "a,b\nc"}], "unknown"),
    ],
)
def test_answers_that_cannot_be_used_are_one_sentence(world, tmp_path, capsys, rows, sentence):
    path = write_rows(tmp_path / "answers.csv", [{**dict.fromkeys(rows[0], ""), **row} for row in rows])
    assert command(["ingest", str(world.run), str(path), "--out", str(tmp_path / "next")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and sentence in said and "Traceback" not in said and said.count("\n") == 1
    assert not (tmp_path / "next").exists()


def test_an_answer_may_not_contradict_an_earlier_one(second_round, tmp_path, world):
    fitted, _ = second_round
    for identity, answer, sentence in (
        ("row5", world.truth["row6"], "in round 1"),
        ("row7", "z", "but called bad in round 1"),
    ):
        path = write_rows(tmp_path / "answers.csv", [{"id": identity, "answer": answer}])
        with pytest.raises(InputError, match=sentence):
            meta_noise.ingest(fitted.folder, path, tmp_path / "next")


def test_answers_from_a_spreadsheet_are_found_behind_their_apostrophe(world, tmp_path):
    from meta_noise.data.answers import read_answers

    path = write_rows(tmp_path / "answers.csv", [{"id": "'=1+1", "answer": "'=y"}])
    (answer,) = read_answers(path, read(world.data), (), "")
    assert (answer.id, answer.label, answer.given) == ("=1+1", "=y", "=y")


def test_data_that_moved_are_given_again_and_data_that_changed_are_refused(world, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(world.run, run)
    about = read_json(run / "origin.json")
    write_json(run / "origin.json", {**about, "data": str(tmp_path / "gone.csv")})
    answers = world.answers(tmp_path / "answers.csv", world.rows[:6])
    for call in (lambda **k: meta_noise.queue(run, 5, **k), lambda **k: meta_noise.ingest(run, answers, **k)):
        with pytest.raises(InputError, match=r"no longer at .*gone\.csv"):
            call()
    assert (meta_noise.queue(run, 5, data=world.data) / "queue.html").is_file()
    fewer = write_rows(tmp_path / "points.csv", world.rows[:30])
    with pytest.raises(InputError, match="lacks"):
        meta_noise.queue(run, 60, tmp_path / "other", data=fewer)
    others = write_rows(tmp_path / "points.csv", [{**row, "label": world.truth[row["id"]]} for row in world.rows])
    with pytest.raises(InputError, match="have changed since"):
        meta_noise.queue(run, 60, tmp_path / "other", data=others)
    with pytest.raises(InputError, match="are not those that this run was trained on"):
        meta_noise.ingest(run, answers, data=others)


def test_runs_that_cannot_be_used(world, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text("{}")
    for folder, sentence in (
        (tmp_path / "nothing", "There is no run folder"),
        (tmp_path / "empty", "so it is no run folder"),
        (other, "only runs of `meta-noise clean`"),
    ):
        for words in (["queue", str(folder)], ["ingest", str(folder), str(world.data)]):
            assert command(words) == 2
            assert sentence in capsys.readouterr().err
    assert command(["queue", str(world.run), "--n", "0"]) == 2
    assert "must be 1 or more, got 0" in capsys.readouterr().err


def test_frames_have_to_be_given_again(tmp_path, world):
    columns = {name: [row[name] for row in world.rows] for name in ("id", "a", "b", "c", "label")}
    run = tmp_path / "run"
    meta_noise.clean(columns, run, method="mw_net", epochs=3)
    with pytest.raises(InputError, match="data in memory"):
        meta_noise.queue(run, 5)
    assert (meta_noise.queue(run, 5, data=columns) / "queue.csv").is_file()


@pytest.mark.parametrize(
    ("folder", "following"), [("a/mine", "mine-round2"), ("mine-round2", "mine-round3"), ("m-round9", "m-round10")]
)
def test_folders_count_rounds(tmp_path, folder, following):
    assert next_folder(tmp_path / folder).name == following
