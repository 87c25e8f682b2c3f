"""Filters on the cotangent: forward order, the same as detaching layers by hand, and less work."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core.bilevel import bilevel
from meta_noise.core.cotangents import fixed_block, forward_order, keep_last, keep_layers, random_layers, tensor_names
from meta_noise.core.meta_gradient import mixed_mode
from meta_noise.core.virtual import live
from meta_noise.methods.mw_net import mw_net
from meta_noise.models.mlp import mlp
from meta_noise.models.network import to_network
from meta_noise.types import Inner, Learner
from tests.toy import toy_batch, toy_network

STAGES = ("hidden", "head")
NAMES = ["hidden/kernel", "hidden/scale", "hidden/offset", "head/kernel", "head/bias"]  # of the toy, in forward order


def residual_params():
    """Returns parameters named as in a residual network; the sizes count from 1 in forward order."""
    block = {
        "conv0": {"kernel": (1, 1)},
        "norm0": {"scale": (2,), "bias": (3,)},
        "conv1": {"kernel": (4, 1)},
        "norm1": {"scale": (5,), "bias": (6,)},
        "shortcut": {"kernel": (7, 1)},
    }
    head = {"norm": {"scale": (15,), "bias": (16,)}, "linear": {"dense": {"kernel": (17, 1), "bias": (18,)}}}
    second = jax.tree.map(lambda s: (s[0] + 7, *s[1:]), block, is_leaf=lambda s: isinstance(s, tuple))
    shapes = {"block10": second, "block9": block, "head": head}
    return jax.tree.map(np.ones, shapes, is_leaf=lambda s: isinstance(s, tuple))


def toy_params():
    shapes, _ = jax.eval_shape(toy_network().init, jax.random.key(0), np.zeros((8, 5)))
    return jax.tree.map(lambda x: np.ones(x.shape), shapes)


def test_forward_order():
    params = residual_params()
    order = forward_order(params, ("block9", "block10", "head"))
    assert [jax.tree.leaves(params)[p].shape[0] for p in order] == list(range(1, 19))
    assert tensor_names(params)[order[16]] == "head/linear/dense/kernel"
    toy = toy_params()
    assert [tensor_names(toy)[p] for p in forward_order(toy, STAGES)] == NAMES


def test_smaller_stages_give_any_order():
    toy = toy_params()
    order = forward_order(toy, ("hidden/scale", "hidden", "head"))
    assert [tensor_names(toy)[p] for p in order] == [NAMES[1], NAMES[0], *NAMES[2:]]
    with pytest.raises(ValueError, match="none of the stages"):
        forward_order(toy, ("hidden/kernel", "head"))


def ones_after(cotangents, key=0, params=None):
    """Returns which tensors the filter keeps, True by name; dropped ones are left out."""
    if params is None:
        params = toy_params()
    ones = jax.tree.map(np.ones_like, params)
    state = cotangents.init(jax.random.key(0), params)
    answer, after, metrics = cotangents.update(jax.random.key(key), ones, state, ones, ones)
    assert after == state and metrics == {}
    leaves = jax.tree.leaves(answer, is_leaf=lambda x: x is None)
    assert all(x is None or len(np.unique(x)) == 1 for x in leaves)
    return {n: bool(np.all(x)) for n, x in zip(tensor_names(params), leaves, strict=True) if x is not None}


def test_static_filters():
    assert set(ones_after(keep_layers(("head", "hidden/scale")))) == {NAMES[1], *NAMES[3:]}
    assert set(ones_after(keep_last(STAGES, 3))) == set(NAMES[2:])
    assert set(ones_after(keep_last(STAGES, 99))) == set(NAMES)
    stages = ("block9", "block10", "head")
    kept = ones_after(fixed_block(stages, 0), params=residual_params())
    assert len(kept) == 9 and all(name.startswith(("block9/", "head/linear/")) for name in kept)


def test_random_layers():
    drawn = [ones_after(random_layers(STAGES, 2), key) for key in range(20)]
    for kept in drawn:
        assert kept["head/kernel"] and kept["head/bias"] and sum(kept.values()) == 4
    assert all(0 < sum(kept[name] for kept in drawn) < 20 for name in NAMES[:3])
    assert drawn == [ones_after(random_layers(STAGES, 2), key) for key in range(20)]
    assert set(ones_after(random_layers(STAGES, 1, top_k=4))) == set(NAMES[1:])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: keep_layers("head"), "sequence"),
        (lambda: keep_layers(("head", "tail")), "no tensor begins with 'tail'"),
        (lambda: keep_last(STAGES, 0), "at least 1"),
        (lambda: fixed_block(STAGES, 2), "0 to 1"),
        (lambda: random_layers(STAGES, 3, top_k=4), "top_k >= always"),
        (lambda: random_layers(STAGES, 4), "cannot draw 4 of 3"),
        (lambda: random_layers(STAGES, 1, always=5), "nothing to choose"),
    ],
)
def test_wrong_settings(make, says):
    with pytest.raises(ValueError, match=says):
        ones_after(make())


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    ("select", "steps"), [pytest.param(("head",), 2, marks=pytest.mark.slow), (("hidden/scale", "head/bias"), 1)]
)
def test_dropped_layers_are_detached_layers(select, steps):
    """Against reverse mode through virtual steps in which the gradient of a dropped tensor is a constant."""
    network, problem, tx = toy_network(), mw_net(hidden=6, detach=False), optax.sgd(0.3, momentum=0.9, nesterov=True)
    batches, clean = tuple(toy_batch(seed) for seed in range(steps)), toy_batch(100)
    params, stats = jax.jit(network.init)(jax.random.key(3), clean.inputs)
    start = Learner(params, stats, tx.init(params))
    meta_params = problem.init_meta(jax.random.key(4), clean, None)
    inner = Inner(
        lambda p, s, b: network.apply((p, s), b.inputs, True),
        lambda o, m, b: problem.inner_loss(o, m, b)[0],
        live().rule(tx, 0),
    )

    def outer_loss(params, stats):
        return problem.outer_loss(network.apply((params, stats), clean.inputs, True)[0], clean)

    def reference(meta_params):
        carry = (params, start.opt_state)
        for batch in batches:
            loss = lambda p, b=batch: inner.loss(inner.forward(p, stats, b)[0], meta_params, b)  # noqa: E731
            grads = jax.tree_util.tree_map_with_path(
                lambda path, g: g if _selected(path, select) else jax.lax.stop_gradient(g), jax.grad(loss)(carry[0])
            )
            carry = inner.update(grads, carry)
        return outer_loss(carry[0], stats)

    engine = mixed_mode(keep_layers(select))
    state = engine.init(jax.random.key(0), params, meta_params)
    solve = jax.jit(engine.value_and_grad, static_argnums=(2, 3))
    outer = solve(jax.random.key(0), state, inner, outer_loss, start, batches, meta_params)
    expected = jax.jit(jax.grad(reference))(meta_params)
    for one, two in zip(jax.tree.leaves(outer.grads), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-8, atol=1e-14)
    assert all(np.abs(x).sum() > 0 for x in jax.tree.leaves(outer.direction))  # reported unfiltered


def _selected(path, select):
    return jax.tree_util.keystr(path, simple=True, separator="/").startswith(select)


def test_dropped_layers_cost_nothing():
    """Meta-gradient of four equal layers and a small head, counted in products of a batch with a kernel.

    With the classifier alone neither the outer gradients below the head are formed (four by kernels, three by inputs)
    nor the tangents (four of kernels, three of inputs).
    """
    network = to_network(mlp(3, hidden=(64, 64, 64, 64)))
    batch = toy_batch(0, 128)._replace(inputs=jnp.ones((128, 64)))

    def flops(engine):
        method = bilevel(mw_net(hidden=4), network, optax.sgd(0.1), optax.sgd(0.1), engine)
        state = jax.eval_shape(method.init, jax.random.key(0), batch)
        step = jax.jit(lambda *args: method.step(*args)[0].meta.params)
        return step.lower(jax.random.key(0), state, batch, batch).compile().cost_analysis()["flops"]

    layer = 2 * 128 * 64 * 64
    saved = flops(mixed_mode()) - flops(mixed_mode(keep_layers(("head",))))
    assert 14 <= saved / layer < 15
