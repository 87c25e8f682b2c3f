"""How meta-parameters move: the published rules as optax transformations.

Anything in optax serves as a meta optimiser; here is only what optax does not have.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax


def rectified(epsilon: float | None = None) -> optax.GradientTransformation:
    """Returns the rule of L2R: new weights are `max(0, -grad)`, divided by their sum.

    Ren et al., "Learning to Reweight Examples for Robust Deep Learning", ICML 2018, algorithm 1. If no gradient is
    negative all weights are zero. The step size of the virtual update cancels.

    Args:
        epsilon: None divides by the sum, by 1 where it is zero (the original form); a number is added to the sum
            (1e-5 in the IEG code, which differs).

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import rectified
    >>> rule, params = rectified(), jnp.array([0.0, 0.0, 0.0])
    >>> updates, _ = rule.update(jnp.array([-1.0, 2.0, -3.0]), rule.init(params), params)
    >>> optax.apply_updates(params, updates).round(2).tolist()
    [0.25, 0.0, 0.75]
    """

    def init(params):
        del params
        return optax.EmptyState()

    def update(grads, state, params):
        positive = jax.tree.map(lambda g: jnp.maximum(-g, 0), grads)
        total = optax.tree.sum(positive)
        total = jnp.where(total > 0, total, 1) if epsilon is None else total + epsilon
        return jax.tree.map(lambda new, old: new / total - old, positive, params), state

    return optax.GradientTransformation(init, update)


def rectified_and_sign(epsilon: float = 1e-5) -> optax.GradientTransformation:
    """Returns the rule of IEG for a dictionary of `weights` [B] and `keep` [B].

    Zhang et al., "Distilling Effective Supervision from Severe Label Noise", CVPR 2020, equations 3 and 4. Weights move
    as under `rectified(epsilon)`; `keep` becomes 1 where its gradient is negative, which means that more of the
    observed label would lower the outer loss, and 0 elsewhere.

    Args:
        epsilon: added to the sum of weights.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import rectified_and_sign
    >>> rule = rectified_and_sign()
    >>> params = {"weights": jnp.zeros(2), "keep": jnp.full(2, 0.9)}
    >>> grads = {"weights": jnp.array([-1.0, 1.0]), "keep": jnp.array([-0.1, 0.1])}
    >>> updates, _ = rule.update(grads, rule.init(params), params)
    >>> {name: value.round(2).tolist() for name, value in optax.apply_updates(params, updates).items()}
    {'keep': [1.0, 0.0], 'weights': [1.0, 0.0]}
    """
    weights_rule = rectified(epsilon)

    def init(params):
        del params
        return optax.EmptyState()

    def update(grads, state, params):
        weights, _ = weights_rule.update(grads["weights"], state, params["weights"])
        keep = (grads["keep"] < 0).astype(params["keep"].dtype) - params["keep"]
        return {"weights": weights, "keep": keep}, state

    return optax.GradientTransformation(init, update)


class AmsgradState(NamedTuple):
    """State of `amsgrad`.

    Attributes:
        count: number of updates.
        mu: first moment.
        nu: second moment.
        nu_max: its running maximum, not bias-corrected.
    """

    count: jax.Array  # type: ignore[assignment]
    mu: optax.Params
    nu: optax.Params
    nu_max: optax.Params


def amsgrad(lr: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> optax.GradientTransformation:
    """Returns AMSGrad in the form of PyTorch, which the released code of MLC-LCN uses.

    The running maximum is taken of the raw second moment and bias-corrected afterwards; `optax.amsgrad` differs (it
    takes the maximum of the corrected moment). Reddi, Kale, Kumar, "On the Convergence of Adam and Beyond", ICLR 2018.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import amsgrad
    >>> rule, params = amsgrad(0.5), jnp.array([1.0, 2.0])
    >>> updates, _ = rule.update(jnp.array([1.0, -4.0]), rule.init(params), params)
    >>> optax.apply_updates(params, updates).round(2).tolist()
    [0.5, 2.5]
    """

    def init(params):
        zeros = jax.tree.map(jnp.zeros_like, params)
        return AmsgradState(jnp.zeros((), jnp.int32), zeros, zeros, zeros)

    def update(grads, state, params=None):
        del params
        count = optax.safe_increment(state.count)
        mu = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, state.mu, grads)
        nu = jax.tree.map(lambda n, g: b2 * n + (1 - b2) * g**2, state.nu, grads)
        nu_max = jax.tree.map(jnp.maximum, state.nu_max, nu)
        correction1, correction2 = 1 - b1**count, 1 - b2**count

        def move(m, n):
            return -lr * (m / correction1) / (jnp.sqrt(n) / jnp.sqrt(correction2) + eps)

        return jax.tree.map(move, mu, nu_max), AmsgradState(count, mu, nu, nu_max)

    return optax.GradientTransformation(init, update)


def row_simplex(lr: float) -> optax.GradientTransformation:
    """Returns plain SGD that keeps every row of a matrix a distribution: negative entries become 0, then rows sum to 1.

    The rule for transition matrices `[true, observed]`. It differs from the Euclidean projection onto the simplex,
    which subtracts where this divides. A row without a positive entry becomes the row of the identity.

    Args:
        lr: step size > 0.

    Raises:
        ValueError: a parameter is not a matrix (when tracing).

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import row_simplex
    >>> rule, params = row_simplex(0.1), jnp.array([[1.0, 0.0], [0.0, 1.0]])
    >>> updates, _ = rule.update(jnp.array([[1.0, -1.0], [0.0, 0.0]]), rule.init(params), params)
    >>> [[f"{value:.2f}" for value in row] for row in optax.apply_updates(params, updates)]
    [['0.90', '0.10'], ['0.00', '1.00']]
    """

    def project(matrix):
        total = jnp.sum(matrix, axis=-1, keepdims=True)
        identity = jnp.eye(matrix.shape[0], matrix.shape[1], dtype=matrix.dtype)
        return jnp.where(total == 0, identity, matrix / jnp.where(total == 0, 1, total))

    return _projected(lr, project)


def column_simplex(lr: float) -> optax.GradientTransformation:
    """Returns plain SGD after which negative entries of a matrix become 0 and every column is divided by its sum.

    The rule of the released code of MLC-T (Wang, Hu, Hu, "Training Noise-Robust Deep Neural Networks via
    Meta-Learning", CVPR 2020), there with 0.11. A column without a positive entry stays zero.

    Args:
        lr: step size > 0.

    Raises:
        ValueError: a parameter is not a matrix (when tracing).

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import column_simplex
    >>> rule, params = column_simplex(0.1), jnp.array([[1.0, 0.0], [0.0, 1.0]])
    >>> updates, _ = rule.update(jnp.array([[1.0, -1.0], [0.0, 0.0]]), rule.init(params), params)
    >>> [[f"{value:.2f}" for value in row] for row in optax.apply_updates(params, updates)]
    [['1.00', '0.09'], ['0.00', '0.91']]
    """

    def project(matrix):
        total = jnp.sum(matrix, axis=-2, keepdims=True)
        return matrix / jnp.where(total == 0, 1, total)

    return _projected(lr, project)


def _projected(lr: float, project: Callable[[jax.Array], jax.Array]) -> optax.GradientTransformation:
    """Returns `project(max(params - lr * grads, 0))` as a stateless transformation."""

    def init(params):
        del params
        return optax.EmptyState()

    def move(grad, param):
        if param.ndim != 2:
            raise ValueError(
                f"row_simplex and column_simplex move matrices, got meta-parameters of shape {param.shape}; "
                "choose another meta optimiser, such as sgd or adam"
            )
        return project(jnp.maximum(param - lr * grad, 0)) - param

    def update(grads, state, params):
        return jax.tree.map(move, grads, params), state

    return optax.GradientTransformation(init, update)
