from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.losses.ldam import ldam
from meta_noise.models.network import Blocks, Head, blocks_apart, last_block, to_network
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


@pytest.mark.usefixtures("float64")
def test_normalised_head_gives_cosines():
    rng = np.random.default_rng(0)
    features, vectors = rng.normal(size=(4, 2, 3)), rng.normal(size=(6, 5))
    outputs = Head(5, "normalised").apply({"params": {"kernel": vectors}}, features, True)
    features = features.reshape(4, 6)
    cosines = [[h @ w / np.sqrt((h @ h) * (w @ w)) for w in vectors.T] for h in features]
    np.testing.assert_allclose(outputs.logits, cosines, rtol=1e-12)
    np.testing.assert_array_equal(outputs.features, features)


def test_normalised_head_starts_with_vectors_of_length_one():
    params = Head(50, "normalised").init(jax.random.key(0), jnp.ones((1, 30)), True)["params"]
    assert list(params) == ["kernel"] and params["kernel"].shape == (30, 50) and params["kernel"].dtype == jnp.float32
    np.testing.assert_allclose(np.linalg.norm(params["kernel"], axis=0), 1, rtol=1e-5)
    assert abs(float(params["kernel"].mean())) < 0.02


def test_normalised_head_has_finite_derivatives_at_zero():
    """A row whose features are all zero: the loss and its derivatives, up to the third."""
    head = Head(3, "normalised")
    params = jax.jit(head.init, static_argnums=2)(jax.random.key(0), INPUTS, True)

    def loss(features, params):
        return ldam(head.apply(params, features, True).logits, jnp.array([0, 1, 2]), class_counts=[9, 3, 1]).sum()

    features = INPUTS.at[1].set(0)
    first = jax.grad(loss)
    second = jax.grad(lambda x: (first(x, params) * jnp.sin(x)).sum())
    third = lambda x: jax.jvp(second, (x,), (jnp.ones_like(x),))[1]  # noqa: E731
    values = jax.jit(lambda x: (loss(x, params), first(x, params), second(x), third(x)))(features)
    for value in values:
        assert np.isfinite(value).all()


def test_last_block_refuses_an_unknown_head():
    name, make = last_block("normalised", 4)
    assert name == "head" and make(name=name) == Head(4, "normalised", name=name)
    with pytest.raises(InputError, match=r"Unknown head 'cosine'.*linear, normalised"):
        last_block("cosine", 4)


def test_equal_blocks_draw_masks_of_their_own():
    network = make("one", "two")
    variables = network.init(jax.random.key(0), INPUTS)
    one, _ = network.apply(variables, INPUTS, True, jax.random.key(1), stop=1)
    two, _ = network.apply(variables, INPUTS, True, jax.random.key(1), start=1, stop=2)
    assert ((one == 0) != (two == 0)).any()


def test_equal_blocks_are_traced_once():
    traced = []

    class Block(nn.Module):
        shift: float = 0.0

        @nn.compact
        def __call__(self, x, train):
            traced.append(self.shift)
            return nn.relu(nn.Dense(4, name="dense")(x)) + self.shift

    alike = [(name, Block) for name in ("one", "two", "three", "four")]
    network = to_network(Blocks((*alike, ("five", partial(Block, 1.0)), ("head", partial(Head, 3)))))
    variables = network.init(jax.random.key(0), INPUTS)

    def loss(params):
        return network.apply((params, variables[1]), INPUTS, True)[0].logits.sum()

    traced.clear()
    program = jax.make_jaxpr(jax.grad(loss))(variables[0])
    assert traced == [0.0, 1.0]
    with blocks_apart():
        traced.clear()
        apart = jax.make_jaxpr(jax.grad(loss))(variables[0])
    assert traced == [0.0, 0.0, 0.0, 0.0, 1.0]
    found, expected = (jax.core.eval_jaxpr(p.jaxpr, p.consts, *jax.tree.leaves(variables[0])) for p in (program, apart))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_a_block_with_a_list_among_its_settings_runs():
    class Listed(nn.Module):
        factors: list

        @nn.compact
        def __call__(self, x, train):
            return x * sum(self.factors) * self.param("scale", nn.initializers.ones, ())

    network = to_network(Blocks((("one", lambda name: Listed([1.0, 2.0], name=name)), ("head", partial(Head, 3)))))
    hidden, _ = network.apply(network.init(jax.random.key(0), INPUTS), INPUTS, True, stop=1)
    np.testing.assert_array_equal(hidden, 3 * INPUTS)
