"""The files that the pages on extending end in are found by their dotted path, do what they say, and train."""

import json
from pathlib import Path

import jax
import numpy as np
import pytest

from examples.extending import bounded, brighter, nearby, smoothed, wine
from meta_noise import main
from meta_noise.losses import verify

ROOT = Path(__file__).parents[2]
QUICK = ("--config.train.epochs=1", "--config.train.devices=1")


def train(folder, monkeypatch, argument, *words):
    """Runs a config with files of examples/extending as a user's own; returns the settings that it kept."""
    monkeypatch.syspath_prepend(str(ROOT / "examples/extending"))
    config = f"--config={ROOT / 'configs/digits.py'}:{argument}"
    assert main.run(["main", config, f"--workdir={folder / 'run'}", *QUICK, *words]) == 0
    return json.loads((folder / "run/config.json").read_text())


def test_method_network_noise_augmentation_and_rules_at_once(tmp_path, monkeypatch):
    kept = train(
        tmp_path,
        monkeypatch,
        "clean=100",
        "--config.method.name=class_weights.class_weights",
        "--config.model.name=gated_net.GatedNet",
        "--config.model.width=8",
        "--config.noise.name=nearby.nearby",
        "--config.augment.name=brighter.brighter",
        "--config.meta.optimizer.name=bounded.bounded",
        "--config.schedule.name=bounded.halving",
    )
    assert kept["model"]["width"] == 8 and kept["augment"]["most"] == 0.2 and kept["schedule"]["every"] == 10
    rows = np.load(tmp_path / "run/rows.npz")
    assert np.isfinite(rows["weight_last"]).all() and rows["weight_last"].std() > 0


def test_a_config_of_data_set_network_method_and_loss(tmp_path, monkeypatch):
    folder = ROOT / "examples/extending"
    monkeypatch.syspath_prepend(str(folder))
    words = [f"--config={folder / 'wine_config.py'}:uniform=0.2", f"--workdir={tmp_path / 'run'}", *QUICK]
    assert main.run(["main", *words]) == 0
    kept = json.loads((tmp_path / "run/config.json").read_text())
    assert kept["method"]["name"] == "class_weights.class_weights" and kept["noise"]["rate"] == 0.2
    assert kept["method"]["loss"] == "smoothed.smoothed" and kept["method"]["loss_settings"] == {"amount": 0.1}
    assert json.loads((tmp_path / "run/results.json").read_text())["data"] == "wine"


def test_the_loss_is_a_loss():
    assert verify(smoothed.smoothed) == ("hard", "soft")
    logits = np.array([[2.0, 0.0, -1.0]])
    log_p = logits - np.log(np.exp(logits).sum())
    assert float(smoothed.smoothed(logits, np.array([1]), 0.3)[0]) == pytest.approx(
        -(0.7 * log_p[0, 1] + 0.3 * log_p.mean())
    )


def test_the_noise_has_the_transition_that_it_states():
    labels = np.repeat(np.arange(4), 5000).astype(np.int32)
    noisy = nearby.nearby(np.random.default_rng(0), labels, 4, 0.3)
    counted = np.array([np.bincount(noisy.labels[labels == c], minlength=4) / 5000 for c in range(4)])
    np.testing.assert_allclose(counted, noisy.transition, atol=0.03)
    assert noisy.labels.dtype == np.int32 and noisy.transition[0].tolist() == pytest.approx([0.7, 0.3, 0, 0])


def test_the_rest_does_what_it_says():
    images = np.full((3, 4, 4, 1), 200, np.uint8)
    found = brighter.brighter(jax.random.key(0), images)
    assert found.dtype == np.uint8 and len({int(image[0, 0, 0]) for image in found}) == 3
    rule = bounded.bounded(1.0, 2.0)
    updates, _ = rule.update({"a": np.array([5.0, -0.5])}, rule.init(None), {"a": np.array([1.0, 1.0])})
    np.testing.assert_allclose(updates["a"], [-3.0, 0.5])
    assert bounded.halving(1.0, 100, 5, 10, every=2)(30) == 0.25
    train_part, test_part = wine.wine(part="train"), wine.wine(part="test")
    assert not set(train_part.ids) & set(test_part.ids) and len(train_part.ids) + len(test_part.ids) == 178
