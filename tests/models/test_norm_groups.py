"""Batch normalisation over parts of a batch against the same network on each part."""

import flax.linen as nn
import jax
import numpy as np
import pytest

from meta_noise.models.flax_module import from_flax
from meta_noise.models.mlp import mlp
from meta_noise.models.network import to_network
from meta_noise.models.norm_groups import in_groups
from tests.models.compiled import compiled


class Net(nn.Module):
    @nn.compact
    def __call__(self, x, train=False):
        x = nn.BatchNorm(use_running_average=not train, momentum=0.8, name="first")(nn.Conv(4, (3, 3))(x))
        x = nn.BatchNorm(use_running_average=not train, use_scale=False, name="second")(x.mean((1, 2)))
        return nn.Dense(3)(x)


def test_a_group_is_normalised_as_a_batch_of_its_own():
    x = np.random.default_rng(0).normal(size=(12, 5, 5, 2)).astype(np.float32)
    network = from_flax(Net(), x)
    plain = compiled(network)
    variables = plain.init(jax.random.key(0), x)
    found, stats = compiled(in_groups(network, 3)).apply(variables, x, True, None)
    parts = [plain.apply(variables, part, True, None) for part in np.split(x, 3)]
    np.testing.assert_allclose(found.logits, np.concatenate([outputs.logits for outputs, _ in parts]), atol=1e-5)
    mean = jax.tree.map(lambda *values: np.mean(values, axis=0), *[stats for _, stats in parts])
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), stats, mean)
    whole = plain.apply(variables, x, True, None)[0].logits
    assert np.abs(found.logits - whole).max() > 1e-3


def test_evaluation_has_no_groups():
    x = np.ones((5, 4, 4, 1), np.float32)
    network = from_flax(Net(), x)
    plain = compiled(network)
    variables = plain.init(jax.random.key(0), x)
    one, other = (
        network.apply(variables, x, False, None)[0].logits for network in (plain, compiled(in_groups(network, 3)))
    )
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("network", "rows", "words"),
    [
        (from_flax(Net(), np.ones((2, 4, 4, 1), np.float32)), 10, "divide a batch of 10"),
        (to_network(mlp(3)), 9, "no batch"),
    ],
)
def test_groups_that_cannot_be(network, rows, words):
    x = np.ones((rows, 4, 4, 1), np.float32)
    variables = jax.eval_shape(network.init, jax.random.key(0), x)
    with pytest.raises(ValueError, match=words):
        jax.eval_shape(lambda variables: in_groups(network, 3).apply(variables, x, True, None), variables)
