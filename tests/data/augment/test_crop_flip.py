import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.data.augment.crop_flip import crop_flip, cutout, none
from meta_noise.errors import InputError

PAD = {"reflect": "reflect", "zero": "constant"}


def candidates(image, pad, mode, flip):
    """Returns all images that padding, cropping and mirroring with NumPy can give, in the order of the offsets."""
    height, width, _ = image.shape
    padded = np.pad(image, ((pad, pad), (pad, pad), (0, 0)), PAD[mode])
    offsets = range(2 * pad + 1)
    crops = [padded[row : row + height, column : column + width] for row in offsets for column in offsets]
    return crops + [crop[:, ::-1] for crop in crops] if flip else crops


@pytest.mark.parametrize("mode", ["reflect", "zero"])
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_every_image_is_a_crop_and_all_crops_occur(rng, mode, flip, dtype):
    image = rng.permutation(1 + np.arange(5 * 4 * 2)).reshape(5, 4, 2).astype(dtype)
    images = np.broadcast_to(image, (400, 5, 4, 2))
    outputs = jax.jit(functools.partial(crop_flip, pad=1, mode=mode, flip=flip))(jax.random.key(0), images)
    assert outputs.shape == images.shape and outputs.dtype == dtype
    possible = [crop.tobytes() for crop in candidates(image, 1, mode, flip)]
    counts = [0] * len(possible)
    for output in np.asarray(outputs):
        counts[possible.index(output.tobytes())] += 1
    assert min(counts) > 0


def test_images_keep_their_places_and_keys_decide(rng):
    images = jnp.asarray(rng.integers(1, 256, (6, 8, 8, 1)).astype(np.uint8))
    move = jax.jit(crop_flip)
    outputs = move(jax.random.key(1), images)
    for image, output in zip(np.asarray(images), np.asarray(outputs), strict=True):
        assert output.tobytes() in {crop.tobytes() for crop in candidates(image, 4, "reflect", True)}
    np.testing.assert_array_equal(outputs, move(jax.random.key(1), images))
    assert not np.array_equal(outputs, move(jax.random.key(2), images))


def test_nothing_to_do_changes_nothing(rng):
    images = rng.integers(0, 256, (3, 4, 4, 3)).astype(np.uint8)
    still = jax.jit(functools.partial(crop_flip, pad=0, flip=False))
    np.testing.assert_array_equal(still(jax.random.key(0), images), images)


def test_wrong_settings_say_so():
    key, images = jax.random.key(0), jnp.zeros((2, 4, 4, 1))
    with pytest.raises(InputError, match=r"Unknown mode.*reflect, zero"):
        crop_flip(key, images, mode="edge")
    with pytest.raises(InputError, match="cannot pad 4 x 4 pixels by 4"):
        crop_flip(key, images)
    with pytest.raises(InputError, match=r"got shape \(2, 4\)"):
        crop_flip(key, jnp.zeros((2, 4)))
    shape = jax.eval_shape(lambda key: crop_flip(key, images, pad=4, mode="zero"), key)
    assert shape.shape == images.shape


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


def test_wrong_settings_of_cutout_say_so():
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


def test_images_stay():
    images = jnp.arange(6).reshape(1, 2, 3)
    assert none(jax.random.key(0), images) is images
