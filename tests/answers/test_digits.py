"""The main claim, on the embedded digits with 40% noise and 20 clean rows: five seeds, two standard errors."""

from pathlib import Path

import numpy as np
import pytest

from meta_noise import run
from meta_noise.config.file import load

CONFIG = Path(__file__).parents[2] / "configs/digits.py"


@pytest.fixture(scope="module")
def accuracies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")

    def last(method, seed):
        config = load(f"{CONFIG}:{method},seed={seed}")
        config["train"]["devices"] = 1
        return run(config, folder / f"{method}{seed}").results["accuracy"]["last"]

    methods = ("supervised", "clean_only", "noisy_and_clean", "l2r", "mw_net", "mlc_lcn")
    return {method: np.array([last(method, seed) for seed in range(5)]) for method in methods}


@pytest.mark.slow
@pytest.mark.parametrize("baseline", ["supervised", "clean_only", "noisy_and_clean"])
@pytest.mark.parametrize("method", ["l2r", "mw_net", "mlc_lcn"])
def test_meta_methods_beat_the_baselines(accuracies, method, baseline):
    difference = accuracies[method] - accuracies[baseline]
    assert difference.mean() > 2 * difference.std(ddof=1) / len(difference) ** 0.5
