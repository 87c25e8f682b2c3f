"""A tiny network with batch normalisation, written without Flax, and batches for it."""

import functools

import jax
import jax.numpy as jnp

from meta_noise.types import Batch, Network, Outputs

CLASSES, INPUTS, HIDDEN = 3, 5, 7


def toy_network(activation=jnp.tanh) -> Network:
    """Returns dense - batch norm - activation - dense; its activations are the features."""

    @jax.jit
    def init(key, inputs):
        keys = jax.random.split(key, 4)
        size = inputs.shape[-1]
        hidden = {
            "kernel": jax.random.normal(keys[0], (size, HIDDEN)) / size**0.5,
            "scale": 1 + 0.1 * jax.random.normal(keys[1], (HIDDEN,)),
            "offset": 0.1 * jax.random.normal(keys[2], (HIDDEN,)),
        }
        head = {"kernel": jax.random.normal(keys[3], (HIDDEN, CLASSES)) / HIDDEN**0.5, "bias": jnp.zeros(CLASSES)}
        return {"hidden": hidden, "head": head}, {"hidden": {"mean": jnp.zeros(HIDDEN), "var": jnp.ones(HIDDEN)}}

    def apply(variables, inputs, train, key=None):
        params, stats = variables
        hidden, head, running = params["hidden"], params["head"], stats["hidden"]
        x = inputs @ hidden["kernel"]
        if train:
            mean, var = jnp.mean(x, 0), jnp.var(x, 0)
            running = {"mean": 0.9 * running["mean"] + 0.1 * mean, "var": 0.9 * running["var"] + 0.1 * var}
        else:
            mean, var = running["mean"], running["var"]
        features = activation((x - mean) / jnp.sqrt(var + 1e-5) * hidden["scale"] + hidden["offset"])
        outputs = Outputs(features @ head["kernel"] + head["bias"], features)
        return outputs, jax.lax.stop_gradient({"hidden": running})

    return Network(init, apply, ("hidden", "head"))


def toy_batch(seed: int, rows: int = 8) -> Batch:
    """Returns random inputs with random labels."""
    inputs, labels = _drawn(seed, rows)
    return Batch(inputs, labels, jnp.arange(rows, dtype=jnp.int32), trusted=jnp.zeros(rows, bool))


@functools.partial(jax.jit, static_argnames="rows")
def _drawn(seed, rows):
    key_inputs, key_labels = jax.random.split(jax.random.key(seed))
    labels = jax.random.randint(key_labels, (rows,), 0, CLASSES, jnp.int32)
    return jax.random.normal(key_inputs, (rows, INPUTS)), labels


def separable(seed: int, rows: int, noise: float):
    """Returns (inputs, given, truth) of three well-separated clusters with a share `noise` of wrong labels."""
    key_truth, key_inputs, key_wrong, key_shift = jax.random.split(jax.random.key(seed), 4)
    truth = jax.random.randint(key_truth, (rows,), 0, CLASSES, jnp.int32)
    centres = 3 * jnp.eye(CLASSES, INPUTS)
    inputs = centres[truth] + 0.5 * jax.random.normal(key_inputs, (rows, INPUTS))
    wrong = jax.random.uniform(key_wrong, (rows,)) < noise
    given = jnp.where(wrong, (truth + jax.random.randint(key_shift, (rows,), 1, CLASSES)) % CLASSES, truth)
    return inputs, given.astype(jnp.int32), truth
