"""Batches are a function of seed and step."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.data.batches import CLEAN, TRAIN, Augment, Store, Walk, gather, make_batch, normalise, statistics, walk


@pytest.mark.parametrize(("n", "size"), [(10, 3), (7, 7), (5, 12)])
def test_every_row_comes_once_before_any_comes_again(n, size):
    rows = np.arange(100, 100 + n)
    whole = Walk((0, TRAIN), rows, size)
    drawn = np.concatenate([whole(step) for step in range(20)])
    for start in range(0, len(drawn) - n + 1, n):
        assert set(drawn[start : start + n]) == set(rows)
    assert drawn.dtype == np.int32


def test_any_step_can_be_asked_for_first():
    rows = np.arange(50)
    steps = [Walk((3, TRAIN), rows, 8)(step) for step in range(30)]
    np.testing.assert_array_equal(Walk((3, TRAIN), rows, 8)(29), steps[29])
    assert not np.array_equal(Walk((4, TRAIN), rows, 8)(29), steps[29])
    assert not np.array_equal(Walk((3, CLEAN), rows, 8)(29), steps[29])


@pytest.mark.parametrize("size", [3, 4, 7])
def test_a_balanced_walk_takes_the_classes_in_turn(size):
    """Classes of 2, 3 and 5 rows, one class without any; each gives a third, each row of a class before any again."""
    labels = np.repeat([0, 1, 3], [2, 3, 5])
    drawn = walk((0, CLEAN), np.arange(10), size, labels)
    rows = np.concatenate([drawn(step) for step in range(30)])
    np.testing.assert_array_equal(labels[rows], np.resize([0, 1, 3], 30 * size))
    for klass, n in ((0, 2), (1, 3), (3, 5)):
        mine = rows[labels[rows] == klass]
        for start in range(0, len(mine) - n + 1, n):
            assert set(mine[start : start + n]) == set(np.flatnonzero(labels == klass))
    assert rows.dtype == np.int32
    np.testing.assert_array_equal(walk((0, CLEAN), np.arange(10), size, labels)(29), drawn(29))


def test_without_labels_a_walk_is_the_plain_one():
    np.testing.assert_array_equal(walk((0, CLEAN), np.arange(9), 4, None)(3), Walk((0, CLEAN), np.arange(9), 4)(3))


def test_batch_holds_normalised_inputs_and_row_numbers():
    images = np.arange(6 * 2 * 2, dtype=np.uint8).reshape(6, 2, 2, 1)
    store = Store(jnp.asarray(images), jnp.arange(6, dtype=jnp.int32), jnp.array([0.5]), jnp.array([0.25]))
    rows = jnp.array([4, 1], jnp.int32)
    batch = make_batch(
        jax.random.key(0), store, rows, Augment(lambda key, x: x[:, ::-1]), jnp.float32(1.5), inside=True
    )
    np.testing.assert_allclose(batch.inputs, (images[[4, 1], ::-1] / 255 - 0.5) / 0.25, rtol=1e-6)
    np.testing.assert_array_equal(batch.labels, [4, 1])
    np.testing.assert_array_equal(batch.index, [4, 1])
    clean = make_batch(jax.random.key(0), store, rows, Augment(lambda key, x: x), jnp.float32(0), inside=False)
    np.testing.assert_array_equal(clean.index, [-1, -1])
    np.testing.assert_allclose(gather(store, rows), clean.inputs, rtol=1e-6)


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
