"""The page of own data: the answer first, then all rows, and nothing of the user's is run."""

import json
import re

import numpy as np
import pytest

from meta_noise.report import rows as report_rows
from meta_noise.report.answer import settled
from meta_noise.report.embedding import script_digest
from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.page import SCRIPT, write_page
from meta_noise.report.quality import Scores
from meta_noise.report.rows import first_rows, page_rows, per_cent
from meta_noise.report.sureness import level_of
from tests.report.fake_run import fake_pictures, fake_run

NASTY = "</script><script>alert(1)</script>"
RATE = {"rate": {"value": 0.1, "low": 0.05, "high": 0.2}, "how": "a fast classifier"}
UNKNOWN = {"known": False, "why": "no row is trusted"}


def judged(rows=40, names=("cat", "dog", NASTY), flagged=10, known=True):
    """Returns a label table in which the last rows look wrong; some others have another suggestion, too."""
    given = np.arange(rows) % len(names)
    suggested = (given + 1) % len(names)
    is_issue = np.arange(rows) >= rows - flagged
    quality = np.where(is_issue, np.linspace(0.3, 0.0, rows), 0.6)
    probability = np.where(is_issue, 0.99 * np.linspace(0, 1, rows) ** 4, 0.4)
    scores = Scores(quality, is_issue if known else None, suggested, probability, suggested)
    even = np.full((rows, len(names)), 1 / len(names))
    ids = [f"row{n}" for n in range(rows - 1)] + [NASTY]
    return label_table(Evidence(ids, given, names, even, quality, scores=scores))


def own_run(folder, labels=None, **results):
    """Makes a run folder on own data and returns the text of its page."""
    results = {"noise_estimate": RATE, "flags": UNKNOWN, "worthless": None, **results}
    fake_run(folder, judged() if labels is None else labels, metrics=[], pictures=False, **results)
    return write_page(folder).read_text(encoding="utf-8")


def data_of(html):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html)[1])


def test_the_page_begins_with_the_answer_and_what_to_do(tmp_path):
    html = own_run(tmp_path / "my run")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html.split("</head>")[1]))
    answer = "10 of 40 labels look wrong; about 10.0% of all labels are estimated to be wrong (5.0% to 20.0% as a "
    rest = "rough range, as no row drawn by chance is trusted; 2 to 8 rows)"
    places = [text.index(part) for part in ("The labels of", answer + rest, "Told by a fast")]
    places += [text.index(part) for part in ("What to do next", "The labels that look wrong", "Which classes are")]
    places += [text.index(part) for part in ("Class by class", "How far to trust", "How this was found")]
    assert places == sorted(places)
    assert f"meta-noise queue &#39;{tmp_path / 'my run'}&#39;" in html and "meta-noise ingest" in html
    assert "about 10 of the 10 labels that look wrong are wrong; nobody has checked" in text
    assert "queue/queue.html" not in html and "cleaned.csv" not in html and 'href="labels.csv"' in html
    assert "<h2>Transition" not in html  # one matrix, one direction


def test_files_beside_the_page_are_linked_where_they_are(tmp_path):
    own_run(tmp_path)
    for name in ("cleaned.parquet", "issues.csv", "queue/queue.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    html = write_page(tmp_path).read_text()
    for name in ("cleaned.parquet", "issues.csv", "queue/queue.html"):
        assert f'href="{name}"' in html
    assert "moves.csv" not in html


def test_nothing_of_the_user_is_run(tmp_path):
    html = own_run(tmp_path, data=NASTY)
    assert html.count("<script") == 2 and NASTY not in html
    script = SCRIPT.read_text(encoding="utf-8")
    assert f"script-src '{script_digest(script)}'" in html and script in html
    assert "innerHTML" not in script and "eval(" not in script and "http" not in script
    data = data_of(html)
    assert data["classes"][2] == NASTY and NASTY in data["ids"]


def test_where_nothing_was_found_out_no_rows_are_shown(tmp_path):
    worthless = {"reason": "The inputs say nothing.", "help": "Trust some rows."}
    html = own_run(tmp_path, judged(known=False), worthless=worthless, noise_estimate={"rate": None, "how": "x"})
    assert "Nothing was found out about these labels." in html and "The inputs say nothing. Trust some rows." in html
    assert "<script" not in html and "The labels that look wrong" not in html and "meta-noise queue" in html


def test_no_label_looks_wrong(tmp_path):
    html = own_run(tmp_path, judged(flagged=0))
    assert "None of the 40 labels can be told to be wrong; about" in html and "The least believable labels" in html
    assert data_of(html)["wrong"] == 0
    few = {**RATE, "rate": {"value": 0.01, "low": 0.0, "high": 0.05}}
    html = own_run(tmp_path / "few", judged(flagged=0), noise_estimate=few)
    assert "None of the 40 labels looks wrong; about" in html


@pytest.mark.parametrize("is_weak", [True, False])
def test_right_flags_by_the_probabilities(tmp_path, is_weak):
    html = own_run(tmp_path, noise_estimate={**RATE, "head": {"is_weak": is_weak}})
    assert "By the probabilities alone, about" in html
    assert ("it may be far fewer, as the classes are hard to tell apart" in html) == is_weak


def test_rows_that_do_not_look_wrong_keep_their_label():
    table = settled(judged())
    flags, given, suggested, probability, quality = (
        table[name].to_pylist()
        for name in ("is_label_issue", "given_label", "suggested_label", "suggested_probability", "label_quality")
    )
    for place, flag in enumerate(flags):
        assert (given[place] != suggested[place]) == flag
        assert flag or probability[place] == quality[place]
    assert table.num_rows == 40 and sum(flags) == 10


def test_all_rows_are_in_the_page_the_worst_first(tmp_path):
    pictures = {"row38": fake_pictures(np.arange(1), 16)[0], "row0": fake_pictures(np.arange(1), 128)[0]}
    rows = page_rows(settled(judged()), pictures, {"row38": "words", "elsewhere": "x"})
    assert len(rows["ids"]) == len(rows["given"]) == len(rows["sure"]) == 40
    assert rows["wrong"] == 10 and rows["ids"][:2] == [NASTY, "row38"]
    assert rows["texts"] == {1: "words"} and rows["small"] == [1]
    assert rows["pictures"][1].startswith("data:image/png") and len(rows["pictures"]) == 2
    assert rows["pictures"][rows["ids"].index("row0")].startswith("data:image/jpeg")
    first = first_rows(rows)
    assert len(first) == 10 and first[0].word == "sure" and first[0].given == "cat" and not first[0].is_unsure
    assert first[1].text == "words" and first[-1].is_unsure and first[-1].word in ("a guess", "perhaps")


@pytest.mark.parametrize(("flagged", "wrong"), [(10, 10), (35, 26)])
def test_of_many_rows_the_first_are_in_the_page_and_some_by_chance(tmp_path, monkeypatch, flagged, wrong):
    """Counts are of all rows all the same."""
    monkeypatch.setattr(report_rows, "MOST", 26)
    monkeypatch.setattr(report_rows, "WORST", 20)
    labels = judged(flagged=flagged)
    html = own_run(tmp_path, labels)
    found, first = data_of(html), report_rows.page_rows(settled(labels), {}, {})
    assert "26 of 40 rows are in this page: 20 to look at first, those that look wrong and then the" in html
    assert f"{flagged} of 40 labels look wrong" in html
    assert found["all"] == 40 and len(set(found["ids"])) == 26 and found["wrong"] in range(10, wrong + 1)
    monkeypatch.setattr(report_rows, "MOST", 40)
    whole = report_rows.page_rows(settled(labels), {}, {})
    assert found["ids"] == first["ids"] and found["ids"][:20] == whole["ids"][:20]
    places = [whole["ids"].index(one) for one in found["ids"]]
    assert places == sorted(places) and found["wrong"] == sum(place < flagged for place in places)
    assert "rows are in this page" not in own_run(tmp_path / "all", labels)


def test_how_many_are_how_sure(tmp_path):
    html = own_run(tmp_path)
    sure = 0.99 * np.linspace(0, 1, 40)[-10:] ** 4
    levels = [level_of(one).word for one in sure]
    for word in ("sure", "likely", "perhaps", "a guess"):
        assert f"<b>{levels.count(word)}</b> {word} <" in html


def test_a_table_without_probabilities_is_shown_too(tmp_path):
    labels = judged().drop_columns("suggested_probability")
    assert "10 of 40 labels look wrong" in own_run(tmp_path, labels)


def test_words_for_probabilities():
    words = {1: "sure", 0.9: "sure", 0.89: "likely", 0.5: "perhaps", 0: "a guess"}
    assert {probability: level_of(probability).word for probability in words} == words


def test_nothing_is_called_certain_by_rounding():
    assert per_cent(np.array([0, 0.0004, 0.003, 0.5, 0.997, 0.9996, 1.0])) == [0, 0, 1, 50, 99, 100, 100]


def test_thirty_bytes_a_row(tmp_path):
    small, large = (len(own_run(tmp_path / str(n), _many(n))) for n in (1000, 21000))
    assert (large - small) / 20000 < 40


def _many(rows):
    return judged(rows=rows, names=("a", "b"), flagged=rows // 10)


def test_a_run_of_research_has_no_answer(tmp_path):
    fake_run(tmp_path, pictures=False)
    html = write_page(tmp_path).read_text()
    assert "What to do next" not in html and "<script" not in html and "Words used here" in html


def test_the_page_says_whether_a_round_is_better(tmp_path):
    html = own_run(tmp_path, round={"rows": 20, "before": 10, "now": 15})
    assert "the round before had suggested 10, this one 15. Its suggestions are kept" in html
