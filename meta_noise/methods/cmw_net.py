"""CMW-Net: weights of rows from their losses, by one function for each family of classes of like size.

J. Shu, X. Yuan, D. Meng, Z. Xu, "CMW-Net: Learning a Class-Aware Sample Weighting Mapping for Robust Deep Learning",
TPAMI 2023, https://arxiv.org/abs/2202.05613, section 3. Classes are divided into families by the number of
their rows (k-means); with `f(c)` the family of class c and `V` a network from a loss to a weight for each family,

    w_i = V_f(y_i)(l_i; phi),   L_tr = sum_i w_i l_i / sum_j w_j

Everything else is MW-Net. The form with soft labels, and weights carried over from another data set, are not here.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.core.problem import Problem
from meta_noise.losses.cross_entropy import cross_entropy, mean_cross_entropy
from meta_noise.models.meta.weight_net import CURVE, family_net, mean_by
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS = dict(
    optimizer=dict(name="adam", lr=1e-3, weight_decay=1e-4),
    virtual=dict(name="plain_sgd", rate="lr"),
    on_texts=dict(virtual=dict(name="plain_sgd", rate=1.0)),
)
ROUNDS = 100  # of k-means, which ends sooner


def cmw_net(class_counts: Sequence[int] = (), families: int = 3, hidden: int = 100) -> Problem:
    """Returns the problem of CMW-Net.

    Args:
        class_counts: [C] training rows of every class, filled in by the builder.
        families: number of families, at most that of different class sizes.
        hidden: units of the weight network.

    Raises:
        ValueError: `families` is below 1.

    >>> from meta_noise.methods.cmw_net import cmw_net
    >>> made = cmw_net(class_counts=[30, 20, 10])
    >>> type(made).__name__
    'Problem'
    """
    if families < 1:
        raise ValueError(f"families must be at least 1, got {families}")
    family = families_of(class_counts, families)
    net = family_net(hidden, int(family.max(initial=0)) + 1)

    def init_meta(key, batch: Batch, outputs: Outputs):
        del outputs
        return net.init(key, jnp.zeros(batch.labels.shape, jnp.result_type(float)))["params"]

    def inner_loss(outputs: Outputs, params, batch: Batch):
        losses = cross_entropy(outputs.logits, batch.labels)  # [B]
        all_weights = net.apply({"params": params}, jax.lax.stop_gradient(losses))  # [B, families]
        weights = jnp.take_along_axis(all_weights, jnp.asarray(family)[batch.labels][:, None], axis=-1)[:, 0]
        return mean_by(weights, losses), Rows(weights=weights)

    def learned(params):
        losses = jnp.linspace(*CURVE)
        curves = net.apply({"params": params}, losses).T
        return {f"weight_curve_{number}": jnp.stack([losses, curve]) for number, curve in enumerate(curves)}

    return Problem(init_meta, inner_loss, mean_cross_entropy, learned=learned)


def families_of(class_counts: Sequence[int], families: int) -> np.ndarray:
    """Returns the family of every class, [C] int32, 0 for the smallest classes: k-means of the counts on the line."""
    counts = np.asarray(class_counts, float)
    sizes = np.unique(counts)
    families = min(families, max(len(sizes), 1))
    centres = np.quantile(sizes, (np.arange(families) + 0.5) / families) if len(sizes) else np.zeros(1)
    for _ in range(ROUNDS):
        found = np.argmin(np.abs(counts[:, None] - centres), axis=1)
        moved = np.array([counts[found == k].mean() if (found == k).any() else centres[k] for k in range(families)])
        if np.array_equal(moved, centres):
            break
        centres = moved
    return np.unique(np.argmin(np.abs(counts[:, None] - centres), axis=1), return_inverse=True)[1].astype(np.int32)
