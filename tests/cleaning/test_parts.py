"""Many rows, which are judged in parts."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from meta_noise.cleaning import parts, trial
from meta_noise.cleaning.annotators import evidence_of
from meta_noise.cleaning.findings import find_out
from meta_noise.cleaning.own_noise import steady
from meta_noise.cleaning.tournament.flags import Threshold
from meta_noise.cleaning.tournament.halving import Runner, Tried
from meta_noise.cleaning.trial import Plan
from meta_noise.cleaning.wanted import USUAL
from meta_noise.data.own import read
from meta_noise.data.votes.crowd import Crowd
from tests.cleaning.test_findings import QUIET, frame


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(parts, "TOGETHER", 150)
    seen: list[np.ndarray] = []
    judged = parts._judged

    def follow(problem, trial, rows, asked, chosen):
        seen.append(rows)
        return judged(problem, trial, rows, asked, chosen)

    monkeypatch.setattr(parts, "_judged", follow)
    with steady(150):
        yield seen


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


def test_votes_are_weighed_for_all_parts_at_once(small_parts, monkeypatch):
    weighed = []

    def follow(crowd, given):
        weighed.append(len(given))
        return evidence_of(crowd, given)

    monkeypatch.setattr(parts, "evidence_of", follow)
    columns, truth, given = frame(rows=610)
    votes = np.stack([given, truth, np.where(np.arange(610) % 5, truth, (truth + 1) % 3)], axis=1).astype(np.int32)
    own = read(columns, label="label")._replace(crowd=Crowd("annotators", tuple("uvw"), tuple("abc"), votes))
    scores = find_out(own, USUAL, QUIET)
    assert len(small_parts) == 5 and weighed == [610, 610]  # for the first part, and for the others together
    assert np.mean(scores.suggested == truth) > 0.9


@pytest.mark.parametrize("most", [5, 12, 1_000])
def test_many_trusted_rows_are_shared_out_over_the_parts(monkeypatch, most):
    monkeypatch.setattr(parts, "TOGETHER", 100)
    monkeypatch.setattr(parts, "TRUSTED", most)
    truth = np.where(np.arange(450) % 9 < 1, 1, -1)  # 50 of them
    given = np.where((truth >= 0) & (np.arange(450) > 90), -1, 0)  # 11 have a given label
    found = parts.parts_of(given, truth, 0)
    assert len(found) == 4 and set(np.concatenate(found).tolist()) == set(range(450))
    assert np.concatenate([rows[truth[rows] < 0] for rows in found]).size == 400
    for rows in found:
        assert (np.diff(rows) > 0).all()
        trusted = rows[truth[rows] >= 0]
        assert np.sum(given[trusted] >= 0) == min(most, 11)
        assert np.sum(given[trusted] < 0) == min(max(most, 10), 39)


@pytest.mark.slow
def test_a_number_of_flags_is_that_of_all_parts_together(small_parts):
    columns, _, _ = frame(rows=430)
    found = find_out(read(columns, label="label"), USUAL._replace(threshold=Threshold("count", 7)), QUIET)
    assert found.is_issue.sum() == 7


def test_other_parts_are_judged_by_what_was_chosen_on_the_first(small_parts, monkeypatch):
    monkeypatch.setattr(trial, "FEW", 0)
    monkeypatch.setattr(trial, "PER_ROW", {"": 1e-9})
    names = []
    answer = parts.answer

    def follow(problem, bases, beliefs):
        names.append(list(bases))
        return answer(problem, bases, beliefs)

    monkeypatch.setattr(parts, "answer", follow)
    columns, *_ = frame(rows=250)
    points = np.stack([columns.pop(f"x{number}") for number in range(3)], axis=1)
    own = read(columns, label="label", features=points)
    find_out(own, USUAL, QUIET)
    quick = {"neighbours", "linear on numbers"}
    assert [set(some) for some in names] == [quick, quick]  # as no budget was asked for
    names.clear()
    find_out(own, USUAL._replace(budget=60.0), QUIET)
    assert quick < set(names[1]) <= set(names[0])


def test_the_best_that_fit_into_the_time_are_chosen():
    runner = Runner(lambda share, until: None, 1.0)
    runners = {"quick": runner._replace(always=True), "a": runner, "b": runner, "c": runner, "d": runner}
    tried = {
        "quick": Tried(1.0, -3.0, 50.0, ""),
        "a": Tried(1.0, -2.0, 4.0, ""),
        "b": Tried(1.0, -1.0, 4.0, ""),
        "c": Tried(1 / 3, -0.5, 4.0, ""),
        "d": Tried(0.0, None, 0.0, ""),
    }
    planned = Plan(None, None, runners, {}, set(), {}, 60.0, 0, QUIET)
    assert parts._chosen(planned, tried, 9.0) == {"quick": 1.0, "b": 1.0, "c": 1 / 3}
    assert parts._chosen(planned, tried, 0.0) == {"quick": 1.0}
