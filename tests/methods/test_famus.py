"""FaMUS without clean data: two steps of both networks in NumPy (Xu et al., CVPR 2021, supplement, algorithm 2)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.losses.beta import symmetric_beta
from meta_noise.methods.famus import famus
from meta_noise.types import Outputs
from tests import presets
from tests.methods import plain, plain_sampler
from tests.methods.test_mw_net import weights_of

CLASSES, UNLABELLED, RAMP_EPOCHS, ALPHA = 3, 25.0, 16, 4.0
RAMP = (5 - 2) / RAMP_EPOCHS  # epoch 5.5 of a run whose warm-up ended with epoch 2


def part(batch, copy):
    """Returns the batch of one network."""
    return jax.tree.map(lambda x: np.asarray(x)[copy] if np.ndim(x) else x, batch)


def known_of(learners, copy, sure, inputs, view, labels):
    """Returns refined labels `sharpen(c y + (1 - c) own mean)` and guesses `sharpen(mean of both networks and views)`.

    The network's own passes are in train mode, those of the other one in evaluation mode.
    """
    mine, other = learners[copy], learners[1 - copy]
    own = [plain.softmax(plain.network(mine.params, x)[0]) for x in (inputs, view)]
    theirs = [plain.softmax(plain.network(other.params, x, other.running)[0]) for x in (inputs, view)]
    mean = (own[0] + own[1]) / 2
    refined = plain.sharpen(sure[:, None] * plain.one_hot(labels) + (1 - sure)[:, None] * mean)
    return refined, plain.sharpen((sum(own) + sum(theirs)) / 4)


def mix(key, *values):
    """Returns the values mixed up with one factor: of `m ~ Beta(4, 4)` and 1 - m the larger, for the first partner."""
    key_partner, key_factor = jax.random.split(key)
    partners = np.asarray(jax.random.permutation(key_partner, len(values[0])))
    factor = float(symmetric_beta(key_factor, ALPHA))
    factor = max(factor, 1 - factor)
    return [factor * x + (1 - factor) * x[partners] for x in values]


def prior(p):
    """Returns R = sum_c (1/C) log((1/C) / mean_i p_ic) and its derivative by p."""
    mean = p.mean(0)
    return np.mean(np.log(1 / CLASSES / mean)), np.tile(-1 / CLASSES / mean / len(p), (len(p), 1))


class Side:
    """The training loss of one network on its mixed rows, for any weight network."""

    def __init__(self, learner, inputs, targets, guesses):
        self.learner, self.targets, self.guesses = learner, targets, guesses
        z, self.tape = plain.network(learner.params, inputs)
        self.p, self.losses = plain.softmax(z), plain.CROSS_ENTROPY.values(z, targets)
        self.trusted = np.arange(len(z)) < len(z) // 2

    def weights(self, phi):
        """Returns `V(l_i)`, the losses being constants, divided by their sum over the batch."""
        weights, _ = weights_of(phi, self.losses)
        return weights / weights.sum()

    def value(self, phi):
        """Returns `2 sum_trusted w_i CE(t_i) + 2 lambda_u(e) sum_others w_i |p_i - h_i|^2 / C + R`."""
        apart = ((self.p - self.guesses) ** 2).mean(-1)
        rows = np.where(self.trusted, self.losses, UNLABELLED * RAMP * apart)
        return 2 * self.weights(phi) @ rows + prior(self.p)[0]

    def gradient(self, phi):
        apart = plain.through_softmax(self.p, 2 / CLASSES * (self.p - self.guesses))
        rows = np.where(self.trusted[:, None], self.p - self.targets, UNLABELLED * RAMP * apart)
        slopes = 2 * self.weights(phi)[:, None] * rows + plain.through_softmax(self.p, prior(self.p)[1])
        return plain.gradient(self.learner.params, self.tape, slopes)


def outer_loss(params, inputs, targets):
    """Returns `mean CE(t', z') + R` of mixed clean rows."""
    z, _ = plain.network(params, inputs)
    return plain.CROSS_ENTROPY.values(z, targets).mean() + prior(plain.softmax(z))[0]


def outer_gradient(params, inputs, targets):
    z, tape = plain.network(params, inputs)
    p = plain.softmax(z)
    return plain.gradient(params, tape, (p - targets) / len(z) + plain.through_softmax(p, prior(p)[1]))


def twice(values):
    """Returns each of the values two times, one after the other, for the two views."""
    return np.concatenate([x for x in values for _ in range(2)])


class Half:
    """One network of the pair with its weight network, its gates and their optimisers."""

    def __init__(self, state, copy):
        def own(tree):
            return jax.tree.map(lambda x: np.asarray(x)[copy], tree)

        self.copy, self.learner = copy, plain.fresh(own(state.learner.params))
        self.phi = plain.flat(own(state.meta.params))
        self.buffer = plain.zeros(self.phi)
        self.gates = plain_sampler.Gates(own(state.meta.engine.params))
        self.sure = np.asarray(state.memory["clean"])[copy]

    def step(self, learners, key, batch, clean):
        """Takes a step from what both `learners` are; returns (loss, outer loss, weights, refined labels)."""
        keys = jax.random.split(jax.random.split(key, 6)[0], 4)
        rows = len(batch.labels) // 2
        known, views = [], []
        for side in (slice(rows), slice(rows, None)):
            inputs, view = batch.inputs[side], batch.views[0][side]
            sure = self.sure[batch.index[side]]
            known.append(known_of(learners, self.copy, sure, inputs, view, batch.labels[side]))
            views += [inputs, view]
        refined = twice([t for t, _ in known])
        mixed = mix(keys[self.copy], np.concatenate(views), refined, twice([h for _, h in known]))
        side = Side(self.learner, *mixed)

        sure, view = self.sure[clean.index], clean.views[0]
        targets, _ = known_of(learners, self.copy, sure, clean.inputs, view, clean.labels)
        outer_rows = mix(keys[2 + self.copy], np.concatenate([clean.inputs, view]), twice([targets]))

        def after(grads):
            return {name: value - 0.1 * grads[name] for name, value in self.learner.params.items()}

        grads = side.gradient(self.phi)
        outer, clean_grads = (function(after(grads), *outer_rows) for function in (outer_loss, outer_gradient))
        noise = jax.random.gumbel(jax.random.split(jax.random.split(key, 6)[3])[self.copy], (len(self.gates.gated), 2))
        self.gates.draw(grads, np.asarray(noise))

        def total(phi):
            grads = side.gradient(phi)
            return outer_loss(after(self.gates.through(grads)), *outer_rows) + 0.1 * self.gates.matching(
                grads, clean_grads
            )

        slopes = plain.derivative(total, self.phi)
        self.gates.learn(grads, clean_grads, 0.1)
        self.phi, self.buffer = plain.sgd(self.phi, self.buffer, slopes, 1e-3, nesterov=True, decay=5e-4)
        weights = len(side.losses) * side.weights(self.phi)
        loss = side.value(self.phi)
        self.learner = plain.descend(self.learner, side.gradient(self.phi), side.tape)
        return loss, outer, weights, refined


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("famus"), presets.start_of("famus")
    halves, seen = [Half(state, copy) for copy in range(2)], set()
    for number in (1, 2):
        (batch, clean), key = presets.batches_of("famus", number), presets.key_of(number)
        before = [half.phi for half in halves]
        state, info = step(key, state, batch, clean)
        learners = [half.learner for half in halves]
        results = [half.step(learners, key, part(batch, half.copy), part(clean, half.copy)) for half in halves]
        loss, outer, weights, refined = zip(*results, strict=True)
        plain.assert_same([info.loss, info.outer_loss], [np.mean(loss), np.mean(outer)])
        plain.assert_same([info.rows.weights, info.rows.targets], [np.concatenate(weights), np.concatenate(refined)])
        for half, start in zip(halves, before, strict=True):
            found = jax.tree.map(lambda x, copy=half.copy: x[copy], (state.learner, state.meta))
            plain.assert_same_learner(found[0], half.learner)
            plain.assert_same_change(found[1].params, half.phi, start)
            plain.assert_same(found[1].engine.params, half.gates.networks)
            seen |= set(half.gates.open.values())
    assert seen == {True, False}
    inputs = presets.batches_of("famus", 3)[0].inputs[0]
    both = [plain.network(half.learner.params, inputs, half.learner.running)[0] for half in halves]
    plain.assert_same(presets.method_of("famus").predict(state, inputs), (both[0] + both[1]) / 2)


ROWS = 200


def losses_with_low(low):
    """Returns losses near 0.1 in the rows `low`, near 3 in the others."""
    losses = np.random.default_rng(0).uniform(2.9, 3.1, ROWS)
    losses[low] = np.random.default_rng(1).uniform(0.05, 0.15, len(low))
    return losses


def refreshed(first, second, memory=None, **settings):
    """Returns what `refresh` makes of the losses [N] of both networks, in epoch 7."""
    problem = famus(num_rows=ROWS, **settings)
    memory = problem.init_memory(None, None) if memory is None else memory
    return problem.refresh(jax.random.key(0), memory, lambda function: np.stack([first, second]), 7)


def test_each_network_is_told_by_the_other_one_which_rows_to_trust():
    new = refreshed(losses_with_low(np.arange(120)), losses_with_low(np.arange(50, 150)))
    expected = np.zeros((2, ROWS), bool)
    expected[0, 50:150], expected[1, :120] = True, True
    np.testing.assert_array_equal(new.split.clean, expected)
    np.testing.assert_array_equal(new.split.train, 1 + expected)
    np.testing.assert_array_equal(new.memory["clean"] > 0.5, expected)
    assert new.notes == ()


def test_epochs_are_counted_from_the_first_refresh():
    losses = losses_with_low(np.arange(100))
    new = refreshed(losses, losses)
    assert int(new.memory["first"]) == 7
    again = refreshed(losses, losses, {**new.memory, "first": jnp.asarray(3, jnp.int32)})
    assert int(again.memory["first"]) == 3


def test_rows_without_a_loss_take_no_part():
    losses = losses_with_low(np.arange(100))
    losses[::2] = np.nan
    new = refreshed(losses, losses)
    assert not new.split.train[:, ::2].any() and not new.split.clean[:, ::2].any()
    np.testing.assert_array_equal(new.split.train[0, 1::2], np.where(np.arange(ROWS)[1::2] < 100, 2, 1))


@pytest.mark.parametrize("count", [20, 190])
def test_too_few_or_too_many_trusted_rows_become_half_but_the_clean_batches_keep_the_threshold(count):
    """Below 64 of 200, and above 90% of them; a note says so for each network."""
    losses = losses_with_low(np.arange(count))
    new = refreshed(losses, losses)
    assert (new.split.train == 2).sum(1).tolist() == [100, 100]
    assert new.split.clean.sum(1).tolist() == [count, count]
    assert len(new.notes) == 2 and str(count) in new.notes[0]
    trusted = new.split.train == 2
    assert new.memory["clean"][trusted].min() >= new.memory["clean"][~trusted].max()


def mixture(losses):
    """Returns the posterior of the lower of two Gaussians: EM from the two nearest groups, ten rounds at most."""
    x = (losses - losses.min()) / (losses.max() - losses.min())
    centres = np.array([0.0, 1.0])
    for _ in range(100):  # k-means
        group = np.abs(x[:, None] - centres).argmin(1)
        centres = np.array([x[group == g].mean() for g in range(2)])

    def fit(share):
        counts = share.sum(0)
        means = share.T @ x / counts
        return counts / len(x), means, (share * (x[:, None] - means) ** 2).sum(0) / counts + 5e-4

    def posterior(sizes, means, variances):
        parts = sizes * np.exp(-((x[:, None] - means) ** 2) / 2 / variances) / np.sqrt(2 * np.pi * variances)
        return parts / parts.sum(1, keepdims=True), np.log(parts.sum(1)).mean()

    fitted, before = fit(np.eye(2)[group]), -np.inf
    for _ in range(10):
        share, level = posterior(*fitted)
        fitted = fit(share)
        if abs(level - before) < 1e-2:
            break
        before = level
    return posterior(*fitted)[0][:, fitted[1].argmin()]


def test_the_probability_is_that_of_the_lower_of_two_gaussians():
    """Of two groups that overlap, so that many rows are in doubt."""
    rng = np.random.default_rng(2)
    pair = [np.concatenate([rng.normal(0.8, 0.4, 120), rng.normal(2.0, 0.6, 80)]) for _ in range(2)]
    new, expected = refreshed(*pair), [mixture(pair[1]), mixture(pair[0])]
    assert all(((p > 0.1) & (p < 0.9)).sum() > 20 for p in expected)
    np.testing.assert_allclose(new.memory["clean"], expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(new.split.clean, np.array(expected) > 0.5)


@pytest.mark.usefixtures("float64")
def test_the_consistency_term_grows_from_nothing_over_16_epochs():
    """What `prepare` hands on, with the first refresh in epoch 2."""
    batch, clean = presets.batches_of("famus", 1)
    problem = famus(num_rows=presets.ROWS)
    memory = presets.start_of("famus").memory

    def model(inputs, train=True):
        return Outputs(inputs[..., :3], inputs)

    for epoch, ramp in ((2.9, 0), (3.0, 1 / 16), (10.2, 0.5), (18.0, 1), (300.0, 1)):
        mixed, _ = problem.prepare(jax.random.key(0), model, memory, batch._replace(epoch=epoch), clean)
        np.testing.assert_allclose(mixed.prepared[1], ramp)
