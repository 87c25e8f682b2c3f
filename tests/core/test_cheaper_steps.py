"""Steps that cost less, or hold less: the same numbers where they promise that, the stated others where they do not."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core.bilevel import bilevel
from meta_noise.core.cotangents import keep_layers
from meta_noise.core.meta_gradient import mixed_mode, unrolled
from meta_noise.core.passes import spaced
from meta_noise.core.phases import every_nth
from meta_noise.core.single import Objective, single
from meta_noise.core.virtual import live
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.methods.l2r import l2r
from meta_noise.methods.mlc_lcn import mlc_lcn
from meta_noise.methods.mw_net import mw_net
from meta_noise.models.mlp import mlp
from meta_noise.models.network import to_network
from meta_noise.types import Inner, Learner, Rows
from tests.core.test_meta_gradient import OPTIMISERS, _error, _flat
from tests.core.test_windows import joined, make
from tests.toy import toy_batch, toy_network


def _after(method, batch, clean, steps=2):
    step = jax.jit(method.step)
    state = jax.jit(method.init)(jax.random.key(0), batch)
    for number in range(steps):
        state, info = step(jax.random.key(number), state, batch, clean)
    return state, info


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("problem", [l2r, pytest.param(lambda: mw_net(hidden=6, detach=False), marks=pytest.mark.slow)])
def test_remat_changes_no_number(problem):
    batch, clean = toy_batch(0), toy_batch(9)
    (kept, info), (again, info_again) = (_after(make(problem(), remat=r), batch, clean) for r in (False, True))
    assert _error(again, kept) < 1e-12
    assert _error(info_again.outer_loss, info.outer_loss) < 1e-12


@pytest.mark.usefixtures("float64")
def test_weights_that_are_zero_need_no_virtual_gradient():
    batch, clean = toy_batch(0), toy_batch(9)
    problem = l2r()
    assert problem.still
    states = [_after(make(p), batch, clean)[0] for p in (problem, problem._replace(still=False))]
    states.append(_after(make(problem, unrolled()), batch, clean)[0])
    assert _error(states[0], states[1]) < 1e-12
    assert _error(states[0], states[2]) < 1e-10


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("optimiser", [pytest.param("nesterov", marks=pytest.mark.slow), "heavy_ball_decay"])
@pytest.mark.parametrize("steps", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_virtual_step_of_the_kept_layers(optimiser, steps):
    """Against reverse mode through virtual steps that the other layers do not take part in."""
    network, problem, tx = toy_network(), mw_net(hidden=6, detach=False), OPTIMISERS[optimiser]()
    batches, clean = tuple(toy_batch(seed) for seed in range(steps)), toy_batch(100)
    params, stats = jax.jit(network.init)(jax.random.key(3), clean.inputs)
    _, opt_state = tx.update(jax.tree.map(lambda p: 0.1 * jnp.cos(p), params), tx.init(params), params)
    meta_params = jax.jit(problem.init_meta)(jax.random.key(4), clean, None)

    def forward(params, stats, batch):
        return network.apply((params, stats), batch.inputs, True)

    def update(grads, carry):
        updates, opt_state = tx.update(grads, carry[1], carry[0])
        return optax.apply_updates(carry[0], updates), opt_state

    def outer_loss(params, stats):
        return problem.outer_loss(forward(params, stats, clean)[0], clean)

    def reference(meta_params):
        head, opt = params["head"], opt_state
        for batch in batches:

            def loss(head, batch=batch):
                outputs, _ = forward({**params, "head": head}, stats, batch)
                return problem.inner_loss(outputs, meta_params, batch)[0]

            grads = {"hidden": jax.tree.map(jnp.zeros_like, params["hidden"]), "head": jax.grad(loss)(head)}
            moved, opt = update(grads, ({**params, "head": head}, opt))
            head = moved["head"]
        return outer_loss({**params, "head": head}, stats), head

    (value, head), expected = jax.jit(jax.value_and_grad(reference, has_aux=True))(meta_params)
    engine = mixed_mode(keep_layers(("head",)), kept_only=True)
    inner = Inner(forward, lambda o, m, b: problem.inner_loss(o, m, b)[0], update)
    solve = jax.jit(engine.value_and_grad, static_argnums=(2, 3))
    start = Learner(params, stats, opt_state)
    outer = solve(jax.random.key(0), (), inner, outer_loss, start, batches, meta_params)
    assert np.linalg.norm(_flat(expected)) > 1e-8
    assert _error(outer.grads, expected) < 1e-9
    assert _error(outer.value, value) < 1e-12
    assert _error(outer.virtual.params["head"], head) < 1e-12
    np.testing.assert_array_equal(outer.virtual.params["hidden"]["kernel"], params["hidden"]["kernel"])


def test_kept_layers_need_a_filter():
    with pytest.raises(ValueError, match="needs a filter that drops some"):
        mixed_mode(kept_only=True)


@pytest.mark.usefixtures("float64")
def test_between_meta_steps_the_classifier_moves_alone():
    batch, clean = toy_batch(0), toy_batch(9)
    method = every_nth(make(mlc_lcn(embedding=3, hidden=4, join_clean=False)), 3)
    assert method.between.every == 3
    start, _ = _after(method, batch, clean, 1)
    state, info = jax.jit(method.between.step)(jax.random.key(5), start, batch, clean)
    assert info.outer_loss is None and int(state.step) == int(start.step) + 1
    np.testing.assert_array_equal(_flat(state.meta), _flat(start.meta))
    targets = np.asarray(info.rows.targets)

    def loss(outputs, batch):
        return jnp.mean(cross_entropy(outputs.logits, jnp.asarray(targets))), Rows()

    tx = optax.chain(optax.add_decayed_weights(5e-3), optax.sgd(0.3, momentum=0.9))
    plain, _ = single(Objective(loss), toy_network(), tx).step(jax.random.key(5), start, batch, clean)
    assert _error(state.learner, plain.learner) < 1e-12


@pytest.mark.usefixtures("float64")
def test_virtual_step_on_part_of_the_batch():
    """The meta-parameters move as on that part; the classifier takes its actual step on all rows."""
    batch, clean = toy_batch(0, 12), toy_batch(9)
    part = spaced(batch, 4)
    np.testing.assert_array_equal(part.index, [0, 3, 6, 9])
    problem = mw_net(hidden=6)
    state, info = _after(make(problem, rows=4), batch, clean, 1)
    on_part, _ = _after(make(problem), part, clean, 1)
    assert _error(state.meta.params, on_part.meta.params) < 1e-12
    assert info.rows.weights.shape == (12,)


def test_choices_that_exclude_each_other():
    with pytest.raises(ValueError, match="leave out rows"):
        make(mw_net(hidden=6), rows=4, reuse=True)
    for settings in ({"rows": 4}, {"steps": 2}):
        with pytest.raises(ValueError, match="made anew in every batch"):
            make(l2r(), **settings)


def test_meta_steps_are_left_out_only_where_a_method_can():
    network, tx = toy_network(), optax.sgd(0.1)
    method = make(mw_net(hidden=6))
    assert every_nth(method, 1) is method
    with pytest.raises(ValueError, match="at least 1"):
        every_nth(method, 0)
    objective = Objective(lambda outputs, batch: (jnp.mean(outputs.logits), Rows()))
    for other in (make(l2r()), make(mw_net(hidden=6), steps=2), single(objective, network, tx)):
        with pytest.raises(ValueError, match="interval is 2 and must be 1"):
            every_nth(other, 2)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_virtual_steps():
    """Working memory by the compiler's count, of a network whose activations are most of it."""
    network = to_network(mlp(3, hidden=(32,) * 8))
    rows = 512

    def temporary(steps):
        method = bilevel(
            mw_net(hidden=4), network, optax.sgd(0.1), optax.sgd(0.1), virtual=live()._replace(steps=steps)
        )
        batch = joined(*[toy_batch(seed, rows) for seed in range(steps)])
        state = jax.eval_shape(method.init, jax.random.key(0), batch)
        compiled = jax.jit(method.step).lower(jax.random.key(0), state, batch, toy_batch(99, rows)).compile()
        return compiled.memory_analysis().temp_size_in_bytes

    assert temporary(10) < 1.6 * temporary(1)
