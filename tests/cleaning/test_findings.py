"""What own data say of their labels: scores, verdicts, what is kept, and what memorising cannot spoil."""

import json

import numpy as np
import pytest
from rich.console import Console
from sklearn.metrics import average_precision_score

from meta_noise.cleaning.audit import inspect
from meta_noise.cleaning.findings import TOURNAMENT, USUAL, compared, find_out, kept, key_of
from meta_noise.cleaning.tournament.flags import Threshold
from meta_noise.data.own import read

QUIET = Console(quiet=True)


def frame(rows=150, noise=0.2, spread=1.0, classes=3, seed=0):
    """Returns (columns, truth): groups of points whose labels are partly wrong."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(classes, size=rows)
    points = 4 * np.eye(classes)[truth] + spread * rng.normal(size=(rows, classes))
    given = np.where(rng.random(rows) < noise, (truth + 1) % classes, truth)
    names = np.array(list("abcdefgh"))
    columns = {f"x{column}": points[:, column].tolist() for column in range(classes)}
    return {**columns, "label": names[given].tolist()}, truth, given


@pytest.fixture(scope="module")
def groups():
    columns, truth, given = frame()
    return read(columns, label="label"), truth, given


@pytest.fixture(scope="module")
def scores(groups):
    return find_out(groups[0], USUAL, QUIET)


def test_wrong_labels_are_found(groups, scores):
    _, truth, given = groups
    wrong = given != truth
    assert average_precision_score(wrong, -scores.quality) > 0.9
    assert np.mean(scores.suggested == truth) > 0.95 > np.mean(given == truth)
    assert np.mean(wrong[scores.is_issue]) > 0.8 and np.mean(scores.is_issue[wrong]) > 0.8
    assert np.all(scores.suggested[scores.is_issue] != given[scores.is_issue])
    assert scores.found["worthless"] is None and not scores.found["flags"]["known"]


def test_the_noise_is_the_one_that_inspect_tells(groups, scores):
    assert scores.found["noise_estimate"] == inspect(groups[0])["noise"]


def test_candidates_have_scores_and_intervals(scores):
    board = scores.found["tournament"]
    assert {"combination", "neighbours", "forest", "linear on numbers"} <= {one["name"] for one in board["candidates"]}
    assert all(one["low"] < one["score"] < one["high"] < 0 for one in board["candidates"])
    assert {one["share"] for one in board["tried"]} == {1.0}


@pytest.mark.parametrize(
    ("threshold", "low", "high"), [(Threshold("count", 7), 7, 7), (Threshold("recall", 1), 40, 150)]
)
def test_a_threshold_moves_the_flags_and_nothing_else(groups, scores, threshold, low, high):
    found = find_out(groups[0], USUAL._replace(threshold=threshold), QUIET)
    assert low <= found.is_issue.sum() <= high
    np.testing.assert_array_equal(found.quality, scores.quality)
    np.testing.assert_array_equal(found.learned, scores.learned)


def test_trusted_rows_stay_and_say_how_good_the_flags_are():
    columns, truth, given = frame(300)
    names = np.array(list("abc"))
    identities = [f"r{row}" for row in range(300)]
    checked = {"id": identities[:60], "label": names[truth[:60]].tolist()}
    own = read({"id": identities, **columns}, label="label", id="id", trusted=checked)
    found = find_out(own, USUAL, QUIET)
    assert not found.is_issue[:60].any() and np.all(found.quality[:60] == 1)
    np.testing.assert_array_equal(found.suggested[:60], truth[:60])
    flags, wrong = found.found["flags"], given[60:] != truth[60:]
    assert flags["known"] and flags["trusted_rows"] == 60 and flags["method"] == "errors of the trusted rows"
    assert flags["precision"]["low"] <= wrong[found.is_issue[60:]].mean() <= flags["precision"]["high"]
    assert flags["recall"]["low"] <= found.is_issue[60:][wrong].mean() <= flags["recall"]["high"]
    board = found.found["tournament"]
    assert board["rows"] == 60 and sum(one["weight"] or 0 for one in board["candidates"]) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("kind", ["constant", "noise"])
def test_nothing_is_flagged_where_nothing_is_found_out(kind):
    columns, _, given = frame(noise=0.0)
    rng = np.random.default_rng(1)
    values = np.zeros(150) if kind == "constant" else rng.normal(size=150)
    own = read({"x": values.tolist(), "y": values.tolist(), "label": columns["label"]}, label="label")
    found = find_out(own, USUAL, QUIET)
    assert found.is_issue is None and found.found["worthless"]["help"]
    np.testing.assert_array_equal(found.suggested, given)
    assert not found.found["flags"]["known"]


@pytest.mark.parametrize("rows", [4, 5, 9, 19, 20, 25])
def test_few_rows_are_no_error(rows):
    columns, *_ = frame(rows, classes=2)
    columns["label"][:4] = list("abab")
    found = find_out(read(columns, label="label"), USUAL, QUIET)
    assert (found.is_issue is None) >= (rows < 20) and np.isfinite(found.quality).all()


def test_predictions_of_the_user_are_a_candidate(groups):
    own, truth, _ = groups
    p = np.where(np.eye(3)[truth] > 0, 0.98, 0.01)
    found = find_out(own, USUAL._replace(further={"pred-probs": p.astype(np.float32)}), QUIET)
    assert "pred-probs" in {one["name"] for one in found.found["tournament"]["candidates"]}
    assert np.mean(found.suggested == truth) > 0.95


def test_what_was_found_is_read_again_for_the_same_data_and_settings_only(groups, scores, tmp_path):
    own, calls = groups[0], []

    def find(own, asked):
        calls.append(asked)
        return scores

    first = kept(own, USUAL, tmp_path, find)
    stored = (tmp_path / TOURNAMENT).read_bytes()
    again = kept(own, USUAL, tmp_path, find)
    assert len(calls) == 1 and json.dumps(first.found) == json.dumps(again.found)
    for one, other in zip(first[:-1], again[:-1], strict=True):
        np.testing.assert_array_equal(one, other)
    (tmp_path / "other").mkdir()
    kept(own, USUAL, tmp_path / "other", find)
    assert (tmp_path / "other" / TOURNAMENT).read_bytes() == stored
    others = (USUAL._replace(seed=1), USUAL._replace(threshold=Threshold("count", 3)), USUAL._replace(budget=60.0))
    assert len({key_of(own, asked) for asked in (USUAL, *others)}) == 4
    kept(own, others[0], tmp_path, find)
    (tmp_path / TOURNAMENT).write_bytes(stored[:100])  # damaged: found again
    kept(own, USUAL, tmp_path, find)
    assert len(calls) == 4 and (tmp_path / TOURNAMENT).read_bytes() == stored


def test_rounds_are_compared_on_rows_that_neither_had_seen(scores):
    class Found:
        held = np.eye(3)[[0, 1, 2, 2]]

    truth = np.array([-1, 0, 1, -1, 1, 2])
    before = np.array([2, 1, 1, -1, -1, 2])
    assert compared(before, truth, Found) == {"rows": 3, "before": 2, "now": 3}
