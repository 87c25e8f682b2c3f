"""IEG: weights, guessed labels, mixup with clean anchors and consistency between two views.

Zhang, Zhang, Arik, Lee, Pfister, "Distilling Effective Supervision from Severe Label Noise", CVPR 2020, algorithm 1.
With `x` the weak and `xh` the strong view of a row, `y` its observed label as a one-hot row, B the batch size:

    g_i = sharpen( (softmax z(x_i) + softmax z(xh_i)) / 2 ),   q_i = lambda_i y_i + (1 - lambda_i) g_i
    L_tr = sum_i omega_i CE(q_i, z(x_i))  at omega_i = 1/B, lambda_i = 0.9
    omega*_i = max(0, -dL_v/domega_i) / (sum_j max(0, -dL_v/domega_j) + 1e-5),   lambda*_i = [dL_v/dlambda_i < 0]
    L = c (sum_i omega*_i CE(q_i, z_i) + (1/B) sum_i CE(y*_i, z_i)) + L_clean + p L_noisy + k L_KL

`L_KL` is the mean of KL(softmax z(x_i) || softmax z(xh_i)), `y*` the observed label where `lambda* = 1` and the guess
elsewhere. `L_clean` and `L_noisy` are mean cross-entropies
of mixed rows whose first partner is a clean one, or one of the two views. The L2 term belongs to the optimiser; the
outer loss has it too. The virtual step has a fixed size of 0.1 and the optimiser's momentum.

`PAPER` and `CODE` are the settings in which paper and released code differ: c is 1/2 in the code only, which also
divides logits by their root mean square before it guesses and mixes, draws mixup factors as `1 - U^2 / 2` in place of
Beta(0.5, 0.5), and whose guess is no constant of the virtual step: `L_tr` is differentiated through `g_i` too, by way
of both views. In both forms the first partner has the larger share; this differs from the letter of the paper, whose
`L_clean` and `L_noisy` would mean little without. Clean batches hold all classes equally often, as in the code.
"""

from typing import Any, Literal

import jax
import jax.numpy as jnp
import optax

from meta_noise.core.problem import Problem
from meta_noise.losses.consistency import kl_between
from meta_noise.losses.cross_entropy import cross_entropy, mean_cross_entropy
from meta_noise.losses.mixing import mix, mixing_factors
from meta_noise.losses.targets import sharpen, unit_scale
from meta_noise.types import Batch, Outputs, Rows

PAPER: dict[str, Any] = dict(halved=False, scale_logits=False, factors="beta", constant_guess=True)
CODE: dict[str, Any] = dict(halved=True, scale_logits=True, factors="square", constant_guess=False)
DEFAULTS = dict(
    optimizer=dict(name="rectified_and_sign"),
    virtual=dict(name="frozen_momentum", rate=0.1, momentum="optimizer", weight_decay="optimizer"),
    ema=0.999,
    balanced_clean=True,
    views=True,
    tokens=False,  # mixes inputs
)


def ieg(
    noisy_factor: float = 5.0,
    consistency_factor: float = 20.0,
    keep: float = 0.9,
    temperature: float = 0.5,
    halved: bool = True,
    scale_logits: bool = True,
    factors: Literal["square", "beta"] = "square",
    constant_guess: bool = False,
    outer_weight_decay: float | None = None,
) -> Problem:
    """Returns the problem of IEG. Without a second view in the batch both views are the same.

    The weights reported for a row are `B omega*_i`, the targets `y*_i`.

    Args:
        noisy_factor: p, 5 on CIFAR, 4 on WebVision, 1 on Food-101N and Clothing1M.
        consistency_factor: k, 20 on CIFAR, 8 on mini WebVision, 0.4 on WebVision, 14 on Food-101N, 3.5 on Clothing1M.
        keep: lambda_0, share of the observed label in the virtual step, in [0, 1].
        temperature: of the guess, above 0.
        halved: c is 1/2, as in the released code, else 1 as in the paper.
        scale_logits: logits are brought to one scale before guessing and in the losses of mixed rows.
        factors: of mixup: "square" or "beta", see `losses.mixing`.
        constant_guess: the virtual step takes the guess as given (the paper's notation leaves it open), else it is
            differentiated through the guess, which costs a tangent of the second view.
        outer_weight_decay: coefficient of the L2 term in the outer loss; None: in a config the optimiser's, else 0.

    Raises:
        ValueError: a setting is out of range.

    >>> from meta_noise.methods.ieg import ieg
    >>> problem = ieg()
    >>> type(problem).__name__, problem.fresh, problem.copies
    ('Problem', True, 1)
    """
    if not 0 <= keep <= 1 or temperature <= 0 or factors not in ("square", "beta"):
        raise ValueError(
            "need keep in [0, 1], temperature > 0 and factors 'square' or 'beta', "
            f"got {keep}, {temperature} and {factors!r}"
        )
    scaled = unit_scale if scale_logits else lambda logits: logits
    decay = outer_weight_decay or 0.0

    def guess_of(logits_weak, logits_strong):
        """Returns g [B, C]."""
        weak, strong = (jax.nn.softmax(scaled(logits)) for logits in (logits_weak, logits_strong))
        return sharpen((weak + strong) / 2, temperature)

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        del memory
        weak, strong = batch.inputs, _second_view(batch)
        guess = guess_of(model(weak).logits, model(strong).logits)  # [B, C]
        key_anchor, key_partner, key_factor = jax.random.split(key, 3)
        size, classes = guess.shape
        anchors = jax.random.randint(key_anchor, (size,), 0, clean.labels.shape[0])
        anchor_labels = jax.nn.one_hot(clean.labels[anchors], classes, dtype=guess.dtype)
        pool = jnp.concatenate([clean.inputs[anchors], weak, strong])  # [3B, ...]
        labels = jnp.concatenate([anchor_labels, guess, guess])  # [3B, C]
        partners = jax.random.permutation(key_partner, 3 * size)
        shares = mixing_factors(key_factor, (3 * size,), factors, 0.5).astype(guess.dtype)
        mixed = mix(pool, partners, shares), mix(labels, partners, shares)
        return batch._replace(views=(strong,), targets=guess, prepared=mixed), clean

    def init_meta(key, batch: Batch, outputs: Outputs):
        del key
        size = batch.labels.shape[0]
        dtype = outputs.logits.dtype
        return {"weights": jnp.full(size, 1 / size, dtype), "keep": jnp.full(size, keep, dtype)}

    def inner_loss(outputs: Outputs, meta_params, batch: Batch):
        logits, *second = jnp.split(outputs.logits, 1 if constant_guess else 2)  # [B, C] of each view
        guess = batch.targets if constant_guess else guess_of(logits, *second)
        targets = _blend(_one_hot(batch, outputs), guess, meta_params["keep"][:, None])
        losses = cross_entropy(logits, targets)  # [B]
        return jnp.sum(meta_params["weights"] * losses), Rows(weights=meta_params["weights"] * losses.size)

    def actual_loss(outputs: Outputs, model, meta_params, batch: Batch, clean: Batch):
        del clean
        given, weights = _one_hot(batch, outputs), meta_params["weights"]
        logits, *second = jnp.split(outputs.logits, 1 if constant_guess else 2)  # [B, C] of each view
        strong = second[0] if second else model(batch.views[0]).logits
        chosen = _blend(given, batch.targets, meta_params["keep"][:, None])  # [B, C], y*
        weighted = jnp.sum(weights * cross_entropy(logits, _blend(given, batch.targets, keep)))
        relabelled = jnp.mean(cross_entropy(logits, chosen))
        inputs, targets = batch.prepared
        mixed_logits = jnp.split(model(inputs).logits, 3)  # clean, weak and strong first partners
        parts = [
            jnp.mean(cross_entropy(scaled(mixed), labels))
            for mixed, labels in zip(mixed_logits, jnp.split(targets, 3), strict=True)
        ]
        consistency = jnp.mean(kl_between(logits, strong))
        total = (weighted + relabelled) * (0.5 if halved else 1.0)
        total += parts[0] + noisy_factor * (parts[1] + parts[2]) / 2 + consistency_factor * consistency
        return total, Rows(weights=weights * weights.size, targets=chosen)

    def outer_penalty(params):
        return 0.5 * decay * optax.tree.norm(params, squared=True)

    return Problem(
        init_meta,
        inner_loss,
        mean_cross_entropy,
        fresh=True,
        with_views=not constant_guess,
        actual_loss=actual_loss,
        outer_penalty=outer_penalty if decay else None,
        prepare=prepare,
    )


def _second_view(batch: Batch) -> jax.Array:
    return batch.views[0] if batch.views else batch.inputs


def _one_hot(batch: Batch, outputs: Outputs) -> jax.Array:
    return jax.nn.one_hot(batch.labels, outputs.logits.shape[-1], dtype=outputs.logits.dtype)


def _blend(given, guess, share):
    """Returns `share` of the observed label and the rest of the guess, [B, C]."""
    return share * given + (1 - share) * guess
