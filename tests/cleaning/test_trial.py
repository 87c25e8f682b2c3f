"""Candidates inside a budget."""

import numpy as np
import pytest
from rich.console import Console

from meta_noise.cleaning import trial
from meta_noise.cleaning.findings import USUAL, find_out
from meta_noise.cleaning.own_noise import labelled
from meta_noise.cleaning.tournament.problem import make_problem
from meta_noise.cleaning.trial import carry_out, network, plan, read_budget
from meta_noise.data.own import read
from meta_noise.errors import InputError
from tests.cleaning.test_findings import frame


@pytest.fixture(scope="module")
def rows():
    columns, truth, given = frame(120)
    own = read(columns, label="label")
    data = labelled(own, np.arange(120))
    return own, make_problem(data.views, data.given, data.truth, 3), truth, given


@pytest.mark.parametrize(("text", "seconds"), [("", 0), ("90", 90), ("90s", 90), ("5m", 300), ("1.5h", 5400)])
def test_budgets_are_times(text, seconds):
    assert read_budget(text) == seconds


@pytest.mark.parametrize("text", ["m", "5x", "-3m", "0", "nan", "inf", "1s"])
def test_other_budgets_are_said_to_be_none(text):
    with pytest.raises(InputError, match="--budget is"):
        read_budget(text)


def test_the_network_says_nothing_of_rows_by_their_own_labels(rows):
    own, problem, truth, given = rows
    p = network(problem, own, 0, 1.0)
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-4)
    wrong = given != truth
    assert np.mean(p.argmax(axis=1) == truth) > 0.9
    assert np.mean(p.argmax(axis=1)[wrong] == given[wrong]) < 0.2  # not learned by heart


def test_a_network_runs_only_inside_a_budget(rows, monkeypatch):
    own, problem, *_ = rows
    seen = []

    def quick(problem, own, seed, share):
        seen.append(share)
        return np.full((120, 3), 1 / 3, np.float32)

    monkeypatch.setattr(trial, "network", quick)
    assert "network" not in carry_out(plan(problem, own, 0.0, 0)).bases and not seen
    found = carry_out(plan(problem, own, 600.0, 0))
    assert found.tried["network"].share == 1.0 and seen == pytest.approx([1 / 9, 1 / 3, 1])
    short = carry_out(plan(problem, own, 5.0, 0))
    assert "network" not in short.bases and "does not fit" in short.tried["network"].why
    assert "neighbours" in short.bases  # cheap ones run whatever the budget


def test_many_rows_leave_candidates_out(rows, monkeypatch):
    own, problem, *_ = rows
    monkeypatch.setattr(trial, "FEW", 100)
    monkeypatch.setattr(trial, "PER_ROW", 1.0)
    found = carry_out(plan(problem, own, 10.0, 0))
    assert set(found.bases) == {"neighbours", "linear on short vectors"}


def test_the_time_is_said_first(rows, capsys):
    find_out(rows[0], USUAL, Console())
    assert "candidates are tried, for about" in capsys.readouterr().out
