"""The layer sampler against a transcription that differentiates the gated virtual step twice, in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core.bilevel import bilevel
from meta_noise.core.cotangents import forward_order, tensor_names
from meta_noise.core.layer_sampler import CODE, PAPER, layer_sampler
from meta_noise.core.meta_gradient import mixed_mode
from meta_noise.core.meta_rules import rectified
from meta_noise.core.virtual import live, plain_sgd
from meta_noise.methods.l2r import l2r
from meta_noise.methods.mw_net import mw_net
from meta_noise.types import Inner, Learner
from tests.toy import toy_batch, toy_network

STAGES = ("hidden", "head")


class Setting:
    """A problem on a network, as an engine sees it."""

    def __init__(self, problem, virtual):
        self.problem, self.network = problem, toy_network()
        self.tx = optax.sgd(0.3, momentum=0.9)
        params, stats = jax.jit(self.network.init)(jax.random.key(3), toy_batch(0).inputs)
        self.start = Learner(params, stats, self.tx.init(params))
        self.meta_params = jax.jit(problem.init_meta)(jax.random.key(4), toy_batch(0), None)
        self.inner = Inner(self.forward, lambda o, m, b: problem.inner_loss(o, m, b)[0], virtual.rule(self.tx, 0))

    def forward(self, params, stats, batch):
        return self.network.apply((params, stats), batch.inputs, True)

    def outer_loss(self, clean):
        return lambda params, stats: self.problem.outer_loss(self.forward(params, stats, clean)[0], clean)


def named(tree):
    return dict(zip(tensor_names(tree), jax.tree.leaves(tree), strict=True))


def rebuilt(values, like):
    return jax.tree.unflatten(jax.tree.structure(like), [values[name] for name in tensor_names(like)])


def sampler_output(net, grad, form):
    x = jnp.einsum("...o->o", jax.lax.stop_gradient(grad))
    if form.get("pooling") == "mean":
        x = x * grad.shape[-1] / grad.size
    else:
        x = (x - x.mean()) / (jnp.std(x, ddof=1) + 1e-9)
    for number, dense in enumerate(net["dense"]):
        x = dense["kernel"].T @ x + dense["bias"]
        if number < len(net["slopes"]):
            x = jnp.maximum(x, 0) + net["slopes"][number] * jnp.minimum(x, 0)
    return x


def class_statistics(tensor):
    """Returns mean and deviation; the maximum gives a gradient that is all zero (L2R) no NaN, and derivative zero."""
    axis = 0 if tensor.ndim == 2 else None
    return jnp.mean(tensor, axis), jnp.sqrt(jnp.maximum(jnp.var(tensor, axis, ddof=1), 1e-60))


def matching(grads, clean, form):
    total = 0.0
    for g, v in zip(grads, clean, strict=True):
        if form.get("compare") == "distance":
            rows = [x.mean(0) if x.ndim == 2 else x for x in (g, v)]
            total += jnp.sum((rows[0] - rows[1]) ** 2)
        else:
            (mean_g, std_g), (mean_v, std_v) = class_statistics(g), class_statistics(v)
            total += jnp.mean((mean_g - mean_v) ** 2 + (std_g - std_v) ** 2)
    return total


def transcription(setting, names, top_k, form):
    """Returns `(meta_params, samplers, key, ...) -> ((meta grads, sampler grads), (gates, matching loss))`.

    Plain reverse mode through a virtual step whose gradient is written with straight-through gates.
    """
    kept, gated = names[-top_k:], names[-top_k:-2]

    def total(meta_params, samplers, key, learner, batch, clean):
        params, stats, opt_state = learner
        outer_loss = setting.outer_loss(clean)

        def loss(params):
            return setting.inner.loss(setting.forward(params, stats, batch)[0], meta_params, batch)

        grads = named(jax.grad(loss)(params))
        noises = jax.random.gumbel(key, (len(gated), 2), jnp.float64)
        gates = {}
        for name, net, noise in zip(gated, samplers, noises, strict=True):
            y = jax.nn.softmax((sampler_output(net, grads[name], form) + noise) / 5)
            hard = jax.nn.one_hot(jnp.argmax(y), 2, dtype=y.dtype)
            gates[name] = (hard - jax.lax.stop_gradient(y) + y)[1]
        virtual = {}
        for name, g in grads.items():
            stopped = jax.lax.stop_gradient(g)
            virtual[name] = g if name in kept else stopped
            if name in gated:
                r = gates[name]
                virtual[name] = jnp.where(r > 0.5, r * g, (1 - r) * stopped)
        after, _ = setting.inner.update(rebuilt(virtual, params), (params, opt_state))
        clean_grads = named(jax.lax.stop_gradient(jax.grad(outer_loss)(after, stats)))
        values = jnp.stack(list(gates.values()))
        opened = values[-1] if form.get("counted") == "last" else values.sum()
        l_g = matching([virtual[n] for n in names[-2:]], [clean_grads[n] for n in names[-2:]], form)
        return outer_loss(after, stats) + 0.1 * (opened - 4) ** 2 + 0.1 * l_g, (values, l_g)

    return jax.jit(jax.grad(total, argnums=(0, 1), has_aux=True))


def sampling(setting, stages, top_k, **form):
    """Returns (first filter state, compiled engine) of a sampler with small gate networks."""
    engine = mixed_mode(layer_sampler(stages, top_k, hidden=16, **form))
    state = jax.jit(engine.init)(jax.random.key(0), setting.start.params, setting.meta_params)
    return state, compiled(setting, engine)


def compiled(setting, engine):
    def solve(key, state, learner, batch, clean, meta_params):
        outer_loss = setting.outer_loss(clean)
        return engine.value_and_grad(key, state, setting.inner, outer_loss, learner, (batch,), meta_params)

    return jax.jit(solve)


def assert_close(one, two, tolerance=1e-8):
    a, b = (np.concatenate([np.ravel(x) for x in jax.tree.leaves(tree)]) for tree in (one, two))
    assert np.linalg.norm(b) > 0
    assert np.linalg.norm(a - b) <= tolerance * np.linalg.norm(b)


OTHER_ORDER = ("hidden/scale", "hidden/kernel", "hidden/offset", "head")
CASES = {
    "default": (lambda: mw_net(hidden=6), plain_sgd(0.5), OTHER_ORDER, 4, {}),
    "other forms": (lambda: mw_net(hidden=6, detach=False), live(), STAGES, 5, {**PAPER, **CODE}),
    "l2r": (l2r, plain_sgd(0.3), STAGES, 4, {}),
}


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("case", [pytest.param(c, marks=() if c == "default" else pytest.mark.slow) for c in CASES])
def test_equals_differentiating_the_gated_virtual_step(case):
    """Six steps, each side with its own meta-parameters, gate networks and optimisers."""
    problem, update, stages, top_k, form = CASES[case]
    setting = Setting(problem(), update)
    order = [tensor_names(setting.start.params)[p] for p in forward_order(setting.start.params, stages)]
    state, solve = sampling(setting, stages, top_k, **form)
    reference = transcription(setting, order, top_k, form)
    sampler_tx = optax.sgd(0.1, momentum=0.9, nesterov=form.get("nesterov", True))
    samplers, sampler_state = state.params, sampler_tx.init(state.params)
    meta_tx = optax.sgd(0.1)
    mine = theirs = setting.meta_params
    seen, learner = [], setting.start
    for step in range(6):
        key, batch, clean = jax.random.key(50 + step), toy_batch(step), toy_batch(100 + step)
        outer = solve(key, state, learner, batch, clean, mine)
        (grads, sampler_grads), (gates, l_g) = reference(theirs, samplers, key, learner, batch, clean)
        names = [f"gate/{name}" for name in order[-top_k:-2]]
        assert set(outer.metrics) == {*names, "open_gates", "activation_loss", "matching_loss"}
        assert [float(outer.metrics[name]) for name in names] == [round(float(x)) for x in gates]
        np.testing.assert_allclose(outer.metrics["matching_loss"], l_g, rtol=1e-8)
        assert_close(outer.grads, grads)
        seen += [round(float(x)) for x in gates]

        updates, sampler_state = sampler_tx.update(sampler_grads, sampler_state)
        samplers, state = optax.apply_updates(samplers, updates), outer.engine_state
        assert_close(state.params, samplers)
        if case != "l2r":
            mine = optax.apply_updates(mine, meta_tx.update(outer.grads, meta_tx.init(mine))[0])
            theirs = optax.apply_updates(theirs, meta_tx.update(grads, meta_tx.init(theirs))[0])
        learner = outer.virtual  # anything that moves
    assert {0, 1} == set(seen)


def forced(state, is_open):
    """Returns the sampler's state with gates that are open, or closed, whatever the noise."""
    bias = jnp.array([0.0, 1e4 if is_open else -1e4])
    nets = [{**net, "dense": (*net["dense"][:-1], {**net["dense"][-1], "bias": bias})} for net in state.params]
    return state._replace(params=tuple(nets))


@pytest.mark.usefixtures("float64")
def test_all_gates_open_is_exact_and_all_closed_leaves_the_classifier():
    """Closed: `d L_v / d w_i = -alpha <p_i - y_i, dW^T h_i + db>`, (dW, db) the classifier's clean gradient."""
    setting = Setting(l2r(), plain_sgd(0.3))
    batch = toy_batch(0)
    args = (setting.start, batch, toy_batch(100), setting.meta_params)
    state, solve = sampling(setting, STAGES, 15, matching=0.0)
    exact = compiled(setting, mixed_mode())(jax.random.key(1), (), *args)
    outer = solve(jax.random.key(1), forced(state, True), *args)
    assert outer.metrics["open_gates"] == 3 and outer.metrics["activation_loss"] == 1
    assert_close(outer.grads, exact.grads, 1e-12)

    outer = solve(jax.random.key(1), forced(state, False), *args)
    assert outer.metrics["open_gates"] == 0
    outputs, _ = setting.forward(setting.start.params, setting.start.batch_stats, batch)
    head = exact.outer_grads["head"]
    wrong = jax.nn.softmax(outputs.logits) - jax.nn.one_hot(batch.labels, 3)
    expected = -0.3 * jnp.sum(wrong * (outputs.features @ head["kernel"] + head["bias"]), -1)
    np.testing.assert_allclose(outer.grads, expected, rtol=1e-10)


def test_size_of_a_gate_network():
    """As published: 49,668 and 82,436 parameters for 256 and 512 channels, 65,923 in the form of the paper."""
    tree = {
        "a": jnp.zeros((3, 256)),
        "b": jnp.zeros(512),
        "head": {"kernel": jnp.zeros((512, 10)), "bias": jnp.zeros(10)},
    }
    sizes = []
    for form in ({}, PAPER):
        cotangents = layer_sampler(("a", "b", "head"), **form)
        state = jax.eval_shape(cotangents.init, jax.random.key(0), tree)
        sizes.append([sum(x.size for x in jax.tree.leaves(net)) for net in state.params])
    assert sizes[0] == [49668, 82436] and sizes[1][1] == 65923


@pytest.mark.parametrize("problem", [l2r, pytest.param(mw_net, marks=pytest.mark.slow)])
def test_in_a_training_step(problem):
    """One compilation, the state keeps its types, everything is finite, and the key decides all."""
    meta_tx = rectified() if problem is l2r else optax.adam(1e-3)
    engine = mixed_mode(layer_sampler(STAGES, top_k=4, hidden=16))
    method, traces = bilevel(problem(), toy_network(), optax.sgd(0.1), meta_tx, engine), []

    @jax.jit
    def step(key, state, batch, clean):
        traces.append(1)
        return method.step(key, state, batch, clean)[0]

    def run(seed):
        state = init(jax.random.key(0), toy_batch(0))
        for number in range(3):
            state = step(jax.random.key(seed + number), state, toy_batch(number), toy_batch(100 + number))
        return state

    init = jax.jit(method.init)
    one, two, other = run(1), run(1), run(20)
    types = [
        jax.tree.map(lambda x: (x.shape, x.dtype, x.weak_type), s) for s in (one, init(jax.random.key(0), toy_batch(0)))
    ]
    assert len(traces) == 1 and types[0] == types[1]
    assert all(np.isfinite(x).all() for x in jax.tree.leaves(one))
    jax.tree.map(np.testing.assert_array_equal, one, two)
    nets = [np.concatenate([np.ravel(x) for x in jax.tree.leaves(s.meta.engine.params)]) for s in (one, other)]
    assert np.abs(nets[0] - nets[1]).max() > 0


@pytest.mark.usefixtures("float64")
def test_refuses_several_virtual_steps():
    setting = Setting(mw_net(), live())
    engine = mixed_mode(layer_sampler(STAGES))
    state = jax.eval_shape(engine.init, jax.random.key(0), setting.start.params, setting.meta_params)
    batches, outer_loss = (toy_batch(0), toy_batch(1)), setting.outer_loss(toy_batch(2))
    with pytest.raises(ValueError, match="got 2 virtual steps; use one"):
        engine.value_and_grad(
            jax.random.key(0), state, setting.inner, outer_loss, setting.start, batches, setting.meta_params
        )


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (dict(top_k=2), "keep_last"),
        (dict(temperature=0.0), "temperature"),
        (dict(pooling="max"), "pooling must be one of"),
        (dict(compare="angle"), "compare must be one of"),
        (dict(counted="first"), "counted must be one of"),
        (dict(always=5), "nothing to choose"),
        (dict(stages=("head",)), "'hidden/kernel' is in none"),
    ],
)
def test_wrong_settings(settings, says):
    params, _ = jax.eval_shape(toy_network().init, jax.random.key(0), jnp.zeros((8, 5)))
    with pytest.raises(ValueError, match=says):
        layer_sampler(**{"stages": STAGES, **settings}).init(jax.random.key(0), params)
