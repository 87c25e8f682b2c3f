import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.data.augment import strong as module
from meta_noise.data.augment.strong import strong
from meta_noise.errors import InputError


def test_crop_and_square_are_filled(rng, monkeypatch):
    monkeypatch.setattr(module, "autoaugment", lambda key, images, policy, fill: images)
    image = rng.integers(0, 100, (8, 8, 3)).astype(np.uint8)
    augment = jax.jit(functools.partial(strong, pad=2, size=4, fill=(200, 201, 202)))
    outputs = np.asarray(augment(jax.random.key(0), np.broadcast_to(image, (300, 8, 8, 3))))
    padded = np.full((12, 12, 3), (200, 201, 202), np.uint8)
    padded[2:10, 2:10] = image
    crops = [padded[row : row + 8, column : column + 8] for row in range(5) for column in range(5)]
    crops = np.stack([*crops, *(crop[:, ::-1] for crop in crops)])
    seen = set()
    for output in outputs:
        is_filled = (output == (200, 201, 202)).all(-1)
        matches = ((crops == output) | is_filled[..., None]).all((1, 2, 3))
        assert matches.any() and is_filled.sum() >= 4
        seen.add(int(np.argmax(matches)))
    assert len(seen) > 20


def test_random_policy_on_grey_images(rng):
    images = np.broadcast_to(rng.integers(0, 256, (1, 28, 28, 1)).astype(np.uint8), (32, 28, 28, 1))
    augment = jax.jit(functools.partial(strong, policy="random"))
    outputs = np.asarray(augment(jax.random.key(0), images))
    assert outputs.shape == images.shape and outputs.dtype == np.uint8
    assert len({output.tobytes() for output in outputs}) == 32
    np.testing.assert_array_equal(outputs, augment(jax.random.key(0), images))


def test_wrong_settings_say_so():
    key, images = jax.random.key(0), jnp.zeros((2, 8, 8, 3), jnp.uint8)
    with pytest.raises(InputError, match=r"Unknown policy of strong.*cifar10, imagenet, random"):
        strong(key, images, policy="weak")
    with pytest.raises(InputError, match="strong needs uint8"):
        strong(key, images.astype(jnp.float32))
