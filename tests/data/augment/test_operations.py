import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.data.augment import operations
from meta_noise.data.augment.operations import NUMBER, OPERATIONS, Choice, Steps, amounts, apply_steps
from tests.data.augment import with_pillow

LEVELS = range(11)


def test_what_a_level_means():
    table = amounts(32, 32)
    at = {name: [entry[number] for entry in table] for name, number in NUMBER.items()}
    shear = np.round(0.3 * np.array([0, 5, 10]) / 10 * 2**16)
    np.testing.assert_array_equal(at["shear_x"][0][[0, 5, 10], 0, 1], shear)
    np.testing.assert_array_equal(at["shear_y"][0][[0, 5, 10], 1, 3], -shear)
    np.testing.assert_array_equal(at["translate_x"][0][:, 0, 2] >> 16, range(11))
    np.testing.assert_array_equal(at["translate_y"][0][:, 1, 5] >> 16, range(0, -11, -1))
    np.testing.assert_allclose(at["rotate"][0][10, :, 0] / 2**16, np.cos(np.pi / 6), atol=1e-5)
    np.testing.assert_allclose(at["rotate"][0][10, :, 1] / 2**16, [-0.5, 0.5], atol=1e-5)
    for name in ("colour", "contrast", "brightness", "sharpness"):
        np.testing.assert_allclose(
            at[name][1][:, 0], [0.1, 0.28, 0.46, 0.64, 0.82, 1.0, 1.18, 1.36, 1.54, 1.72, 1.9], rtol=1e-6
        )
    assert at["posterize"][2][:, 0].tolist() == [4, 4, 4, 3, 3, 2, 2, 2, 1, 1, 0]
    assert at["solarize"][3][:, 0].tolist() == [256, 231, 205, 180, 154, 128, 103, 77, 52, 26, 0]
    assert at["invert"][3].max() == 0
    assert at["cutout"][4][:, 0].tolist() == list(range(0, 22, 2))
    for name in ("identity", "autocontrast", "equalize"):
        matrix, factor, bits, threshold, size = at[name]
        assert (factor == 1).all() and (bits == 8).all() and (threshold == 256).all() and (size == 0).all()
        assert (matrix == [2**16, 0, 2**15, 0, 2**16, 2**15]).all()


@pytest.mark.parametrize("form", ["operate", "operate_one_by_one"])
@pytest.mark.parametrize("channels", [3, 1])
def test_a_mixed_batch_equals_pillow_at_every_level(rng, form, channels):
    cases = [(name, level, sign) for name in OPERATIONS for level in LEVELS for sign in (0, 1)]
    images = rng.integers(0, 256, (len(cases), 17, 17, channels)).astype(np.uint8)
    images[1::3] = images[1::3] // 3 + 40
    row, column = rng.integers(0, 17, (2, len(cases)))
    operation, level, sign = np.array([(NUMBER[name], level, sign) for name, level, sign in cases]).T
    function = jax.jit(functools.partial(getattr(operations, form), used=OPERATIONS, fill=128))
    outputs = np.asarray(function(images, Choice(operation, level, sign, row, column)))
    for n, (name, level, sign) in enumerate(cases):
        if name == "cutout":
            expected = images[n].copy()
            top, left = max(0, row[n] - level), max(0, column[n] - level)
            expected[top : row[n] + level, left : column[n] + level] = 128
        else:
            amount = -level if sign and name in with_pillow.SIGNED else level
            expected = with_pillow.operation(images[n], name, amount, 128)
        np.testing.assert_array_equal(outputs[n], expected, err_msg=str(cases[n]))


def test_steps_have_their_probabilities_and_both_signs(rng):
    image = rng.integers(0, 255, (1, 8, 8, 1)).astype(np.uint8)
    image[0, :2] = 255  # so that nothing else than a shift by two brings in this fill
    images = np.broadcast_to(image, (600, 8, 8, 1))
    steps = Steps(
        jnp.tile(jnp.array([NUMBER["translate_x"], NUMBER["invert"]]), (600, 1)),
        jnp.tile(jnp.array([2, 0]), (600, 1)),
        jnp.tile(jnp.array([0.3, 1.0], jnp.float32), (600, 1)),
    )
    run = jax.jit(lambda key: apply_steps(key, images, steps, {"translate_x", "invert"}, 0))
    outputs = np.asarray(run(jax.random.key(0)))
    left, right = (255 - with_pillow.operation(image[0], "translate_x", level) for level in (2, -2))
    counts = [sum(np.array_equal(output, expected) for output in outputs) for expected in (255 - image[0], left, right)]
    assert sum(counts) == 600
    np.testing.assert_allclose(counts, [420, 90, 90], atol=45)  # four deviations
    np.testing.assert_array_equal(outputs, run(jax.random.key(0)))
    assert not np.array_equal(outputs, run(jax.random.key(1)))


def test_no_steps_leave_the_images(rng):
    images = rng.integers(0, 256, (3, 8, 8, 3)).astype(np.uint8)
    empty = jnp.zeros((3, 0), jnp.int32)
    outputs = apply_steps(jax.random.key(0), images, Steps(empty, empty, empty.astype(jnp.float32)), set(), 0)
    np.testing.assert_array_equal(outputs, images)
