"""What every classifier must satisfy; a new file in the room is found by itself."""

import inspect
import re
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise import registry
from meta_noise.models.network import Blocks, to_network

MODELS = registry.names("models")
SMALL = {"resnet_cifar": {"depth": 8}}  # settings that make a deep network cheap to run
CLASSES, SHAPE = 5, (8, 8, 3)


@cache
def small(name):
    """Returns (network, params, batch_stats, inputs, a jitted train-mode pass) of a small instance."""
    network = to_network(registry.find("models", name)(CLASSES, **SMALL.get(name, {})))
    inputs = jax.random.normal(jax.random.key(0), (6, *SHAPE))
    params, stats = jax.jit(network.init)(jax.random.key(1), inputs)
    return network, params, stats, inputs, jax.jit(partial(network.apply, train=True, key=jax.random.key(2)))


def assert_trees_close(one, two, **tolerance):
    jax.tree.map(partial(np.testing.assert_allclose, **tolerance), one, two)


def dot(one, two):
    return sum(jnp.vdot(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_is_built_from_the_number_of_classes(name):
    factory = registry.find("models", name)
    assert next(iter(inspect.signature(factory).parameters)) == "num_classes"
    assert isinstance(factory(CLASSES), Blocks)


@pytest.mark.parametrize("name", MODELS)
def test_has_as_many_parameters_as_its_docstring_says(name):
    factory = registry.find("models", name)
    statements = re.findall(r"([\d,]+) parameters \((\d+) classes, ([\dx]+)\)", inspect.getdoc(factory))
    assert statements, "the docstring has to say: N parameters (10 classes, 28x28x1)"
    for count, classes, shape in statements:
        inputs = jax.ShapeDtypeStruct((2, *map(int, shape.split("x"))), jnp.float32)
        params, _ = jax.eval_shape(to_network(factory(int(classes))).init, jax.random.key(0), inputs)
        assert sum(x.size for x in jax.tree.leaves(params)) == int(count.replace(",", ""))


@pytest.mark.parametrize("name", MODELS)
def test_shapes_and_types(name):
    network, params, stats, inputs, train = small(name)
    outputs, new_stats = train((params, stats), inputs)
    assert outputs.logits.shape == (6, CLASSES)
    assert outputs.features.ndim == 2 and outputs.features.shape[0] == 6
    assert set(params) == set(network.stages) and len(network.stages) == len(params) and network.copies == 1
    assert network.stages[-1] == "head"
    assert jax.tree.structure(new_stats) == jax.tree.structure(stats)
    for leaf in jax.tree.leaves((params, stats, new_stats, outputs)):
        assert leaf.dtype == jnp.float32 and not leaf.weak_type and np.isfinite(leaf).all()


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("train", [True, False])
def test_two_halves_are_the_whole(name, train):
    network, params, stats, inputs, _ = small(name)
    key = jax.random.key(2)
    outputs, whole_stats = network.apply((params, stats), inputs, train, key)
    for cut in range(1, len(network.stages)):
        lower, upper = network.stages[:cut], network.stages[cut:]
        parts = [[{k: tree[k] for k in names if k in tree} for tree in (params, stats)] for names in (lower, upper)]
        hidden, lower_stats = network.apply(parts[0], inputs, train, key, stop=cut)
        ends, upper_stats = network.apply(parts[1], hidden, train, key, start=cut)
        assert_trees_close(ends, outputs, rtol=0)
        assert_trees_close({**lower_stats, **upper_stats}, whole_stats, rtol=0)
        # with the whole trees given, the statistics of the blocks that did not run come back as they were
        _, merged = network.apply((params, stats), hidden, train, key, start=cut)
        assert_trees_close(merged, {**stats, **upper_stats}, rtol=0)


@pytest.mark.parametrize("name", MODELS)
def test_training_mode_differs_by_the_statistics_only(name):
    """Evaluation with the statistics of a batch, read off the moving average, is training on that batch."""
    network, params, stats, inputs, train = small(name)
    outputs, moved = train((params, stats), inputs)
    of_batch = jax.tree.map(lambda old, new: (new - 0.9 * old) / 0.1, stats, moved)
    again, unchanged = network.apply((params, of_batch), inputs, False)
    assert_trees_close(again, outputs, rtol=1e-3, atol=1e-3)
    assert unchanged is of_batch


@pytest.mark.parametrize("name", MODELS)
def test_evaluation_takes_each_row_alone(name):
    network, params, stats, inputs, _ = small(name)
    together, _ = network.apply((params, stats), inputs, False)
    alone, _ = network.apply((params, stats), inputs[:1], False)
    assert_trees_close(alone, jax.tree.map(lambda x: x[:1], together), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_runs_over_stacked_parameters(name):
    network, params, stats, inputs, train = small(name)
    other = jax.jit(network.init)(jax.random.key(5), inputs)
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), (params, stats), other)
    outputs = jax.jit(jax.vmap(train, in_axes=(0, None)))(stacked, inputs)
    for row, variables in enumerate([(params, stats), other]):
        assert_trees_close(
            jax.tree.map(lambda x, row=row: x[row], outputs), train(variables, inputs), rtol=1e-3, atol=1e-4
        )


@pytest.mark.parametrize("name", MODELS)
def test_tangent_and_gradient_agree(name):
    """<J v, w> from a forward-mode pass is <v, J^T w> from a reverse-mode pass."""
    _, params, stats, inputs, train = small(name)
    direction = jax.tree.map(lambda x: jax.random.normal(jax.random.key(x.size), x.shape), params)

    def logits(params):
        return train((params, stats), inputs)[0].logits

    @jax.jit
    def both(params):
        tangent = jax.jvp(logits, (params,), (direction,))[1]
        value, pullback = jax.vjp(logits, params)
        return dot(tangent, value), dot(direction, pullback(value)[0]), tangent

    forward, reverse, tangent = both(params)
    assert np.isfinite(tangent).all() and float(jnp.abs(tangent).max()) > 0
    np.testing.assert_allclose(forward, reverse, rtol=1e-3)
