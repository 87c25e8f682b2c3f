"""A loss of the user's own, by its dotted path, in every method that takes one; one step of each against NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.build.defaults import resolved
from meta_noise.build.method import make_method
from meta_noise.build.optimizer import Lengths
from meta_noise.config.parse import parse
from meta_noise.errors import InputError
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.per_row import loss_of_rows
from tests import presets
from tests.methods import plain
from tests.methods.test_l2r import l2r_step
from tests.methods.test_mlc_lcn import mlc_lcn_step
from tests.methods.test_mw_net import mw_net_step
from tests.toy import toy_network

LOGITS, TARGETS = jnp.array([[1.0, 2.0, 0.5], [0.0, -1.0, 0.3]]), jnp.array([2, 0])
METHODS = ("l2r", "mw_net", "mlc_lcn", "supervised")


def far_from(logits, targets, *, power=1.0):
    """Returns `sum_c q_c (1 - p_c)^power`, a loss that the library does not have."""
    if targets.ndim == 1:
        targets = jax.nn.one_hot(targets, logits.shape[-1], dtype=logits.dtype)
    return jnp.sum(targets * (1 - jax.nn.softmax(logits)) ** power, axis=-1)


def total(logits, targets):
    return jnp.sum(cross_entropy(logits, targets))


def in_numpy(power):
    def by_p(p, q):
        return -power * q * (1 - p) ** (power - 1)

    return plain.Loss(
        lambda z, q: (q * (1 - plain.softmax(z)) ** power).sum(-1),
        lambda z, q: plain.through_softmax(plain.softmax(z), by_p(plain.softmax(z), q)),
    )


def method(name, loss=f"{__name__}.far_from", **settings):
    sections = presets.case(name, loss=loss, **settings)
    return make_method(resolved(parse(sections)), toy_network(), Lengths(100, 10), presets.FACTS)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    "name", ["supervised", "mw_net", *(pytest.param(name, marks=pytest.mark.slow) for name in ("l2r", "mlc_lcn"))]
)
def test_a_dotted_path_with_settings_trains(name):
    trained, (batch, clean) = method(name, loss_settings={"power": 2.0}), presets.batches_of(name, 1)
    state = presets.start_of(name)
    learner, phi = plain.fresh(state.learner.params), plain.flat(state.meta.params)
    loss, rows = in_numpy(2.0), plain.one_hot(batch.labels)
    if name == "l2r":
        after, seen, value, _ = l2r_step(learner, batch, clean, 1.0, 0.0, None, loss)
        seen = len(seen) * seen
    elif name == "mw_net":
        move = plain.Adam(1e-3, decay=1e-4).step
        after, phi, seen, value, _ = mw_net_step(learner, phi, batch, clean, move, {}, loss)
    elif name == "mlc_lcn":
        move = plain.Adam(3e-4, largest=True).step
        after, phi, seen, value, _ = mlc_lcn_step(learner, phi, [batch], clean, move, {}, loss)
    else:
        z, tape = plain.network(learner.params, batch.inputs)
        grads = plain.gradient(learner.params, tape, loss.slopes(z, rows) / len(z))
        after, seen, value = plain.descend(learner, grads, tape), None, loss.values(z, rows).mean()

    start = plain.flat(state.meta.params)
    state, info = jax.jit(trained.step)(presets.key_of(1), state, batch, clean)
    plain.assert_same_learner(state.learner, after)
    plain.assert_same(info.loss, value)
    if seen is not None:
        plain.assert_same(info.rows.weights if name != "mlc_lcn" else info.rows.targets, seen)
    if name in ("mw_net", "mlc_lcn"):
        plain.assert_same_change(state.meta.params, phi, start)


@pytest.mark.parametrize("name", METHODS)
def test_a_loss_that_gives_one_number_is_refused_before_the_first_step(name):
    with pytest.raises(InputError, match=r"shape \(\)|one value per row|a value per row"):
        method(name, f"{__name__}.total")


@pytest.mark.parametrize("name", METHODS)
def test_a_path_that_leads_nowhere_is_refused(name):
    with pytest.raises(InputError, match="has no function 'nothing'"):
        method(name, f"{__name__}.nothing")
    with pytest.raises(InputError, match="power"):
        method(name, loss_settings={"powr": 2.0})


def test_settings_are_filled_in():
    expected = far_from(LOGITS, TARGETS, power=3.0)
    np.testing.assert_allclose(loss_of_rows(far_from, {"power": 3.0})(LOGITS, TARGETS), expected, rtol=1e-6)
    np.testing.assert_allclose(loss_of_rows(far_from, None)(LOGITS, TARGETS), far_from(LOGITS, TARGETS), rtol=1e-6)
    np.testing.assert_array_equal(loss_of_rows("cross_entropy", None)(LOGITS, TARGETS), cross_entropy(LOGITS, TARGETS))


def test_what_is_not_a_loss_is_refused():
    with pytest.raises(ValueError, match="'focal'; names are looked up in configs"):
        loss_of_rows("focal", None)
    with pytest.raises(TypeError, match="powr"):
        loss_of_rows(far_from, {"powr": 1.0})
    with pytest.raises(ValueError, match=r"a value per row, \(2,\), got shape \(\)"):
        loss_of_rows(total, None)(LOGITS, TARGETS)
