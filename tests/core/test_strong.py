"""A step that is compiled once takes its own results again, whatever Python numbers things were made of."""

import jax
import jax.numpy as jnp
import optax
import pytest

from meta_noise import core
from meta_noise.models import from_functions
from tests.toy import toy_batch


def losses(outputs, batch):
    return optax.softmax_cross_entropy_with_integer_labels(outputs.logits, batch.labels)


NETWORK = from_functions(lambda key, x: jnp.full((x.shape[1], 3), 0.1), lambda params, x, train, key: x @ params)
BILEVEL = core.Problem(
    init_meta=lambda key, batch, outputs: {"number": 0.5, "array": jnp.full(2, 0.5)},
    inner_loss=lambda outputs, meta, batch: (
        jnp.mean(losses(outputs, batch)) * meta["number"] * meta["array"].sum(),
        core.Rows(),
    ),
    outer_loss=lambda outputs, clean: jnp.mean(losses(outputs, clean)),
)
PLAIN = core.Objective(lambda outputs, batch: (jnp.mean(losses(outputs, batch)), core.Rows()))
METHODS = {
    "bilevel": core.bilevel(BILEVEL, NETWORK, optax.sgd(0.1, momentum=0.9), optax.adam(0.1)),
    "single": core.single(PLAIN, NETWORK, optax.adam(0.1)),
}


@pytest.mark.parametrize("name", METHODS)
def test_compiled_once(name):
    method, batch = METHODS[name], toy_batch(8)
    step, state = jax.jit(method.step), method.init(jax.random.key(0), batch)
    for number in range(3):
        state, _ = step(jax.random.key(number), state, batch, batch)
    assert step._cache_size() == 1
