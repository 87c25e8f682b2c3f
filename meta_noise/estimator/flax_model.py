"""Any Flax module as a scikit-learn classifier: plain training with Adam, for a user's own network in an estimator."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.base import BaseEstimator, ClassifierMixin

from meta_noise.core.predict import logits
from meta_noise.core.single import Objective, single
from meta_noise.data.batches import Walk, normalise, statistics
from meta_noise.errors import InputError
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.models.flax_module import from_flax
from meta_noise.train import compiler
from meta_noise.types import Batch, Learner, Rows

STEPS, EPOCHS, RATE = 1500, (5, 60), 1e-3  # of training; fewest and most epochs; of Adam
BATCH, LEAST, TENTH = 100, 8, 10  # rows of a batch: a tenth of all, in these bounds


class FlaxClassifier(ClassifierMixin, BaseEstimator):
    """A Flax module that answers with logits [B, C], trained by cross-entropy.

    Attributes:
        classes_: [C] classes in the order of the logits.
        learner_: (parameters, further collections) as NumPy arrays.
        statistics_: mean and deviation with which inputs are normalised.
    """

    def __init__(self, module: Any, epochs: int = 0, seed: int = 0):
        """Takes a Linen module, or a function (rngs) -> NNX module; epochs, 0 for what suits the rows; a seed."""
        self.module, self.epochs, self.seed = module, epochs, seed

    def fit(self, x: Any, y: Any, sample_weight: Any = None) -> "FlaxClassifier":
        """Trains on inputs x [N, ...] and labels y [N]; `sample_weight` [N] is how much each row counts."""
        inputs = _as_inputs(x)
        self.classes_, codes = np.unique(y, return_inverse=True)
        weights = np.ones(len(codes), np.float32) if sample_weight is None else np.asarray(sample_weight, np.float32)
        self.statistics_ = tuple(np.asarray(value) for value in statistics(inputs))
        rows = self._normalised(inputs)
        network = from_flax(self.module, rows[:1])
        method = single(Objective(_loss), network, optax.adam(RATE))
        size = min(int(np.clip(len(rows) // TENTH, LEAST, BATCH)), len(rows))
        epochs = self.epochs or int(np.clip(round(STEPS * size / len(rows)), *EPOCHS))
        first = _batch(rows, codes, weights, np.arange(size))
        state = jax.jit(method.init, compiler_options=compiler.options_of_start())(jax.random.key(self.seed), first)
        self._check(network, state.learner, rows[:1])
        step, walk = jax.jit(method.step), Walk((self.seed,), np.arange(len(rows)), size)
        for number in range(epochs * max(len(rows) // size, 1)):
            batch = _batch(rows, codes, weights, walk(number))
            state, _ = step(jax.random.key(number), state, batch, batch)
        learner = state.learner
        self.learner_ = jax.tree.map(np.asarray, (learner.params, learner.batch_stats))
        return self

    def predict_proba(self, x: Any) -> np.ndarray:
        """Returns probabilities [n, C] of inputs x [n, ...]."""
        rows = self._normalised(_as_inputs(x))
        network = from_flax(self.module, rows[:1])
        params, state = self.learner_
        learner = Learner(params, state, ())
        said = jax.jit(lambda inputs: jax.nn.softmax(logits(network, learner, inputs)))
        blocks = [np.asarray(said(rows[start : start + BATCH])) for start in range(0, len(rows), BATCH)]
        return np.concatenate(blocks)

    def predict(self, x: Any) -> np.ndarray:
        """Returns classes [n] of inputs x [n, ...]."""
        return self.classes_[self.predict_proba(x).argmax(axis=1)]

    def _normalised(self, inputs: np.ndarray) -> np.ndarray:
        return np.asarray(normalise(jnp.asarray(inputs), *self.statistics_))

    def _check(self, network: Any, learner: Learner, rows: np.ndarray) -> None:
        width = logits(network, learner, jnp.asarray(rows)).shape[-1]
        if width != len(self.classes_):
            raise InputError(
                f"The Flax module answers with {width} logits, and there are {len(self.classes_)} classes; make its "
                f"last layer {len(self.classes_)} wide."
            )


def _as_inputs(x: Any) -> np.ndarray:
    inputs = np.asarray(x)
    return inputs if inputs.dtype == np.uint8 else inputs.astype(np.float32)


def _batch(rows: np.ndarray, codes: np.ndarray, weights: np.ndarray, chosen: np.ndarray) -> Batch:
    index = jnp.asarray(chosen, jnp.int32)
    return Batch(jnp.asarray(rows[chosen]), jnp.asarray(codes[chosen], jnp.int32), index, prepared=weights[chosen])


def _loss(outputs: Any, batch: Batch) -> tuple[Any, Any]:
    losses = cross_entropy(outputs.logits, batch.labels)
    weights = batch.prepared
    return jnp.sum(weights * losses) / jnp.maximum(jnp.sum(weights), 1e-6), Rows()
