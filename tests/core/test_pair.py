"""A pair of networks against two runs of one network with the keys and parameters of each copy, in float64."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core import smooth
from meta_noise.core.bilevel import bilevel
from meta_noise.core.cotangents import keep_all
from meta_noise.core.layer_sampler import layer_sampler
from meta_noise.core.meta_gradient import mixed_mode
from meta_noise.core.meta_rules import rectified
from meta_noise.core.pair import each, each_filter, each_tx, part, stack, started, swap, twin
from meta_noise.core.rows import losses_of
from meta_noise.core.virtual import live, plain_sgd
from meta_noise.methods.l2r import l2r
from meta_noise.methods.mw_net import mw_net
from meta_noise.types import CotangentFilter, Refreshed, Split
from tests.presets import QUICK
from tests.toy import toy_batch, toy_network

CLIP = 0.2
TWO = live()._replace(steps=2)
jit = functools.partial(jax.jit, compiler_options=QUICK)


def masked_network():
    """Returns the toy network with random zeros in its inputs, so that the keys of its passes count."""
    network = toy_network()

    def apply(variables, inputs, train, key=None):
        mask = 1.0 if key is None else jax.random.bernoulli(key, 0.8, inputs.shape)
        return network.apply(variables, inputs * mask, train)

    return network._replace(apply=apply)


def test_a_network_starts_from_given_parameters():
    network, inputs = toy_network(), toy_batch(0).inputs
    key, other = jax.random.split(jax.random.key(0))
    given, fresh = network.init(key, inputs), twin(network).init(other, stack(inputs, inputs))

    def assert_same(found, expected):
        jax.tree.map(np.testing.assert_array_equal, found, expected)

    assert started(network, ()) is network
    assert_same(started(network, (given, part(fresh, 1))).init(other, inputs), given)
    one = started(twin(network), (given,)).init(other, stack(inputs, inputs))
    assert_same(part(one, 0), given)
    assert_same(part(one, 1), part(fresh, 1))
    both = started(twin(network), (given, part(fresh, 0))).init(other, stack(inputs, inputs))
    assert_same(both, stack(given, part(fresh, 0)))


def optimiser():
    return optax.chain(smooth.clip_by_global_norm(CLIP), optax.sgd(0.3, momentum=0.9))


def double(problem):
    """Returns the problem with meta-parameters in double precision; Flax makes them in single precision."""

    def init_meta(*args):
        return jax.tree.map(lambda x: x.astype(jnp.float64), problem.init_meta(*args))

    return problem._replace(init_meta=init_meta)


SETTINGS = {
    "mw_net": lambda: (
        double(mw_net(hidden=4)),
        optax.adam(1e-2),
        layer_sampler(("hidden", "head"), top_k=4, hidden=4, target=1.0, lr=1.0),
        live(),
    ),
    "l2r": lambda: (l2r(), rectified(), keep_all(), plain_sgd(0.1)),
}


def pair(name):
    problem, meta_tx, cotangents, rule = SETTINGS[name]()
    engine = mixed_mode(each_filter(cotangents))
    return bilevel(each(problem), twin(masked_network()), each_tx(optimiser()), each_tx(meta_tx), engine, rule)


def alone(name, copy):
    """Returns the method of one network with the keys that network `copy` of the pair has."""
    problem, meta_tx, cotangents, rule = SETTINGS[name]()
    network = masked_network()

    def own(key):
        return None if key is None else jax.random.split(key)[copy]

    network = network._replace(
        init=lambda key, inputs: masked_network().init(own(key), inputs),
        apply=lambda variables, inputs, train, key=None: masked_network().apply(variables, inputs, train, own(key)),
    )
    lifted = problem._replace(init_meta=lambda key, batch, outputs: problem.init_meta(own(key), batch, outputs))
    filtered = CotangentFilter(
        lambda key, params: cotangents.init(own(key), params),
        lambda key, *args: cotangents.update(own(key), *args),
        cotangents.one_step,
    )
    return bilevel(lifted, network, optimiser(), meta_tx, mixed_mode(filtered), rule)


def both(seed):
    """Returns a different batch for each network."""
    return stack(toy_batch(seed), toy_batch(seed + 50)._replace(index=jnp.arange(8, 16, dtype=jnp.int32)))


def assert_close(one, two):
    assert jax.tree.structure(one) == jax.tree.structure(two)
    for (path, a), b in zip(jax.tree_util.tree_leaves_with_path(one), jax.tree.leaves(two), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-13, err_msg=jax.tree_util.keystr(path))


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", ["l2r", pytest.param("mw_net", marks=pytest.mark.slow)])
def test_a_pair_is_two_networks(name):
    """Parameters, statistics, optimisers, weight networks, gates and reports, over three steps."""
    method = pair(name)
    init = jit(lambda copy, key, batch: alone(name, copy).init(key, batch))
    step = jit(lambda copy, *args: alone(name, copy).step(*args))
    pair_step = jit(method.step)
    key = jax.random.key(0)
    state = jit(method.init)(key, both(0))
    singles = [init(copy, key, part(both(0), copy)) for copy in range(2)]
    gates, clipped = [], []
    for seed in range(3):
        for copy in range(2):
            assert_close(part(state, copy), singles[copy])
        key, batch, clean = jax.random.key(seed), both(seed), both(seed + 100)
        before = singles
        state, info = pair_step(key, state, batch, clean)
        moved = [step(copy, key, singles[copy], part(batch, copy), part(clean, copy)) for copy in range(2)]
        singles, infos = zip(*moved, strict=True)
        assert_close(info.loss, (infos[0].loss + infos[1].loss) / 2)
        assert_close(info.outer_loss, (infos[0].outer_loss + infos[1].outer_loss) / 2)
        assert_close(info.metrics, jax.tree.map(lambda a, b: (a + b) / 2, infos[0].metrics, infos[1].metrics))
        assert_close(info.rows, jax.tree.map(lambda a, b: jnp.concatenate([a, b]), infos[0].rows, infos[1].rows))
        gates += [float(value) for key, value in info.metrics.items() if key.startswith("gate/")]
        traces = [optax.tree.get(one.learner.opt_state, "trace") for one in (*before, *singles)]
        clipped += [optax.tree.norm(jax.tree.map(lambda a, b: b - 0.9 * a, *traces[c::2])) for c in range(2)]
    for copy in range(2):
        assert_close(part(state, copy), singles[copy])
    kernels = [one.learner.params["hidden"]["kernel"] for one in singles]
    assert np.abs(kernels[0] - kernels[1]).max() > 0.1  # the two start from different values
    assert 0.5 in gates or name == "l2r"  # the two did not always have the same gates open
    assert sum(abs(float(norm) - CLIP) < 1e-9 for norm in clipped) >= 2  # clipping was at work


def test_clipping_looks_at_each_network_alone():
    grads = {"a": jnp.array([[30.0, 40.0], [0.3, 0.4]])}
    tx = each_tx(smooth.clip_by_global_norm(1.0))
    updates, _ = tx.update(grads, tx.init(grads))
    np.testing.assert_allclose(updates["a"], [[0.6, 0.8], [0.3, 0.4]], rtol=1e-6)


def test_rectified_weights_sum_to_one_for_each_network():
    tx, weights = each_tx(rectified()), jnp.zeros((2, 3))
    updates, _ = tx.update(jnp.array([[-3.0, -1.0, 2.0], [-0.1, 0.5, -0.4]]), tx.init(weights), weights)
    np.testing.assert_allclose(updates, [[0.75, 0.25, 0], [0.2, 0, 0.8]], rtol=1e-6)


def test_prediction_is_the_mean_of_both_logits():
    network = twin(toy_network())
    method = bilevel(each(mw_net(hidden=4)), network, each_tx(optax.sgd(0.1)), each_tx(optax.sgd(0.1)))
    state, inputs = jit(method.init)(jax.random.key(0), both(0)), toy_batch(5).inputs
    learners = [part(state.learner, copy) for copy in range(2)]
    logits = [toy_network().apply((one.params, one.batch_stats), inputs, False)[0].logits for one in learners]
    np.testing.assert_allclose(method.predict(state, inputs), (logits[0] + logits[1]) / 2, rtol=1e-5, atol=1e-6)


def test_a_sweep_gives_each_network_its_own_row():
    """What `refresh` of a pair sees is [2, N], network first; the program that sweeps has rows first."""

    def look(key, memory, sweep, epoch):
        return Refreshed(sweep(losses_of), Split(epoch, epoch))

    problem = each(mw_net(hidden=4))._replace(refresh=look)
    method = bilevel(problem, twin(toy_network()), each_tx(optax.sgd(0.1)), each_tx(optax.sgd(0.1)))
    state, rows = jit(method.init)(jax.random.key(0), both(0)), toy_batch(5)
    assert method.refresh is not None
    found = []

    def sweep(function):
        values = function(state, rows)
        assert values.shape == (8, 2)
        found.append(function)
        return values

    memory = method.refresh(jax.random.key(0), state, sweep, 3).memory
    for copy in range(2):
        variables = part(state.learner.params, copy), part(state.learner.batch_stats, copy)
        outputs = toy_network().apply(variables, rows.inputs, False)[0]
        np.testing.assert_allclose(memory[copy], losses_of(outputs, rows), rtol=1e-5)
    method.refresh(jax.random.key(0), state, sweep, 4)
    assert found[0] is found[1]  # so that it compiles once


def test_parts_of_a_pair():
    tree = {"a": jnp.array([[1, 2], [3, 4]]), "shared": jnp.array(7)}
    assert part(tree, 1)["a"].tolist() == [3, 4] and part(tree, 1)["shared"] == 7
    assert swap(tree["a"]).tolist() == [[3, 4], [1, 2]]
    assert stack(part(tree["a"], 0), part(tree["a"], 1)).tolist() == tree["a"].tolist()


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: twin(twin(toy_network())), "made of a pair"),
        (lambda: each(each(l2r())), "made of a pair"),
        (lambda: each(l2r()._replace(actual_loss=lambda *args: None)), "actual step"),
        (lambda: each(l2r()._replace(outer_penalty=lambda params: 0.0)), "a penalty"),
        (lambda: each(l2r()._replace(meta_penalty=lambda params, clean: 0.0)), "a penalty"),
        (lambda: bilevel(l2r(), twin(toy_network()), optax.sgd(1), rectified()), "trains 1 networks .* got 2"),
        (lambda: bilevel(each(l2r()), toy_network(), optax.sgd(1), rectified()), "trains 2 networks .* got 1"),
        (
            lambda: bilevel(each(mw_net()), twin(toy_network()), optax.sgd(1), optax.sgd(1), None, TWO),
            "one virtual step at a time",
        ),
    ],
)
def test_what_cannot_be_paired_is_refused(make, match):
    with pytest.raises(ValueError, match=match):
        make()
