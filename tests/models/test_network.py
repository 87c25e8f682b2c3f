import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.models.network import Blocks, Head, to_network
from meta_noise.types import Outputs


class Scaled(nn.Module):
    """A block with a parameter, a statistic and dropout, simple enough to compute by hand."""

    @nn.compact
    def __call__(self, x, train):
        scale = self.param("scale", nn.initializers.ones, ())
        calls = self.variable("batch_stats", "calls", jnp.zeros, ())
        if train:
            calls.value = calls.value + 1.0
        return nn.Dropout(0.5, deterministic=not train)(scale * x)


def make(*names):
    return to_network(Blocks((*((name, Scaled) for name in names), ("head", lambda name: Head(3, name=name)))))


INPUTS = jnp.arange(1.0, 13.0).reshape(3, 4)


def test_names_are_the_keys_in_forward_order():
    network = make("z", "a", "b10", "b2")
    params, stats = network.init(jax.random.key(0), INPUTS)
    assert network.stages == ("z", "a", "b10", "b2", "head")
    assert set(params) == set(network.stages)
    assert set(stats) == {"z", "a", "b10", "b2"}


def test_runs_the_named_blocks_only():
    network = make("one", "two")
    params, stats = network.init(jax.random.key(0), INPUTS)
    params["one"]["scale"], params["two"]["scale"] = jnp.float32(2), jnp.float32(5)
    hidden, _ = network.apply((params, stats), INPUTS, False, stop=2)
    np.testing.assert_array_equal(hidden, 10 * INPUTS)
    hidden, _ = network.apply((params, stats), INPUTS, False, start=1, stop=2)
    np.testing.assert_array_equal(hidden, 5 * INPUTS)
    outputs, _ = network.apply((params, {}), hidden, False, start=2)
    assert isinstance(outputs, Outputs)
    np.testing.assert_array_equal(outputs.features, hidden)
    np.testing.assert_allclose(outputs.logits, hidden @ params["head"]["dense"]["kernel"], rtol=1e-5)


def test_statistics_of_blocks_that_ran_are_replaced():
    network = make("one", "two")
    variables = network.init(jax.random.key(0), INPUTS)
    _, stats = network.apply(variables, INPUTS, True, jax.random.key(1), stop=1)
    assert jax.tree.map(float, stats) == {"one": {"calls": 1.0}, "two": {"calls": 0.0}}
    _, stats = network.apply(variables, INPUTS, False)
    assert stats is variables[1]


def test_statistics_may_be_absent():
    network = to_network(Blocks((("head", lambda name: Head(3, name=name)),)))
    params, stats = network.init(jax.random.key(0), INPUTS)
    assert stats == {}
    assert network.apply((params, stats), INPUTS, True)[1] == {}


def test_key_feeds_dropout():
    network = make("one")
    variables = network.init(jax.random.key(0), INPUTS)
    first, again, other = (
        network.apply(variables, INPUTS, True, jax.random.key(seed))[0].features for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any() and set(np.unique(first / INPUTS)) == {0.0, 2.0}
    assert (network.apply(variables, INPUTS, False)[0].features == INPUTS).all()
    with pytest.raises(Exception, match="dropout"):
        network.apply(variables, INPUTS, True)
