import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.models.meta.label_corrector import label_corrector


def init(net, features, classes):
    return jax.jit(net.init)(jax.random.key(0), features, jnp.arange(len(features)) % classes)["params"]


@pytest.mark.parametrize(
    ("classes", "size", "settings", "count"),
    [
        (10, 64, {}, 43_786),
        (100, 64, {}, 66_916),
        (14, 2048, {"skip": True}, 298_895),
        (10, 64, {"hidden": 64}, 18_442),
        (100, 64, {"hidden": 64}, 35_812),
    ],
)
def test_number_of_parameters(classes, size, settings, count):
    net = label_corrector(classes, **settings)
    shapes = jax.eval_shape(lambda: init(net, jnp.zeros((2, size)), classes))
    assert sum(x.size for x in jax.tree.leaves(shapes)) == count


def softmax(x):
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


@pytest.mark.parametrize("skip", [False, True])
def test_formula(skip):
    net = label_corrector(3, embedding=4, hidden=5, skip=skip)
    features, labels = jax.random.normal(jax.random.key(1), (6, 7)), np.array([0, 2, 1, 1, 0, 2])
    params = init(net, features, 3)
    p = jax.tree.map(np.asarray, params)
    x = np.concatenate([features, p["embedding"]["embedding"][labels]], -1)
    for name in ("hidden0", "hidden1"):
        x = np.tanh(x @ p[name]["kernel"] + p[name]["bias"])
    x = x @ p["output"]["kernel"] + p["output"]["bias"]
    expected = softmax(x[:, :3])
    if skip:
        keep = 1 / (1 + np.exp(-x[:, 3:]))
        expected = (1 - keep) * expected + keep * np.eye(3)[labels]
    corrected = net.apply({"params": params}, features, jnp.asarray(labels, jnp.int32))
    np.testing.assert_allclose(corrected, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(corrected.sum(-1), 1, rtol=1e-5)


def test_starts_as_stated():
    params = init(label_corrector(50, embedding=128, hidden=128), jnp.zeros((2, 64)), 50)
    np.testing.assert_allclose(np.std(params["hidden0"]["kernel"]), (2 / (64 + 128 + 128)) ** 0.5, rtol=0.03)
    np.testing.assert_allclose(np.std(params["hidden1"]["kernel"]), (2 / 256) ** 0.5, rtol=0.03)
    bound = (6 / (50 + 128)) ** 0.5
    assert 0.98 * bound < np.abs(params["embedding"]["embedding"]).max() <= bound
    assert all((params[name]["bias"] == 0).all() for name in ("hidden0", "hidden1", "output"))
    assert all(x.dtype == jnp.float32 and not x.weak_type for x in jax.tree.leaves(params))
