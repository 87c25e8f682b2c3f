import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.models.meta.weight_net import rescaled, weight_net


def test_has_301_parameters_within_their_bounds():
    params = weight_net().init(jax.random.key(0), jnp.zeros(4))["params"]
    assert sum(x.size for x in jax.tree.leaves(params)) == 301
    for leaf in jax.tree.leaves(params["hidden"]):
        assert 0.9 < np.abs(leaf).max() <= 1
    for leaf in jax.tree.leaves(params["weight"]):
        assert 0 < np.abs(leaf).max() <= 0.1
    assert all(x.dtype == jnp.float32 and not x.weak_type for x in jax.tree.leaves(params))


def test_formula():
    net, losses = weight_net(5), jnp.array([0.0, 0.7, 2.5, 9.0])
    params = net.init(jax.random.key(1), losses)["params"]
    hidden, weight = (jax.tree.map(np.asarray, params[name]) for name in ("hidden", "weight"))
    x = np.maximum(np.asarray(losses)[:, None] @ hidden["kernel"] + hidden["bias"], 0)
    expected = 1 / (1 + np.exp(-(x @ weight["kernel"] + weight["bias"])))[:, 0]
    weights = net.apply({"params": params}, losses)
    assert weights.shape == (4,) and (weights > 0).all() and (weights < 1).all()
    np.testing.assert_allclose(weights, expected, rtol=1e-5)


def test_quotients_of_rescaled_weights_are_the_same_to_the_last_digit():
    weights = jax.random.uniform(jax.random.key(2), (64,))
    losses = jax.random.normal(jax.random.key(3), (64,)) ** 2
    assert 0.5 <= rescaled(weights).max() < 1
    for factor in (1.0, 3e-3):
        plain = jnp.sum(factor * weights * losses) / jnp.sum(factor * weights)
        scaled = jnp.sum(rescaled(factor * weights) * losses) / jnp.sum(rescaled(factor * weights))
        assert plain == scaled
    np.testing.assert_array_equal(rescaled(jnp.zeros(3)), 0)
    too_small = jnp.array([1e-44, 1e-39, 1.3e-38])
    np.testing.assert_array_equal(rescaled(too_small), 0)
    np.testing.assert_array_equal(jax.grad(lambda weights: rescaled(weights).sum())(too_small), 0)


def test_mean_by_tiny_weights_has_a_derivative():
    losses = jnp.array([0.5, 1.0, 2.0])

    def mean(weights):
        weights = rescaled(weights)
        return jnp.sum(weights * losses) / jnp.sum(weights)

    weights = jnp.array([1.0, 2.0, 1.0])
    expected = jax.grad(mean)(weights)
    np.testing.assert_allclose(1e-26 * jax.grad(mean)(1e-26 * weights), expected, rtol=1e-5)
    of_log = jax.grad(lambda x: jnp.sum(jnp.exp(x) * jax.grad(mean)(jnp.exp(x))))(jnp.log(weights) - 60)
    assert np.isfinite(of_log).all()
