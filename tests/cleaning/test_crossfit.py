"""Precision and recall of flags: the folds, and the estimates against counting on rows whose truth is known."""

from pathlib import Path

import numpy as np
import pytest

from meta_noise.cleaning.crossfit import Trial, cross_fit, from_errors, from_planted, label_noise
from meta_noise.data.source import Source
from meta_noise.report.labels import Evidence, label_table

CLASSES, ROWS = 4, 4000


def flagged_table(source, rng, found=0.8, alarms=0.05):
    """Returns the label table of a flawed method: it flags 80% of the wrong labels and 5% of the right ones."""
    rows = np.arange(len(source.labels)) if source.trusted is None else np.flatnonzero(~source.trusted)
    wrong = source.labels[rows] != source.true_labels[rows]
    flag = rng.random(len(rows)) < np.where(wrong, found, alarms)
    given, truth = source.labels[rows], source.true_labels[rows]
    instead = np.where(wrong, truth, (given + 1) % CLASSES)
    probabilities = np.eye(CLASSES)[np.where(flag, instead, given)]
    quality = np.where(flag, 0.1, 0.9)
    names = tuple("abcd")
    return label_table(Evidence(source.ids[rows].tolist(), given, names, probabilities, quality))


@pytest.fixture(params=[True, False], ids=["errors", "planted"])
def fitted(request):
    """Returns (cross-fitted flags, true precision, recall and noise rate, sources that were trained on)."""
    rng = np.random.default_rng(6)
    truth = rng.integers(CLASSES, size=ROWS)
    given = np.where(rng.random(ROWS) < 0.3, (truth + 1) % CLASSES, truth)
    trusted = np.zeros(ROWS, bool)
    trusted[rng.permutation(ROWS)[:600]] = True
    labels = np.where(trusted, truth, given)
    ids = np.array([f"row{number}" for number in range(ROWS)])
    source = Source(np.zeros((ROWS, 1), np.float32), labels, ids, tuple("abcd"), truth, trusted)
    table, seen = flagged_table(source, rng), []

    def train(changed, folder):
        seen.append((changed, folder.name))
        return flagged_table(changed, rng)

    own = given if request.param else labels
    flags = cross_fit(source, own, table, train, Path("runs"), 3, 0)
    rest = ~trusted
    wrong, issue = (given != truth)[rest], table["is_label_issue"].to_numpy()
    return flags, (wrong[issue].mean(), issue[wrong].mean(), wrong.mean()), seen, source, request.param


def test_estimates_are_near_the_truth(fitted):
    flags, (precision, recall, noise), _, _, has_errors = fitted
    assert flags["known"] and flags["folds"] == 3 and flags["trusted_rows"] == 600 and "warning" not in flags
    assert flags["method"] == ("errors of the trusted rows" if has_errors else "planted errors")
    for name, value in (("precision", precision), ("recall", recall), ("noise_rate", noise)):
        assert abs(flags[name]["value"] - value) < 0.1, name
        assert flags[name]["low"] < flags[name]["value"] < flags[name]["high"], name
        assert flags[name]["high"] - flags[name]["low"] < 0.2, name


def test_each_row_of_a_fold_is_untrusted_once_with_the_label_it_carries(fitted):
    _, _, seen, source, has_errors = fitted
    assert [name for _, name in seen] == ["fold-1", "fold-2", "fold-3"]
    left = np.array([source.trusted & ~changed.trusted for changed, _ in seen])
    np.testing.assert_array_equal(left.sum(axis=0), source.trusted.astype(int))
    for changed, _ in seen:
        mine = source.trusted & ~changed.trusted
        wrong = changed.labels[mine] != source.true_labels[mine]
        assert (0.2 < wrong.mean() < 0.4) if has_errors else wrong.sum() == (mine.sum() + 1) // 2
        np.testing.assert_array_equal(changed.labels[~mine], source.labels[~mine])


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
    given, suggested = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    table = label_table(Evidence(list("abcd"), given, ("x", "y"), np.eye(2)[suggested], np.ones(4)))
    np.testing.assert_allclose(label_noise(table), [[2.1 / 2.2, 0.1 / 2.2], [0.5, 0.5]])
