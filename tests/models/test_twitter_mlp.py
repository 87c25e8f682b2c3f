import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.models.network import to_network
from meta_noise.models.twitter_mlp import twitter_mlp


def test_vectors_stand_side_by_side():
    windows = jnp.array([[0, 3, 4], [3, 4, 0]], jnp.int32)
    network = to_network(twitter_mlp(3, vocabulary=6, width=5, hidden=(4,)))
    params, stats = network.init(jax.random.key(0), windows)
    outputs, _ = network.apply((params, stats), windows, True)
    table, dense, head = params["words"]["embedding"]["embedding"], params["layer0"]["dense"], params["head"]["dense"]
    rows = np.stack([np.concatenate([table[token] for token in window]) for window in np.asarray(windows)])
    features = np.maximum(rows @ dense["kernel"] + dense["bias"], 0)
    assert dense["kernel"].shape == (15, 4)
    np.testing.assert_allclose(outputs.features, features, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(outputs.logits, features @ head["kernel"] + head["bias"], rtol=1e-5, atol=1e-6)


def test_the_published_layers():
    """150-256-256-25, after the vectors of 50 numbers."""
    shapes, _ = jax.eval_shape(
        to_network(twitter_mlp(25)).init, jax.random.key(0), jax.ShapeDtypeStruct((2, 3), jnp.int32)
    )
    layers = (shapes["layer0"]["dense"], shapes["layer1"]["dense"], shapes["head"]["dense"])
    assert [layer["kernel"].shape for layer in layers] == [(150, 256), (256, 256), (256, 25)]
    with pytest.raises(InputError, match="width of twitter_mlp has to be above 0"):
        twitter_mlp(25, width=0)
