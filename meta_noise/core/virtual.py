"""The virtual step: a differentiable trial update of the classifier.

`live`, `plain_sgd` and `frozen_momentum` give one virtual step on the whole batch; other forms are
`live()._replace(steps=5)`, `plain_sgd(0.1)._replace(rows=16)` and `live()._replace(reuse=True)`. Any other rule is
`Virtual(rule)`.

What the published implementations do (all differentiate exactly what they do here):

| implementation | rule |
|---|---|
| L2R | `plain_sgd(1.0)`: weights are zero, so nothing moves and the step size cancels |
| L2R in the IEG code | `plain_sgd(0.1, weight_decay)` |
| MW-Net, FaMUS | `plain_sgd(lr)` at the current rate, no momentum, no weight decay |
| MLC-LCN | `live()`: the optimiser itself, momentum buffer and weight decay included |
| MLC-T | `plain_sgd(1e-3)` on a sum over the batch |
| IEG | `frozen_momentum(0.1, 0.9, weight_decay)`: the real momentum buffer, a fixed step size |

Batch statistics of virtual and outer passes are dropped in all presets. The released code of MLC-LCN differs: it
keeps the running averages of four passes per step.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import optax

Update = Callable[[Any, Any], Any]
Rate = float | Callable[[Any], Any]


class Virtual(NamedTuple):
    """The virtual step or steps of a method.

    Attributes:
        rule: `(tx, step) -> update` with `update(grads, (params, opt_state)) -> (params, opt_state)`. `tx` is the
            classifier's own optimiser and `step` the number of steps taken so far, for schedules.
        steps: virtual steps before the outer loss. One call of the method's `step` then takes that many batches, the
            rows of one after those of the other, and the classifier moves as often.
        rows: rows of the batch, evenly spaced, that the virtual step is taken with; 0: all of them.
        reuse: the virtual steps, taken with the old meta-parameters, are the actual ones (MLC-LCN); `live` only.
    """

    rule: Callable[[optax.GradientTransformation, Any], Update]
    steps: int = 1
    rows: int = 0
    reuse: bool = False


def _live(tx: optax.GradientTransformation, step) -> Update:
    del step

    def update(grads, carry):
        params, opt_state = carry
        updates, opt_state = tx.update(grads, opt_state, params)
        return optax.apply_updates(params, updates), opt_state

    return update


def live() -> Virtual:
    """Returns the rule "one step of the real optimiser", with its live state.

    The optimiser is differentiated through; where gradients are exactly zero the derivative of `optax.adam` is NaN,
    that of `meta_noise.core.smooth.adam` is not.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import live
    >>> tx, params = optax.sgd(0.1), jnp.array([1.0])
    >>> update = live().rule(tx, 0)
    >>> [f"{value:.2f}" for value in update(jnp.array([2.0]), (params, tx.init(params)))[0]]
    ['0.80']
    """
    return Virtual(_live)


def is_live(virtual: Virtual) -> bool:
    """Says whether the rule is that of `live()`."""
    return virtual.rule is _live


def plain_sgd(rate: Rate, weight_decay: float = 0.0) -> Virtual:
    """Returns the rule `params - rate * (grads + weight_decay * params)`; the optimiser state stays.

    Args:
        rate: step size > 0, or a schedule `step -> rate`, to follow the rate of the real optimiser.
        weight_decay: coefficient of an L2 term in the virtual loss.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import plain_sgd
    >>> tx, params = optax.adam(0.1), jnp.array([1.0])
    >>> update = plain_sgd(0.25).rule(tx, 0)
    >>> update(jnp.array([2.0]), (params, tx.init(params)))[0].tolist()
    [0.5]
    """

    def rule(tx, step):
        del tx
        size = rate(step) if callable(rate) else rate

        def update(grads, carry):
            params, opt_state = carry
            return jax.tree.map(lambda p, g: p - size * (g + weight_decay * p), params, grads), opt_state

        return update

    return Virtual(rule)


def frozen_momentum(rate: Rate = 0.1, momentum: float = 0.9, weight_decay: float = 0.0) -> Virtual:
    """Returns the rule `params - rate * (momentum * buffer + grads + weight_decay * params)`.

    The buffer is that of the real optimiser and is not moved.

    Raises:
        ValueError: the optimiser has no momentum buffer (when tracing).

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import frozen_momentum
    >>> tx, params = optax.sgd(0.1, momentum=0.9), jnp.array([1.0])
    >>> update = frozen_momentum(0.25, 0.9).rule(tx, 0)
    >>> update(jnp.array([2.0]), (params, tx.init(params)))[0].tolist()
    [0.5]
    """

    def rule(tx, step):
        del tx
        size = rate(step) if callable(rate) else rate

        def update(grads, carry):
            params, opt_state = carry
            buffer = optax.tree.get(opt_state, "trace")
            if buffer is None:
                raise ValueError("frozen_momentum needs an optimiser with a momentum buffer, such as sgd(momentum=0.9)")

            def move(p, g, b):
                return p - size * (momentum * b + g + weight_decay * p)

            return jax.tree.map(move, params, grads, buffer), opt_state

        return update

    return Virtual(rule)
