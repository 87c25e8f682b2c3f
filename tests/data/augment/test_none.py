import jax
import jax.numpy as jnp

from meta_noise.data.augment.none import none


def test_images_stay():
    images = jnp.arange(6).reshape(1, 2, 3)
    assert none(jax.random.key(0), images) is images
