from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from sklearn.datasets import load_digits

from meta_noise.models.cnn import ConvPool, cnn
from meta_noise.models.network import to_network
from tests.models.compiled import compiled


@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (32, 32, 3), (9, 7, 1)])
def test_takes_small_images_of_any_shape(shape):
    network = to_network(cnn(3, width=4))
    inputs = jax.ShapeDtypeStruct((2, *shape), jnp.float32)
    variables = jax.eval_shape(network.init, jax.random.key(0), inputs)
    outputs = jax.eval_shape(lambda variables, inputs: network.apply(variables, inputs, True)[0], variables, inputs)
    assert outputs.logits.shape == (2, 3) and outputs.features.shape == (2, 16)


def test_pooling_is_the_windowed_maximum():
    block, inputs = ConvPool(4), jax.random.normal(jax.random.key(0), (2, 7, 6, 3))
    variables = jax.jit(partial(block.init, train=False))(jax.random.key(1), inputs)
    convolved = nn.Conv(4, (3, 3), use_bias=False).apply({"params": variables["params"]["conv"]}, inputs)
    expected = nn.max_pool(nn.relu(convolved / np.sqrt(1 + 1e-5)), (2, 2), (2, 2))
    np.testing.assert_allclose(block.apply(variables, inputs, False), expected, rtol=1e-4, atol=1e-6)


def test_dropout_acts_in_training_only():
    network, plain = (compiled(to_network(cnn(3, 8, dropout=dropout))) for dropout in (0.5, 0.0))
    inputs = jax.random.normal(jax.random.key(0), (4, 8, 8, 1))
    variables = network.init(jax.random.key(1), inputs)
    kept, _ = plain.apply(variables, inputs, True)
    dropped, _ = network.apply(variables, inputs, True, jax.random.key(2))
    ratio = np.unique(np.round(dropped.features[kept.features > 0] / kept.features[kept.features > 0], 4))
    assert set(ratio) == {0.0, 2.0}
    np.testing.assert_array_equal(*(net.apply(variables, inputs, False)[0].logits for net in (network, plain)))


@pytest.mark.parametrize("width", [0, 7])
def test_refuses_an_odd_width(width):
    with pytest.raises(ValueError, match="even number"):
        cnn(10, width)


@pytest.mark.slow
def test_learns_the_digits():
    """97% of 500 unseen digits after ten epochs."""
    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    inputs = jnp.asarray(digits.images[order, ..., None] / 16 - 0.3, jnp.float32)
    labels = jnp.asarray(digits.target[order], jnp.int32)
    test = slice(1297, None)
    network = to_network(cnn(10))
    params, stats = jax.jit(network.init)(jax.random.key(0), inputs[:2])
    tx = optax.sgd(optax.cosine_decay_schedule(0.1, 120), momentum=0.9)

    @partial(jax.jit, donate_argnums=(0, 1, 2))
    def step(params, stats, opt_state, rows):
        def loss(params):
            outputs, new = network.apply((params, stats), inputs[rows], True)
            return optax.softmax_cross_entropy_with_integer_labels(outputs.logits, labels[rows]).mean(), new

        grads, new = jax.grad(loss, has_aux=True)(params)
        updates, opt_state = tx.update(grads, opt_state, params)
        return optax.apply_updates(params, updates), new, opt_state

    opt_state = tx.init(params)
    for epoch in range(10):
        for rows in np.random.default_rng(epoch).permutation(1200).reshape(12, 100):
            params, stats, opt_state = step(params, stats, opt_state, rows)
    predicted = network.apply((params, stats), inputs[test], False)[0].logits.argmax(-1)
    assert jnp.mean(predicted == labels[test]) >= 0.97
