"""JoCoR: two networks learn the rows on which both are right and of one mind.

H. Wei, L. Feng, X. Chen, B. An, "Combating Noisy Labels by Agreement: A Joint Training Method with Co-Regularization",
CVPR 2020, https://arxiv.org/abs/2003.02752, section 3:

    l_i = (1 - agreement) (CE(y_i, z1_i) + CE(y_i, z2_i)) + agreement (KL(p1_i || p2_i) + KL(p2_i || p1_i))

L is the mean of `l_i` over the share R(e) of rows where it is lowest, R as in `co_teaching`. Where wrong labels are
asymmetric the paper halves `forget`. Both networks see the same rows; predictions are the mean of their logits, in the
paper one network's.
"""

import jax
import jax.numpy as jnp

from meta_noise.core.rows import losses_of
from meta_noise.core.single import Objective
from meta_noise.objectives.small_loss import check_forgetting, kept_share, lowest
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS: dict = {}


def jocor(agreement: float = 0.1, forget: float = 0.2, ramp_epochs: float = 10.0, exponent: float = 1.0) -> Objective:
    """Returns the objective of JoCoR; the weight reported for a row is 1 where it was learned, else 0.

    Args:
        agreement: lambda, in [0, 1].
        forget: share of rows that are left out in the end, in [0, 1); in the paper the noise rate.
        ramp_epochs: epochs until then, above 0.
        exponent: as in `co_teaching`.

    Raises:
        ValueError: a setting is out of range.

    >>> from meta_noise.methods.jocor import jocor
    >>> made = jocor()
    >>> type(made).__name__
    'Objective'
    """
    check_forgetting(forget, ramp_epochs, exponent)
    if not 0 <= agreement <= 1:
        raise ValueError(f"agreement must be in [0, 1], got {agreement}")

    def loss(outputs: Outputs, batch: Batch):
        log_p = jax.nn.log_softmax(outputs.logits)  # [2, B, C]
        apart = jnp.sum((jnp.exp(log_p[0]) - jnp.exp(log_p[1])) * (log_p[0] - log_p[1]), axis=-1)  # both KL
        joint = (1 - agreement) * jnp.sum(losses_of(outputs, batch), axis=0) + agreement * apart  # [B]
        kept = lowest(jax.lax.stop_gradient(joint), kept_share(batch, forget, ramp_epochs, exponent))
        return jnp.sum(kept * joint) / jnp.sum(kept), Rows(weights=jnp.stack([kept, kept]))

    return Objective(loss, copies=2)
