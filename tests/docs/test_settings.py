"""What the site says of settings and configs holds: examples are accepted, configs beside figures exist."""

import dataclasses

import pytest

from docs.generate import settings
from docs.generate.published import FIGURES
from meta_noise.config.argument import merge
from meta_noise.config.file import load, shipped
from meta_noise.config.parse import parse

SETTINGS = list(settings.settings_of())


def nested(name, value):
    for key in reversed(name.split(".")):
        value = {key: value}
    return value


@pytest.mark.parametrize("name, entry, default", SETTINGS, ids=[name for name, *_ in SETTINGS])
def test_the_example_of_a_setting_is_accepted_and_no_default(name, entry, default):
    value = settings.example(name, entry, default)
    assert value != default
    given = nested(name, value)
    for other, also in settings.TOGETHER.get(name, {}).items():
        given = merge(given, nested(other, also))
    found = parse(given)
    for key in name.split("."):
        found = getattr(found, key)
    assert found == value


def test_every_setting_says_what_it_means():
    text = settings.sections()
    for name, entry, _ in SETTINGS:
        assert f"| `{name}` |" in text and settings.about(entry).help, name
        assert settings.kind(entry.type), name
    sections = {name.split(".")[0] for name, *_ in SETTINGS}
    assert all(f"## {section}\n" in text for section in sections - {"seed"})


@pytest.mark.parametrize("figure", [one for one in FIGURES if one.config], ids=lambda one: f"{one.config} {one.where}")
def test_a_config_beside_a_published_figure_exists_and_is_of_that_method(figure):
    config = load(f"configs/{figure.config}")
    method, _, famus = figure.method.partition(" + ")
    assert config["method"]["name"] == method
    if famus:
        assert config["meta"]["cotangents"]["name"] == "layer_sampler"


def test_every_config_is_on_its_page():
    text = settings.configs()
    assert all(f"## configs/{name}\n" in text for name in shipped())


def test_every_name_of_every_room_is_on_a_page_with_its_settings():
    for room in settings.TITLES:
        text = settings.room_page(room)
        assert all(f"\n## {name}\n" in text for name in settings.registry.names(room)), room
    assert "| `method.hidden` | `100` |" in settings.room_page("methods")


def test_settings_are_all_there():
    names = {name for name, *_ in SETTINGS}
    assert {"seed", "data.name", "meta.optimizer.name", "train.epochs"} <= names
    assert len(names) == len(SETTINGS) and not any(dataclasses.is_dataclass(value) for *_, value in SETTINGS)
