"""Settings at the door: from dictionaries to frozen sections and back, and one sentence for what is wrong."""

import dataclasses

import numpy as np
import pytest

from meta_noise.config.help import settings_help
from meta_noise.config.parse import parse, to_dict
from meta_noise.config.schema import SECTIONS, Config, Named, about
from meta_noise.errors import InputError


def test_nothing_given_is_the_defaults():
    assert parse({}) == Config()
    assert parse(to_dict(Config())) == Config()


def test_settings_of_a_function_stand_beside_its_name():
    given = {
        "model": {"name": "mlp", "hidden": (3, np.int64(4))},
        "meta": {"virtual": {"name": "plain_sgd", "rate": 1}},
    }
    config = parse(given)
    assert config.model.settings == {"hidden": [3, 4]} and config.meta.virtual == Named("plain_sgd", {"rate": 1})
    assert to_dict(config)["model"] == {"name": "mlp", "pretrained": "", "hidden": [3, 4]}
    assert to_dict(dataclasses.replace(config, meta=None))["meta"] == {} and parse({"meta": {}}).meta == Config().meta


def test_a_whole_number_is_a_number():
    assert parse({"optimizer": {"lr": 1}}).optimizer.lr == 1.0


def test_sections_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse({}).train.epochs = 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (3, "A config is a dictionary"),
        ({"train": 3}, "config.train is a section with the keys epochs,"),
        ({1: {}}, "A config is a dictionary"),
        ({"trian": {}}, "Unknown key in config: 'trian'. Did you mean 'train'"),
        ({"train": {"epoch": 3}}, "Unknown key in config.train: 'epoch'. Did you mean 'epochs'"),
        ({"train": {"epochs": 0}}, "config.train.epochs must be at least 1, got 0"),
        ({"train": {"epochs": True}}, "config.train.epochs must be of type int, got True"),
        ({"train": {"epochs": 1.0}}, "config.train.epochs must be of type int, got 1.0"),
        ({"train": {"checkpoint_seconds": float("nan")}}, "must be a finite number, got nan"),
        ({"train": {"precision": "float16"}}, "Unknown config.train.precision 'float16'. Did you mean 'bfloat16'"),
        ({"meta": {"engine": "mixed"}}, "Unknown config.meta.engine 'mixed'. Did you mean 'mixed_mode'"),
        ({"meta": {"reuse_virtual": 1}}, "config.meta.reuse_virtual must be True, False or None, got 1"),
        ({"meta": {"virtual": "live"}}, "config.meta.virtual is a section with the keys name; got 'live'"),
        ({"meta": {"steps": -1}}, "config.meta.steps must be at least 1"),
        ({"seed": -1}, "config.seed must be at least 0, got -1"),
        ({"seed": 2**31}, "config.seed must be below 2147483648"),
        ({"optimizer": {"lr": 0.0}}, "config.optimizer.lr must be positive"),
        ({"data": {"imbalance": 0.5}}, "config.data.imbalance must be at least 1, got 0.5"),
        ({"data": {"class_rows": 5}}, "config.data.class_rows must be a list of whole numbers, got 5"),
        ({"data": {"class_rows": [5, 0.5]}}, "config.data.class_rows must be of type int, got 0.5"),
        ({"data": {"class_rows": [5, 0]}}, "config.data.class_rows must be at least 1, got 0"),
        ({"data": {"class_rows": [5, 2], "imbalance": 3}}, "both say how many rows of a class train; give one"),
        ({"model": {"hidden": {3, 4}}}, "config.model.hidden must be a number, a word"),
        ({"model": {"hidden": [float("inf")]}}, "config.model.hidden must be a finite number, got inf"),
        ({"clean": {"auto": True}}, "config.clean.size must be 0"),
        ({"clean": {"auto": True, "size": 0, "train_on": "both"}}, "got 0 and 'both'"),
    ],
)
def test_wrong_values_are_one_sentence(given, message):
    with pytest.raises(InputError) as caught:
        parse(given)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_help_names_every_setting():
    text = settings_help()
    for name, section in SECTIONS.items():
        for entry in dataclasses.fields(section):
            assert f"--config.{name}.{'SETTING' if entry.name == 'settings' else entry.name}" in text
            assert about(entry).help
    assert "mw_net" in text and "digits" in text and "--config.seed=0" in text
