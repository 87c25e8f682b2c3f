"""The objective is the mean of the loss it was given."""

import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.config import registry
from meta_noise.config.schema import Named
from meta_noise.errors import InputError
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.gce import gce
from meta_noise.losses.ldam import ldam
from meta_noise.methods.supervised import supervised
from meta_noise.types import Outputs
from tests.toy import CLASSES, toy_batch

BATCH = toy_batch(0)
OUTPUTS = Outputs(jnp.sin(jnp.arange(8.0 * CLASSES)).reshape(8, CLASSES), jnp.zeros((8, 2)))


def test_cross_entropy_unless_told_otherwise():
    expected = cross_entropy(OUTPUTS.logits, BATCH.labels).mean()
    for objective in (supervised(), supervised("cross_entropy"), supervised(cross_entropy)):
        value, rows = objective.loss(OUTPUTS, BATCH)
        assert value == expected and rows.weights is None and rows.targets is None


def test_another_loss_with_its_settings():
    value, _ = supervised(gce, {"q": 0.5}).loss(OUTPUTS, BATCH)
    np.testing.assert_allclose(value, gce(OUTPUTS.logits, BATCH.labels, q=0.5).mean(), rtol=1e-6)
    filled = registry.partial("losses", Named("gce", {"q": 0.5}), 2)
    np.testing.assert_array_equal(supervised(filled).loss(OUTPUTS, BATCH)[0], value)


def test_settings_are_refused_when_built():
    with pytest.raises(TypeError, match="class_counts"):
        supervised(ldam)
    with pytest.raises(TypeError, match="qq"):
        supervised(gce, {"qq": 1})
    with pytest.raises(InputError, match=r"refuses its settings.*class_counts"):
        registry.build("methods", Named("supervised", {"loss": ldam}))


def test_a_name_is_for_configs():
    with pytest.raises(ValueError, match="'gce'; names are looked up in configs"):
        supervised("gce")


def test_a_loss_must_give_a_value_per_row():
    def mean(logits, targets):
        return cross_entropy(logits, targets).mean()

    with pytest.raises(ValueError, match=r"a value per row, \(8,\), got shape \(\)"):
        supervised(mean).loss(OUTPUTS, BATCH)
