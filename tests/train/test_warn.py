"""Sentences for the user: each is said once, kept for the results, and no run stops for one."""

import io
import warnings

import numpy as np
from rich.console import Console

from meta_noise import fit
from meta_noise.train.warn import ZERO_WEIGHTS, Warnings, caught


def test_each_sentence_is_said_once():
    said = io.StringIO()
    notices = Warnings(Console(file=said, width=40))
    notices.say("3 of 5 rows are odd.", "No row is even, and this sentence is longer than the console is wide.")
    notices.say("4 of 17 rows are odd.")  # only its numbers are new
    notices.say("4 of 17 rows are red.", "No row is even, and this sentence is longer than the console is wide.")
    expected = [
        "3 of 5 rows are odd.",
        "No row is even, and this sentence is longer than the console is wide.",
        "4 of 17 rows are red.",
    ]
    assert notices.said == expected
    assert said.getvalue().splitlines() == [f"Warning: {sentence}" for sentence in expected]


def test_a_resumed_run_does_not_repeat_itself():
    said, before = io.StringIO(), ["3 of 5 rows are odd."]
    notices = Warnings(Console(file=said), before)
    notices.say("4 of 5 rows are odd.", "Something new.")
    assert said.getvalue() == "Warning: Something new.\n"
    assert notices.said == ["3 of 5 rows are odd.", "Something new."] and before == ["3 of 5 rows are odd."]


class OthersWarning(UserWarning):
    """Stands for a warning of another package, which is none of the user's business."""


def test_warnings_of_a_function_are_caught():
    def function(a, b):
        for _ in range(2):
            warnings.warn("too small", stacklevel=1)
        warnings.warn("slow", OthersWarning, stacklevel=1)
        return a + b

    assert caught(function, 1, 2) == (3, ["too small", "too small"])
    assert caught(max, 1, 2) == (2, [])


def opposed(tmp_path, method):
    """Returns a run on rows that are all alike, where the labels say 0 and the trusted rows say 1."""
    labels = np.repeat([0, 1], [48, 16])
    return fit(
        np.full((64, 4), 2.0, np.float32),
        labels,
        trusted=labels == 1,
        class_names=("no", "yes"),
        method=method,
        workdir=tmp_path / "run",
        config={
            "model": {"name": "mlp", "hidden": [4]},
            "train": {"epochs": 3, "batch_size": 16, "devices": 1},
        },
    )


def test_a_run_in_which_no_row_helps_and_a_class_has_no_trusted_row_goes_on_and_says_so_once(tmp_path):
    """The gradient of every row is opposed to the clean one, so that L2R gives no row a weight, in all nine steps."""
    fitted = opposed(tmp_path, "l2r")
    missing, zero = fitted.results["warnings"]
    assert missing.startswith("1 of 2 classes have no trusted row (no).")
    assert zero == ZERO_WEIGHTS
    assert [line["zero_weights"] for line in fitted.history] == [1, 1, 1] and fitted.results["steps"] == 9
    assert set(fitted.labels["weight"].to_pylist()) == {0}


def test_a_run_with_weights_warns_of_no_zeros(tmp_path):
    fitted = opposed(tmp_path, "mw_net")
    assert len(fitted.results["warnings"]) == 1 and "no trusted row" in fitted.results["warnings"][0]
    assert [line["zero_weights"] for line in fitted.history] == [0, 0, 0]
