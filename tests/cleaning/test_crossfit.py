"""Precision and recall of flags, estimated on held-out trusted rows, against counting on rows whose truth is known."""

import numpy as np
import pytest

from meta_noise.cleaning.crossfit import Trial, from_errors, from_planted, how_far, label_noise
from meta_noise.cleaning.noise import quick_bases
from meta_noise.cleaning.tournament.answer import answer
from meta_noise.cleaning.tournament.flags import Threshold, flag
from meta_noise.cleaning.tournament.problem import make_problem
from meta_noise.cleaning.views import make_views

CLASSES, ROWS, TRUSTED = 4, 2000, 300
RATE = {"value": 0.3, "low": 0.2, "high": 0.4}


@pytest.fixture(scope="module", params=[pytest.param(True, marks=pytest.mark.slow), False], ids=["errors", "planted"])
def judged(request):
    """Returns (problem, answer, truth, given labels, are those of trusted rows known): four clouds that overlap."""
    rng = np.random.default_rng(6)
    truth = rng.integers(CLASSES, size=ROWS)
    x = (2.5 * np.eye(CLASSES)[truth] + rng.normal(size=(ROWS, CLASSES))).astype(np.float32)
    given = np.where(rng.random(ROWS) < 0.3, (truth + 1) % CLASSES, truth)
    trusted = np.arange(ROWS) < TRUSTED
    seen = np.where(trusted & (not request.param), -1, given)
    views = make_views("features", x)
    problem = make_problem(views._replace(linear={"near": views.near}), seen, np.where(trusted, truth, -1), CLASSES)
    return problem, answer(problem, quick_bases(problem)), truth, given, request.param


@pytest.mark.parametrize("kind", ["noise", "count"])
def test_estimates_are_near_the_truth(judged, kind):
    problem, found, truth, given, is_counted = judged
    threshold = Threshold("count", 500) if kind == "count" else Threshold()
    flags = flag(found.posterior[TRUSTED:], given[TRUSTED:], np.full(CLASSES, 0.3), threshold)
    said = how_far(problem, found, flags, kind, RATE, is_counted)
    assert said["known"] and said["trusted_rows"] == TRUSTED and "warning" not in said
    assert said["method"] == ("errors of the trusted rows" if is_counted else "planted errors")
    assert said["noise_rate"] == RATE  # the one estimate of the data
    wrong, issue = (given != truth)[TRUSTED:], flags.is_issue
    for name, value in (("precision", wrong[issue].mean()), ("recall", issue[wrong].mean())):
        assert abs(said[name]["value"] - value) < 0.1, name
        assert said[name]["low"] < said[name]["value"] < said[name]["high"], name
        assert said[name]["high"] - said[name]["low"] < 0.25, name


def test_a_true_label_does_not_change_what_is_said_of_its_own_row(judged):
    problem, found, *_ = judged
    changed = problem.truth.copy()
    changed[0] = (changed[0] + 1) % CLASSES
    again = answer(problem._replace(truth=changed), quick_bases(problem))
    assert np.abs(again.held[0] - found.held[0]).max() < 0.15  # folds and weights move a little


def test_nothing_is_known_of_few_rows(judged):
    problem, found, _, given, is_counted = judged
    flags = flag(found.posterior[TRUSTED:], given[TRUSTED:], np.full(CLASSES, 0.3), Threshold())
    none = problem._replace(truth=np.full(ROWS, -1))
    assert "no row is trusted" in how_far(none, found, flags, "noise", RATE, is_counted)["why"]
    few = problem._replace(truth=np.where(np.arange(ROWS) < 9, problem.truth, -1))
    assert (
        "only 9 trusted rows"
        in how_far(few, found._replace(held=found.held[:9]), flags, "noise", RATE, is_counted)["why"]
    )


def test_counted_shares():
    trial = Trial(np.array([1, 1, 1, 0, 0, 0, 0, 0], bool), np.array([1, 1, 0, 1, 0, 0, 0, 0], bool))
    found = from_errors(trial, 30, 80)
    assert {name: (found[name]["hits"], found[name]["of"]) for name in found} == {
        "precision": (2, 3), "recall": (2, 3), "false_alarms": (1, 5), "noise_rate": (3, 8),
    }  # fmt: skip


def test_trusted_rows_that_are_no_random_sample_are_told():
    wrong = np.ones(200, bool)
    assert "no random sample" in from_errors(Trial(wrong, wrong), 100, 1000)["warning"]


def test_rates_follow_from_planted_errors():
    wrong, flagged = np.arange(200) < 100, np.concatenate([np.arange(100) < 90, np.arange(100) < 10])
    found = from_planted(Trial(wrong, flagged), 260, 1000)
    np.testing.assert_allclose(found["noise_rate"]["value"], (0.26 - 0.1) / 0.8)
    np.testing.assert_allclose(found["precision"]["value"], 0.9 * 0.2 / 0.26)
    assert found["precision"]["low"] < found["precision"]["value"] < found["precision"]["high"]


@pytest.mark.parametrize("flagged", [0, 500])
def test_flags_that_tell_nothing_apart_give_no_precision(flagged):
    found = from_planted(Trial(np.arange(20) < 10, np.arange(20) % 2 == 0), flagged, 1000)
    assert found["precision"] is None and found["noise_rate"] is None and found["recall"]["of"] == 10


@pytest.mark.parametrize("planted", [False, True])
def test_intervals_hold_the_truth_as_often_as_they_say(planted):
    found, alarms, noise, rng = 0.8, 0.05, 0.3, np.random.default_rng(0)
    share = noise * found + (1 - noise) * alarms
    truth = {"precision": noise * found / share, "recall": found, "noise_rate": noise}
    held = dict.fromkeys(truth, 0)
    for _ in range(300):
        wrong = np.arange(200) % 2 == 0 if planted else rng.random(200) < noise
        trial = Trial(wrong, rng.random(200) < np.where(wrong, found, alarms))
        estimate = (from_planted if planted else from_errors)(trial, rng.binomial(5000, share), 5000)
        for name, value in truth.items():
            held[name] += estimate[name]["low"] <= value <= estimate[name]["high"]
    assert all(0.91 < count / 300 < 0.995 for count in held.values()), held


def test_label_noise_is_counted_by_suggestion():
    found = label_noise(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1]), 2)
    np.testing.assert_allclose(found, [[2.1 / 2.2, 0.1 / 2.2], [0.5, 0.5]])
