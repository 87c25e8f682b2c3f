"""Flax modules that know nothing of the library, and classifiers that are no Flax modules, as networks."""

import subprocess
import sys
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

from meta_noise import core
from meta_noise.errors import InputError
from meta_noise.losses.cross_entropy import cross_entropy, mean_cross_entropy
from meta_noise.models import from_flax, from_functions
from meta_noise.models.precision import in_precision

CLASSES = 3
QUICK = {"xla_backend_optimization_level": 0}
INPUTS = jax.random.normal(jax.random.key(8), (6, 4))
SHAPE = jax.ShapeDtypeStruct(INPUTS.shape, INPUTS.dtype)


class Plain(nn.Module):
    """Logits only, no mode; the names of its layers are not in the order of the alphabet."""

    @nn.compact
    def __call__(self, x):
        return nn.Dense(CLASSES, name="a_last")(nn.tanh(nn.Dense(5, name="z_first")(x)))


class Trains(nn.Module):
    """Batch statistics and dropout, told by `train`, which has no default."""

    @nn.compact
    def __call__(self, x, train):
        x = nn.BatchNorm(use_running_average=not train)(nn.Dense(5)(x))
        features = nn.Dropout(0.5, deterministic=not train)(x)
        return nn.Dense(CLASSES)(features), features


class Deterministic(nn.Module):
    """Flax counts layers as they are made, so the inner one is the second; the pass goes through it first."""

    @nn.compact
    def __call__(self, x, *, deterministic: bool = True):
        return nn.Dense(CLASSES)(nn.Dropout(0.5)(nn.Dense(5)(x), deterministic=deterministic))


class Averages(nn.Module):
    @nn.compact
    def __call__(self, x, use_running_average=True):
        x = nn.BatchNorm(use_running_average=use_running_average)(nn.Dense(5)(x))
        return core.Outputs(nn.Dense(CLASSES)(x), x)


class Field(nn.Module):
    """Told by a field."""

    deterministic: bool | None = None

    @nn.compact
    def __call__(self, x):
        return nn.Dense(CLASSES)(nn.Dropout(0.5, deterministic=self.deterministic)(nn.Dense(5)(x)))


class SetUp(nn.Module):
    def setup(self):
        self.second, self.first = nn.Dense(CLASSES), nn.Dense(5)

    def __call__(self, x):
        return self.second(self.first(x))


class Noisy(nn.Module):
    """A stream of its own beside dropout."""

    @nn.compact
    def __call__(self, x, train: bool = False):
        x = nn.Dense(CLASSES)(x)
        return x + jax.random.normal(self.make_rng("noise"), x.shape) if train else x


class Nnx(nnx.Module):
    def __init__(self, classes, *, rngs):
        self.z_first = nnx.Linear(4, 5, rngs=rngs)
        self.norm = nnx.BatchNorm(5, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, rngs=rngs)
        self.layers = nnx.List([nnx.Linear(5, 5, rngs=rngs) for _ in range(2)])
        self.a_last = nnx.Linear(5, classes, rngs=rngs)

    def __call__(self, x):
        x = self.dropout(self.norm(self.z_first(x)))
        for layer in self.layers:
            x = layer(x)
        return self.a_last(x)


def nnx_of(rngs):
    return Nnx(CLASSES, rngs=rngs)


MODULES: list[tuple[Any, tuple[str, ...]]] = [
    (Plain(), ("z_first", "a_last")),
    (Trains(), ("Dense_0", "BatchNorm_0", "Dense_1")),
    (Deterministic(), ("Dense_1", "Dense_0")),
    (Averages(), ("Dense_0", "BatchNorm_0", "Dense_1")),
    (Field(), ("Dense_1", "Dense_0")),
    (SetUp(), ("first", "second")),
    (Noisy(), ("Dense_0",)),
    (nn.Sequential([nn.Dense(5), nn.relu, nn.Dense(CLASSES)]), ("layers_0", "layers_2")),
    (nnx_of, ("z_first", "norm", "layers", "a_last")),
]
IDS = [getattr(module, "__name__", type(module).__name__) for module, _ in MODULES]
SIMILAR = ("Deterministic", "Field", "SetUp", "Sequential")  # trained with -m slow, and networks by default
TRAINED = [
    pytest.param(module, marks=[pytest.mark.slow] * (name in SIMILAR))
    for (module, _), name in zip(MODULES, IDS, strict=True)
]
RANDOM = (Trains, Deterministic, Field, Noisy)


@pytest.mark.parametrize(("module", "stages"), MODULES, ids=IDS)
def test_it_is_a_network(module, stages):
    """Two pure functions; stages in forward order; statistics move in training, and dropout goes by the key."""
    network = from_flax(module, SHAPE)
    assert network.stages == stages
    variables = jax.jit(network.init)(jax.random.key(0), INPUTS)
    shapes = jax.eval_shape(network.init, jax.random.key(0), SHAPE)
    assert jax.tree.structure(shapes) == jax.tree.structure(variables)
    assert set(variables[0]) == set(network.stages)
    apply = jax.jit(network.apply, static_argnums=2)
    (still, same), (again, _) = (network.apply(variables, INPUTS, False, None) for _ in range(2))
    assert still.logits.shape == (6, CLASSES) and still.features.ndim == 2
    np.testing.assert_array_equal(still.logits, again.logits)
    assert same is variables[1]
    (one, state), (other, _), (repeated, _) = (apply(variables, INPUTS, True, jax.random.key(k)) for k in (1, 2, 1))
    np.testing.assert_array_equal(one.logits, repeated.logits)
    random = isinstance(module, RANDOM) or module is nnx_of
    assert bool(jnp.any(one.logits != other.logits)) == random
    assert jax.tree.structure(state) == jax.tree.structure(variables[1])
    moved = [bool(jnp.any(a != b)) for a, b in zip(*map(jax.tree.leaves, (state, variables[1])), strict=True)]
    assert all(moved) and bool(moved) == (isinstance(module, Trains | Averages) or module is nnx_of)


def test_the_numbers_are_those_of_the_module():
    network, module = from_flax(Trains()), Trains()
    params, state = network.init(jax.random.key(0), INPUTS)
    outputs, _ = network.apply((params, state), INPUTS, False)
    logits, features = module.apply({"params": params, **state}, INPUTS, train=False)
    np.testing.assert_array_equal(outputs.logits, logits)
    np.testing.assert_array_equal(outputs.features, features)
    plain = from_flax(Plain())
    outputs, _ = plain.apply(plain.init(jax.random.key(0), INPUTS), INPUTS, False)
    np.testing.assert_array_equal(outputs.features, outputs.logits)


def test_an_nnx_module_keeps_its_values_and_a_function_makes_new_ones():
    module = nnx_of(nnx.Rngs(5))
    module.eval()
    network = from_flax(module)
    starts = [network.init(jax.random.key(k), INPUTS) for k in (0, 1)]
    np.testing.assert_array_equal(starts[0][0]["z_first"]["kernel"], starts[1][0]["z_first"]["kernel"])
    np.testing.assert_allclose(network.apply(starts[0], INPUTS, False)[0].logits, module(INPUTS), rtol=1e-6)
    made = [from_flax(nnx_of).init(jax.random.key(k), INPUTS)[0]["z_first"]["kernel"] for k in (0, 1, 0)]
    np.testing.assert_array_equal(made[0], made[2])
    assert jnp.any(made[0] != made[1])
    assert set(starts[0][0]["layers"]) == {"0", "1"}


def inner_loss(outputs, weights, batch):
    return jnp.mean(weights * cross_entropy(outputs.logits, batch.labels)), core.Rows(weights=weights)


PROBLEM = core.Problem(lambda key, batch, outputs: jnp.zeros(6), inner_loss, mean_cross_entropy, fresh=True)


def step_of(network, engine=None, virtual=None):
    labels = jnp.arange(6, dtype=jnp.int32) % CLASSES
    batch = core.Batch(INPUTS, labels, jnp.arange(6, dtype=jnp.int32))
    method = core.bilevel(PROBLEM, network, optax.sgd(0.1), core.rectified(), engine, virtual or core.plain_sgd(1.0))
    state = jax.jit(method.init, compiler_options=QUICK)(jax.random.key(0), batch)
    return state, *jax.jit(method.step, compiler_options=QUICK)(
        jax.random.key(1), state, batch, batch._replace(inputs=INPUTS[::-1])
    )


@pytest.mark.parametrize("module", TRAINED, ids=IDS)
def test_methods_filters_and_precisions_work_with_it(module):
    network = from_flax(module, SHAPE)
    half = in_precision(network, "bfloat16")
    before, after, info = step_of(half, core.mixed_mode(core.keep_last(network.stages, 1), kept_only=True))
    assert jax.tree.map(jnp.shape, after) == jax.tree.map(jnp.shape, before)
    assert all(np.isfinite(x).all() for x in jax.tree.leaves((after, info)))
    assert all(x.dtype == jnp.float32 for x in jax.tree.leaves(after.learner.params))
    pair = core.twin(network)
    params, _ = pair.init(jax.random.key(0), jnp.stack([INPUTS, INPUTS]))
    assert any(bool(jnp.any(leaf[0] != leaf[1])) for leaf in jax.tree.leaves(params))


def test_the_last_layer_is_the_last_one_created():
    network = from_flax(Plain(), SHAPE)
    params, _ = network.init(jax.random.key(0), INPUTS)
    kept = core.keep_last(network.stages, 2).kept(params)
    assert [core.tensor_names(params)[p] for p in kept] == ["a_last/kernel", "a_last/bias"]
    with pytest.raises(ValueError, match=r"keep_last needs the blocks of the network .* names none"):
        core.keep_last(from_flax(Plain()).stages, 2)


class Layer(NamedTuple):
    """Stands for a library whose modules are trees of arrays, called with one row, as equinox's are."""

    kernel: Any
    bias: Any

    def __call__(self, x):
        return x @ self.kernel + self.bias


def test_anything_else_by_two_functions():
    def make(key):
        sizes = ((4, 5), (5, CLASSES))
        return [
            Layer(jax.random.normal(k, s), jnp.zeros(s[1])) for k, s in zip(jax.random.split(key), sizes, strict=True)
        ]

    def forward(layers, x):
        return layers[1](jnp.tanh(layers[0](x)))

    network = from_functions(
        lambda key, inputs: make(key),
        lambda params, inputs, train, key: jax.vmap(lambda x: forward(params, x))(inputs),
        stages=("0", "1"),
    )
    before, after, _ = step_of(network, core.mixed_mode(core.keep_last(network.stages, 2)))
    assert isinstance(after.learner.params[1], Layer)
    assert jnp.any(after.learner.params[0].kernel != before.learner.params[0].kernel)
    outputs, state = network.apply((after.learner.params, {}), INPUTS, False)
    np.testing.assert_allclose(outputs.logits[0], forward(after.learner.params, INPUTS[0]), rtol=1e-5)
    assert state == {}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x: x[:, 0], r"float32 of shape \[6\]"),
        (lambda x: x[:3], r"float32 of shape \[3, 4\]"),
        (lambda x: {"logits": x}, "it gives dict"),
        (lambda x: (x, x, x), "tuple of float32 of shape"),
        (lambda x: (x, None), "NoneType"),
        (lambda x: jnp.argmax(x, -1)[:, None], "int32 of shape"),
        (lambda x: None, "it gives NoneType"),
    ],
)
def test_another_answer_is_one_sentence(answer, words):
    network = from_functions(lambda key, inputs: {"a": jnp.ones(())}, lambda p, x, train, key: answer(x))
    with pytest.raises(InputError, match=words) as caught:
        network.apply(({"a": jnp.ones(())}, {}), INPUTS, False)
    assert "test_flax_module.py, line" in str(caught.value) and "\n" not in str(caught.value)


class TwoInputs(nn.Module):
    @nn.compact
    def __call__(self, x, mask):
        return nn.Dense(CLASSES)(x * mask)


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (TwoInputs(), "is called with x, mask; it must take one batch"),
        (Plain, r"such as Plain\(...\)"),
        (3, "takes a Flax module or a function"),
        (lambda rngs: 3, "must give an NNX module, got int"),
    ],
)
def test_what_is_no_module_is_refused(module, words):
    with pytest.raises(InputError, match=words):
        from_flax(module)


def test_nnx_is_imported_for_nnx_modules_only():
    code = "import sys; from meta_noise.models import from_flax; print('flax.nnx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
