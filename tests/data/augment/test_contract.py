"""Every name of the room is a `name(key, images)`, keeps shape and type, and depends on the key alone.

One that works on bytes only refuses other types by name.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.config import registry
from meta_noise.errors import InputError

NAMES = registry.names("data.augment")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_shape_type_and_determinism(rng, name, dtype):
    function = registry.find("data.augment", name)
    images = jnp.asarray(rng.integers(0, 256, (4, 8, 8, 3)).astype(dtype))
    compiled = jax.jit(function)
    try:
        outputs = compiled(jax.random.key(3), images)
    except InputError as error:
        assert dtype != np.uint8 and f"{name} needs uint8 images" in str(error)
        return
    assert outputs.shape == images.shape and outputs.dtype == dtype
    np.testing.assert_array_equal(outputs, compiled(jax.random.key(3), images))
