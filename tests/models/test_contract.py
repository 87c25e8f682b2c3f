"""What every classifier must satisfy; a new file in the room is found by itself."""

import inspect
import re
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.config import registry
from meta_noise.core.cotangents import forward_order, tensor_names
from meta_noise.errors import InputError
from meta_noise.models.network import Blocks, blocks_apart, to_network

MODELS = registry.names("models")
# settings that make a deep network cheap to run and drop nothing, and image sides where 8 are too few
SMALL = {
    "bert": {"vocabulary": 20, "layers": 2, "width": 8, "heads": 2, "hidden": 16, "dropout": 0.0},
    "cnn9": {"width": 4, "dropout": 0.0},
    "densenet": {"depth": 10, "growth": 3},
    "inception_resnet_v2": {"width": 1 / 100, "repeats": (0, 0, 0)},
    "lenet": {"convolutions": (4, 8), "dense": 16},
    "preact_resnet": {"depth": 10, "width": 4},
    "resnet": {"depth": 18, "width": 4},
    "resnet_cifar": {"depth": 8},
    "resnet_v2": {"depth": 11},
    "twitter_mlp": {"vocabulary": 20, "hidden": (16,)},
    "vgg": {"width": 4},
    "wide_resnet": {"depth": 10, "widening": 1},
    "wide_resnet_ieg": {"depth": 10, "widening": 1},
    "wide_resnet_mlc_t": {"depth": 10, "widening": 1},
    "word_average": {"vocabulary": 20, "hidden": 16},
}
SIDES = {"cnn9": 28, "inception_resnet_v2": 75, "resnet": 64, "vgg": 32}
OWN_ORDER = {"bert"}  # tensors in an order of their own: the names inside Flax's attention
HEAVY = {
    *("cnn9", "densenet", "inception_resnet_v2", "preact_resnet", "resnet", "resnet_v2", "vgg"),
    *("wide_resnet_ieg", "wide_resnet_mlc_t"),
}
RUN = [pytest.param(name, marks=[pytest.mark.slow] * (name in HEAVY)) for name in MODELS]  # the others with -m slow
CLASSES = 5
QUICK = {"xla_backend_optimization_level": 0}  # compiles in half the time


def having(setting):
    """Returns the models with a setting."""
    return [name for name in MODELS if setting in inspect.signature(registry.find("models", name)).parameters]


def make(name, **settings):
    return to_network(registry.find("models", name)(CLASSES, **{**SMALL.get(name, {}), **settings}))


def statements(name):
    """Returns what a docstring says: (parameters, classes, "28x28x1" or "64 tokens") once or more."""
    found = re.findall(
        r"([\d,]+) parameters \((\d+) classes, ([\dx]+|\d+ tokens)\)", inspect.getdoc(registry.find("models", name))
    )
    assert found, "the docstring has to say: N parameters (10 classes, 28x28x1), or (10 classes, 64 tokens) for texts"
    return [(int(count.replace(",", "")), int(classes), shape) for count, classes, shape in found]


@cache
def small(name):
    """Returns (network, params, batch_stats, inputs) of a small instance; drawn, which saves compiling its `init`."""
    network, rng, side = make(name), np.random.default_rng(0), SIDES.get(name, 8)
    inputs = jnp.asarray(rng.normal(size=(6, side, side, 3)), jnp.float32)
    if any("tokens" in shape for _, _, shape in statements(name)):
        inputs = jnp.asarray(rng.integers(1, 20, (6, 7)), jnp.int32)

    def draw(leaf):
        if leaf.ndim < 2:
            return jnp.asarray(rng.uniform(0.5, 1.5, leaf.shape), leaf.dtype)
        return jnp.asarray(rng.normal(size=leaf.shape) * (2 / np.prod(leaf.shape[:-1])) ** 0.5, leaf.dtype)

    params, stats = jax.tree.map(draw, jax.eval_shape(network.init, jax.random.key(0), inputs))
    return network, params, stats, inputs


@cache
def compiled(name):
    """Returns a function that trains on the inputs of `small`: (outputs, stats, tangent of the logits, gradient)."""
    network, _, _, inputs = small(name)

    def run(params, stats, direction):
        def logits(params):
            outputs, new_stats = network.apply((params, stats), inputs, True, jax.random.key(2))
            return outputs.logits, (outputs, new_stats)

        value, pullback, (outputs, new_stats) = jax.vjp(logits, params, has_aux=True)
        tangent = jax.jvp(lambda params: logits(params)[0], (params,), (direction,))[1]
        return outputs, new_stats, tangent, pullback(value)[0]

    return jax.jit(run, compiler_options=QUICK)


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
    for count, classes, shape in statements(name):
        sides = map(int, shape.removesuffix(" tokens").split("x"))
        inputs = jax.ShapeDtypeStruct((2, *sides), jnp.int32 if "tokens" in shape else jnp.float32)
        params, _ = jax.eval_shape(to_network(factory(classes)).init, jax.random.key(0), inputs)
        assert sum(x.size for x in jax.tree.leaves(params)) == count


@pytest.mark.parametrize("name", RUN)
def test_shapes_and_types(name):
    network, params, stats, inputs = small(name)
    start = jax.eval_shape(network.init, jax.random.key(0), inputs)
    outputs, new_stats, *_ = compiled(name)(params, stats, params)
    assert outputs.logits.shape == (6, CLASSES)
    assert outputs.features.ndim == 2 and outputs.features.shape[0] == 6
    assert set(params) == set(network.stages) and len(network.stages) == len(params) and network.copies == 1
    assert network.stages[-1] == "head"
    assert jax.tree.structure(new_stats) == jax.tree.structure(stats)
    for leaf in jax.tree.leaves((start, new_stats, outputs)):
        assert leaf.dtype == jnp.float32 and not leaf.weak_type
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves((new_stats, outputs)))


@pytest.mark.parametrize("name", RUN)
@pytest.mark.parametrize("train", [True, False])
def test_two_halves_are_the_whole(name, train):
    network, params, stats, inputs = small(name)
    key = jax.random.key(2)
    outputs, whole_stats = network.apply((params, stats), inputs, train, key)
    end = len(network.stages)
    for cut in {1, end // 2, end - 1} & set(range(1, end)):
        lower, upper = network.stages[:cut], network.stages[cut:]
        parts = [[{k: tree[k] for k in names if k in tree} for tree in (params, stats)] for names in (lower, upper)]
        hidden, lower_stats = network.apply(parts[0], inputs, train, key, stop=cut)
        ends, upper_stats = network.apply(parts[1], hidden, train, key, start=cut)
        assert_trees_close(ends, outputs, rtol=0)
        assert_trees_close({**lower_stats, **upper_stats}, whole_stats, rtol=0)
        # with the whole trees given, the statistics of the blocks that did not run come back as they were
        _, merged = network.apply((params, stats), hidden, train, key, start=cut)
        assert_trees_close(merged, {**stats, **upper_stats}, rtol=0)


@pytest.mark.parametrize("name", RUN)
def test_training_mode_differs_by_the_statistics_only(name):
    """Evaluation with the statistics of a batch, read off the moving average, is training on that batch."""
    network, params, stats, inputs = small(name)
    (outputs, from_zero, *_), (again, from_one, *_) = (
        compiled(name)(params, jax.tree.map(lambda x, n=n: jnp.full_like(x, n), stats), params) for n in (0, 1)
    )
    assert_trees_close(outputs, again, rtol=0)
    # with m the momentum, zero becomes (1 - m) b and one becomes m + (1 - m) b
    of_batch = jax.tree.map(lambda zero, one: zero / (1 - (one - zero)), from_zero, from_one)
    evaluated, unchanged = network.apply((params, of_batch), inputs, False)
    assert_trees_close(evaluated, outputs, rtol=1e-3, atol=1e-3)
    assert unchanged is of_batch


@pytest.mark.parametrize("name", RUN)
def test_evaluation_takes_each_row_alone(name):
    network, params, stats, inputs = small(name)
    together, _ = network.apply((params, stats), inputs, False)
    among_others, _ = network.apply((params, stats), inputs.at[1:].set(inputs[:-1]), False)
    for one, two in zip(together, among_others, strict=True):
        np.testing.assert_allclose(one[0], two[0], rtol=1e-6)
        assert (one[1:] != two[1:]).any()


@pytest.mark.parametrize("name", RUN)
def test_runs_over_stacked_parameters(name):
    network, params, stats, inputs = small(name)
    variables = [(params, stats), jax.tree.map(lambda x: 1.1 * x, (params, stats))]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *variables)
    train = partial(network.apply, inputs=inputs, train=True, key=jax.random.key(2))
    outputs = jax.jit(jax.vmap(train), compiler_options=QUICK)(stacked)
    for row, (params, stats) in enumerate(variables):
        expected = compiled(name)(params, stats, params)[:2]
        assert_trees_close(jax.tree.map(lambda x, row=row: x[row], outputs), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", RUN)
def test_tangent_and_gradient_agree(name):
    """<J v, w> from a forward-mode pass is <v, J^T w> from a reverse-mode pass, and every gradient is finite."""
    _, params, stats, _ = small(name)
    rng = np.random.default_rng(1)
    direction = jax.tree.map(lambda x: jnp.asarray(rng.normal(size=x.shape), x.dtype), params)
    outputs, _, tangent, gradient = compiled(name)(params, stats, direction)
    assert np.isfinite(tangent).all() and float(jnp.abs(tangent).max()) > 0
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradient))
    np.testing.assert_allclose(dot(tangent, outputs.logits), dot(direction, gradient), rtol=1e-3)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in OWN_ORDER])
def test_forward_order_is_the_order_of_use(name):
    """Names are such that the filters on cotangents find the tensors in the order in which the network uses them."""
    network, params, stats, inputs = small(name)
    leaves, treedef = jax.tree.flatten(params)

    def logits(*leaves):
        return network.apply((jax.tree.unflatten(treedef, leaves), stats), inputs, False)[0].logits

    with blocks_apart():
        jaxpr = jax.make_jaxpr(logits)(*leaves).jaxpr
    first_use = [
        next(i for i, equation in enumerate(jaxpr.eqns) if any(v is used for used in equation.invars))
        for v in jaxpr.invars
    ]
    order = forward_order(params, network.stages)
    assert [first_use[position] for position in order] == sorted(first_use), [tensor_names(params)[p] for p in order]


@pytest.mark.parametrize("name", [one for one in RUN if one.values[0] in having("dropout")])
def test_dropout_is_a_function_of_the_key_and_off_in_evaluation(name):
    _, params, stats, inputs = small(name)
    dropping, whole = make(name, dropout=0.5), make(name, dropout=0.0)
    first, again, other = (
        dropping.apply((params, stats), inputs, True, jax.random.key(seed))[0].logits for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    np.testing.assert_array_equal(*(net.apply((params, stats), inputs, False)[0].logits for net in (dropping, whole)))


@pytest.mark.parametrize("name", having("head"))
def test_normalised_head_is_one_matrix_at_the_end(name):
    linear, _, stats, inputs = small(name)
    network = make(name, head="normalised")
    (params, same), (usual, _) = (jax.eval_shape(net.init, jax.random.key(0), inputs) for net in (network, linear))
    assert jax.tree.structure(same) == jax.tree.structure(stats)
    assert {**params, "head": None} == {**usual, "head": None}
    (matrix,) = jax.tree.leaves(params["head"])
    last = forward_order(params, network.stages)[-1]
    assert jax.tree.leaves(params)[last].shape == matrix.shape and tensor_names(params)[last].startswith("head/")
    outputs = jax.eval_shape(lambda variables: network.apply(variables, inputs, False)[0], (params, same))
    assert matrix.shape == (outputs.features.shape[1], CLASSES) and outputs.logits.shape == (len(inputs), CLASSES)
    with pytest.raises(InputError, match="'cosine'"):
        make(name, head="cosine")
