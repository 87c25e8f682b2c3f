"""The answer, the judge, the flags, the verdicts and the schedule."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from meta_noise.cleaning.tournament.answer import answer, held_out
from meta_noise.cleaning.tournament.bases import bases_of
from meta_noise.cleaning.tournament.candidates import trusted
from meta_noise.cleaning.tournament.flags import Threshold, favour_of, flag, read_threshold
from meta_noise.cleaning.tournament.halving import Reached, Runner, expected_seconds, halve
from meta_noise.cleaning.tournament.judge import judge
from meta_noise.cleaning.tournament.noise_rate import rate_by_trusted, rate_of_surest, wilson_interval
from meta_noise.cleaning.tournament.problem import make_problem
from meta_noise.cleaning.tournament.unchecked import share_of_right
from meta_noise.cleaning.tournament.worthless import worth_of_flags, worth_of_predictions, worth_on_trusted
from meta_noise.cleaning.views import make_views
from meta_noise.errors import InputError, NotFiniteError


@pytest.fixture(scope="module")
def rows():
    """Returns views, given and true classes of 600 rows of three groups, 30% of whose labels moved on by one."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 600)
    x = 2.5 * np.eye(3)[truth] + rng.normal(size=(600, 3))
    given = np.where(rng.random(600) < 0.3, (truth + 1) % 3, truth)
    return make_views("table", x.astype(np.float32)), given, truth


@pytest.mark.parametrize("count", [0, 20, pytest.param(100, marks=pytest.mark.slow)])
def test_the_answer_beats_predictions_of_given_labels(rows, count):
    views, given, truth = rows
    checked = np.where(np.arange(600) < count, truth, -1)
    problem = make_problem(views, given, checked, 3)
    bases = {name: base(problem) for name, base in bases_of(problem).items()}
    found = answer(problem, bases)
    rest, at = checked < 0, np.arange(600)
    np.testing.assert_allclose(found.posterior.sum(axis=1), 1, rtol=1e-4)
    wrong = (given != truth)[rest]
    ours = average_precision_score(wrong, 1 - found.posterior[at, given][rest])
    plain = average_precision_score(wrong, 1 - bases["linear on numbers"][at, given][rest])
    assert ours > plain + 0.05 and ours > 0.85
    assert np.mean(found.posterior.argmax(axis=1)[rest] == truth[rest]) > 0.85
    assert (found.verdict is None) == (not count)


@pytest.mark.parametrize("classes", [(0, 1), (0,)])
def test_trusted_rows_that_lack_a_class_do_not_judge(rows, classes):
    """They are right, and a model of them would never name the others; what is said is what is said without them."""
    views, given, truth = rows
    checked = np.where((np.arange(600) < 120) & np.isin(truth, classes) & (given == truth), truth, -1)
    problem = make_problem(views, given, checked, 3)
    bases = {name: base(problem) for name, base in bases_of(problem).items()}
    found = answer(problem, bases)
    assert found.verdict is None and found.held.shape == (np.sum(checked >= 0), 3)
    alone = answer(problem._replace(truth=np.full(600, -1)), bases)
    np.testing.assert_array_equal(found.posterior, alone.posterior)
    few = np.where(np.cumsum(checked >= 0) <= 5, checked, -1)  # by chance
    assert answer(problem._replace(truth=few), bases).verdict is not None
    seen = problem._replace(given=np.where((checked >= 0) & (np.arange(600) % 2 == 0), 2, given))
    assert answer(seen, bases).verdict is not None or classes == (0,)  # labels of the class were checked, and wrong


def test_no_candidate_is_asked_about_a_row_whose_true_label_it_was_given(rows):
    views, given, truth = rows
    checked = np.where(np.arange(600) < 40, truth, -1)
    asked = []

    def spy(seen, wanted):
        assert (seen[wanted] == -1).all()
        assert (seen >= 0).sum() == 40 - len(wanted)
        asked.extend(wanted.tolist())
        return np.full((len(wanted), 3), 1 / 3)

    held_out(make_problem(views, given, checked, 3), {"spy": spy}, np.arange(40))
    assert sorted(asked) == list(range(40))


def test_many_trusted_rows_are_held_out_in_fewer_folds(rows, monkeypatch):
    views, given, truth = rows
    folds = []

    def spy(seen, wanted):
        folds.append(len(wanted))
        return np.full((len(wanted), 3), 1 / 3)

    problem = make_problem(views, given, truth, 3)
    held_out(problem, {"spy": spy}, np.arange(600))
    monkeypatch.setattr(trusted, "MANY", 599)
    held_out(problem, {"spy": spy}, np.arange(600))
    assert folds == [60] * 10 + [200] * 3


def test_the_judge_prefers_the_right_candidate_and_the_simpler_one_of_a_tie():
    rng = np.random.default_rng(0)
    good = -rng.random(200)
    verdict = judge(("poor", "good"), np.stack([good - 0.5 * rng.random(200), good]))
    assert verdict.chosen == "good" and verdict.weights[1] > 0.99
    verdict = judge(("simple", "other"), np.stack([good, good + 0.01 * rng.normal(size=200)]))
    assert verdict.chosen == "simple" and np.isclose(verdict.weights.sum(), 1)
    assert judge(("a", "b"), np.stack([good, good]), np.array([0.0, -20.0])).weights[0] > 0.99


POSTERIOR = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.7, 0.3], [0.05, 0.95]])
GIVEN = np.array([0, 0, 0, 0, 1])


def test_flags_follow_the_noise_and_the_ranking():
    found = flag(POSTERIOR, GIVEN, np.array([0.25, 0.0]), Threshold())
    assert found.is_issue.tolist() == [False, False, True, False, False]
    assert found.suggested.tolist() == [0, 1, 1, 0, 1] and found.precision == pytest.approx(0.8)
    assert flag(POSTERIOR, GIVEN, np.array([1.0, 1.0]), Threshold()).is_issue.tolist() == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_a_label_stays_unless_another_is_enough_more_probable():
    found = flag(POSTERIOR, GIVEN, np.array([1.0, 1.0]), Threshold(), favour=2.0)  # 0.6 is less than twice 0.4
    assert found.is_issue.tolist() == [False, False, True, False, False]
    assert found.believed.tolist() == found.suggested.tolist() == [0, 0, 1, 0, 1]
    every = flag(POSTERIOR, GIVEN, np.zeros(2), read_threshold("count=2"), favour=2.0)
    assert every.suggested.tolist() == [0, 1, 1, 0, 1] and every.believed.tolist() == [0, 0, 1, 0, 1]
    assert every.quality.tolist() == [0.9, 0.4, 0.2, 0.7, 0.95]  # as believed


def test_a_label_has_to_be_twice_as_probable_where_nobody_checked_any():
    assert favour_of(True) == 1 and favour_of(False) == 2


def test_the_share_of_right_labels_is_that_of_all_where_the_surest_predictions_contradict_none():
    """And does not fall with the noise where predictions are right of the true classes."""
    rng = np.random.default_rng(0)
    truth, sure = rng.integers(0, 3, 3000), np.sort(rng.uniform(0.5, 1.0, 3000))
    for rate in (0.0, 0.3):
        given = np.where(rng.random(3000) < rate, (truth + 1) % 3, truth)
        p = np.where(np.eye(3)[truth] > 0, sure[:, None], (1 - sure[:, None]) / 2)
        assert share_of_right(p, given) == pytest.approx(1, abs=0.06)
    unclear = np.where(rng.random(3000) < 2 * (1 - sure), rng.integers(0, 3, 3000), truth)  # what is seen of the truth
    p = np.where(np.eye(3)[unclear] > 0, sure[:, None], (1 - sure[:, None]) / 2)
    assert share_of_right(p, truth) < 0.75


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("overlap", [0.0, 0.5])
def test_the_surest_predictions_tell_noise_from_classes_that_overlap(noise, overlap):
    rng = np.random.default_rng(0)
    place, truth = rng.random(20_000), rng.integers(0, 2, 20_000)  # the first rows are told apart, the last are not
    unclear = overlap * place
    seen = np.where(rng.random(20_000) < unclear, 1 - truth, truth)
    given = np.where(rng.random(20_000) < noise, 1 - truth, truth)
    sure = (1 - noise) * (1 - unclear) + noise * unclear
    p = np.where(np.arange(2) == seen[:, None], sure[:, None], 1 - sure[:, None])
    assert rate_of_surest(p, given) == pytest.approx(noise, abs=0.02)


@pytest.mark.parametrize(
    ("text", "flagged"),
    [("precision=0.7", 2), ("precision=0.8", 1), ("recall=0.9", 3), ("count=3", 3), ("count=0", 0), ("count=99", 5)],
)
def test_a_threshold_moves_the_flags(text, flagged):
    found = flag(POSTERIOR, GIVEN, np.zeros(2), read_threshold(text))
    assert found.is_issue.sum() == flagged
    assert (found.suggested != GIVEN)[found.is_issue].all()


@pytest.mark.parametrize(
    "text", ["", "precision", "precision=0", "recall=2", "count=-1", "count=1.5", "count=nan", "x=1"]
)
def test_a_threshold_that_makes_no_sense_is_refused(text):
    with pytest.raises(InputError, match=r"precision=0\.8 or recall=0\.9"):
        read_threshold(text)


def test_intervals_of_the_noise_rate_cover_it_and_are_no_wider_than_of_trusted_rows_alone():
    rng = np.random.default_rng(0)
    covered = widths = alone = 0
    for _ in range(300):
        wrong = rng.random(1060) < 0.2
        doubt = np.clip(0.1 + 0.6 * wrong + 0.1 * rng.normal(size=1060), 0, 1)  # biased, and telling
        given = np.zeros(1060, int)
        found = rate_by_trusted(doubt[60:], given[60:], doubt[:60], given[:60], wrong[:60])
        covered += found.low <= 0.2 <= found.high
        widths += found.high - found.low
        low, high = wilson_interval(float(wrong[:60].mean()), 60)
        alone += high - low
    assert covered >= 0.92 * 300 and widths < 0.8 * alone


def test_wilson_by_hand():
    low, high = wilson_interval(0.0, 10)
    assert low == 0 and high == pytest.approx(0.2775, abs=1e-3)


def test_what_is_worthless_is_said():
    rng = np.random.default_rng(0)
    given = rng.integers(0, 4, 500)
    assert worth_of_predictions(np.full((500, 4), 0.25), given).worthless
    assert worth_of_predictions(np.eye(4)[(given + 1) % 4], given).reason.startswith("Predictions agree with only 0.0%")
    assert not worth_of_predictions(0.5 * np.eye(4)[given] + 0.125, given).worthless
    wrong = np.arange(100) < 40
    assert worth_on_trusted(np.arange(100) % 2, wrong).worthless
    assert not worth_on_trusted(wrong + rng.random(100), wrong).worthless
    assert not worth_on_trusted(rng.random(6), wrong[:6]).worthless  # too few to tell
    assert "60%" in worth_of_flags(np.arange(100) < 60, given[:100], 0.0).reason
    assert not worth_of_flags(np.arange(100) < 60, given[:100], 0.7).worthless
    assert "1 of the classes" in worth_of_flags(given == 2, given, 0.0).reason


def schedule(costs, scores):
    """Returns runners that take so many seconds of a false clock, and the clock."""
    now = [0.0]

    def runner(name):
        def run(share, until):
            now[0] += costs[name] * share
            return Reached(scores[name], share)

        return run

    return {name: Runner(runner(name), 10.0, name == "cheap") for name in costs}, lambda: now[0]


def test_halving_keeps_the_better_half_inside_the_budget():
    runners, clock = schedule(dict(cheap=1, a=9, b=9, c=9, d=9), dict(cheap=0, a=-4, b=-3, c=-2, d=-1))
    found = halve(runners, 100, clock)
    assert found["cheap"].share == 1 and found["d"].share == 1
    assert found["c"].share == pytest.approx(1 / 3) and found["a"].share == pytest.approx(1 / 9)
    assert clock() <= 100 and "better half" in found["b"].why


def test_what_does_not_fit_into_the_budget_is_not_begun():
    runners, clock = schedule(dict(cheap=1, a=900, b=9), dict(cheap=0, a=1, b=0.5))
    found = halve(runners, 60, clock)
    assert found["b"].share == pytest.approx(1 / 9) or found["b"].share <= 1
    assert found["a"].share < 1 and "does not fit" in found["a"].why
    nothing, clock = schedule(dict(cheap=1, a=9), dict(cheap=0, a=1))
    assert halve(nothing, 1, clock)["a"].score is None
    assert expected_seconds(nothing, 5) == 10


def stopping(costs, guess=5.0):
    """Returns runners that can be stopped after each tenth, of so many seconds, and the clock."""
    now, done = [0.0], dict.fromkeys(costs, 0)

    def runner(name):
        def run(share, until):
            while not done[name] or (done[name] < 10 * share and now[0] + costs[name] <= until):
                now[0] += costs[name]
                done[name] += 1
            return Reached(done[name], done[name] / 10)

        return run

    return {name: Runner(runner(name), guess, stops=True) for name in costs}, lambda: now[0]


@pytest.mark.parametrize("seconds", [0.1, 1.0, 3.0, 7.0])
def test_what_can_be_stopped_fills_the_budget_and_no_more(seconds):
    runners, clock = stopping(dict.fromkeys("abc", seconds))
    found = halve(runners, 60, clock)
    assert clock() <= 60 + seconds and sum(one.score is not None for one in found.values()) >= 2
    assert clock() >= min(60 - seconds, 10 * seconds) and max(one.share for one in found.values()) > 0.3
    assert expected_seconds(runners, 60) == 60


def test_first_results_that_come_late_leave_others_out():
    runners, clock = stopping(dict.fromkeys("abcdef", 20.0))  # guessed to come after five seconds
    found = halve(runners, 60, clock)
    assert clock() <= 75 and sum("not begun" in one.why for one in found.values()) >= 3


@pytest.mark.parametrize("slower", [1.0, 2.0, 3.0, 6.0])
def test_a_slow_machine_exceeds_the_budget_by_a_quarter_at_most(slower):
    runners, clock = stopping({"a": 5.0 * slower, "b": 5.0 * slower, "late": 45.0 * slower})
    runners["late"] = runners["late"]._replace(guess=45.0)
    found = halve(runners, 240, clock)
    assert clock() <= 300 and (found["late"].score is not None) == (slower < 3)


def test_time_that_is_left_goes_to_those_that_were_not_begun():
    costs = {"quick": 1.0, "late": 20.0}
    runners, clock = stopping(costs)
    found = halve({name: runner._replace(guess=costs[name]) for name, runner in runners.items()}, 36, clock)
    assert found["quick"].share == 1 and found["late"].share == 0.1 and found["late"].first == 20


def test_cheap_ones_have_the_time_they_are_given():
    runners, clock = schedule(dict.fromkeys("abc", 40), dict.fromkeys("abc", 0))
    runners = {name: runner._replace(always=True) for name, runner in runners.items()}
    assert [one.score for one in halve(runners, 60, clock).values()] == [0, 0, None]
    assert all(one.share == 1 for one in halve(runners, np.inf, clock).values())


def test_waiting_for_the_processor_makes_first_results_late():
    runners, _ = stopping({"a": 5.0})
    cheap, _ = schedule({"cheap": 0}, {"cheap": 0})
    now = iter([0.0, 0.0, 4.0, *[4.0] * 50])  # the cheap one takes four seconds, one of them of work
    found = halve({**cheap, "a": runners["a"]}, 20, lambda: next(now), iter([0.0, 1.0]).__next__)
    assert "about 20 s does not fit into the 16 s left" in found["a"].why


def test_what_has_no_result_is_no_candidate():
    def diverges(share, until):
        raise NotFiniteError("loss")

    runners = {"none": Runner(lambda share, until: None, 1.0, stops=True), "nan": Runner(diverges, 1.0, stops=True)}
    found = halve(runners, 60, lambda: 0.0)
    assert found["none"].score is found["nan"].score is None
    assert "too few rows" in found["none"].why and "not finite" in found["nan"].why


def test_evidence_of_more_labels_takes_the_place_of_the_given_one(rows):
    views, given, truth = rows
    rng = np.random.default_rng(1)
    problem = make_problem(views, given, np.full(600, -1), 3)
    bases = {name: base(problem) for name, base in bases_of(problem).items()}
    alone = answer(problem, bases)
    same = answer(problem._replace(evidence=alone.transition.T[given].astype(np.float32)), bases)
    np.testing.assert_allclose(same.parts["pool"], alone.parts["pool"], rtol=1e-5)  # one label said in the other way
    second = np.where(rng.random(600) < 0.3, (truth + 2) % 3, truth)
    both = alone.transition.T[given] * np.where(second[:, None] == np.arange(3), 0.7, 0.15)
    more = answer(problem._replace(evidence=both.astype(np.float32)), bases)
    told = [np.log(found.posterior[np.arange(600), truth]).mean() for found in (alone, more)]
    assert told[1] > told[0] + 0.01
