"""Which rows are asked about, and that page and CSV run nothing of the user's."""

import base64
import csv
import hashlib
import html.parser
import io
import json
import re

import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.queue import Shown, write_queue
from meta_noise.report.queue_rows import rows_to_ask

NASTY = "</script><script>alert(1)</script>"


def table(n=300, classes=4, seed=0):
    """Labels of which a tenth is wrong, nearly all of these given as class 0."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(classes, size=n)
    wrong = np.arange(n) < n // 10
    truth[wrong] = np.where(np.arange(n)[wrong] % 5 == 0, 2, 1)
    given = np.where(wrong, 0, truth)
    probabilities = np.full((n, classes), 0.05)
    probabilities[np.arange(n), truth] = 1 - 0.05 * (classes - 1)
    quality = probabilities[np.arange(n), given]
    probabilities[n // 2 : n // 2 + 20] = [0.3, 0.25, 0.25, 0.2]  # the network does not know
    names = [f"class {k}" for k in range(classes - 1)] + [NASTY]
    ids = [f"row{n}" for n in range(n - 1)] + ["=cmd"]
    return label_table(Evidence(ids, given, names, probabilities, quality, true=truth)), wrong


def test_three_kinds_of_rows_in_proportion():
    labels, wrong = table()
    asked = rows_to_ask(labels, 50)
    assert len(set(asked.rows.tolist())) == 50
    counts = {word: asked.why.count(word) for word in ("suspicious", "uncertain", "random")}
    assert counts == {"suspicious": 30, "uncertain": 10, "random": 10}
    by = {word: asked.rows[[why == word for why in asked.why]] for word in counts}
    assert wrong[by["suspicious"]].mean() > 0.75
    assert np.mean((by["uncertain"] >= 150) & (by["uncertain"] < 170)) > 0.8
    first = asked.why[:10]
    assert first.count("random") == 2 and first.count("uncertain") == 2  # who stops early has seen some of each


def test_suspicious_rows_are_spread_over_classes():
    labels, _ = table()
    asked = rows_to_ask(labels, 20)
    suggested = [labels["suggested_label"][row].as_py() for row, why in zip(*asked, strict=True) if why == "suspicious"]
    assert {"class 1", "class 2"} <= set(suggested)  # of the 30 wrong rows only six are of class 2
    assert suggested.count("class 1") >= suggested.count("class 2")


def test_random_rows_are_a_fair_sample():
    labels, wrong = table()
    shares = []
    for seed in range(60):
        asked = rows_to_ask(labels, 100, seed)
        shares.append(wrong[asked.rows[[why == "random" for why in asked.why]]].mean())
    assert abs(np.mean(shares) - wrong.mean()) < 0.02  # the standard error is 0.008


def test_small_numbers_and_too_many():
    labels, _ = table(n=20)
    assert sorted(rows_to_ask(labels, 500).rows.tolist()) == list(range(20))
    for n in range(1, 8):
        assert len(rows_to_ask(labels, n).rows) == n
    assert rows_to_ask(labels, 9).rows.tolist() == rows_to_ask(labels, 9).rows.tolist()


class _Parser(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.scripts, self.tags, self.policy, self._inside = [], [], "", False

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append((tag, values))
        self._inside = tag == "script"
        if self._inside:
            self.scripts.append("")
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.scripts[-1] += data


@pytest.fixture
def written(tmp_path):
    labels, _ = table()
    asked = rows_to_ask(labels, 40)._replace(rows=np.arange(260, 300))
    shown = [Shown(text=f"{NASTY}\u202e & <img src=x onerror=alert(1)>", cells=[(NASTY, "=1+1")])] * 40
    arguments = (labels, asked, shown, f"mine {NASTY}", "run1", "runs/my run")
    write_queue(tmp_path, *arguments)
    return tmp_path, arguments


def test_the_page_runs_its_own_script_and_nothing_else(written):
    folder, _ = written
    page = _Parser()
    text = (folder / "queue.html").read_text(encoding="utf-8")
    page.feed(text)
    data, script = page.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert (
        page.policy.startswith("default-src 'none'; img-src data:;") and f"script-src 'sha256-{digest}'" in page.policy
    )
    assert "unsafe" not in page.policy and "http" not in re.sub(r"http-equiv", "", text)
    assert NASTY not in text and "\u202e" not in text
    known = json.loads(data)
    assert known["classes"][3]["name"] == NASTY and known["rows"][-1]["id"] == "=cmd"
    assert not any(name.startswith("on") for _, values in page.tags for name in values)
    assert "innerHTML" not in script and "eval" not in script


def test_the_csv_is_inert_and_asks_for_answers(written):
    folder, _ = written
    rows = list(csv.DictReader(io.StringIO((folder / "queue.csv").read_text(encoding="utf-8"))))
    assert list(rows[0])[:5] == ["id", "given_label", "suggested_label", "probability", "why"]
    assert rows[-1]["id"] == "'=cmd" and rows[-1]["answer"] == "" and rows[-1]["run"] == "run1"


def test_a_queue_is_not_overwritten(written):
    folder, arguments = written
    write_queue(folder, *arguments)  # the same again
    before = (folder / "queue.html").read_bytes()
    with pytest.raises(InputError, match="holds another queue"):
        write_queue(folder, *arguments[:-1], "elsewhere")
    assert (folder / "queue.html").read_bytes() == before
