"""How far the flags can be trusted, in words and on the page; classes.json."""

import json

import numpy as np
import pyarrow as pa

from meta_noise.disk.sealed import write_json
from meta_noise.report.classes import class_summary
from meta_noise.report.labels import label_table
from meta_noise.report.page import write_page
from meta_noise.report.trust import estimates, trust
from tests.report.fake_run import fake_run, fake_table

FLAGS = {
    "known": True,
    "method": "errors of the trusted rows",
    "folds": 3,
    "trusted_rows": 40,
    "precision": {"value": 0.9, "low": 0.7, "high": 0.97, "hits": 9, "of": 10},
    "recall": {"value": 0.75, "low": 0.47, "high": 0.91, "hits": 9, "of": 12},
    "false_alarms": {"value": 1 / 28, "low": 0.006, "high": 0.18, "hits": 1, "of": 28},
    "noise_rate": {"value": 0.3, "low": 0.18, "high": 0.46, "hits": 12, "of": 40},
}


def test_in_words():
    text = trust({"flags": FLAGS})
    assert text.startswith("Estimated on 40 trusted rows, 95% intervals: precision of the flags 90% (70% to 97%), ")
    assert "recall of the flags 75% (47% to 91%)" in text and "planted" not in text
    planted = {**FLAGS, "method": "planted errors", "precision": None, "warning": "The rows are \u202eodd."}
    text = trust({"flags": planted})
    assert "wrong labels were planted" in text and "Precision cannot be told" in text and r"are \u202eodd" in text
    assert next(one.name for one in estimates({"flags": planted})) == "Recall of the flags"
    assert trust({}) is None and estimates({}) == []
    unknown = {"flags": {"known": False, "why": "no row is trusted"}}
    assert trust(unknown) == "How many of the flags are right is not known: no row is trusted."


def test_on_the_page(tmp_path):
    table = fake_table(truth=False)
    html = write_page(fake_run(tmp_path / "a", table, flags=FLAGS)).read_text()
    assert "How far to trust the flags" in html and "70% to 97%: of the labels that look wrong are wrong" in html
    assert "look wrong, and 70% to 97% of these are, as the trusted rows tell." in html
    html = write_page(fake_run(tmp_path / "b", table)).read_text()
    assert "How far to trust the flags" not in html


def test_rows_in_words_are_shown_and_inert(tmp_path):
    table = fake_table(truth=False)
    folder = fake_run(tmp_path, table, pictures=False)
    worst = table.take(pa.array(np.argsort(table["label_quality"].to_numpy())[:30]))["id"].to_pylist()
    texts = {name: f"<script>alert({number})</script> & more" for number, name in enumerate(worst)}
    write_json(folder / "examples.json", {"rows": texts})
    html = write_page(folder).read_text()
    assert html.count("&lt;script&gt;alert(") == 24 and "<script" not in html
    assert "kept with their content" in html


def test_the_page_does_not_grow_with_the_rows(tmp_path):
    sizes = [
        len(write_page(fake_run(tmp_path / str(rows), fake_table(rows, truth=False), pictures=False)).read_text())
        for rows in (4_000, 40_000)
    ]
    assert sizes[1] < 1.05 * sizes[0]


def test_classes():
    given, suggested = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 1])
    quality = np.array([0.9, 0.7, 0.2, 0.8, 0.6, 0.1])
    table = label_table(list("abcdef"), given, np.eye(4)[suggested], quality, None, None, None, tuple("wxyz"), None)
    found = class_summary(table, {})
    assert found["rows"] == 6 and found["class_names"] == list("wxyz") and found["flags"] is None
    assert found["transition"] == [[1, 0, 0, 0], [0.25, 0.5, 0.25, 0], None, None]
    assert found["noise_rate"]["value"] == 2 / 6 and found["noise_rate"]["low"] is None
    assert found["classes"][0] == {
        "name": "w", "rows": 3, "label_quality": 0.6, "label_issues": 1, "label_issue_rate": round(1 / 3, 6),
        "suggested_instead": "x",
    }  # fmt: skip
    assert found["classes"][3]["rows"] == 0 and found["classes"][3]["label_quality"] is None
    found = class_summary(table, {"flags": FLAGS})
    assert found["noise_rate"] == {**FLAGS["noise_rate"], "how": "from the trusted rows"} and found["flags"] == FLAGS
    assert json.loads(json.dumps(found)) == found
