"""Preparation writes what it read, in its order, whole or not at all; damaged images are counted and listed."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from meta_noise.cli.run import run
from meta_noise.data.images import builder, preparing
from meta_noise.data.images.builder import read_records
from meta_noise.data.images.plan import Plan, Row
from meta_noise.data.images.preparing import prepare_images
from meta_noise.data.sources.webvision import webvision
from meta_noise.disk.owned import MARKER
from meta_noise.disk.sealed import write_json
from meta_noise.errors import InputError
from tests import images

QUIET = Console(quiet=True)


def plan_of(tmp_path, count=600, bad=()):
    """Returns a plan of two splits; the images of `bad` numbers are damaged in different ways."""
    rows = []
    for number in range(count):
        data = images.jpeg(number, number % 3, 24, 20)
        if number in bad:
            data = (data[: len(data) // 2], b"", b"<html>")[number % 3]
        file = tmp_path / f"tree/{number}.jpg"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
        rows.append(Row(f"{number}.jpg", str(file), number % 3, number % 3 if number % 2 else -1, number % 2))
    return Plan("toy", ("a", "b", "c"), {"train": rows[:-20], "test": rows[-20:]}, {})


def test_every_record_is_the_file_in_its_place(tmp_path):
    plan = plan_of(tmp_path)
    made = prepare_images(plan, tmp_path / "out", False, None, QUIET)
    assert made == tmp_path / "out/toy/1.0.0"
    for split, rows in plan.splits.items():
        records = read_records(made, split)
        assert len(records) == len(rows)
        for number in (0, 1, 300 % len(rows), len(rows) - 1):
            record, row = records(number), rows[number]
            assert record.image == Path(row.file).read_bytes() and record.index == number
            assert tuple(record[2:]) == (row.id, row.label, row.true_label, row.verified)
    facts = json.loads((made / "prepared.json").read_text())["splits"]
    assert facts["train"]["rows"] == 580 and facts["train"]["per_class"] == [194, 193, 193]
    again = prepare_images(plan, tmp_path / "again", False, None, QUIET)
    assert json.loads((again / "prepared.json").read_text())["splits"] == facts
    with pytest.raises(InputError, match="holds a prepared toy already"):
        prepare_images(plan, tmp_path / "out", False, None, QUIET)


def test_many_files_of_records_keep_the_order(tmp_path, monkeypatch):
    monkeypatch.setattr(builder, "RECORDS_PER_SHARD", 7)
    made = prepare_images(plan_of(tmp_path, 60), tmp_path / "out", False, None, QUIET)
    assert len(list(made.glob("toy-train.array_record*"))) == 6
    records = read_records(made, "train")
    assert [records(number).id for number in range(40)] == [f"{number}.jpg" for number in range(40)]


def test_damaged_images_are_left_out_and_listed(tmp_path):
    plan = plan_of(tmp_path, 60, bad=(3, 7, 59))
    made = prepare_images(plan, tmp_path / "out", False, 3, QUIET)
    with open(made / "left_out.csv", newline="") as file:
        listed = list(csv.DictReader(file))
    assert [(row["split"], row["id"]) for row in listed] == [("train", "3.jpg"), ("train", "7.jpg"), ("test", "59.jpg")]
    assert "truncated" in listed[0]["reason"].lower() and all(row["reason"] for row in listed)
    records = read_records(made, "train")
    assert len(records) == 38
    assert [records(n).id for n in (2, 3, 6)] == ["2.jpg", "4.jpg", "8.jpg"]  # labels move with their images
    assert [records(n).label for n in (2, 3, 6)] == [2, 1, 2] and records(3).index == 3
    facts = json.loads((made / "prepared.json").read_text())["splits"]
    assert (facts["train"]["left_out"], facts["test"]["left_out"]) == (2, 1)


def test_too_many_damaged_images_keep_nothing_but_their_list(tmp_path):
    plan = plan_of(tmp_path, 60, bad=(3, 7, 11))
    with pytest.raises(
        InputError, match=r"More than 2 of 60 images of toy cannot be decoded, such as 3.jpg .*--most-bad"
    ):
        prepare_images(plan, tmp_path / "out", False, 2, QUIET)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["toy_left_out.csv"]
    with pytest.raises(InputError, match="More than 1 of 60"):  # one in a thousand, but at least one
        prepare_images(plan, tmp_path / "out", False, None, QUIET)


def test_a_split_without_a_whole_image(tmp_path):
    plan = plan_of(tmp_path, 22, bad=(0, 1))
    with pytest.raises(InputError, match="No image of the split 'train' can be decoded"):
        prepare_images(plan, tmp_path / "out", False, 9, QUIET)
    assert not list((tmp_path / "out").iterdir())


def test_what_comes_back_otherwise_than_written_is_noticed(tmp_path, monkeypatch):
    plan = plan_of(tmp_path, 60)
    honest = preparing.read_records

    def swapped(directory, split):
        records = honest(directory, split)
        return Swapped(records)

    class Swapped:
        def __init__(self, records):
            self.records = records

        def __len__(self):
            return len(self.records)

        def __call__(self, number):
            return self.records(number)._replace(label=self.records(number ^ 1).label)

    monkeypatch.setattr(preparing, "read_records", swapped)
    with pytest.raises(InputError, match="is not what was read"):
        prepare_images(plan, tmp_path / "out", False, None, QUIET)
    assert not list((tmp_path / "out").iterdir())


def test_what_a_killed_preparation_left_is_no_data_set(tmp_path):
    left = tmp_path / "out/.toy.partial/new/toy/1.0.0"
    left.mkdir(parents=True)
    (left / "rest").write_text("")
    with pytest.raises(InputError, match="was not made by meta_noise"):
        prepare_images(plan_of(tmp_path, 60), tmp_path / "out", False, None, QUIET)
    assert (left / "rest").exists()
    write_json(tmp_path / "out/.toy.partial" / MARKER, {"format": 1, "kind": "images", "id": "0" * 32})
    made = prepare_images(plan_of(tmp_path, 60), tmp_path / "out", False, None, QUIET)
    assert not (tmp_path / "out/.toy.partial").exists() and not (made / "rest").exists()


@pytest.fixture
def prepared(tmp_path):
    tree = images.write_webvision(tmp_path / "tree", train=1)
    assert run(["prepare", "webvision_mini", "--from", str(tree), "--to", str(tmp_path / "out"), "--partial"]) == 0
    return tmp_path / "out"


def test_a_source_streams_what_was_prepared(prepared):
    source = webvision(str(prepared), size=20, resize=24)
    assert source.labels.tolist() == list(range(50)) and source.true_labels is None and source.trusted is None
    assert source.inputs.shape == (50, 20, 20, 3) and source.statistics is not None
    seen = source.inputs[np.array([5, 49])].mean(axis=(1, 2))
    assert np.abs(seen - [np.random.default_rng([7, label]).integers(30, 226, 3) for label in (5, 49)]).max() < 12
    assert webvision(str(prepared), "imagenet") is None
    assert source.sha256() == webvision(str(prepared), size=20, resize=24).sha256()
    assert source.sha256() != webvision(str(prepared), size=22, resize=24).sha256()
    with pytest.raises(InputError, match="no split 'clean', only train, test"):
        webvision(str(prepared), trusted=True)
    with pytest.raises(InputError, match="std above 0"):
        webvision(str(prepared), std=(0.0, 1.0, 1.0))


def test_files_changed_since_are_noticed(prepared):
    directory = prepared / "webvision_mini/1.0.0"
    columns = dict(np.load(directory / "train.npz"))
    columns["labels"][[0, 1]] = columns["labels"][[1, 0]]
    np.savez(directory / "train.npz", **columns)
    with pytest.raises(InputError, match="not those that were written"):
        webvision(str(prepared))
    del columns["seal"]
    np.savez(directory / "train.npz", **columns)
    with pytest.raises(InputError, match="does not have the checksum"):
        webvision(str(prepared))
    (directory / "prepared.json").write_text("{}")
    with pytest.raises(InputError, match=r"prepared.json is damaged"):
        webvision(str(prepared))


def test_records_changed_since_are_noticed(prepared):
    directory = prepared / "webvision_mini/1.0.0"
    source = webvision(str(prepared), size=20, resize=24)
    train = directory / "webvision_mini-train.array_record-00000"
    data = bytearray(train.read_bytes())
    data[5000:9000] = bytes(4000)
    train.write_bytes(data)
    with pytest.raises(InputError, match=r"cannot be read .*Prepare the set again"):
        source.inputs[np.arange(50)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["webvsion", "--from", "x", "--to", "y"], "Did you mean 'webvision'"),
        (["webvision", "--from", "x"], "required: --to"),
        (["webvision", "--from", "x", "--to", "y", "--clean", "-1"], "--clean must be 0 or more"),
        (["animal10n", "--from", "x", "--to", "y"], "data set animal10n"),
        (["food101n", "--from", "x", "--to", "y"], "data set food101n"),
    ],
)
def test_wrong_commands_get_one_sentence(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["prepare", *words]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and message in error and not list(tmp_path.iterdir())
