import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.errors import InputError
from meta_noise.models.network import to_network
from meta_noise.models.word_average import word_average
from tests.models.compiled import compiled

TOKENS = jnp.array([[3, 4, 4, 0], [5, 0, 0, 0], [0, 0, 0, 0]], jnp.int32)


def test_formula():
    network = compiled(to_network(word_average(3, vocabulary=6, width=5, hidden=4)))
    params, stats = network.init(jax.random.key(0), TOKENS)
    params = jax.tree.map(lambda x: x + 0.1, params)
    outputs, _ = network.apply((params, stats), TOKENS, True)
    table, dense, head = params["words"]["embedding"]["embedding"], params["hidden"]["dense"], params["head"]["dense"]
    means = np.stack([(table[3] + 2 * table[4]) / 3, table[5], 0 * table[0]])
    features = np.maximum(means @ dense["kernel"] + dense["bias"], 0)
    np.testing.assert_allclose(outputs.features, features, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(outputs.logits, features @ head["kernel"] + head["bias"], rtol=1e-5, atol=1e-6)


def test_without_a_hidden_layer():
    network = compiled(to_network(word_average(3, vocabulary=6, width=5, hidden=0)))
    params, stats = network.init(jax.random.key(0), TOKENS)
    outputs, _ = network.apply((params, stats), TOKENS, True)
    table, head = params["words"]["embedding"]["embedding"], params["head"]["dense"]
    means = np.stack([(table[3] + 2 * table[4]) / 3, table[5], 0 * table[0]])
    assert sorted(params) == ["head", "words"]
    np.testing.assert_allclose(outputs.features, means, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(outputs.logits, means @ head["kernel"] + head["bias"], rtol=1e-5, atol=1e-7)


def test_padding_and_order_say_nothing():
    network = compiled(to_network(word_average(3, vocabulary=6, width=5, hidden=4)))
    variables = network.init(jax.random.key(0), TOKENS)
    expected = network.apply(variables, TOKENS, False)[0].logits
    for same in (jnp.pad(TOKENS, ((0, 0), (0, 3))), TOKENS[:, ::-1]):
        np.testing.assert_allclose(network.apply(variables, same, False)[0].logits, expected, rtol=1e-5, atol=1e-7)


def test_learns_topics_from_words():
    """Nine texts in ten of 200 unseen ones after ten epochs: one word in six is of the topic."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 1000)
    tokens = rng.integers(30, 200, (1000, 12))
    tokens[:, :2] = 1 + labels[:, None] * 7 + rng.integers(0, 7, (1000, 2))
    tokens, labels = jnp.asarray(rng.permuted(tokens, axis=1), jnp.int32), jnp.asarray(labels, jnp.int32)
    network = compiled(to_network(word_average(4, vocabulary=200, width=16, hidden=16)))
    params, stats = network.init(jax.random.key(0), tokens[:2])
    tx = optax.adam(1e-2)

    @jax.jit
    def step(params, opt_state, rows):
        def loss(params):
            logits = network.apply((params, stats), tokens[rows], True)[0].logits
            return optax.softmax_cross_entropy_with_integer_labels(logits, labels[rows]).mean()

        updates, opt_state = tx.update(jax.grad(loss)(params), opt_state, params)
        return optax.apply_updates(params, updates), opt_state

    opt_state = tx.init(params)
    for epoch in range(10):
        for rows in np.random.default_rng(epoch).permutation(800).reshape(16, 50):
            params, opt_state = step(params, opt_state, rows)
    predicted = network.apply((params, stats), tokens[800:], False)[0].logits.argmax(-1)
    assert jnp.mean(predicted == labels[800:]) >= 0.9


def test_refuses_what_is_not_text():
    network = to_network(word_average(3))
    with pytest.raises(ValueError, match="integer"):
        jax.eval_shape(network.init, jax.random.key(0), jnp.zeros((2, 4)))
    with pytest.raises(InputError, match="vocabulary of word_average has to be above 0"):
        word_average(3, vocabulary=0)
    with pytest.raises(InputError, match="hidden of word_average has to be 0 or more, got -1"):
        word_average(3, hidden=-1)
