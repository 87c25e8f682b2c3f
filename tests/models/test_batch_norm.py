"""Batch normalisation against Flax's, and what the compiler makes of equal passes."""

from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.models.batch_norm import BatchNorm
from meta_noise.models.initializers import he_normal
from meta_noise.models.layers import PooledHead, Stem
from meta_noise.models.network import Blocks, to_network
from meta_noise.train import compiler
from tests.models import plain


def pair(train):
    return BatchNorm(train, 0.8, 1e-3), nn.BatchNorm(not train, momentum=0.8, epsilon=1e-3)


def variables_of(module, x):
    """Returns variables of `module` in which nothing is at its start."""
    started = module.init(jax.random.key(0), x)
    assert jax.tree.map(jnp.shape, started) == jax.tree.map(jnp.shape, pair(True)[1].init(jax.random.key(0), x))
    leaves, tree = jax.tree.flatten(started)
    return jax.tree.unflatten(tree, [leaf + 0.1 * jnp.arange(leaf.size) for leaf in leaves])


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_numbers_and_names_are_those_of_flax(train, dtype):
    x = jnp.asarray(plain.some(6, 4, 4, 3) + 1, dtype)
    ours, flax = pair(train)
    variables = variables_of(ours, x)
    params = jax.tree.map(lambda p: p.astype(dtype), variables["params"])  # as `in_precision` gives them
    results = []
    for module in (ours, flax):
        given = {**variables, "params": params}
        results.append(jax.jit(partial(module.apply, mutable=["batch_stats"]))(given, x))
    assert results[0][0].dtype == results[1][0].dtype == dtype
    same = partial(np.testing.assert_allclose, rtol=1e-6 if dtype == "float32" else 1e-2, atol=1e-6)
    jax.tree.map(lambda a, b: same(np.asarray(a, np.float32), np.asarray(b, np.float32)), *results)
    assert {leaf.dtype for leaf in jax.tree.leaves(results[0][1])} == {jnp.dtype("float32")}


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("train", [True, False])
def test_first_and_second_derivatives_are_those_of_flax(train):
    x = jnp.asarray(plain.some(4, 2, 2, 3))
    modules = pair(train)
    variables = jax.tree.map(lambda leaf: leaf.astype(jnp.float64), variables_of(modules[0], x))
    found = []
    for module in modules:

        def value(params, x, module=module):
            y, _ = module.apply({**variables, "params": params}, x, mutable=["batch_stats"])
            return jnp.sum(jnp.tanh(y) ** 2)

        slopes = jax.grad(value, argnums=(0, 1))
        along = jax.tree.map(jnp.ones_like, (variables["params"], jnp.sin(x)))
        found.append(jax.jit(lambda slopes=slopes, along=along: jax.jvp(slopes, (variables["params"], x), along))())
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-9, atol=1e-12), *found)


def test_a_pass_is_merged_with_the_same_pass_that_is_differentiated():
    """A guess at the parameters costs no pass of its own; the compiler counts the operations."""
    stem = partial(Stem, 8, he_normal)
    network = to_network(Blocks((("first", stem), ("second", stem), ("head", partial(PooledHead, 3)))))
    x = jnp.asarray(plain.some(4, 8, 8, 8), jnp.float32)
    params, stats = jax.eval_shape(network.init, jax.random.key(0), x)

    def flops(function):
        compiled = jax.jit(function, compiler_options=compiler.options()).lower(params, stats).compile()
        return compiled.cost_analysis()["flops"]

    def guess(params, stats):
        return network.apply((params, stats), x, True)[0].logits

    def gradient(params, stats):
        return jax.grad(lambda params: jnp.sum(jnp.square(guess(params, stats))))(params)

    alone = flops(gradient)
    assert flops(lambda *a: (gradient(*a), guess(*a))) < 1.002 * alone
