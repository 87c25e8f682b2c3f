import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.data.augment import randaugment as module
from meta_noise.data.augment.randaugment import PUBLISHED, randaugment, strong
from meta_noise.errors import InputError
from tests.data.augment.with_pillow import SIGNED, operation, outcomes


def counts_of(outputs):
    counts = {}
    for output in np.asarray(outputs):
        counts[output.tobytes()] = counts.get(output.tobytes(), 0) + 1
    return counts


def test_one_operation_each_of_fourteen(rng):
    image = (rng.integers(0, 200, (32, 32, 3)) + 20).astype(np.uint8)
    augment = jax.jit(functools.partial(randaugment, num_ops=1, magnitude=8))
    counts = counts_of(augment(jax.random.key(0), np.broadcast_to(image, (2800, 32, 32, 3))))
    assert len(PUBLISHED) == 14
    expected = {name: outcomes(image, [(name, 8)], [1], fill=128) for name in PUBLISHED}
    assert set(counts) == set.union(*expected.values())
    for images in expected.values():
        assert abs(sum(counts[each] for each in images) - 200) < 70  # five deviations


def test_ieg_has_nine_levels_and_half_of_the_operations(rng):
    image = rng.integers(0, 256, (8, 8, 1)).astype(np.uint8)
    augment = jax.jit(
        functools.partial(randaugment, num_ops=1, magnitude=(1, 9), probability=0.5, operations=["brightness"])
    )
    counts = counts_of(augment(jax.random.key(0), np.broadcast_to(image, (1800, 8, 8, 1))))
    expected = {level: operation(image, "brightness", level).tobytes() for level in range(1, 10)}
    assert set(counts) == {*expected.values(), image.tobytes()}  # level 5 is factor 1
    assert abs(counts[image.tobytes()] - 1000) < 105
    assert all(abs(counts[image] - 100) < 50 for level, image in expected.items() if level != 5)


def test_two_operations_follow_each_other(rng):
    image = rng.integers(0, 256, (8, 8, 3)).astype(np.uint8)
    names = ["translate_x", "equalize", "posterize"]
    augment = jax.jit(functools.partial(randaugment, magnitude=3, operations=names))
    counts = counts_of(augment(jax.random.key(0), np.broadcast_to(image, (600, 8, 8, 3))))
    pairs = [[(first, 3), (second, 3)] for first in names for second in names]
    assert set(counts) == set.union(*(outcomes(image, pair, [1, 1], fill=128) for pair in pairs))
    assert "translate_x" in SIGNED


def test_nothing_to_do_changes_nothing(rng):
    images = rng.integers(0, 256, (3, 8, 8, 1)).astype(np.uint8)
    cases = [{"num_ops": 0}, {"probability": 0.0, "operations": ["invert"]}, {"operations": ["identity"]}]
    for outputs in jax.jit(lambda key: [randaugment(key, images, **settings) for settings in cases])(jax.random.key(0)):
        np.testing.assert_array_equal(outputs, images)


def test_sharded_images_give_the_same(rng):
    images = rng.integers(0, 256, (16, 16, 16, 3)).astype(np.uint8)
    mesh = jax.make_mesh((8,), ("data",), axis_types=(jax.sharding.AxisType.Auto,))
    sharded = jax.device_put(images, jax.NamedSharding(mesh, jax.P("data")))
    augment = jax.jit(functools.partial(randaugment, operations=["rotate", "sharpness", "equalize"]))
    np.testing.assert_array_equal(augment(jax.random.key(0), images), augment(jax.random.key(0), sharded))


def test_wrong_settings_say_so():
    key, images = jax.random.key(0), jnp.zeros((2, 8, 8, 3), jnp.uint8)
    for magnitude in (11, -1, (3, 2), (1, 2, 3), 0.5):
        with pytest.raises(InputError, match="magnitude from 0 to 10"):
            randaugment(key, images, magnitude=magnitude)
    for settings in ({"num_ops": -1}, {"probability": 1.5}, {"operations": []}):
        with pytest.raises(InputError, match="num_ops of 0 or more"):
            randaugment(key, images, **settings)
    with pytest.raises(InputError, match="Did you mean 'colour'"):
        randaugment(key, images, operations=["color"])
    with pytest.raises(InputError, match="randaugment needs uint8"):
        randaugment(key, images.astype(jnp.float32))


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


def test_wrong_settings_of_strong_say_so():
    key, images = jax.random.key(0), jnp.zeros((2, 8, 8, 3), jnp.uint8)
    with pytest.raises(InputError, match=r"Unknown policy of strong.*cifar10, imagenet, random"):
        strong(key, images, policy="weak")
    with pytest.raises(InputError, match="strong needs uint8"):
        strong(key, images.astype(jnp.float32))
