import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.models.mlp import mlp
from meta_noise.models.network import to_network

INPUTS = jax.random.normal(jax.random.key(0), (5, 2, 3))


def test_formula():
    network = to_network(mlp(4, hidden=(7,)))
    params, stats = network.init(jax.random.key(1), INPUTS)
    outputs, _ = network.apply((params, stats), INPUTS, True)
    hidden, head = params["layer0"]["dense"], params["head"]["dense"]
    features = np.maximum(np.reshape(INPUTS, (5, 6)) @ hidden["kernel"] + hidden["bias"], 0)
    np.testing.assert_allclose(outputs.features, features, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(outputs.logits, features @ head["kernel"] + head["bias"], rtol=1e-5, atol=1e-6)


def test_without_hidden_layers_it_is_linear():
    network = to_network(mlp(4, hidden=()))
    params, stats = network.init(jax.random.key(1), INPUTS)
    one = network.apply((params, stats), INPUTS, False)[0].logits
    assert network.stages == ("head",)
    np.testing.assert_allclose(network.apply((params, stats), 2 * INPUTS, False)[0].logits, 2 * one, rtol=1e-5)
    assert (network.apply((params, stats), jnp.zeros_like(INPUTS), False)[0].logits == 0).all()
