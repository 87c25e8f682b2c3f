"""Accuracies of results.json, with numbers worked out by hand."""

import pytest

from meta_noise.runs.accuracy import accuracies, mean_of_last, selected_position


def history(test=None, selection=None, **more):
    columns = {"test_accuracy": test, "selection_accuracy": selection} | more
    columns = {name: values for name, values in columns.items() if values is not None}
    count = len(next(iter(columns.values())))
    return [{"epoch": 2 * i + 1} | {name: values[i] for name, values in columns.items()} for i in range(count)]


def test_the_last_ten_are_ten():
    assert mean_of_last([float(i) for i in range(1, 13)]) == 7.5  # 3 to 12
    assert mean_of_last([100.0] + [1.0] * 10) == 1.0
    assert mean_of_last([11.0] + [1.0] * 9) == 2.0
    assert mean_of_last([1.0, 2.0, 6.0]) == 3.0
    assert mean_of_last([1.0, 2.0, 6.0], count=2) == 4.0


def test_the_latest_of_the_best_is_selected():
    assert selected_position([0.1, 0.9, 0.9, 0.5]) == 2
    assert selected_position([0.0, 0.0, 0.0]) == 2
    assert selected_position([0.7]) == 0


def test_test_rows_chosen_by_selection_rows():
    found = accuracies(history(test=[0.5, 0.875, 0.75, 0.625], selection=[0.25, 0.5, 0.75, 0.5]))
    assert found == {
        "last": 0.625, "best": 0.875, "selected": 0.75, "last10": 0.6875, "measured_on": "test", "selected_epoch": 5,
    }  # fmt: skip


def test_without_selection_rows_the_last_epoch_is_selected():
    found = accuracies(history(test=[0.5, 0.875, 0.75]))
    assert (found["selected"], found["selected_epoch"], found["best"]) == (0.75, 5, 0.875)


def test_without_test_rows_selection_rows_are_measured():
    found = accuracies(history(selection=[0.5, 0.75, 0.25]))
    assert found == {
        "last": 0.25, "best": 0.75, "selected": 0.75, "last10": 0.5, "measured_on": "selection", "selected_epoch": 3,
    }  # fmt: skip


def test_further_rows():
    found = accuracies(
        history(
            test=[0.5, 0.75], selection=[0.75, 0.5], test_top5_accuracy=[0.875, 0.9375], imagenet_accuracy=[0.5, 0.25]
        )
    )
    assert found["further"] == {
        "test_top5_accuracy": {"last": 0.9375, "best": 0.9375, "selected": 0.875},
        "imagenet_accuracy": {"last": 0.25, "best": 0.5, "selected": 0.5},
    }
    (only,) = accuracies(history(test=[0.5], imagenet_accuracy=[0.25]))["further"].values()
    assert only == {"last": 0.25, "best": 0.25, "selected": 0.25}


def test_an_epoch_without_selection_is_not_selected():
    lines = history(test=[0.75, 0.5], selection=[0.0, 0.001])
    del lines[0]["selection_accuracy"]
    assert accuracies(lines)["selected_epoch"] == 3


def test_nothing_measured():
    found = accuracies([{"epoch": 1, "loss": 0.5}])
    assert found == dict.fromkeys(("last", "best", "selected", "last10", "measured_on"))


@pytest.mark.parametrize("epochs", [9, 10, 11, 25])
def test_as_the_tables_of_the_field_count(epochs):
    values = [i / 32 for i in range(epochs)]
    expected = sum(values[-10:]) / min(10, epochs)
    assert accuracies(history(test=values))["last10"] == pytest.approx(expected, abs=1e-12)
