"""Results over repeats."""

import pytest

from meta_noise.disk.sealed import write_json
from meta_noise.errors import InputError
from meta_noise.report.table import mean_and_error, results_table
from tests.report.fake_run import fake_results


def run(method, seed, last, rate=0.4, **changes):
    accuracy = {"last": last, "best": last + 0.01, "selected": last - 0.01}
    return fake_results(method=method, seed=seed, accuracy=accuracy, noise={"kind": "uniform", "rate": rate}, **changes)


def test_mean_and_standard_error():
    assert mean_and_error([0.5]) == (0.5, None)
    mean, error = mean_and_error([0.9, 0.92, 0.94])
    assert mean == pytest.approx(0.92) and error == pytest.approx(0.02 / 3**0.5)


def test_repeats_are_grouped():
    runs = [run("mw_net", 0, 0.8), run("l2r", 0, 0.9), run("l2r", 1, 0.92), run("l2r", 2, 0.94)]
    assert results_table(runs) == (
        "| method | last | best | selected | seeds |\n"
        "| --- | ---: | ---: | ---: | ---: |\n"
        "| l2r | 92.00 ± 1.15 | 93.00 ± 1.15 | 91.00 ± 1.15 | 3 |\n"
        "| mw_net | 80.00 | 81.00 | 79.00 | 1 |\n"
    )


def test_columns_side_by_side():
    runs = [run("l2r", seed, 0.9, rate) for rate in (0.8, 0.4) for seed in range(2)] + [run("mw_net", 0, 0.7, 0.8)]
    assert results_table(runs, columns=("noise.rate",), measures=("last",)) == (
        "| method | noise.rate 0.4 | noise.rate 0.8 | seeds |\n"
        "| --- | ---: | ---: | ---: |\n"
        "| l2r | 90.00 ± 0.00 | 90.00 ± 0.00 | 2 |\n"
        "| mw_net | - | 70.00 | 1 |\n"
    )
    assert "| noise.rate 0.4 last | noise.rate 0.4 best |" in results_table(runs, columns=("noise.rate",))


def test_rows_of_several_keys_are_sorted_by_value():
    runs = [run("l2r", 0, 0.5, rate) for rate in (0.2, 0.08, 0.8)]
    lines = results_table(runs, rows=("method", "noise.rate")).splitlines()[2:]
    assert [line.split(" | ")[1] for line in lines] == ["0.08", "0.2", "0.8"]


def test_folders_are_read(tmp_path):
    for seed in range(2):
        (tmp_path / str(seed)).mkdir()
        write_json(tmp_path / str(seed) / "results.json", run("l2r", seed, 0.9))
    folders = [tmp_path / "0", str(tmp_path / "1")]
    assert results_table(folders) == results_table([run("l2r", 0, 0.9), run("l2r", 1, 0.9)])
    with pytest.raises(InputError, match=r"results\.json is missing"):
        results_table([tmp_path])


def test_missing_values():
    runs = [run("l2r", 0, 0.9), fake_results(seed=1, accuracy={"last": 0.8, "best": None})]
    assert "| l2r | 85.00 ± 5.00 | 91.00 (1) | 89.00 (1) | 2 |" in results_table(runs)
    assert "| - |" in results_table([{"accuracy": {}}])
    with pytest.raises(InputError, match="at least one run"):
        results_table([])


def test_runs_of_different_settings_are_not_averaged():
    with pytest.raises(InputError, match=r"method = l2r have seed 0\. They differ in noise\.rate: add one to rows"):
        results_table([run("l2r", 0, 0.9, 0.4), run("l2r", 0, 0.8, 0.2)])
    with pytest.raises(InputError, match="Drop one"):
        results_table([run("l2r", 0, 0.9), run("l2r", 0, 0.9, seconds=1.0)])


def test_names_stay_in_their_cell():
    assert "| a\\|b c |" in results_table([run("a|b\nc", 0, 0.9)])
