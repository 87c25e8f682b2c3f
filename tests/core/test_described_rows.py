"""What outputs say about the rows of a batch, against plain NumPy."""

import jax.numpy as jnp
import numpy as np

from meta_noise.core.rows import describe
from meta_noise.types import Batch, Outputs, Rows


def test_margin_is_the_score_above_the_best_other_one():
    logits = np.array([[2.0, -1.0, 0.5], [0.0, 3.0, 3.5]], np.float32)
    batch = Batch(jnp.zeros((2, 1)), jnp.array([0, 1]), jnp.array([4, 5]))
    found = describe(Rows(), Outputs(jnp.asarray(logits), jnp.zeros((2, 1))), batch)
    np.testing.assert_allclose(found.margin, [1.5, -0.5])
    np.testing.assert_array_equal(found.prediction, [0, 2])
    pair = batch._replace(labels=jnp.array([[0, 1], [2, 2]]))
    twice = describe(Rows(), Outputs(jnp.stack([logits, logits]), jnp.zeros((2, 2, 1))), pair)
    np.testing.assert_allclose(twice.margin, [[1.5, -0.5], [-1.5, 0.5]])
