import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.data.augment.cutout import cutout
from meta_noise.errors import InputError


@pytest.mark.parametrize(("size", "before", "after"), [(2, 1, 0), (3, 1, 1)])
def test_all_squares_occur_equally_often(size, before, after):
    images = np.full((2500, 5, 5, 2), 7, np.uint8)
    outputs = np.asarray(jax.jit(functools.partial(cutout, size=size, fill=(1, 0)))(jax.random.key(0), images))
    is_covered = outputs[..., 0] == 1
    np.testing.assert_array_equal(outputs[..., 1] == 0, is_covered)
    counts = {}
    for mask in is_covered:
        counts[mask.tobytes()] = counts.get(mask.tobytes(), 0) + 1
    expected = set()
    for row in range(5):
        for column in range(5):
            mask = np.zeros((5, 5), bool)
            mask[max(0, row - before) : row + after + 1, max(0, column - before) : column + after + 1] = True
            expected.add(mask.tobytes())
    assert set(counts) == expected and len(expected) == 25
    assert min(counts.values()) > 50 and max(counts.values()) < 150


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_keys_decide_and_the_rest_stays(rng, dtype):
    images = jnp.asarray(rng.integers(1, 256, (8, 32, 32, 3)).astype(dtype))
    erase = jax.jit(cutout)
    outputs = erase(jax.random.key(0), images)
    assert outputs.dtype == dtype
    is_covered = np.asarray(outputs == 0)
    assert (is_covered.sum((1, 2, 3)) >= 3 * 64).all() and (is_covered.sum((1, 2, 3)) <= 3 * 256).all()
    np.testing.assert_array_equal(np.where(is_covered, images, outputs), images)
    np.testing.assert_array_equal(outputs, erase(jax.random.key(0), images))
    assert not np.array_equal(outputs, erase(jax.random.key(1), images))
    np.testing.assert_array_equal(cutout(jax.random.key(0), images, size=0), images)


def test_wrong_settings_say_so():
    key, images = jax.random.key(0), jnp.zeros((2, 4, 4, 3), jnp.uint8)
    with pytest.raises(InputError, match=r"got shape \(2, 4\)"):
        cutout(key, jnp.zeros((2, 4)))
    with pytest.raises(InputError, match="a square of -1"):
        cutout(key, images, size=-1)
    with pytest.raises(InputError, match="one number or of 3"):
        cutout(key, images, fill=(1, 2))
    with pytest.raises(InputError, match="whole numbers from 0 to 255"):
        cutout(key, images, fill=-1)
    assert (cutout(key, images.astype(jnp.float32), size=9, fill=-0.5) == -0.5).any()
