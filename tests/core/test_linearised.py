"""One linearisation of the network serves a whole step, and agrees with the engine, which recomputes, to round-off.

The virtual gradient is its transpose (so is the actual one), the tangent of the logits is the map itself; weights,
labels and matrices then need arithmetic on [B, C] only (`d L_v / d a = d/da sum_i <dL_tr/dz_i, zdot_i>`).
"""

import jax
import jax.numpy as jnp
import pytest

from meta_noise.core.virtual import plain_sgd
from meta_noise.methods.mlc_t import mlc_t
from meta_noise.types import Outputs
from tests.core.test_meta_gradient import OPTIMISERS, PROBLEMS, _error, _setting, _solve

pytestmark = pytest.mark.usefixtures("float64")

CASES = {
    "mw_net_live": (PROBLEMS["mw_net_live"], plain_sgd(0.3)),
    "mlc_lcn_skip": (PROBLEMS["mlc_lcn_skip"], None),
    "mlc_t": (mlc_t, None),
}


@pytest.mark.parametrize("case", CASES)
def test_linearised_equals_recomputed(case):
    make, rule = CASES[case]
    setting = _setting(make(), OPTIMISERS["nesterov"](), rule=rule)
    recomputed = _solve("mixed_mode", *setting)
    inner, outer_loss, start, (batch,), meta_params = setting

    @jax.jit
    def linearised(start, meta_params):
        def outputs_of(params):
            return inner.forward(params, start.batch_stats, batch)[0]

        outputs, along = jax.linearize(outputs_of, start.params)
        transpose = jax.linear_transpose(along, start.params)

        def slopes(meta_params):
            """Returns `dL_tr/dz`; features are constants in every method."""
            return jax.grad(lambda z: inner.loss(outputs._replace(logits=z), meta_params, batch))(outputs.logits)

        (grads,) = transpose(Outputs(slopes(meta_params), jnp.zeros_like(outputs.features)))
        after, pull = jax.vjp(lambda g: inner.update(g, (start.params, start.opt_state))[0], grads)
        (direction,) = pull(jax.grad(outer_loss)(after, start.batch_stats))
        tangent = along(direction).logits
        return after, direction, jax.grad(lambda a: jnp.sum(slopes(a) * tangent))(meta_params)

    after, direction, meta_grads = linearised(start, meta_params)
    assert _error(after, recomputed.virtual.params) < 1e-13
    assert _error(direction, recomputed.direction) < 1e-12
    assert _error(meta_grads, recomputed.grads) < 1e-11
