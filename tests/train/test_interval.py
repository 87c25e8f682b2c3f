"""Meta steps in every third step only: resumed to the last bit, nothing compiled after the first epoch; a profile."""

import math

import pytest

from meta_noise.errors import InputError, StoppedError
from meta_noise.train import cost
from meta_noise.train.cost import Cost
from tests.train.whole import assert_same_bits, follow

INTERVAL = {"meta": {"interval": 3}, "train": {"steps_per_call": 4}}


def test_interrupted_between_two_meta_steps(tmp_path):
    whole = follow(tmp_path / "whole", quick=True, **INTERVAL)
    with pytest.raises(StoppedError):
        follow(tmp_path / "stopped", stops_at=8, quick=True, **INTERVAL)
    resumed = follow(tmp_path / "stopped", quick=True, **INTERVAL)
    assert_same_bits(resumed.finished.kept, whole.finished.kept)
    assert whole.compilations[0] == whole.compilations[-1]
    for epoch in whole.finished.history:
        assert math.isfinite(epoch["outer_loss"]) and math.isfinite(epoch["loss"])


def test_profile(tmp_path):
    follow(tmp_path, quick=True, train={"epochs": 2, "profile_steps": 3})
    assert list((tmp_path / "profile").rglob("perfetto_trace.json.gz"))


def test_what_does_not_fit_is_said_before_it_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(cost, "free_bytes", lambda device: 1000)
    with pytest.raises(InputError, match=r"config\.meta\.remat"):
        follow(tmp_path, quick=True)


def test_mean_cost():
    whole, between = Cost(4.0, 40.0, 100, 1.0), Cost(1.0, 10.0, 30, 0.5)
    assert cost.mixed(whole, between, 3) == Cost(2.0, 20.0, 100, 1.5)
