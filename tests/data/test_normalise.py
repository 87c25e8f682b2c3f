import jax
import numpy as np
import pytest

from meta_noise.data.normalise import normalise, statistics


@pytest.mark.parametrize("shape", [(5, 4, 3, 2), (1500, 2, 2, 3), (1030, 7)])
def test_statistics_agree_with_numpy(rng, shape):
    images = rng.integers(0, 256, shape).astype(np.uint8)
    axes = tuple(range(len(shape) - 1))
    mean, std = statistics(images)
    np.testing.assert_allclose(mean, (images / 255).mean(axes), rtol=1e-6)
    np.testing.assert_allclose(std, (images / 255).std(axes), rtol=1e-6)
    assert mean.dtype == std.dtype == np.float32
    mean, std = statistics(images + np.float32(1000))
    np.testing.assert_allclose(mean, images.mean(axes) + 1000, rtol=1e-6)
    np.testing.assert_allclose(std, images.std(axes), rtol=1e-5)


def test_a_constant_channel_gets_deviation_one():
    mean, std = statistics(np.full((4, 2), 3.0, np.float32))
    assert mean.tolist() == [3, 3] and std.tolist() == [1, 1]


def test_normalised_training_images_have_mean_zero_and_deviation_one(rng):
    images = rng.integers(0, 256, (64, 4, 4, 3)).astype(np.uint8)
    outputs = jax.jit(normalise)(images, *statistics(images))
    assert outputs.dtype == np.float32
    np.testing.assert_allclose(outputs.mean((0, 1, 2)), 0, atol=1e-6)
    np.testing.assert_allclose(outputs.std((0, 1, 2)), 1, rtol=1e-5)


def test_known_numbers():
    np.testing.assert_allclose(normalise(np.array([[0, 255]], np.uint8), [0.5, 0.5], [0.5, 0.25]), [[-1, 2]])
    np.testing.assert_allclose(normalise(np.array([[3.0, 5.0]], np.float32), 1.0, 2.0), [[1, 2]])
