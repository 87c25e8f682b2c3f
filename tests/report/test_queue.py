"""Page and CSV of the queue run nothing of the user's."""

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


def table():
    """Ten rows of four classes, one of them with a nasty name; so is the name of the last row."""
    given = np.arange(10) % 4
    probabilities = np.full((10, 4), 0.05) + 0.8 * np.eye(4)[(given + 1) % 4]
    ids = [f"row{n}" for n in range(9)] + ["=cmd"]
    names = ["class 0", "class 1", "class 2", NASTY]
    return label_table(Evidence(ids, given, names, probabilities, np.full(10, 0.05)))


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
    labels = table()
    asked = rows_to_ask(labels, 10)._replace(rows=np.arange(10))
    shown = [Shown(text=f"{NASTY}\u202e & <img src=x onerror=alert(1)>", cells=[(NASTY, "=1+1")])] * 10
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
