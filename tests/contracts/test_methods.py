"""What every method file must satisfy; a new file in the room is found by itself."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.build.defaults import resolved
from meta_noise.build.facts import Facts
from meta_noise.build.method import make_method
from meta_noise.build.optimizer import Lengths
from meta_noise.config import registry
from meta_noise.config.parse import parse
from meta_noise.core.problem import Problem
from meta_noise.types import Batch
from tests.presets import QUICK
from tests.toy import CLASSES, separable, toy_batch, toy_network

METHODS = registry.names("methods")
BASELINES = {  # their contracts run with -m slow, one NumPy test of each by default
    *("cmw_net", "co_teaching", "decoupling", "distillation", "dividemix", "elr_plus", "forward", "jocor"),
    *("emlc", "joint_optimization", "l2b", "ldam_drw", "m_correction", "mentormix", "mentornet", "mixmatch", "mixup"),
    *("hard_mining", "random_weights"),
}
FORGETTING = ("co_teaching", "jocor", "mentornet", "mentormix")  # leave out more rows from epoch to epoch
NOT_HERE = pytest.mark.xfail(
    reason="learns only rows that two networks disagree on, of which few are left here", strict=True
)

FOR_RARE_CLASSES = pytest.mark.xfail(
    reason="weights by chance tell no wrong label from a right one, and hard mining learns wrong ones first",
    strict=True,
)


def slow(*names, further=None):
    """Returns all methods as parameters, baselines and `names` marked slow, one with a further mark."""
    marks = {name: [pytest.mark.slow] for name in BASELINES | set(names)}
    for name, mark in (further or {}).items():
        marks[name] = [*marks.get(name, ()), mark]
    return [pytest.param(name, marks=marks.get(name, ())) for name in METHODS]


STEPS, PER_EPOCH = 40, 10


ROWS = 400  # of the data set
quick = functools.partial(jax.jit, compiler_options=QUICK)


def make(name, **sections):
    given = {"method": {"name": name}, "optimizer": {"name": "sgd", "lr": 0.1}, "schedule": {"name": "constant"}}
    config = resolved(parse({**given, **sections}))
    return make_method(config, toy_network(), Lengths(STEPS, PER_EPOCH), Facts((ROWS // CLASSES,) * CLASSES, ROWS))


def copies(name):
    return getattr(registry.find("methods", name)(), "copies", 1)


def fit(name, batch):
    """Returns the batch as the method wants it: a pair of networks has one each, here the same rows."""
    return batch if copies(name) == 1 else jax.tree.map(lambda x: jnp.stack([x, x]) if jnp.ndim(x) else x, batch)


def noisy(name, seed):
    return fit(name, toy_batch(seed))


def clean_batch(seed, rows=8, name="mw_net"):
    batch = fit(name, toy_batch(seed, rows))
    return batch if copies(name) > 1 else batch._replace(index=jnp.full(rows, -1, jnp.int32))


@functools.cache
def compiled(name):
    """Returns (method, init, step, traces), a name in `traces` for each time that the step was traced."""
    method, traces = make(name), []

    def step(key, state, batch, clean):
        traces.append(name)
        return method.step(key, state, batch, clean)

    return method, quick(method.init), quick(step), traces


def structure(tree):
    return jax.tree.map(lambda x: (x.shape, x.dtype, getattr(x, "weak_type", False)), tree)


@pytest.mark.parametrize("name", slow())
def test_keeps_its_types_and_traces_once(name):
    _, start, step, traces = compiled(name)
    state = start(jax.random.key(0), noisy(name, 0))
    before = structure(state)
    for seed in range(3):
        state, info = step(jax.random.key(seed), state, noisy(name, seed), clean_batch(seed + 10, name=name))
    assert traces == [name]
    assert structure(state) == before
    assert int(state.step) == 3
    assert all(np.isfinite(x).all() for x in jax.tree.leaves((state, info)))


@pytest.mark.parametrize("name", slow())
def test_rows_fit_their_index(name):
    _, start, step, _ = compiled(name)
    state = start(jax.random.key(0), noisy(name, 0))
    batch = noisy(name, 1)
    _, info = step(jax.random.key(1), state, batch, clean_batch(2, name=name))
    rows, size = info.rows, info.rows.index.shape[0]
    assert set(np.asarray(rows.index)) - {-1} == set(np.asarray(batch.index).ravel())
    assert rows.probability.shape == rows.prediction.shape == (size,)
    assert ((rows.probability > 0) & (rows.probability < 1)).all()
    if rows.weights is not None:
        assert rows.weights.shape == (size,) and (rows.weights >= 0).all()
    if rows.targets is not None:
        assert rows.targets.shape == (size, CLASSES)
        np.testing.assert_allclose(rows.targets.sum(-1), 1, rtol=1e-5)


@pytest.mark.parametrize("name", slow())
def test_predict_is_evaluation_mode(name):
    method, start, *_ = compiled(name)
    state, predict = start(jax.random.key(0), noisy(name, 0)), quick(method.predict)
    inputs = toy_batch(1).inputs
    together = predict(state, inputs)
    alone = jnp.concatenate([predict(state, inputs[i : i + 1]) for i in range(len(inputs))])
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", slow("famus", "ieg", "mlc_t"))
def test_engines_take_the_same_step(name):
    if not isinstance(registry.find("methods", name)(), Problem):
        pytest.skip("has no meta level")
    with jax.enable_x64(True):
        states = []
        for engine in ("unrolled", "mixed_mode"):  # the exact ones
            method = make(name, meta={"engine": engine, "cotangents": {"name": "keep_all"}})
            state, step = quick(method.init)(jax.random.key(0), noisy(name, 0)), quick(method.step)
            state = jax.tree.map(lambda x: x.astype(float) if jnp.issubdtype(x.dtype, jnp.floating) else x, state)
            for seed in range(2):
                batch, clean = noisy(name, seed), clean_batch(seed + 10, name=name)
                state, _ = step(jax.random.key(seed), state, batch, clean)
            states.append(jax.tree.leaves(state))
        for one, two in zip(*states, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize(
    "name",
    slow(
        *("famus", "ieg", "l2r", "mlc_lcn", "mlc_t", "glc"),
        further={"decoupling": NOT_HERE, "hard_mining": FOR_RARE_CLASSES, "random_weights": FOR_RARE_CLASSES},
    ),
)
def test_learns_a_separable_toy(name):
    """40% wrong labels; right labels end with larger weights than wrong ones, corrected labels are right more often."""
    settings = {"scale": 1.0} if name == "ldam_drw" else {}  # the toy's logits are no cosines
    method = make(name, optimizer={"name": "sgd", "lr": 0.05, "momentum": 0.9}, method={"name": name, **settings})
    inputs, given, truth = separable(0, ROWS, 0.4)
    clean_inputs, _, clean_labels = separable(1, 30, 0.0)
    outside = jnp.full(30, -1, jnp.int32) if copies(name) == 1 else jnp.arange(30, dtype=jnp.int32)
    clean = fit(name, Batch(clean_inputs, clean_labels, outside))

    def batch_at(step):
        rows = jax.random.choice(jax.random.fold_in(jax.random.key(5), step), ROWS, (50,), replace=False)
        batch = Batch(inputs[rows], given[rows], rows.astype(jnp.int32))
        return fit(name, batch._replace(epoch=step * 50 / ROWS) if name in FORGETTING else batch)

    @quick
    def train(state):
        def body(state, step):
            state, info = method.step(jax.random.fold_in(jax.random.key(1), step), state, batch_at(step), clean)
            return state, info.rows

        return jax.lax.scan(body, state, jnp.arange(300))

    state, rows = train(quick(method.init)(jax.random.key(0), batch_at(0)))
    test_inputs, _, test_labels = separable(2, 500, 0.0)
    assert jnp.mean(jnp.argmax(method.predict(state, test_inputs), -1) == test_labels) > 0.9
    last = jax.tree.map(lambda x: x[-20:].reshape(-1, *x.shape[2:]), rows)
    inside = last.index >= 0
    right = inside & (given[last.index] == truth[last.index])
    wrong = inside & ~right
    if last.weights is not None and method.refresh is None:  # a pair has no trusted rows before it looks at all
        means = [jnp.sum(jnp.where(part, last.weights, 0)) / jnp.sum(part) for part in (right, wrong)]
        assert means[0] > 1.2 * means[1]
    if last.targets is not None and method.refresh is None:
        corrected = jnp.argmax(last.targets, -1) == truth[last.index]
        assert jnp.sum(corrected & inside) > jnp.sum(right)


def test_reused_virtual_step_is_the_actual_one():
    """MLC-LCN: the next parameters are those of the virtual step, and equal one optimiser step on corrected labels."""
    method = make("mlc_lcn")
    state = quick(method.init)(jax.random.key(0), toy_batch(0))
    batch, clean = toy_batch(1), clean_batch(2)
    after, info = quick(method.step)(jax.random.key(1), state, batch, clean)
    inputs = jnp.concatenate([batch.inputs, clean.inputs[4:]])

    def loss(params):
        outputs, _ = toy_network().apply((params, state.learner.batch_stats), inputs, True)
        return -jnp.mean(jnp.sum(info.rows.targets * jax.nn.log_softmax(outputs.logits), -1))

    expected = jax.tree.map(lambda p, g: p - 0.1 * g, state.learner.params, quick(jax.grad(loss))(state.learner.params))
    for one, two in zip(jax.tree.leaves(after.learner.params), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-6)


def test_l2r_weights_do_not_depend_on_the_virtual_step_size():
    weights = []
    for rate in (1.0, 10.0):
        method = make("l2r", meta={"virtual": {"name": "plain_sgd", "rate": rate}})
        state = quick(method.init)(jax.random.key(0), toy_batch(0))
        weights.append(quick(method.step)(jax.random.key(1), state, toy_batch(1), clean_batch(2))[1].rows.weights)
    np.testing.assert_allclose(*weights, rtol=1e-4, atol=1e-6)
    assert 0 <= float(weights[0].mean()) <= 1 + 1e-5


def test_reuse_needs_the_live_virtual_step():
    with pytest.raises(ValueError, match="live"):
        make("mlc_lcn", meta={"virtual": {"name": "plain_sgd", "rate": 0.1}})


def test_a_clean_batch_of_one_row_is_not_split_and_says_so():
    method = make("mlc_lcn")
    state = quick(method.init)(jax.random.key(0), toy_batch(0))
    with pytest.warns(UserWarning, match="cannot be halved"):
        state, info = quick(method.step)(jax.random.key(1), state, toy_batch(1), clean_batch(2, rows=1))
    assert all(np.isfinite(x).all() for x in jax.tree.leaves((state, info)))
    assert (info.rows.index >= 0).all()  # nothing joined training


def test_optax_stays_the_optimiser():
    """A method's learner moves by the optimiser it was given, weight decay and momentum included."""
    method = make("supervised", optimizer={"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 0.01})
    state = method.init(jax.random.key(0), toy_batch(0))
    trace = optax.tree.get(state.learner.opt_state, "trace")
    assert jax.tree.structure(trace) == jax.tree.structure(state.learner.params)
