"""The page of own data in a real browser: rows are filtered, searched and turned, and an accessibility checker agrees.

The checker is axe-core (Deque), from the package `axe-core-python` or the file that AXE_CORE names.
"""

import importlib.util
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from meta_noise.report import multilabel, tags
from meta_noise.report.page import write_page
from meta_noise.report.queue import Shown, write_queue
from meta_noise.report.queue_rows import rows_to_ask
from tests.cleaning import chromium
from tests.report.fake_run import fake_pictures, fake_run
from tests.report.test_answer import NASTY, RATE, UNKNOWN, judged

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(chromium.found() is None, reason="there is no Chromium"),
    pytest.mark.skipif(importlib.util.find_spec("websockets") is None, reason="needs pip install websockets"),
]
VIEWS = [(1200, False), (390, True)]  # pixels, dark


def axe():
    """Returns the script of the checker, or skips the test."""
    if name := os.environ.get("AXE_CORE"):
        return Path(name).read_text(encoding="utf-8")
    spec = importlib.util.find_spec("axe_core_python")
    if spec is None or spec.origin is None:
        pytest.skip("needs pip install axe-core-python")
    return Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def page(tmp_path):
    with chromium.page(tmp_path) as opened:
        yield opened
        requests = [address for kind, address in opened.said if kind == "request"]
        assert all(address.startswith(("file:", "data:image/")) for address in requests), requests
        assert [said for said in opened.said if said[0] != "request"] == []


@pytest.fixture
def report(tmp_path):
    """The page of 2,000 rows of three classes, 300 of which look wrong; two have words, two a picture."""
    labels = judged(rows=2000, flagged=300)
    results = {"noise_estimate": RATE, "flags": UNKNOWN, "worthless": None}
    folder = fake_run(tmp_path / "run", labels, pictures=False, **results)
    np.savez(folder / "examples.npz", ids=np.array(["row1998", "row1997"]), images=fake_pictures(np.arange(2), 16))
    return write_page(folder)


def seen(page):
    return page.run("[...document.querySelectorAll('#list .id')].map(e => e.textContent)")


def pick(page, name, value):
    page.run(
        f"(e => {{ e.value = {json.dumps(value)}; e.dispatchEvent(new Event('change')) }})"
        f"(document.getElementById({json.dumps(name)}))"
    )


def test_rows_are_filtered_searched_sorted_and_turned(page, report):
    page.open(report)
    assert seen(page)[:3] == [NASTY, "row1998", "row1997"] and len(seen(page)) == 48
    assert page.run("document.getElementById('shown').textContent") == "Shown: 1 to 48 of 300 rows found."
    assert page.run("document.querySelectorAll('#list img').length") == 2
    page.click("#after")
    assert page.run("document.getElementById('page').textContent") == "Page 2 of 7" and len(seen(page)) == 48
    page.click("#end")
    assert len(seen(page)) == 300 - 6 * 48 and page.run("document.getElementById('after').disabled")
    page.click("#only")
    assert page.run("document.getElementById('page').textContent") == "Page 1 of 42"
    page.click("#only")
    pick(page, "given", "1")
    assert page.run("[...document.querySelectorAll('#list s')].every(e => e.textContent === 'dog')")
    pick(page, "given", "")
    pick(page, "order", "unsure")
    assert page.run("document.querySelector('#list li').className") == "suspect unsure"
    pick(page, "order", "id")
    assert seen(page)[1:3] == ["row1700", "row1701"]
    page.run("document.getElementById('words').value = 'ROW1998'")
    page.run("document.getElementById('words').dispatchEvent(new Event('input'))")
    time.sleep(0.5)
    assert seen(page) == ["row1998"]
    page.click(".pair", 1)
    chosen = page.run("['given', 'suggested'].map(id => document.getElementById(id).value)")
    assert chosen[0] != "" and chosen[1] != "" and len(seen(page)) == 48
    assert page.run("document.activeElement.id") == "given"


def violations(page, script):
    page.run(script + ";0")
    code = "axe.run().then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 90))])))"
    answer = page.send("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
    return json.loads(answer["result"]["value"])


def view(page, width, dark):
    page.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    page.send("Emulation.setEmulatedMedia", features=[scheme])


@pytest.mark.parametrize(("width", "dark"), VIEWS)
def test_a_checker_finds_no_barrier_in_the_report(page, report, width, dark):
    script = axe()
    view(page, width, dark)
    page.open(report)
    page.run("document.querySelectorAll('details').forEach(e => (e.open = true))")
    assert violations(page, script) == []
    assert page.run("document.documentElement.scrollWidth") <= width  # nothing sticks out


@pytest.mark.parametrize(("width", "dark"), VIEWS)
def test_a_checker_finds_no_barrier_in_the_queue(page, tmp_path, width, dark):
    script, labels = axe(), judged()
    write_queue(tmp_path / "queue", labels, rows_to_ask(labels, 4), [Shown(text="words")] * 4, "mine", "run", "mine")
    view(page, width, dark)
    page.open(tmp_path / "queue/queue.html")
    assert violations(page, script) == []


@pytest.fixture
def pages_without_scripts(tmp_path):
    """The pages of tags and of several labels a row, with marks, commands and numbers that are wide on a phone."""
    steps = [("Judge it again:", "meta-noise clean runs/a_long_name/cleaned.conll --tags --out runs/a_long_name_again")]
    words = [
        tags.Word("a"),
        tags.Word("word or more", "B-DATE I-DATE B-LOC I-LOC", "B-ORG I-ORG I-ORG I-ORG", "perhaps"),
    ]
    start = ("Tags", "3 look wrong.", "Told by some.", ["A note."], steps, {"labels.csv": "all"})
    row = multilabel.Row("1", "a.csv, line 2, id 1", "0.1", [multilabel.Label("sea", "wrong", "sure")], "words")
    classes = [multilabel.Class("a-class-of-a-long-name", 1000, 10, 10, "12.0% (0.4% to 24.4%)")]
    texts = (
        tags.page(
            tags.Contents(*start, [tags.Sentence(1, 1, "0", words)], 1, [("O", "B", 1)], [("O", 1, 1)], {"id": "id"})
        ),
        multilabel.page(multilabel.Contents(*start, [row], 1, classes, {"id": "id"})),
    )
    paths = [tmp_path / f"{number}.html" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


@pytest.mark.parametrize(("width", "dark"), VIEWS)
def test_a_checker_finds_no_barrier_in_pages_without_scripts(page, pages_without_scripts, width, dark):
    script = axe()
    view(page, width, dark)
    for path in pages_without_scripts:
        page.open(path)
        page.run("document.querySelectorAll('details').forEach(e => (e.open = true))")
        assert violations(page, script) == []
        assert page.run("document.documentElement.scrollWidth") <= width  # nothing sticks out


def test_a_suggestion_is_hidden_until_the_row_is_answered_and_pictures_grow(page, tmp_path):
    labels = judged()
    shown = [Shown(picture="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=", is_small=True)] * 4
    write_queue(tmp_path / "queue", labels, rows_to_ask(labels, 4), shown, "mine", "run", "mine")
    page.open(tmp_path / "queue/queue.html")
    told = "document.getElementById('suggested').textContent"
    assert page.run(told) != "hidden"
    page.click("#blind")
    assert page.run(told) == "hidden" and "suggested" not in page.run("document.getElementById('classes').textContent")
    page.press("s")  # takes what is not shown: no answer
    assert page.run("document.getElementById('progress').textContent") == "0 of 4 answered"
    page.press("1")
    page.press("ArrowLeft")
    assert page.run(told) != "hidden"
    page.press("ArrowRight")
    assert page.run(told) == "hidden"
    page.press("z")
    assert page.run("document.getElementById('large').open")
    page.press("1")  # not meant for the row behind
    assert page.run("document.getElementById('progress').textContent") == "1 of 4 answered"
    page.click("#enlarged")
    assert not page.run("document.getElementById('large').open")
