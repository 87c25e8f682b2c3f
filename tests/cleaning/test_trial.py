"""Candidates inside a budget."""

import itertools
import time

import numpy as np
import pytest
from rich.console import Console

from meta_noise.cleaning import network_trial, trial
from meta_noise.cleaning.findings import find_out
from meta_noise.cleaning.fold_networks import Kind, Piece, nothing_yet, pieces, with_piece
from meta_noise.cleaning.own_noise import labelled
from meta_noise.cleaning.tournament.problem import make_problem
from meta_noise.cleaning.trial import carry_out, plan, read_budget
from meta_noise.cleaning.wanted import USUAL
from meta_noise.data.own import read
from meta_noise.errors import InputError
from tests.cleaning.test_findings import QUIET, frame


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


def last(problem, own, kind, count, start=()):
    """Returns a training after so many pieces."""
    *_, piece = itertools.islice(pieces(problem, own, 0, kind, start), count)
    return piece


def test_the_network_says_nothing_of_rows_by_their_own_labels(rows):
    own, problem, truth, given = rows
    piece = last(problem, own, Kind(), 12)
    p = piece.predicted
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-4)
    wrong = given != truth
    assert np.mean(p.argmax(axis=1) == truth) > 0.9 and piece.share == 0.5
    assert np.mean(p.argmax(axis=1)[wrong] == given[wrong]) < 0.2  # not learned by heart


def test_the_best_piece_of_a_fold_is_told_by_the_other_folds(rows):
    labels, fold_of = np.array([0, 1, 0, 1, 0, -1]), np.arange(6) % 3
    good, poor = 0.8 * np.eye(2)[np.maximum(labels, 0)] + 0.1, np.full((6, 2), 0.5)
    better_of_one = np.where(fold_of[:, None] == 0, good, poor)  # for fold 0 alone, which cannot know it
    best = nothing_yet(rows[1]._replace(given=labels, num_classes=2))
    for p in (poor, better_of_one, poor - [0.1, -0.1]):
        best = with_piece(best, p, labels, fold_of)
    assert (best.at, best.seen) == (2, 3)
    np.testing.assert_allclose(best.predicted[fold_of == 0], poor[fold_of == 0])
    np.testing.assert_allclose(best.predicted[fold_of != 0], better_of_one[fold_of != 0])


class Slow:
    """A training of pieces that take no time, each as good as its number says."""

    def __init__(self):
        self.made = []

    def __call__(self, problem, own, seed, kind, start=()):
        self.made.append((kind, bool(start)))

        def run():
            for number in range(1, 11):
                sure = 0.05 * number if kind.learns == "both" else 0.5 / number if kind == Kind() else 0.0
                p = sure * np.eye(3)[problem.given] + (1 - sure) / 3
                yield Piece(number / 10, p.astype(np.float32), ("a", "b", "c"), kind.method == "famus")

        return run()


def test_a_network_runs_only_inside_a_budget(rows, monkeypatch):
    own, problem, *_ = rows
    slow = Slow()
    monkeypatch.setattr(network_trial, "pieces", slow)
    assert "network" not in carry_out(plan(problem, own, 0.0, 0, QUIET)).bases and not slow.made
    found = carry_out(plan(problem, own, 600.0, 0, QUIET))
    assert found.tried["network"].share == 1.0 and "earlier" in found.tried["network"].why
    assert slow.made == [(Kind(), False), (Kind("famus"), False)]  # no row is trusted
    assert "network" in found.bases and "network by famus" in found.beliefs | found.tried
    monkeypatch.setattr(trial.time, "monotonic", time.process_time)  # other work on the machine is not what is tried
    short = carry_out(plan(problem, own, 5.0, 0, QUIET))
    assert "network" not in short.bases and short.tried["network"].score is None
    assert "neighbours" in short.bases  # cheap ones run whatever the budget


def test_many_rows_leave_candidates_out(rows, monkeypatch):
    own, problem, *_ = rows
    monkeypatch.setattr(trial, "FEW", 100)
    monkeypatch.setattr(trial, "PER_ROW", {"": 1.0})
    found = carry_out(plan(problem, own, 5.0, 0, QUIET))
    assert set(found.bases) == {"neighbours", "linear on numbers"}


def test_the_quick_candidate_does_not_repeat_another(rows, monkeypatch):
    _, problem, *_ = rows
    assert problem.views.linear["numbers"] is problem.views.near
    monkeypatch.setattr(trial, "FEW", 100)
    always = {name for name, runner in plan(problem, None, 0.0, 0, QUIET).runners.items() if runner.always}
    assert always == {"neighbours", "linear on numbers"}
    apart = problem._replace(views=problem.views._replace(near_as=""))
    always = {name for name, runner in plan(apart, None, 0.0, 0, QUIET).runners.items() if runner.always}
    assert always == {"neighbours", "linear on short vectors"}


def test_of_very_many_rows_a_sample_is_learned_and_all_are_told(rows, monkeypatch):
    _, problem, *_ = rows
    learned = []

    def base(part):
        learned.append(int(np.sum(part.given >= 0)))
        return np.full((len(part.given), 3), 1 / 3, np.float32)

    monkeypatch.setattr(trial, "bases_of", lambda problem: {"neighbours": base})
    for many in (120, 119):
        monkeypatch.setattr(trial, "MANY", many)
        monkeypatch.setattr(trial, "LEARNED", 60)
        found = carry_out(plan(problem, None, 0.0, 0, QUIET))
        assert found.bases["neighbours"].shape == (120, 3) and found.tried["neighbours"].share == 1.0
    assert learned[0] == 120 and 40 < learned[1] < 80


def test_the_time_is_said_first(rows, capsys):
    find_out(rows[0], USUAL, Console())
    assert "candidates are tried, for about" in capsys.readouterr().out


def test_methods_led_by_trusted_rows_run_where_there_are_enough(rows, monkeypatch):
    own, problem, truth, _ = rows
    slow = Slow()
    monkeypatch.setattr(network_trial, "pieces", slow)
    few, enough = (problem._replace(truth=np.where(np.arange(120) < count, truth, -1)) for count in (19, 20))
    assert not any("l2r" in name or "trusted" in name for name in plan(few, own, 1e4, 0, QUIET).runners)
    found = carry_out(plan(enough, own, 1e4, 0, QUIET))
    methods = {kind.method for kind, _ in slow.made}
    assert methods == {"l2r", "mw_net", "mlc_lcn", "ieg", "famus", "supervised"}
    assert slow.made[-1] == (Kind(learns="trusted"), True)  # the best network is tuned in the end
    assert {"gold loss correction on numbers", "gold loss correction on radial"} <= set(found.beliefs)
    tuned = [name for name in found.beliefs if name.endswith(", tuned")]
    assert len(tuned) == 1 and found.tried[tuned[0].removesuffix(", tuned")].share == 1
    assert sum(found.tried[f"network by {name}"].share == 1 for name in ("l2r", "mw_net", "mlc_lcn", "ieg")) <= 2


def trusting(rows, count):
    """Returns own data and problem with the first so many rows trusted."""
    own, problem, truth, given = rows
    trusted = np.arange(120) < count
    labels = np.where(trusted, truth, given).astype(np.int32)
    led = own._replace(source=own.source._replace(trusted=trusted, labels=labels))
    return led, problem._replace(truth=np.where(trusted, truth, -1))


@pytest.mark.parametrize("kind", [pytest.param(Kind("l2r", "both"), marks=pytest.mark.slow), Kind(learns="trusted")])
def test_a_network_with_trusted_rows_learns_none_of_its_own_fold(rows, kind):
    own, problem = trusting(rows, 40)
    misled = problem._replace(truth=np.where(problem.fold_of % 3 == 0, (problem.truth + 1) % 3, problem.truth))
    piece = last(problem, own, kind, 8)
    np.testing.assert_allclose(piece.predicted.sum(axis=1), 1, atol=1e-4)
    assert np.mean(piece.predicted.argmax(axis=1) == rows[2]) > 0.8
    wrong = np.where(
        problem.truth >= 0, misled.truth, -1
    )  # other true labels of fold 0 change nothing that is said of it
    other = last(problem._replace(truth=wrong), own, kind, 8)
    np.testing.assert_array_equal(other.predicted[problem.fold_of % 3 == 0], piece.predicted[problem.fold_of % 3 == 0])


@pytest.mark.slow
def test_tuning_goes_on_from_a_network(rows):
    own, problem = trusting(rows, 40)
    piece = last(problem, own, Kind(), 2)
    tuned = last(problem, own, Kind(learns="trusted"), 1, piece.learners)
    assert tuned.share == 0
    np.testing.assert_allclose(tuned.predicted, piece.predicted, atol=1e-6)
    assert not np.allclose(last(problem, own, Kind(learns="trusted"), 3, piece.learners).predicted, piece.predicted)


@pytest.mark.slow
def test_famus_needs_no_trusted_row(rows):
    own, problem, truth, _ = rows
    piece = last(problem, own, Kind("famus"), 8)
    assert piece.is_pair and np.mean(piece.predicted.argmax(axis=1) == truth) > 0.8


def test_too_few_rows_are_no_candidate(rows):
    own, problem = trusting(rows, 3)
    assert not list(pieces(problem, own, 0, Kind(learns="trusted")))
    assert carry_out(plan(problem, own, 1e3, 0, QUIET)._replace(runners={})).tried == {}
