"""Many rows, which are judged in parts."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from meta_noise.cleaning import findings
from meta_noise.cleaning.findings import find_out
from meta_noise.cleaning.tournament.flags import Threshold
from meta_noise.cleaning.wanted import USUAL
from meta_noise.data.own import read
from tests.cleaning.test_findings import QUIET, frame


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(findings, "TOGETHER", 150)
    seen = []
    judged = findings._judged

    def follow(own, data, parts, number, asked, console):
        seen.append(parts[number])
        return judged(own, data, parts, number, asked, console)

    monkeypatch.setattr(findings, "_judged", follow)
    return seen


def test_every_row_is_judged_once_by_models_of_its_part(small_parts):
    columns, truth, given = frame(rows=250)
    scores = find_out(read(columns, label="label"), USUAL, QUIET)
    assert sorted(np.concatenate(small_parts).tolist()) == list(range(250))
    assert [len(part) for part in small_parts] == [125, 125]
    wrong = given != truth
    assert average_precision_score(wrong, -scores.quality) > 0.9
    assert np.mean(wrong[scores.is_issue]) > 0.75 and np.mean(scores.is_issue[wrong]) > 0.75
    assert scores.found["worthless"] is None and len(scores.ask) > 100


@pytest.mark.slow
def test_trusted_rows_are_in_every_part_and_keep_their_label(small_parts):
    columns, truth, given = frame(rows=430)
    trusted = np.arange(430) < 40
    names = np.array(list("abc"))
    columns["label"] = names[np.where(trusted, truth, given)].tolist()
    own = read(columns | {"ok": trusted.tolist()}, label="label", trusted="ok")
    scores = find_out(own, USUAL, QUIET)
    assert all(np.isin(np.arange(40), part).all() for part in small_parts)
    assert not scores.is_issue[:40].any() and (scores.suggested[:40] == truth[:40]).all()
    assert scores.found["flags"]["known"]


@pytest.mark.slow
def test_a_number_of_flags_is_that_of_all_parts_together(small_parts):
    columns, _, _ = frame(rows=430)
    found = find_out(read(columns, label="label"), USUAL._replace(threshold=Threshold("count", 7)), QUIET)
    assert found.is_issue.sum() == 7
