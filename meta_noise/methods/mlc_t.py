"""MLC-T: a transition matrix between true and observed classes, learned while it corrects the loss.

Wang, Hu, Hu, "Training Noise-Robust Deep Neural Networks via Meta-Learning", CVPR 2020,
https://doi.org/10.1109/CVPR42600.2020.00458. In two forms, `k_i` the observed class and `p = softmax(z)`:

    prob_persistent   L_tr = (1/B) sum_i -log sum_c p_ic T[c, k_i],   T kept from step to step, first the identity
                      T <- max(T - eta dL_v/dT, 0), then each row divided by its sum
    logits_reset      L_tr = sum_i CE(k_i, z_i T),   T = I at the start of every step
                      T = max(I - 0.11 dL_v/dT, 0), then each column divided by its sum

`logits_reset` is what the released code does; `prob_persistent` differs from it and is forward correction proper, with
`T[c, k]` the probability that class c is observed as k. Its `eta` is not published. `dL_v/dT` is proportional to the
rate of the virtual step, so the two act together; 0.1 suits runs of some hundred steps, long runs may do with less. The
released code begins with 30,000 steps of cross-entropy, and so does `logits_reset` if a run says nothing else
(`train.warmup_steps`). `prob_persistent` differs and has no warm-up: it begins as cross-entropy, as T is the identity.
The released code takes the whole clean set as the clean batch, which is a setting of the run.
"""

from typing import Any, Literal

import jax
import jax.numpy as jnp

from meta_noise.core.problem import Problem
from meta_noise.losses.cross_entropy import cross_entropy, mean_cross_entropy
from meta_noise.losses.forward_corrected import forward_corrected, posterior
from meta_noise.types import Batch, Outputs, Rows

Mode = Literal["prob_persistent", "logits_reset"]

PRESETS: dict[str, dict[str, Any]] = {
    "prob_persistent": dict(
        optimizer=dict(name="row_simplex", lr=0.1),
        virtual=dict(name="plain_sgd", rate="lr"),
        on_texts=dict(virtual=dict(name="plain_sgd", rate=1.0)),  # the rate of Adam is no step for a virtual update
    ),
    "logits_reset": dict(
        optimizer=dict(name="column_simplex", lr=0.11),
        virtual=dict(name="plain_sgd", rate=1e-3),
        warmup_steps=30_000,
    ),
}


def defaults(mode: Mode = "prob_persistent") -> dict[str, Any]:
    """Returns the meta optimiser and the virtual step that belong to `mode`, see `mlc_t`."""
    return PRESETS[_known(mode)]


DEFAULTS = defaults


def mlc_t(mode: Mode = "prob_persistent") -> Problem:
    """Returns the problem of MLC-T.

    The targets reported for a row are the posterior of its true class, `pi_ic = p_ic T[c, k_i] / sum_d p_id T[d, k_i]`.
    In the mode "logits_reset" there are none: a matrix on logits has no posterior.

    Args:
        mode: "prob_persistent" corrects probabilities with a matrix that is kept, mean over the batch;
            "logits_reset" multiplies the logits by a matrix that is made anew in every step, sum over the batch (the
            released code; its learning rate 1e-4 acts on that sum).

    Raises:
        ValueError: `mode` is neither of the two.

    >>> from meta_noise.methods.mlc_t import mlc_t
    >>> problem = mlc_t()
    >>> type(problem).__name__, problem.fresh, problem.copies
    ('Problem', False, 1)
    """
    _known(mode)

    def init_meta(key, batch: Batch, outputs: Outputs):
        del key, batch
        return jnp.eye(outputs.logits.shape[-1], dtype=jnp.result_type(float))  # [C, C]

    def on_probabilities(outputs: Outputs, transition, batch: Batch):
        losses = forward_corrected(outputs.logits, batch.labels, transition=transition)  # [B]
        return jnp.mean(losses), Rows(targets=posterior(outputs.logits, batch.labels, transition))

    def on_logits(outputs: Outputs, matrix, batch: Batch):
        corrected = jnp.matmul(outputs.logits, matrix, precision=jax.lax.Precision.HIGHEST)  # [B, C]
        return jnp.sum(cross_entropy(corrected, batch.labels)), Rows()

    if mode == "prob_persistent":
        return Problem(
            init_meta, on_probabilities, mean_cross_entropy, learned=lambda transition: {"transition": transition}
        )
    return Problem(init_meta, on_logits, outer_loss=mean_cross_entropy, fresh=True)


def _known(mode: str) -> str:
    if mode not in PRESETS:
        raise ValueError(f"mode must be 'prob_persistent' or 'logits_reset', got {mode!r}")
    return mode
