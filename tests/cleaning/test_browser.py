"""The page in a real browser: rows are answered by mouse and keys, answers downloaded, and taken by `ingest`."""

import csv
import importlib.util
import json
import time

import numpy as np
import pytest

import meta_noise
from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.queue import Shown, write_queue
from meta_noise.report.queue_rows import rows_to_ask
from tests.cleaning import chromium
from tests.own_runs import NAMES, QUICK

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(chromium.found() is None, reason="there is no Chromium"),
    pytest.mark.skipif(importlib.util.find_spec("websockets") is None, reason="needs pip install websockets"),
]


@pytest.fixture
def page(tmp_path):
    with chromium.page(tmp_path) as opened:
        opened.downloads_to(tmp_path / "downloads")
        yield opened
        requests = [address for kind, address in opened.said if kind == "request"]
        assert all(address.startswith(("file:", "data:image/", "blob:")) for address in requests), requests
        assert [said for said in opened.said if said[0] != "request"] == []


def downloaded(folder):
    end = time.monotonic() + 30
    while not (found := [path for path in folder.glob("*") if path.suffix == ".csv" and path.stat().st_size]):
        assert time.monotonic() < end, f"no answers in {folder}: {sorted(folder.glob('*'))}"
        time.sleep(0.05)
    (path,) = found
    with path.open(encoding="utf-8", newline="") as file:
        return path, list(csv.DictReader(file))


def test_answers_go_from_the_page_into_the_next_round(world, page, tmp_path):
    folder = meta_noise.queue(world.run, 14, tmp_path / "queue")
    page.open(folder / "queue.html")
    ids = page.run("JSON.parse(document.getElementById('data').textContent).rows.map(row => row.id)")
    names = sorted(NAMES)
    assert page.run("[...document.querySelectorAll('#classes button > span')].map(e => e.firstChild.data)") == names
    assert page.run("document.querySelectorAll('script').length") == 2  # those of the page
    for place in range(5):  # with the mouse
        assert ids[place] in page.run("document.getElementById('identity').textContent")
        page.click("#classes button", names.index(world.truth[ids[place]]))
    for place in range(5, 9):  # with keys
        page.press(str(names.index(world.truth[ids[place]]) + 1))
    page.press("1" if world.truth[ids[9]] != names[0] else "2")  # a mistake
    page.press("u")
    assert page.run("document.getElementById('progress').textContent") == "9 of 14 answered"
    page.press(str(names.index(world.truth[ids[9]]) + 1))
    page.open(folder / "queue.html")  # closed and opened again
    assert page.run("document.getElementById('progress').textContent") == "10 of 14 answered"
    assert ids[10] in page.run("document.getElementById('identity').textContent")
    page.press("b")
    page.press("ArrowRight")  # skipped
    page.press("g")
    page.press("s")
    assert page.run("document.getElementById('verdict').textContent") == "That was the last row"
    assert page.run("[...document.querySelectorAll('#counts dd')].map(e => e.textContent)")[2:] == ["1", "1"]
    page.click("#left")
    assert ids[11] in page.run("document.getElementById('identity').textContent")
    page.click("#download")
    path, rows = downloaded(tmp_path / "downloads")
    with (folder / "queue.csv").open(newline="") as file:
        asked = {row["id"]: row for row in csv.DictReader(file)}
    found = {row["id"]: row for row in rows}
    inert = {"=1+1": "'=1+1", "=y": "'=y"}
    assert len(found) == 13 and ids[11] not in found
    for identity in ids[:10]:
        truth = world.truth[identity]
        assert found[inert.get(identity, identity)]["answer"] == inert.get(truth, truth)
    assert found[inert.get(ids[10], ids[10])]["verdict"] == "bad"
    for identity, column in ((ids[12], "given_label"), (ids[13], "suggested_label")):
        cell = inert.get(identity, identity)
        assert found[cell]["answer"] == asked[cell][column] and found[cell]["why"] == asked[cell]["why"]
    fitted = meta_noise.ingest(world.run, path, tmp_path / "next", **QUICK)
    assert sorted(fitted.labels["id"].to_pylist()) == sorted(set(world.ids) - {*ids[:11], *ids[12:]})


def test_a_class_of_many_is_found_by_typing(page, tmp_path):
    names = [f"kind {k:02d}" for k in range(39)] + ["<i>last</i>"]
    probabilities = np.full((80, 40), 1 / 80)
    probabilities[np.arange(80), np.arange(80) % 40] += 0.5
    given = (np.arange(80) + 1) % 40
    labels = label_table(Evidence(range(80), given, names, probabilities, probabilities[np.arange(80), given]))
    shown = [Shown(cells=[("<b>", "=1"), ("colour", "red")])] * 6
    write_queue(tmp_path / "queue", labels, rows_to_ask(labels, 6), shown, "many", "run", "runs/many")
    page.open(tmp_path / "queue/queue.html")
    assert page.run("document.querySelectorAll('#classes button').length") == 40
    assert page.run("document.querySelector('#content th').textContent") == "<b>"
    page.press("/")
    for key in "last":
        page.press(key)
    assert page.run("document.querySelectorAll('#classes button').length") == 1
    page.press("Enter")
    page.press("Escape")
    page.press("1")  # the first button is the suggestion
    page.click("#classes button", 1)  # and the second the given label
    kept = json.loads(page.run("Object.values(localStorage)[0]"))["answers"]
    rows = page.run("JSON.parse(document.getElementById('data').textContent).rows")
    assert [kept[place]["label"] for place in "012"] == [
        "<i>last</i>",
        names[rows[1]["suggested"]],
        names[rows[2]["given"]],
    ]


def test_a_page_that_a_user_tampered_with_still_loads_nothing(page, tmp_path):
    labels = label_table(Evidence(["a", "b"], np.array([0, 1]), ["x", "y"], np.eye(2), np.ones(2)))
    nasty = "<img src=http://127.0.0.1:9/x onerror=\"document.title='run'\"><script>document.title='run'</script>"
    write_queue(tmp_path, labels, rows_to_ask(labels, 2), [Shown(text=nasty)] * 2, nasty, "run", nasty)
    page.open(tmp_path / "queue.html")
    assert page.run("document.querySelector('#content .text').textContent") == nasty
    assert page.run("document.title") != "run" and page.run("document.images.length") == 0
