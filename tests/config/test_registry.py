"""Names in rooms, and settings checked against signatures."""

import importlib
import pkgutil
from typing import Literal

import pytest

from meta_noise.config import registry
from meta_noise.data import noise
from meta_noise.errors import InputError


def test_every_room_lists_its_files():
    assert {"supervised", "l2r", "mw_net", "mlc_lcn"} <= set(registry.names("methods"))
    assert {"mlp", "cnn", "resnet_cifar"} <= set(registry.names("models"))
    assert "network" not in registry.names("models")
    assert {"digits", "mnist", "cifar10", "tfds"} <= set(registry.names("data.sources"))


@pytest.mark.parametrize("room", registry.ROOMS)
def test_a_file_may_hold_several_names(room):
    package = importlib.import_module(f"meta_noise.{room}")
    files = {module.name for module in pkgutil.iter_modules(package.__path__)}
    elsewhere = getattr(package, "FILES", {})
    assert set(elsewhere) <= set(registry.names(room)) and not set(elsewhere) & files
    for name in registry.names(room):
        module = registry.module_of(room, name)
        assert module.__name__ == f"{package.__name__}.{elsewhere.get(name, name)}"
        assert registry.find(room, name) is getattr(module, name)
    if room in ("data.sources", "data.noise"):  # where no file is there for others only
        assert files == {elsewhere.get(name, name) for name in registry.names(room)}


def test_a_new_file_is_found_without_another_edit(tmp_path, monkeypatch):
    (tmp_path / "fresh_noise.py").write_text("def fresh_noise(rng, labels, num_classes, rate):\n    return labels\n")
    monkeypatch.setattr(noise, "__path__", [*noise.__path__, str(tmp_path)])
    assert "fresh_noise" in registry.names("data.noise") and "fresh_noise" not in noise.FILES
    assert registry.find("data.noise", "fresh_noise")(None, 1, 2, 3) == 1


def test_a_function_outside_the_library():
    assert registry.find("methods", "meta_noise.methods.l2r.l2r") is registry.find("methods", "l2r")
    for name, words in (("no_such_package.method", "import"), ("math.no_such_function", "no_such_function")):
        with pytest.raises(InputError, match=words):
            registry.find("methods", name)


def setting(a: int, b: float = 1.0, c: tuple[int, ...] = (), d: Literal["x", 2] = "x", e: bool | None = None):
    return a, b, c, d, e


@pytest.mark.parametrize("good", [{"b": 2}, {"c": [1, 2]}, {"d": 2}, {"e": None}, {"e": True}])
def test_good_settings(good):
    assert registry.call(setting, "function 'setting'", good, 3)[0] == 3


@pytest.mark.parametrize("bad", [{"b": "2"}, {"b": True}, {"c": [1.5]}, {"c": 3}, {"d": "y"}, {"e": 1}, {"f": 0}])
def test_bad_settings(bad):
    with pytest.raises(InputError, match="etting"):
        registry.call(setting, "function 'setting'", bad, 3)


def test_what_a_function_refuses_becomes_one_sentence():
    def refuses(a: int = 1):
        raise ValueError("a is too small")

    with pytest.raises(InputError, match=r"Method 'refuses' refuses its settings.*too small"):
        registry.call(refuses, "method 'refuses'", {"a": 0})
