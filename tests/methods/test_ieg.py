"""IEG: two steps of both forms in NumPy (Zhang et al., CVPR 2020, algorithm 1), and what its weights must satisfy."""

import inspect
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core.bilevel import bilevel
from meta_noise.core.meta_gradient import mixed_mode, unrolled
from meta_noise.core.meta_rules import rectified_and_sign
from meta_noise.core.virtual import frozen_momentum
from meta_noise.losses.beta import symmetric_beta
from meta_noise.methods.ieg import CODE, PAPER, ieg
from tests import presets
from tests.methods import plain
from tests.toy import toy_network

DECAY, META_STEP, KEEP = 5e-3, 0.1, 0.9
NOISY_FACTOR, CONSISTENCY_FACTOR = 5, 20


class Form(NamedTuple):
    """Where paper and code differ: c of the first two terms, scaled logits or not, how factors are drawn, the guess."""

    half: float
    scaled: bool
    factors: str
    constant: bool


FORMS = {
    "ieg": Form(0.5, True, "square", False),
    "ieg paper": Form(1.0, False, "beta", True),
    "ieg constant guess": Form(0.5, True, "square", True),
}


class Draws(NamedTuple):
    """What is left to chance in a step: clean rows of the pool [B], second partners [3B], shares of the first [3B]."""

    anchors: np.ndarray
    partners: np.ndarray
    shares: np.ndarray


def draws_of(key, rows, factors):
    """Returns what the key of a step decides, in the order of `prepare`: clean rows, partners, shares."""
    anchor, partner, share = jax.random.split(jax.random.split(key, 6)[0], 3)
    if factors == "square":
        shares = 1 - np.asarray(jax.random.uniform(share, (3 * rows,))) ** 2 / 2
    else:
        shares = np.asarray(symmetric_beta(share, 0.5, (3 * rows,)))
        shares = np.maximum(shares, 1 - shares)
    anchors = jax.random.randint(anchor, (rows,), 0, rows)
    return Draws(np.asarray(anchors), np.asarray(jax.random.permutation(partner, 3 * rows)), shares)


def unit(z):
    """Returns z / sqrt(mean z^2 + 1e-8), the mean over rows and classes."""
    return z / np.sqrt((z**2).mean() + 1e-8)


def through_unit(z, slope):
    """Returns the derivative by z from that by `unit(z)`."""
    root = np.sqrt((z**2).mean() + 1e-8)
    return slope / root - z * (slope * z).sum() / (z.size * root**3)


def guess_of(params, batch, form):
    """Returns g [B, C]: the sharpened mean of what the network says about the two views."""
    views = [plain.network(params, x)[0] for x in (batch.inputs, batch.views[0])]
    views = [plain.softmax(unit(z) if form.scaled else z) for z in views]
    return plain.sharpen((views[0] + views[1]) / 2)


def through_guess(params, batch, form, slope):
    """Returns the derivative by the parameters from that by the guess, by way of both views."""
    passes = [plain.network(params, x) for x in (batch.inputs, batch.views[0])]
    views = [plain.softmax(unit(z) if form.scaled else z) for z, _ in passes]
    squares = ((views[0] + views[1]) / 2) ** 2
    guess = squares / squares.sum(-1, keepdims=True)
    by_mean = 2 * np.sqrt(squares) / squares.sum(-1, keepdims=True) * (slope - (guess * slope).sum(-1, keepdims=True))
    grads = []
    for (z, tape), view in zip(passes, views, strict=True):
        by_logits = plain.through_softmax(view, by_mean / 2)
        grads.append(plain.gradient(params, tape, through_unit(z, by_logits) if form.scaled else by_logits))
    return {name: grads[0][name] + grads[1][name] for name in params}


def meta_gradient(learner, batch, clean, guess, form):
    """Returns (value, derivative) of `L_v + (wd / 2) |theta'|^2` by `omega` and `lambda` at 1/B and 0.9.

    `theta' = theta - 0.1 (0.9 buffer + grad sum_i omega_i CE(q_i, z_i) + wd theta)`, q = lambda y + (1 - lambda) g. The
    gradient goes through g too unless the form says that it is constant.
    """
    given, rows = plain.one_hot(batch.labels), len(batch.labels)
    z, tape = plain.network(learner.params, batch.inputs)

    def outer(at):
        share = at["keep"][:, None]
        slopes = at["weights"][:, None] * (plain.softmax(z) - share * given - (1 - share) * guess)
        grads = plain.gradient(learner.params, tape, slopes)
        if not form.constant:
            by_guess = -at["weights"][:, None] * (1 - share) * np.log(plain.softmax(z))
            further = through_guess(learner.params, batch, form, by_guess)
            grads = {name: grads[name] + further[name] for name in grads}
        virtual = {
            name: value - META_STEP * (0.9 * learner.buffer[name] + grads[name] + DECAY * value)
            for name, value in learner.params.items()
        }
        return plain.clean_loss(virtual, clean) + DECAY / 2 * sum((value**2).sum() for value in virtual.values())

    start = {"weights": np.full(rows, 1 / rows), "keep": np.full(rows, KEEP)}
    return outer(start), plain.derivative(outer, start)


def six_terms(learner, batch, clean, guess, weights, keep, draws, form):
    """Returns (the first five terms of the loss, y*, their gradient, the weak pass); the sixth is the optimiser's."""
    params, given, rows = learner.params, plain.one_hot(batch.labels), len(batch.labels)
    ce = plain.CROSS_ENTROPY
    blended, chosen = KEEP * given + (1 - KEEP) * guess, np.where(keep[:, None], given, guess)
    z, tape = plain.network(params, batch.inputs)
    weighted, relabelled = weights @ ce.values(z, blended), ce.values(z, chosen).mean()
    weak = form.half * (weights[:, None] * ce.slopes(z, blended) + ce.slopes(z, chosen) / rows)

    labels = np.concatenate([plain.one_hot(clean.labels)[draws.anchors], guess, guess])
    inputs = np.concatenate([np.asarray(clean.inputs)[draws.anchors], batch.inputs, batch.views[0]])
    share = draws.shares[:, None]
    inputs = share * inputs + (1 - share) * inputs[draws.partners]
    labels = share * labels + (1 - share) * labels[draws.partners]
    z_mixed, tape_mixed = plain.network(params, inputs)
    terms, mixed = [], []
    for block, factor in enumerate((1, NOISY_FACTOR / 2, NOISY_FACTOR / 2)):
        here = slice(block * rows, (block + 1) * rows)
        logits = unit(z_mixed[here]) if form.scaled else z_mixed[here]
        terms.append(factor * ce.values(logits, labels[here]).mean())
        slope = factor * ce.slopes(logits, labels[here]) / rows
        mixed.append(through_unit(z_mixed[here], slope) if form.scaled else slope)

    z_strong, tape_strong = plain.network(params, batch.views[0])
    p, log_apart = plain.softmax(z), np.log(plain.softmax(z)) - np.log(plain.softmax(z_strong))
    consistency = CONSISTENCY_FACTOR * (p * log_apart).sum(-1).mean()
    strong = CONSISTENCY_FACTOR * (plain.softmax(z_strong) - p) / rows

    passes = (tape, weak), (tape_mixed, np.concatenate(mixed)), (tape_strong, strong)
    grads = [plain.gradient(params, one, slopes) for one, slopes in passes]
    total = {name: sum(part[name] for part in grads) for name in params}
    return form.half * (weighted + relabelled) + sum(terms) + consistency, chosen, total, tape


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("case", FORMS)
def test_two_steps_equal_numpy(case):
    form, step, state = FORMS[case], presets.step_of(case), presets.start_of(case)
    learner = plain.fresh(state.learner.params)
    average = learner.params
    for number in (1, 2):
        (batch, clean), key = presets.batches_of(case, number), presets.key_of(number)
        state, info = step(key, state, batch, clean)
        guess = guess_of(learner.params, batch, form)
        outer, slopes = meta_gradient(learner, batch, clean, guess, form)
        helps = np.maximum(0, -slopes["weights"])
        weights, keep = helps / (helps.sum() + 1e-5), slopes["keep"] < 0
        assert 0 < keep.sum() < len(keep) and 0 < (weights > 0).sum() < len(weights) and weights.sum() <= 1
        draws = draws_of(key, len(batch.labels), form.factors)
        loss, chosen, grads, tape = six_terms(learner, batch, clean, guess, weights, keep, draws, form)
        learner = plain.descend(learner, grads, tape, decay=DECAY)
        rate = min(0.999, number / (9 + number))  # (1 + t) / (10 + t), t = 0 in the first step
        average = {name: rate * average[name] + (1 - rate) * value for name, value in learner.params.items()}

        plain.assert_same(info.rows.weights, len(weights) * weights)
        plain.assert_same(info.rows.targets, chosen)
        plain.assert_same([info.loss, info.outer_loss], [loss, outer])
        plain.assert_same_learner(state.learner, learner)
        plain.assert_same(optax.tree.get(state.learner.opt_state, "ema"), average, 1e-7)  # its decay is a float32
        assert state.meta.params == ()
    inputs = presets.batches_of(case, 3)[0].inputs
    predicted, _ = plain.network(average, inputs, learner.running)
    plain.assert_same(presets.method_of(case).predict(state, inputs), predicted, 1e-7)


def method_with(problem, engine=None):
    tx = optax.chain(optax.add_decayed_weights(DECAY), optax.sgd(0.1, momentum=0.9))
    rule = frozen_momentum(META_STEP, 0.9, DECAY)
    return bilevel(problem, toy_network(), tx, rectified_and_sign(), engine, rule)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("constant", [True, False])
def test_gradients_by_weights_and_labels(constant):
    """Both engines against the complex step, with a momentum buffer that is not zero and L2 in the outer loss."""
    form = FORMS["ieg"]._replace(constant=constant)
    state, (batch, clean) = presets.start_of("ieg"), presets.batches_of("ieg", 1)
    learner = plain.fresh(state.learner.params)
    learner = learner._replace(buffer={name: np.cos(value) for name, value in learner.params.items()})
    trace = jax.tree.map(jnp.cos, state.learner.params)
    grads = meta_gradient(learner, batch, clean, guess_of(learner.params, batch, form), form)[1]
    for engine in (mixed_mode(), unrolled()):
        method = method_with(ieg(outer_weight_decay=DECAY, constant_guess=constant), engine)
        opt_state = optax.tree.set(method.init(jax.random.key(0), batch).learner.opt_state, trace=trace)
        start = state._replace(learner=state.learner._replace(opt_state=opt_state))
        plain.assert_same(jax.jit(method.meta_grads)(jax.random.key(0), start, batch, clean), grads, 1e-8)


@pytest.mark.usefixtures("float64")
def test_where_guess_and_label_agree_the_share_of_the_label_does_not_matter():
    problem = ieg(constant_guess=True)

    def agreed(key, model, memory, batch, clean):
        batch, clean = problem.prepare(key, model, memory, batch, clean)
        return batch._replace(targets=jax.nn.one_hot(batch.labels, 3, dtype=batch.inputs.dtype)), clean

    state, (batch, clean) = presets.start_of("ieg"), presets.batches_of("ieg", 1)
    for changed, share in ((problem._replace(prepare=agreed), 0), (problem, 1)):
        method = method_with(changed)
        start = state._replace(learner=method.init(jax.random.key(0), batch).learner)
        grads = jax.jit(method.meta_grads)(jax.random.key(0), start, batch, clean)
        assert (np.abs(grads["keep"]) > 1e-8).mean() == share
        assert np.abs(grads["weights"]).min() > 1e-8


def test_the_default_is_the_code_and_the_paper_differs_in_four_settings():
    defaults = inspect.signature(ieg).parameters
    assert {name: defaults[name].default for name in CODE} == CODE
    assert CODE.keys() == PAPER.keys() and all(CODE[name] != PAPER[name] for name in CODE)


@pytest.mark.parametrize("settings", [dict(keep=1.1), dict(keep=-0.1), dict(temperature=0.0), dict(factors="uniform")])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ValueError, match="need keep in"):
        ieg(**settings)
