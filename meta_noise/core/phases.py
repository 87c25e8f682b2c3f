"""Training in which not every step is that of the method.

`warmed_up` begins with plain steps on the labels as they are. Deep networks learn what most labels say before they
memorise wrong ones, so a short warm-up gives losses that tell right from wrong labels. MLC-T and FaMUS without clean
data begin so. The optimiser and its state go on, as in the released code of FaMUS; that of MLC-T differs and makes a
new optimiser after the warm-up, so that its momentum begins at zero, and takes the weights of the best test accuracy
over, where here the last ones go on.

`finetuned` ends with plain steps on the trusted rows, the simplest use of them after any method.

`every_nth` takes the meta step, the dear part, in the first of so many steps only.
"""

import jax.numpy as jnp
import optax

from meta_noise.core.averages import is_averaged
from meta_noise.core.rows import losses_of
from meta_noise.core.single import Objective, single
from meta_noise.types import Batch, Between, Finetune, Info, Method, Network, Outputs, Rows, State, Warmup


def _loss(outputs: Outputs, batch: Batch):
    return jnp.sum(jnp.mean(losses_of(outputs, batch), axis=-1)), Rows()


PLAIN = Objective(_loss)  # mean cross-entropy of the labels, summed over both networks of a pair


def warmed_up(
    method: Method, network: Network, tx: optax.GradientTransformation, steps: int, objective: Objective | None = None
) -> Method:
    """Returns `method` with `steps` steps of `objective` before it; with 0 the method itself.

    Args:
        method: trains `network` with an optimiser whose state has the form of that of `tx`.
        network: the classifier, or a pair.
        tx: the optimiser of these steps.
        steps: at least 0.
        objective: None: mean cross-entropy.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import Batch, bilevel, warmed_up
    >>> from meta_noise.methods.mw_net import mw_net
    >>> from meta_noise.models import from_functions
    >>> network = from_functions(lambda key, x: jnp.zeros((4, 3)), lambda params, x, train, key: x @ params)
    >>> batch = Batch(jnp.eye(4), jnp.array([0, 1, 2, 0]), jnp.arange(4))
    >>> tx = optax.sgd(0.1)
    >>> method = warmed_up(bilevel(mw_net(), network, tx, optax.adam(1e-3)), network, tx, 100)
    >>> method.warmup.steps
    100
    """
    if not steps:
        return method
    return method._replace(warmup=Warmup(single(objective or PLAIN, network, tx).step, steps))


def finetuned(method: Method, network: Network, tx: optax.GradientTransformation, steps: int) -> Method:
    """Returns `method` with `steps` steps of mean cross-entropy after it, on trusted rows; with 0 the method itself.

    Averaged parameters follow the latest ones, since an average over so few steps would hardly move.

    Args:
        method: trains `network` with an optimiser whose state has the form of that of `tx`.
        network: the classifier, or a pair.
        tx: the optimiser of these steps.
        steps: at least 0.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import Batch, bilevel, finetuned
    >>> from meta_noise.methods.mw_net import mw_net
    >>> from meta_noise.models import from_functions
    >>> network = from_functions(lambda key, x: jnp.zeros((4, 3)), lambda params, x, train, key: x @ params)
    >>> batch = Batch(jnp.eye(4), jnp.array([0, 1, 2, 0]), jnp.arange(4))
    >>> tx = optax.sgd(0.1)
    >>> method = finetuned(bilevel(mw_net(), network, tx, optax.adam(1e-3)), network, tx, 50)
    >>> method.finetune.steps
    50
    """
    if not steps:
        return method
    plain = single(PLAIN, network, tx).step

    def step(key, state: State, batch: Batch, clean: Batch) -> tuple[State, Info]:
        state, info = plain(key, state, batch, clean)
        learner = state.learner
        if is_averaged(learner):
            learner = learner._replace(opt_state=optax.tree.set(learner.opt_state, ema=learner.params))
        return state._replace(learner=learner), info

    return method._replace(finetune=Finetune(step, steps))


def every_nth(method: Method, interval: int) -> Method:
    """Returns `method` with a meta step in the first of `interval` steps only, counted in each epoch; with 1 itself.

    In between the classifier alone moves, with the meta-parameters as they are.

    Raises:
        ValueError: `interval` is below 1, or the method has no step without a meta step.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import Batch, bilevel, every_nth
    >>> from meta_noise.methods.mw_net import mw_net
    >>> from meta_noise.models import from_functions
    >>> network = from_functions(lambda key, x: jnp.zeros((4, 3)), lambda params, x, train, key: x @ params)
    >>> batch = Batch(jnp.eye(4), jnp.array([0, 1, 2, 0]), jnp.arange(4))
    >>> method = every_nth(bilevel(mw_net(), network, optax.sgd(0.1), optax.adam(1e-3)), 4)
    >>> method.between.every
    4
    """
    if interval < 1:
        raise ValueError(f"interval must be at least 1, got {interval}")
    if interval == 1:
        return method
    if method.plain is None:
        raise ValueError(
            f"interval is {interval} and must be 1: this method takes a meta step in every step, since its "
            "meta-parameters are made anew in every batch, or it takes several virtual steps, or has no meta level"
        )
    return method._replace(between=Between(method.plain, interval))
