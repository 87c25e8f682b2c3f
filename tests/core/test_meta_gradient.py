"""Meta-gradients: engine against engine, against central differences, against closed forms; all in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core import smooth
from meta_noise.core.meta_gradient import mixed_mode, unrolled
from meta_noise.core.virtual import frozen_momentum, live, plain_sgd
from meta_noise.losses.cross_entropy import cross_entropy, mean_cross_entropy
from meta_noise.methods.l2r import l2r
from meta_noise.methods.mlc_lcn import mlc_lcn
from meta_noise.methods.mw_net import mw_net
from meta_noise.models.meta.weight_net import weight_net
from meta_noise.types import Inner, Learner
from tests.toy import toy_batch, toy_network

pytestmark = pytest.mark.usefixtures("float64")

OPTIMISERS = {
    "sgd": lambda: optax.sgd(0.3),
    "heavy_ball_decay": lambda: optax.chain(optax.add_decayed_weights(5e-3), optax.sgd(0.3, momentum=0.9)),
    "nesterov": lambda: optax.chain(optax.add_decayed_weights(5e-3), optax.sgd(0.3, momentum=0.9, nesterov=True)),
    "adam": lambda: smooth.adam(0.05),
    "clipped": lambda: optax.chain(smooth.clip_by_global_norm(0.05), optax.sgd(0.3, momentum=0.9)),
}
PROBLEMS = {
    "l2r": lambda: l2r(),
    "mw_net_weights": lambda: mw_net(hidden=6),
    "mw_net_rows": lambda: mw_net(hidden=6, reduction="rows"),
    "mw_net_live": lambda: mw_net(hidden=6, detach=False),
    "mlc_lcn": lambda: mlc_lcn(embedding=3, hidden=4, join_clean=False),
    "mlc_lcn_skip": lambda: mlc_lcn(embedding=3, hidden=4, skip=True, join_clean=False),
}
ENGINES = {"unrolled": unrolled, "mixed_mode": mixed_mode}


def _setting(problem, tx, steps=1, network=None, rule=None):
    """Returns (inner, outer_loss, start, batches, meta_params) with a momentum buffer that is not zero."""
    network = network or toy_network()
    batches = tuple(toy_batch(seed) for seed in range(steps))
    clean = toy_batch(100)
    params, stats = network.init(jax.random.key(3), batches[0].inputs)

    @jax.jit
    def used(params):
        """Returns the state of a used optimiser: first and second moments are there."""
        opt_state = tx.init(params)
        for seed in (7, 8):
            grads = jax.tree.map(lambda p, seed=seed: jax.random.normal(jax.random.key(seed), p.shape) * 0.1, params)
            _, opt_state = tx.update(grads, opt_state, params)
        return opt_state

    def forward(params, stats, batch):
        return network.apply((params, stats), batch.inputs, True)

    def outer_loss(params, stats):
        return problem.outer_loss(forward(params, stats, clean)[0], clean)

    @jax.jit
    def first(params, stats):
        outputs, _ = forward(params, stats, batches[0])
        meta_params = problem.init_meta(jax.random.key(4), batches[0], outputs)
        return jax.tree.map(lambda x: x.astype(jnp.float64), meta_params)

    opt_state, meta_params = used(params), first(params, stats)
    inner = Inner(forward, lambda o, m, b: problem.inner_loss(o, m, b)[0], (rule or live()).rule(tx, 2))
    return inner, outer_loss, Learner(params, stats, opt_state), batches, meta_params


def _solve(engine, inner, outer_loss, start, batches, meta_params):
    engine = ENGINES[engine]()
    state = engine.init(jax.random.key(0), start.params, meta_params)
    return jax.jit(engine.value_and_grad, static_argnums=(2, 3))(
        jax.random.key(0), state, inner, outer_loss, start, batches, meta_params
    )


def _flat(tree):
    return np.concatenate([np.ravel(x) for x in jax.tree.leaves(tree)])


def _error(a, b):
    a, b = _flat(a), _flat(b)
    return np.linalg.norm(a - b) / np.linalg.norm(b)


PAIRS = [(problem, optimiser) for problem in PROBLEMS for optimiser in OPTIMISERS]
QUICK = {*((problem, "heavy_ball_decay") for problem in ("mw_net_live", "mlc_lcn", "l2r")), ("mw_net_live", "adam")}


@pytest.mark.parametrize(
    ("problem", "optimiser"), [pytest.param(*p, marks=() if p in QUICK else pytest.mark.slow) for p in PAIRS]
)
def test_engines_agree_and_equal_central_differences(problem, optimiser):
    setting = _setting(PROBLEMS[problem](), OPTIMISERS[optimiser]())
    reference, fast = _solve("unrolled", *setting), _solve("mixed_mode", *setting)
    assert np.linalg.norm(_flat(reference.grads)) > 1e-8
    for field in ("grads", "outer_grads", "direction", "virtual"):
        assert _error(getattr(fast, field), getattr(reference, field)) < 1e-10, field
    assert _difference_error(setting, reference.grads) < 1e-5


@pytest.mark.parametrize(
    ("problem", "optimiser", "steps"),
    [
        pytest.param("mlc_lcn", "heavy_ball_decay", 3),
        *(
            pytest.param(problem, optimiser, steps, marks=pytest.mark.slow)
            for problem in ("mw_net_live", "mlc_lcn")
            for optimiser in ("sgd", "heavy_ball_decay", "nesterov", "adam")
            for steps in (2, 3)
        ),
    ],
)
def test_several_virtual_steps(problem, optimiser, steps):
    """With nothing detached central differences hold too: MW-Net live has no stopped gradient, MLC-LCN has one."""
    setting = _setting(PROBLEMS[problem](), OPTIMISERS[optimiser](), steps)
    reference, fast = _solve("unrolled", *setting), _solve("mixed_mode", *setting)
    for field in ("grads", "outer_grads", "direction", "virtual"):
        assert _error(getattr(fast, field), getattr(reference, field)) < 1e-8, field
    if problem == "mw_net_live":
        assert _difference_error(setting, reference.grads) < 1e-5


def _difference_error(setting, grads, step=1e-5):
    """Returns the relative error of a directional derivative against central differences."""
    inner, outer_loss, start, batches, meta_params = setting
    keys = iter(jax.random.split(jax.random.key(9), len(jax.tree.leaves(meta_params))))
    along = jax.tree.map(lambda x: jax.random.normal(next(keys), x.shape), meta_params)

    @jax.jit
    def outer(meta_params):
        carry, stats = (start.params, start.opt_state), start.batch_stats
        for batch in batches:
            loss = lambda p, s=stats, b=batch: inner.loss(inner.forward(p, s, b)[0], meta_params, b)  # noqa: E731
            carry = inner.update(jax.grad(loss)(carry[0]), carry)
        return outer_loss(carry[0], stats)

    shifted = [jax.tree.map(lambda m, a, s=sign: m + s * step * a, meta_params, along) for sign in (1, -1)]
    numeric = (outer(shifted[0]) - outer(shifted[1])) / (2 * step)
    exact = np.dot(_flat(grads), _flat(along))
    return abs(numeric - exact) / abs(exact)


@pytest.mark.parametrize(
    ("engine", "optimiser"),
    [
        pytest.param("unrolled", "adam", marks=pytest.mark.slow),
        ("mixed_mode", "adam"),
        pytest.param("mixed_mode", "clipped", marks=pytest.mark.slow),
    ],
)
def test_no_nan_where_a_gradient_is_zero(engine, optimiser):
    """A dead unit has gradient and second moment exactly zero; with all weights zero so has everything."""
    network = toy_network(lambda x: jax.nn.relu(x - 100))  # every unit is dead
    for problem in ("mw_net_weights", "l2r"):
        tx = OPTIMISERS[optimiser]()
        inner, outer_loss, start, batches, meta_params = _setting(PROBLEMS[problem](), tx, network=network)
        start = start._replace(opt_state=tx.init(start.params))
        outer = _solve(engine, inner, outer_loss, start, batches, meta_params)
        assert np.isfinite(_flat(outer.grads)).all() and np.isfinite(_flat(outer.virtual.params)).all()


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(plain_sgd(0.2), marks=pytest.mark.slow),
        pytest.param(plain_sgd(lambda step: 0.1 * step, 0.01), marks=pytest.mark.slow),
        frozen_momentum(0.1, 0.9, 0.01),
    ],
)
def test_virtual_rules(rule):
    tx = OPTIMISERS["heavy_ball_decay"]()
    setting = _setting(PROBLEMS["mw_net_weights"](), tx, rule=rule)
    reference, fast = _solve("unrolled", *setting), _solve("mixed_mode", *setting)
    assert _error(fast.grads, reference.grads) < 1e-10
    assert _difference_error(setting, reference.grads) < 1e-5
    inner, _, start, (batch,), meta_params = setting
    grads = jax.grad(lambda p: inner.loss(inner.forward(p, start.batch_stats, batch)[0], meta_params, batch))(
        start.params
    )
    buffer = optax.tree.get(start.opt_state, "trace")
    expected = {
        0: lambda p, g, b: p - 0.2 * g,
        1: lambda p, g, b: p - 0.2 * (g + 0.01 * p),
        2: lambda p, g, b: p - 0.1 * (0.9 * b + g + 0.01 * p),
    }
    matches = [
        _error(fast.virtual.params, jax.tree.map(form, start.params, grads, buffer)) < 1e-12
        for form in expected.values()
    ]
    assert sum(matches) == 1
    assert _error(fast.virtual.opt_state, start.opt_state) == 0


def _tangent(setting, direction):
    inner, _, start, (batch,), _ = setting
    forward = lambda p: inner.forward(p, start.batch_stats, batch)[0].logits  # noqa: E731
    return jax.jvp(forward, (start.params,), (direction,))


@pytest.mark.slow
def test_closed_form_of_the_direction():
    """The table of directions: plain SGD, heavy ball with decay, Nesterov, clipping, Adam."""
    scale = {"sgd": 0.3, "heavy_ball_decay": 0.3, "nesterov": 0.3 * 1.9}
    for name, size in scale.items():
        outer = _solve("mixed_mode", *_setting(PROBLEMS["mw_net_weights"](), OPTIMISERS[name]()))
        assert _error(outer.direction, jax.tree.map(lambda v, s=size: -s * v, outer.outer_grads)) < 1e-12

    setting = _setting(PROBLEMS["mw_net_weights"](), OPTIMISERS["clipped"]())
    outer = _solve("mixed_mode", *setting)
    grads, v = _flat(_inner_grads(setting)), _flat(outer.outer_grads)
    norm = np.linalg.norm(grads)
    assert norm > 0.05
    unit = grads / norm
    expected = 0.05 / norm * (-0.3 * v - unit * np.dot(unit, -0.3 * v))
    np.testing.assert_allclose(_flat(outer.direction), expected, rtol=1e-9)

    setting = _setting(PROBLEMS["mw_net_weights"](), OPTIMISERS["adam"]())
    outer = _solve("mixed_mode", *setting)
    state = setting[2].opt_state[0]
    g, v = _flat(_inner_grads(setting)), _flat(outer.outer_grads)
    m, nu, count = 0.9 * _flat(state.mu) + 0.1 * g, 0.999 * _flat(state.nu) + 0.001 * g**2, int(state.count) + 1
    bc1, bc2 = 1 - 0.9**count, 1 - 0.999**count
    s, eps = np.sqrt(nu / bc2), 1e-8
    expected = -0.05 * (0.1 / (bc1 * (s + eps)) - (m / bc1) * 0.001 * g / (bc2 * s * (s + eps) ** 2)) * v
    np.testing.assert_allclose(_flat(outer.direction), expected, rtol=1e-6)


def _inner_grads(setting):
    inner, _, start, (batch,), meta_params = setting
    return jax.grad(lambda p: inner.loss(inner.forward(p, start.batch_stats, batch)[0], meta_params, batch))(
        start.params
    )


def test_closed_form_of_l2r():
    """`-dL_v/dw_i = rate <p_i - y_i, Dz_i[v]>`, and the virtual step does not move."""
    setting = _setting(l2r(), OPTIMISERS["sgd"](), rule=plain_sgd(0.3))
    outer = _solve("mixed_mode", *setting)
    logits, tangent = _tangent(setting, outer.outer_grads)
    labels = jax.nn.one_hot(setting[3][0].labels, logits.shape[-1])
    expected = -0.3 * jnp.sum((jax.nn.softmax(logits) - labels) * tangent, -1)
    np.testing.assert_allclose(outer.grads, expected, rtol=1e-10)
    assert _error(outer.virtual.params, setting[2].params) == 0


def test_closed_form_of_mw_net():
    """Cotangent of the weights `<p_i - y_i, Dz_i[u]>`, through the quotient, then the weight network's own vjp."""
    problem = mw_net(hidden=6)
    setting = _setting(problem, OPTIMISERS["sgd"](), rule=plain_sgd(0.3))
    outer = _solve("mixed_mode", *setting)
    logits, tangent = _tangent(setting, outer.direction)
    labels = setting[3][0].labels
    per_row = jnp.sum((jax.nn.softmax(logits) - jax.nn.one_hot(labels, logits.shape[-1])) * tangent, -1)
    losses = cross_entropy(logits, labels)

    def weights_of(params):
        weights = weight_net(6).apply({"params": params}, losses)
        return jnp.sum(weights / jnp.sum(weights) * per_row)

    assert _error(outer.grads, jax.grad(weights_of)(setting[4])) < 1e-10


def test_closed_form_of_mlc_lcn():
    """Cotangent of the corrected labels: `rate * zdot_i / n`, as the label network's outputs sum to one."""
    problem = mlc_lcn(embedding=3, hidden=4, join_clean=False)
    setting = _setting(problem, OPTIMISERS["heavy_ball_decay"]())
    outer = _solve("mixed_mode", *setting)
    inner, _, start, (batch,), meta_params = setting
    outputs = inner.forward(start.params, start.batch_stats, batch)[0]
    _, tangent = _tangent(setting, outer.outer_grads)

    def corrected(params):
        return problem.inner_loss(outputs, params, batch)[1].targets

    cotangent = 0.3 / batch.labels.size * tangent
    assert _error(outer.grads, jax.vjp(corrected, meta_params)[1](cotangent)[0]) < 1e-10


def test_outer_loss_is_the_clean_loss():
    setting = _setting(PROBLEMS["mw_net_weights"](), OPTIMISERS["sgd"]())
    outer = _solve("mixed_mode", *setting)
    clean = toy_batch(100)
    outputs, _ = toy_network().apply((outer.virtual.params, outer.virtual.batch_stats), clean.inputs, True)
    np.testing.assert_allclose(outer.value, mean_cross_entropy(outputs, clean), rtol=1e-12)
