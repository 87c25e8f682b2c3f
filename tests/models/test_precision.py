"""Sixteen bits inside, thirty-two outside; decisions as in thirty-two."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core.bilevel import bilevel
from meta_noise.core.meta_rules import rectified
from meta_noise.errors import InputError
from meta_noise.methods.l2r import l2r
from meta_noise.methods.mw_net import mw_net
from meta_noise.models.network import blocks_apart, to_network
from meta_noise.models.precision import in_precision
from meta_noise.models.resnet_cifar import resnet_cifar
from meta_noise.types import Batch


def _batch(seed, rows=32):
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 4, rows).astype(np.int32)
    images = draw.standard_normal((rows, 8, 8, 3)).astype(np.float32)
    images[np.arange(rows), labels, labels] += 4  # a class is a bright spot
    return Batch(jnp.asarray(images), jnp.asarray(labels), jnp.arange(rows, dtype=jnp.int32))


def _methods(precision):
    """Returns L2R, and MW-Net, on the network in that precision."""
    network = in_precision(to_network(resnet_cifar(4, depth=8)), precision)
    first = bilevel(l2r(), network, optax.sgd(0.05, momentum=0.9), rectified())
    return first, bilevel(mw_net(hidden=8), network, optax.sgd(0.05), optax.sgd(0.1))


def test_what_stays_in_float32():
    """By the types alone, of the state after a step, the weights and a meta-gradient."""
    method, net = _methods("bfloat16")
    key, batch = jax.random.key(0), _batch(0)
    state, info = jax.eval_shape(method.step, key, jax.eval_shape(method.init, key, batch), batch, batch)
    grads = jax.eval_shape(net.meta_grads, key, jax.eval_shape(net.init, key, batch), batch, batch)
    kept = (state.learner, info.rows.weights, grads)
    assert {x.dtype for x in jax.tree.leaves(kept) if jnp.issubdtype(x.dtype, jnp.floating)} == {jnp.dtype("float32")}


def test_layers_are_computed_in_bfloat16():
    network = in_precision(to_network(resnet_cifar(4, depth=8)), "bfloat16")
    params, stats = jax.eval_shape(network.init, jax.random.key(0), _batch(0).inputs)
    with blocks_apart():
        program = jax.make_jaxpr(lambda p, s, x: network.apply((p, s), x, True)[0])(params, stats, _batch(0).inputs)
    kinds = {str(e.outvars[0].aval.dtype) for e in program.eqns if e.primitive.name == "conv_general_dilated"}
    assert kinds == {"bfloat16"}


def _steps(precision):
    """Returns (weights, meta-gradient) after some steps of L2R, and of one of MW-Net."""
    method, net = _methods(precision)
    batch, clean = _batch(0), _batch(1)
    wrong = batch._replace(labels=jnp.where(jnp.arange(32) < 12, (batch.labels + 1) % 4, batch.labels))
    step, state = jax.jit(method.step), jax.jit(method.init)(jax.random.key(0), batch)
    for number in range(8):
        state, info = step(jax.random.key(number), state, wrong, clean)
    grads = jax.jit(net.meta_grads)(jax.random.key(9), jax.jit(net.init)(jax.random.key(0), batch), wrong, clean)
    return np.asarray(info.rows.weights), grads


@pytest.mark.slow
def test_decisions_are_those_of_float32():
    """Which rows get weight, and in which direction a weight network moves."""
    (exact, exact_grads), (rounded, grads) = _steps("float32"), _steps("bfloat16")
    assert 0 < np.mean(exact > 0) < 1
    assert np.mean((exact > 0) == (rounded > 0)) >= 0.9
    assert np.corrcoef(exact, rounded)[0, 1] > 0.9
    one, two = (np.concatenate([np.ravel(x) for x in jax.tree.leaves(g)]) for g in (exact_grads, grads))
    assert one @ two / np.linalg.norm(one) / np.linalg.norm(two) > 0.95


def test_unknown_precision():
    with pytest.raises(InputError, match="bfloat16"):
        in_precision(to_network(resnet_cifar(4, depth=8)), "float16")
