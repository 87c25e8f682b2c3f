"""Candidates inside a budget."""

import numpy as np
import pytest
from rich.console import Console

from meta_noise.cleaning import trial
from meta_noise.cleaning.findings import find_out
from meta_noise.cleaning.fold_networks import network
from meta_noise.cleaning.own_noise import labelled
from meta_noise.cleaning.tournament.problem import make_problem
from meta_noise.cleaning.trial import carry_out, plan, read_budget
from meta_noise.cleaning.wanted import USUAL
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

    def quick(problem, own, seed, share, method):
        seen.append(share)
        assert method == "supervised"  # no row is trusted
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


def test_methods_led_by_trusted_rows_run_where_there_are_enough(rows, monkeypatch):
    own, problem, truth, _ = rows
    asked = []

    def quick(problem, own, seed, share, method):
        asked.append(method)
        return np.full((120, 3), 1 / 3, np.float32)

    monkeypatch.setattr(trial, "network", quick)
    few, enough = (problem._replace(truth=np.where(np.arange(120) < count, truth, -1)) for count in (19, 20))
    assert not any("network by" in name for name in plan(few, own, 1e4, 0).beliefs)
    found = carry_out(plan(enough, own, 1e4, 0))
    assert {"l2r", "mw_net", "mlc_lcn", "ieg", "supervised"} == set(asked)
    assert set(found.beliefs) >= {"network by l2r", "gold loss correction on numbers", "gold loss correction on radial"}
    assert sum(found.tried[f"network by {name}"].share == 1 for name in ("l2r", "mw_net", "mlc_lcn", "ieg")) == 1


def test_a_network_led_by_trusted_rows_learns_none_of_its_own_fold(rows):
    own, problem, truth, given = rows
    trusted = np.arange(120) < 30
    led = own._replace(
        source=own.source._replace(trusted=trusted, labels=np.where(trusted, truth, given).astype(np.int32))
    )
    p = network(problem._replace(truth=np.where(trusted, truth, -1)), led, 0, 0.2, "l2r")
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-4)
    assert np.mean(p.argmax(axis=1) == truth) > 0.8
