"""Arguments of config files, and every config of the repository."""

from pathlib import Path

import pytest

from meta_noise.build.defaults import resolved
from meta_noise.build.method import make_method, make_network
from meta_noise.build.optimizer import Lengths
from meta_noise.config.argument import Word, vary
from meta_noise.config.file import load
from meta_noise.config.parse import differences, parse, to_dict
from meta_noise.errors import InputError

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.py"))


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


def test_words_change_the_config_and_what_is_tuned():
    config = {"optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9}, "data": {"name": "cifar10", "imbalance": 10.0}}
    words = {
        "adam": Word({"optimizer": {"name": "adam", "b1": 0.8}}, {"l2r": {"train": {"epochs": 7}}}),
        "other": Word({"data": {"name": "cifar100"}}),
    }
    tuned = {"l2r": {"train": {"epochs": 5, "batch_size": 20}}}
    assert vary(config, "l2r", tuned, words)["train"]["epochs"] == 5
    found = vary(config, "adam,l2r,other", tuned, words)
    assert (found["train"]["epochs"], found["train"]["batch_size"]) == (7, 20)
    # settings of the function that is no longer named go, those of the section stay
    assert found["optimizer"] == {"name": "adam", "lr": 0.1, "ema": -1.0, "b1": 0.8}
    assert (found["data"]["name"], found["data"]["imbalance"]) == ("cifar100", 10.0)
    with pytest.raises(InputError, match="Did you mean 'adam'"):
        vary(config, "adem", tuned, words)


def test_a_noise_of_another_name_has_settings_of_its_own():
    flip = {"noise": {"name": "flip", "rate": 0.2, "targets": 2}}
    assert vary(flip, "flip=0.4")["noise"] == {"name": "flip", "rate": 0.4, "targets": 2}
    assert vary(flip, "uniform=0.4")["noise"] == {"name": "uniform", "rate": 0.4}


def test_labels_and_imbalance():
    data = vary({"data": {"name": "cifar10n"}}, "labels=aggre,imbalance=50")["data"]
    assert (data["labels"], data["imbalance"]) == ("aggre", 50.0)


@pytest.mark.parametrize(
    "arg",
    [
        "l3r",
        "clean",
        "clean=many",
        "uniform=",
        "sed=3",
        "uniform=0.2=0.3",
        "uniform=0.1,uniform=0.2",
        "uniform=0.1,flip=0.2",
        "none,flip=0.2",
        "l2r,mw_net",
        "clean_only,l2r",
        "seed=1,seed=1",
    ],
)
def test_wrong_arguments(arg):
    with pytest.raises(InputError):
        vary({}, arg)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
@pytest.mark.parametrize("method", ["supervised", "clean_only", "noisy_and_clean", "l2r", "mw_net", "mlc_lcn"])
def test_every_config_and_method_is_complete(path, method):
    config = load(f"{path}:{method},seed=1")
    assert to_dict(parse(config)) == config and config["seed"] == 1
    settings = resolved(parse(config))
    assert resolved(parse(to_dict(settings))) == settings
    classifier = make_network(settings.model, 10)
    assert make_method(settings, classifier, Lengths(100, 10))


def test_differences_are_named():
    one, two = to_dict(parse({})), to_dict(parse({"seed": 1, "train": {"epochs": 3}}))
    assert [line.split(" ")[0] for line in differences(one, two)] == ["config.seed", "config.train.epochs"]
