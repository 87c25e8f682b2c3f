"""Uses the public API as a typed program would; `mypy --strict` checks it, nothing runs it."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pyarrow as pa

import meta_noise
from meta_noise import core, encoders
from meta_noise.losses import verify
from meta_noise.models import from_functions
from meta_noise.runs.cite import cite


def loss(outputs: core.Outputs, batch: core.Batch) -> jax.Array:
    return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(outputs.logits, batch.labels))


def inner(outputs: core.Outputs, log_t: jax.Array, batch: core.Batch) -> tuple[jax.Array, core.Rows]:
    return loss(outputs._replace(logits=outputs.logits * jnp.exp(-log_t)), batch), core.Rows()


def trained(batch: core.Batch, clean: core.Batch) -> core.State:
    def init(key: jax.Array, inputs: jax.Array) -> jax.Array:
        return jax.random.normal(key, (inputs.shape[-1], 3))

    def apply(params: jax.Array, inputs: jax.Array, train: bool, key: jax.Array) -> jax.Array:
        return inputs @ params

    problem = core.Problem(lambda key, batch, outputs: jnp.zeros(()), inner, loss)
    network: core.Network = from_functions(init, apply)
    method: core.Method = core.bilevel(
        problem, network, optax.sgd(0.1), optax.adam(0.01), core.mixed_mode(), core.live()._replace(steps=2)
    )
    state = method.init(jax.random.key(0), batch)
    state, info = method.step(jax.random.key(1), state, batch, clean)
    reported: jax.Array | None = info.outer_loss
    del reported
    return state


def own_data(folder: Path) -> pa.Table:
    fitted = meta_noise.clean(folder / "data.csv", out=folder / "run", label="label", flag="count=20")
    meta_noise.queue(folder / "run", n=20)
    meta_noise.inspect(folder / "data.csv", label="label").save(folder / "inspected")
    text: str = cite(folder / "run")
    del text
    predicted: np.ndarray = meta_noise.load(folder / "run").predict(np.zeros((2, 4), np.float32))
    del predicted
    table: pa.Table = fitted.labels
    return table


def in_memory(x: np.ndarray, y: np.ndarray) -> float:
    classifier = meta_noise.NoisyLabelClassifier(flag="precision=0.8").fit(x, y)
    score: float = classifier.score(x, y)
    findings: meta_noise.Findings = classifier.findings_
    findings.save("findings")
    kinds: tuple[str, ...] = verify(lambda logits, targets: optax.softmax_cross_entropy(logits, targets))
    encoder: encoders.Encoder = encoders.opened(lambda rows: np.zeros((len(rows), 3), np.float32))
    del kinds, encoder
    return score


def errors() -> str:
    try:
        meta_noise.load("nowhere")
    except meta_noise.InputError as error:
        return str(error)
    return meta_noise.__version__
