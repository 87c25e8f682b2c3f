"""docs/run_folder.md names every file, key, array and column of real runs."""

import csv
import fnmatch
import json
import re

import numpy as np
import pytest

import meta_noise
from docs.generate.marks import ROOT
from tests.own_runs import World, write_rows

PAGE = (ROOT / "docs" / "run_folder.md").read_text("utf-8")
SECTIONS = {
    "labels.csv": "Labels",
    "model.json": "Model",
    "examples.npz": "Examples",
    "examples.json": "Examples",
    "cleaned.csv": "Corrected data",
    "issues.csv": "Corrected data",
    "moves.csv": "Corrected data",
    "corrected.json": "Corrected data",
    "queue.csv": "queue",
}
UNREAD = {"model.npz", "config.json", ".meta_noise.json"}  # names in these are those of parameters, settings; in text


def section(title):
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def documented(title):
    """Returns the names in code of a section; one that begins with a dot continues the first of its line."""
    found = set()
    for line in section(title).splitlines():
        whole: list[str] = []
        for name in re.findall(r"`([^`]+)`", line):
            if name.startswith("."):
                whole += [stem + name for one in tuple(whole) for stem in (one, one.rpartition(".")[0])]
            else:
                whole.append(name)
        found |= {*whole, *(name.removesuffix(".*").removesuffix("[]") for name in whole)}
    return found


def keys(value, stem=""):
    """Yields the dotted keys of what is in an object, with `[]` for a list of objects."""
    for key, inside in value.items():
        if isinstance(inside, dict) and inside:
            yield from keys(inside, f"{stem}{key}.")
        elif isinstance(inside, list) and inside and isinstance(inside[0], dict):
            for one in inside[:1]:
                yield from keys(one, f"{stem}{key}[].")
        else:
            yield f"{stem}{key}"


def names_in(path):
    if path.suffix == ".json":
        value = json.loads(path.read_text("utf-8"))
        value.pop("sha256", None)
        return set(keys(value))
    if path.suffix == ".jsonl":
        return set(json.loads(path.read_text("utf-8").splitlines()[-1]))
    if path.suffix == ".npz":
        return set(np.load(path).files) - {"seal"}
    with path.open(newline="", encoding="utf-8") as file:
        return set(next(csv.reader(file)))


def undocumented(path, own=()):
    """Returns what a file has and its section does not say."""
    known = documented(SECTIONS.get(path.name, path.name)) - ({"*"} if path.name != "metrics.jsonl" else set())
    return [
        name
        for name in sorted(names_in(path) - set(own))
        if not any(fnmatch.fnmatchcase(name, pattern.replace("[]", "[[]]")) for pattern in known)
    ]


def check(folder, own=()):
    """Asserts that the page names all of a run folder."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and "checkpoints" not in path.parts):
        assert f"`{path.name}`" in PAGE or f"`{path.stem}.*`" in PAGE, f"{path.name} is not on the page"
        if path.suffix in (".json", ".jsonl", ".npz", ".csv") and path.name not in UNREAD:
            assert undocumented(path, own if path.stem == "cleaned" else ()) == [], path.name


def test_a_run_on_own_data(world):
    check(world.run, ("id", "a", "b", "c", "label"))


def test_a_key_that_nobody_wrote_of_is_found(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"method": "x", "clean_set": {"size": 3, "sise": 3}, "flags": {"recall": None}}))
    assert undocumented(path) == ["clean_set.sise"]


@pytest.mark.slow
def test_a_run_on_votes_with_trusted_rows_and_a_second_round(tmp_path):
    world = World(tmp_path)
    rows = [
        {**{key: row[key] for key in ("id", "a", "b", "c")}, "p": row["label"], "q": world.truth[row["id"]]}
        for row in world.rows
    ]
    data = write_rows(tmp_path / "votes.csv", rows)
    trusted = write_rows(tmp_path / "trusted.csv", [{"id": i, "label": world.truth[i]} for i in world.ids[:20]])
    meta_noise.clean(data, tmp_path / "votes", annotators="p,q", id="id", trusted=trusted, method="mlc_lcn", epochs=2)
    check(tmp_path / "votes", ("id", "a", "b", "c", "p", "q"))
    meta_noise.queue(world.run, n=10)
    answers = world.answers(tmp_path / "answers.csv", world.rows[:20])
    meta_noise.ingest(world.run, answers, method="mw_net", epochs=2)
    check(tmp_path / "mine-round2", ("id", "a", "b", "c", "label"))
    check(world.run, ("id", "a", "b", "c", "label"))


@pytest.mark.slow
@pytest.mark.parametrize("method", ["mlc_t", "ieg", "famus", "supervised"])
def test_a_run_of_a_config(tmp_path, method):
    from meta_noise import main

    words = [f"--config=configs/digits.py:{method}", f"--workdir={tmp_path / 'run'}", "--config.train.epochs=1"]
    assert main.run(["main", *words]) == 0
    check(tmp_path / "run")
