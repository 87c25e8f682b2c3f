"""Arguments of config files, and every config of the repository."""

from pathlib import Path

import pytest

from meta_noise import build
from meta_noise.config import complete, differences, load
from meta_noise.errors import InputError
from meta_noise.variant import vary

CONFIGS = sorted((Path(__file__).parents[1] / "configs").glob("*.py"))


def test_argument():
    config = vary({"seed": 5}, "l2r, uniform=0.6,clean=100,seed=3")
    assert (config["method"]["name"], config["noise"]["rate"]) == ("l2r", 0.6)
    assert (config["clean"]["size"], config["seed"]) == (100, 3)
    assert vary({}, "flip=0.2")["noise"] == {"name": "flip", "rate": 0.2}
    assert vary({}, "none")["noise"] == {"name": "none", "rate": 0.0}
    baseline = vary({}, "noisy_and_clean")
    assert (baseline["method"]["name"], baseline["clean"]["train_on"]) == ("supervised", "both")
    assert vary({"seed": 5}, "")["seed"] == 5


def test_tuned_settings_belong_to_their_method():
    tuned = {"mlc_lcn": {"meta": {"optimizer": {"lr": 0.5}}}}
    assert vary({}, "mlc_lcn", tuned)["meta"]["optimizer"]["lr"] == 0.5
    assert "lr" not in vary({}, "l2r", tuned)["meta"]["optimizer"]


@pytest.mark.parametrize("arg", ["l3r", "clean", "clean=many", "uniform=", "sed=3", "uniform=0.2=0.3"])
def test_wrong_arguments(arg):
    with pytest.raises(InputError):
        vary({}, arg)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
@pytest.mark.parametrize("method", ["supervised", "clean_only", "noisy_and_clean", "l2r", "mw_net", "mlc_lcn"])
def test_every_config_and_method_is_complete(path, method):
    config = load(f"{path}:{method},seed=1")
    assert complete(config) == config and config["seed"] == 1
    resolved = build.resolved(config)
    assert build.resolved(complete(resolved)) == resolved
    classifier = build.network(resolved, 10)
    assert build.method(resolved, classifier, steps=100, steps_per_epoch=10)


def test_differences_are_named():
    one, two = complete({}), complete({"seed": 1, "train": {"epochs": 3}})
    assert [line.split(" ")[0] for line in differences(one, two)] == ["config.seed", "config.train.epochs"]
