"""Every file of the room offers `name(key, images)`, keeps shape and type, and depends on the key alone.

A file that works on bytes only refuses other types by name.
"""

import importlib
import pkgutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.data import augment
from meta_noise.errors import InputError

NAMES = [module.name for module in pkgutil.iter_modules(augment.__path__)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_shape_type_and_determinism(rng, name, dtype):
    function = getattr(importlib.import_module(f"{augment.__name__}.{name}"), name)
    images = jnp.asarray(rng.integers(0, 256, (4, 8, 8, 3)).astype(dtype))
    compiled = jax.jit(function)
    try:
        outputs = compiled(jax.random.key(3), images)
    except InputError as error:
        assert dtype != np.uint8 and f"{name} needs uint8 images" in str(error)
        return
    assert outputs.shape == images.shape and outputs.dtype == dtype
    np.testing.assert_array_equal(outputs, compiled(jax.random.key(3), images))
