"""MW-Net: two steps of every published form in NumPy (Shu et al., NeurIPS 2019, equations 3-5), also under gates."""

import jax
import numpy as np
import pytest

from tests import presets
from tests.methods import plain, plain_sampler

FORMS = {
    "mw_net": dict(),
    "mw_net rows": dict(reduction="rows"),
    "mw_net rows not detached": dict(reduction="rows", detach=False),
    "mw_net wide": dict(nesterov=True),
    "mw_net long tail": dict(detach=False, nesterov=True),
    "mw_net ldam": dict(),
}
MARGINS = 0.5 * (2 / np.array(presets.FACTS.class_counts)) ** 0.25
LDAM = plain.Loss(
    lambda z, q: plain.CROSS_ENTROPY.values(30 * (z - q * MARGINS), q),
    lambda z, q: 30 * plain.CROSS_ENTROPY.slopes(30 * (z - q * MARGINS), q),
)
GATED = {
    "mw_net sampler": dict(),
    "mw_net sampler paper": dict(top_k=5, layers=2, pooling="mean", compare="distance", nesterov=False),
    "mw_net sampler code": dict(counted="last"),
}
RATES = {"mw_net wide": 1e-3, "mw_net long tail": 1e-5}  # of the weight network where it learns by SGD


def weights_of(phi, losses):
    """Returns `V(l_i; phi)` and its derivative by `l_i`."""
    below = losses[:, None] * phi["hidden/kernel"] + phi["hidden/bias"]
    on = below.real > 0
    weights = 1 / (1 + np.exp(-(below * on) @ phi["weight/kernel"] - phi["weight/bias"]))[:, 0]
    return weights, weights * (1 - weights) * ((on * phi["hidden/kernel"]) @ phi["weight/kernel"])[:, 0]


def weighted(phi, losses, reduction, detach=True):
    """Returns (weights, loss, its derivative by each `l_i`): sum_i w_i l_i, divided by sum_j w_j or by n."""
    weights, slopes = weights_of(phi, losses)
    total = weights.sum() if reduction == "weights" else len(losses)
    loss = (weights * losses).sum() / total
    by_weights = (losses - (loss if reduction == "weights" else 0)) / total
    return weights, loss, weights / total + (0 if detach else slopes * by_weights)


def mw_net_step(learner, phi, batch, clean, move, form, loss=plain.CROSS_ENTROPY, gates=None, noise=None):
    """Returns (learner, phi, weights, loss, outer loss) after one step; `move(phi, grads) -> phi`.

    `theta'(phi) = theta - lr grad L_tr(theta, phi)`, lr = 0.1; phi moves by `dL_v(theta'(phi))/dphi`. In the actual
    step the weights are numbers, whatever the virtual step does.
    """
    reduction, targets = form.get("reduction", "weights"), plain.one_hot(batch.labels)
    z, tape = plain.network(learner.params, batch.inputs)
    losses, slopes = loss.values(z, targets), loss.slopes(z, targets)

    def gradient(phi, detach=True):
        by_loss = weighted(phi, losses, reduction, detach)[2]
        return plain.gradient(learner.params, tape, by_loss[:, None] * slopes)

    def after(grads):
        return {name: value - 0.1 * grads[name] for name, value in learner.params.items()}

    grads = gradient(phi, form.get("detach", True))
    outer = plain.clean_loss(after(grads), clean)
    if gates is not None:
        clean_grads = plain.clean_gradient(after(grads), clean)
        gates.draw(grads, noise)

    def total(phi):
        grads = gradient(phi, form.get("detach", True))
        if gates is None:
            return plain.clean_loss(after(grads), clean)
        return plain.clean_loss(after(gates.through(grads)), clean) + 0.1 * gates.matching(grads, clean_grads)

    meta_grads = plain.derivative(total, phi)
    if gates is not None:
        gates.learn(grads, clean_grads, 0.1)
    phi = move(phi, meta_grads)
    weights, value, _ = weighted(phi, losses, reduction)
    learner = plain.descend(learner, gradient(phi), tape, nesterov=form.get("nesterov", False))
    return learner, phi, weights, value, outer


def mover(case, phi):
    """Returns the optimiser of the weight network: Adam 1e-3 with L2 1e-4, or SGD with Nesterov momentum and 5e-4."""
    if case not in RATES:
        return plain.Adam(1e-3, decay=1e-4).step
    buffer = [plain.zeros(phi)]

    def move(phi, grads):
        phi, buffer[0] = plain.sgd(phi, buffer[0], grads, RATES[case], nesterov=True, decay=5e-4)
        return phi

    return move


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("case", FORMS)
def test_two_steps_equal_numpy(case):
    step, state = presets.step_of(case), presets.start_of(case)
    learner, phi = plain.fresh(state.learner.params), plain.flat(state.meta.params)
    move, loss = mover(case, phi), LDAM if case == "mw_net ldam" else plain.CROSS_ENTROPY
    for number in (1, 2):
        batch, clean = presets.batches_of(case, number)
        state, info = step(presets.key_of(number), state, batch, clean)
        before = phi
        learner, phi, weights, value, outer = mw_net_step(learner, phi, batch, clean, move, FORMS[case], loss)
        plain.assert_same(info.rows.weights, weights)
        plain.assert_same([info.loss, info.outer_loss], [value, outer])
        plain.assert_same_change(state.meta.params, phi, before)
        plain.assert_same_learner(state.learner, learner)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    "case", ["mw_net sampler", *(pytest.param(c, marks=pytest.mark.slow) for c in list(GATED)[1:])]
)
def test_two_steps_through_the_layer_sampler_equal_numpy(case):
    """The meta-gradient passes open gates and the classifier, and L_g is part of what the weight network minimises."""
    step, state = presets.step_of(case), presets.start_of(case)
    learner, phi = plain.fresh(state.learner.params), plain.flat(state.meta.params)
    gates, move, seen = plain_sampler.Gates(state.meta.engine.params, **GATED[case]), mover(case, phi), set()
    for number in (1, 2):
        batch, clean = presets.batches_of(case, number)
        key = presets.key_of(number)
        noise = np.asarray(jax.random.gumbel(jax.random.split(key, 6)[3], (len(gates.gated), 2)))
        state, info = step(key, state, batch, clean)
        before = phi
        learner, phi, *_ = mw_net_step(learner, phi, batch, clean, move, {}, gates=gates, noise=noise)
        assert {name: bool(info.metrics[f"gate/{name}"]) for name in gates.gated} == gates.open
        plain.assert_same(info.metrics["activation_loss"], gates.activation()[0])
        plain.assert_same_change(state.meta.params, phi, before)
        plain.assert_same(state.meta.engine.params, gates.networks)
        plain.assert_same_learner(state.learner, learner)
        seen |= set(gates.open.values())
    assert seen == {True, False}
