"""MLC-LCN: one step, k steps exactly, and the discounted window, in NumPy (Zheng et al., AAAI 2021, equations 2-6)."""

import numpy as np
import pytest

from tests import presets
from tests.methods import plain

FORMS = {
    "mlc_lcn": dict(),
    "mlc_lcn skip": dict(skip=True),
    "mlc_lcn code": dict(apart=True),
    "mlc_lcn code steps 2": dict(apart=True, steps=2, nesterov=True),
    "mlc_lcn all clean rows": dict(join=False, nesterov=True),
    "mlc_lcn steps 2": dict(steps=2),
    "mlc_lcn steps 3": dict(steps=3, skip=True),
}
QUICK = {"mlc_lcn", "mlc_lcn code", "mlc_lcn all clean rows", "mlc_lcn steps 2"}  # by default; the others with -m slow
RUN = [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in FORMS]
LR, MOMENTUM = 0.1, 0.9


def corrected(phi, features, labels, skip):
    """Returns q [B, C]: softmax of a network on features and an embedding of the label, mixed with it by a skip."""
    given = plain.one_hot(labels)
    x = np.concatenate([features, given @ phi["embedding/embedding"]], -1)
    for name in ("hidden0", "hidden1"):
        x = np.tanh(x @ phi[f"{name}/kernel"] + phi[f"{name}/bias"])
    x = x @ phi["output/kernel"] + phi["output/bias"]
    share = 1 / (1 + np.exp(-x[:, 3:])) if skip else 0
    return (1 - share) * plain.softmax(x[:, :3]) + share * given


def halves(clean, join):
    """Returns (the part in the outer loss, the part that joins training) of a clean batch."""
    middle = len(clean.labels) // 2 if join else len(clean.labels)
    cut = (slice(middle), slice(middle, None))
    return [clean._replace(inputs=clean.inputs[rows], labels=clean.labels[rows]) for rows in cut]


def walk(learner, phi, batches, joined, form, loss=plain.CROSS_ENTROPY):
    """Returns (learner, losses, targets of the rows) after one optimiser step on every batch.

    `L_tr = (sum_i CE(q_i, z_i) + sum_j CE(y'_j, z'_j)) / (n + m2)`. The features that the label network reads are
    constants. Apart, the joined rows have a pass and batch statistics of their own.
    """
    losses, rows = [], []
    for batch in batches:
        size, apart = len(batch.labels), form.get("apart", False)
        groups = [batch.inputs, joined.inputs] if apart else [np.concatenate([batch.inputs, joined.inputs])]
        passes = [plain.network(learner.params, inputs) for inputs in groups]
        z, tape = np.concatenate([z for z, _ in passes]), passes[0][1]
        fixed = corrected(phi, tape.features[:size].real, batch.labels, form.get("skip", False))
        targets = np.concatenate([fixed, plain.one_hot(joined.labels)])
        losses.append(loss.values(z, targets).mean())
        rows.append(targets)
        slopes = np.split(loss.slopes(z, targets) / len(z), [size] if apart else [])
        by_group = [plain.gradient(learner.params, one, slope) for (_, one), slope in zip(passes, slopes, strict=True)]
        grads = {name: sum(part[name] for part in by_group) for name in by_group[0]}
        learner = plain.descend(learner, grads, tape, LR, MOMENTUM, form.get("nesterov", False))
    return learner, losses, np.concatenate(rows)


def meta_gradient(learner, phi, batches, clean, form, loss=plain.CROSS_ENTROPY):
    """Returns `d L_c(theta_k) / dphi`, k = number of batches, exactly, through momentum and weight decay."""
    outer, joined = halves(clean, form.get("join", True))
    return plain.derivative(
        lambda phi: plain.clean_loss(walk(learner, phi, batches, joined, form, loss)[0].params, outer), phi
    )


def mlc_lcn_step(learner, phi, batches, clean, move, form, loss=plain.CROSS_ENTROPY):
    """Returns (learner, phi, targets, loss, outer loss); the virtual steps are the actual ones."""
    outer, joined = halves(clean, form.get("join", True))
    grads = meta_gradient(learner, phi, batches, clean, form, loss)
    learner, losses, targets = walk(learner, phi, batches, joined, form, loss)
    return learner, move(phi, grads), targets, np.mean(losses), plain.clean_loss(learner.params, outer)


def parts(batch, steps):
    """Returns the batches of a step with several virtual ones."""
    size = len(batch.labels) // steps
    cut = [slice(start, start + size) for start in range(0, steps * size, size)]
    return [batch._replace(inputs=batch.inputs[rows], labels=batch.labels[rows]) for rows in cut]


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("case", RUN)
def test_two_steps_equal_numpy(case):
    form, step, state = FORMS[case], presets.step_of(case), presets.start_of(case)
    learner, phi = plain.fresh(state.learner.params), plain.flat(state.meta.params)
    move = plain.Adam(3e-4, largest=True).step
    for number in (1, 2):
        batch, clean = presets.batches_of(case, number)
        state, info = step(presets.key_of(number), state, batch, clean)
        before, batches = phi, parts(batch, form.get("steps", 1))
        learner, phi, targets, loss, outer = mlc_lcn_step(learner, phi, batches, clean, move, form)
        plain.assert_same(info.rows.targets, targets)
        plain.assert_same([info.loss, info.outer_loss], [loss, outer])
        plain.assert_same_change(state.meta.params, phi, before)
        plain.assert_same_learner(state.learner, learner)
        assert (np.asarray(info.rows.index) >= 0).sum() == len(batch.labels)  # the rows that joined are not counted


class Window:
    """The rule for k steps with frozen phi: `A_t = G_t + gamma_t A_{t-1}`, a meta step with A at the end, then A = 0.

    `gamma_t = sum_e (1 - alpha s) g'_e g_e / |g|^2`, g and g' the gradients of the same clean loss before and after the
    step, s = 1 for heavy ball and 1 + momentum for Nesterov.
    """

    def __init__(self, every, form):
        self.every, self.form, self.count, self.total = every, form, 0, None

    def add(self, grads, before, after, clean):
        """Returns A where phi moves, else None."""
        outer, _ = halves(clean, self.form.get("join", True))
        g, later = (plain.clean_gradient(learner.params, outer) for learner in (before, after))
        share = 1 - LR * (1 + MOMENTUM if self.form.get("nesterov") else 1)
        gamma = sum(np.sum(share * later[name] * g[name]) for name in g) / sum(np.sum(g[name] ** 2) for name in g)
        if self.total is not None:
            grads = {name: grads[name] + gamma * self.total[name] for name in grads}
        self.count, self.total = self.count + 1, grads
        if self.count % self.every:
            return None
        self.total = None
        return grads


@pytest.mark.usefixtures("float64")
def test_a_window_of_three_equals_numpy():
    """Four steps: the label network moves once, after the third, and a new window begins."""
    case = "mlc_lcn every 3"
    form, step, state = dict(nesterov=True), presets.step_of(case), presets.start_of(case)
    learner, phi = plain.fresh(state.learner.params), plain.flat(state.meta.params)
    start, window, move = phi, Window(3, form), plain.Adam(3e-4, largest=True).step
    for number in (1, 2, 3, 4):
        batch, clean = presets.batches_of(case, number)
        state, _ = step(presets.key_of(number), state, batch, clean)
        grads = meta_gradient(learner, phi, [batch], clean, form)
        after, _, _ = walk(learner, phi, [batch], halves(clean, True)[1], form)
        total = window.add(grads, learner, after, clean)
        learner, phi = after, phi if total is None else move(phi, total)
        plain.assert_same_learner(state.learner, learner)
        plain.assert_same(state.meta.engine.total, window.total or plain.zeros(phi))
        plain.assert_same(state.meta.params, phi, 0 if number < 3 else 1e-9)
    plain.assert_same_change(state.meta.params, phi, start)


@pytest.mark.usefixtures("float64")
def test_with_one_step_the_approximate_and_the_exact_gradient_are_the_same():
    """Of the rule for k = 1, and of the first step of a longer window, as in the library."""
    case, form = "mlc_lcn every 3", dict(nesterov=True)
    state, (batch, clean) = presets.start_of(case), presets.batches_of(case, 1)
    learner, phi = plain.fresh(state.learner.params), plain.flat(state.meta.params)
    exact = meta_gradient(learner, phi, [batch], clean, form)
    after, _, _ = walk(learner, phi, [batch], halves(clean, True)[1], form)
    plain.assert_same(Window(1, form).add(exact, learner, after, clean), exact)
    state, _ = presets.step_of(case)(presets.key_of(1), state, batch, clean)
    plain.assert_same(state.meta.engine.total, exact)
