"""Every operation against Pillow: no pixel may differ."""

import jax
import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from meta_noise.data.augment import colours, geometry
from meta_noise.data.augment.geometry import erase
from tests.data.augment.with_pillow import affine as pillow_affine
from tests.data.augment.with_pillow import from_pillow, to_pillow
from tests.data.augment.with_pillow import posterize as pillow_posterize

COUNT = 10
FILL = 77


def some_images(rng, height, width, channels):
    """Returns images of all kinds: noise, narrow ranges, few colours, a slope, a single colour."""
    shape = (height, width, channels)
    images = [rng.integers(0, 256, shape) for _ in range(3)]
    images += [rng.integers(low, low + span, shape) for low, span in [(0, 29), (90, 105), (200, 40), (31, 225)]]
    images += [rng.choice([3, 40, 250], shape), np.linspace(5, 240, height * width * channels).reshape(shape)]
    images += [np.full(shape, 113)]
    return np.stack(images).astype(np.uint8)


# name: draws an amount, ours, Pillow's
GEOMETRY = {
    "shear_x": (
        lambda rng: rng.uniform(-0.6, 0.6),
        geometry.shear_x,
        lambda image, a, fill: pillow_affine(image, (1, a, 0, 0, 1, 0), fill),
    ),
    "shear_y": (
        lambda rng: rng.uniform(-0.6, 0.6),
        geometry.shear_y,
        lambda image, a, fill: pillow_affine(image, (1, 0, 0, a, 1, 0), fill),
    ),
    "translate_x": (
        lambda rng: rng.choice([rng.integers(-9, 10), rng.uniform(-9, 9)]),
        geometry.translate_x,
        lambda image, a, fill: pillow_affine(image, (1, 0, a, 0, 1, 0), fill),
    ),
    "translate_y": (
        lambda rng: rng.choice([rng.integers(-9, 10), rng.uniform(-9, 9)]),
        geometry.translate_y,
        lambda image, a, fill: pillow_affine(image, (1, 0, 0, 0, 1, a), fill),
    ),
    "rotate": (
        lambda rng: rng.choice([rng.integers(-180, 180), rng.choice([0, 90, 180, 270]), rng.uniform(-400, 400)]),
        geometry.rotate,
        lambda image, a, fill: image.rotate(a, fillcolor=fill),
    ),
}
PIXELS = {
    "colour": (lambda rng: rng.uniform(0, 2), colours.colour, lambda image, a: ImageEnhance.Color(image).enhance(a)),
    "contrast": (
        lambda rng: rng.uniform(0, 2),
        colours.contrast,
        lambda image, a: ImageEnhance.Contrast(image).enhance(a),
    ),
    "brightness": (
        lambda rng: rng.uniform(0, 2),
        colours.brightness,
        lambda image, a: ImageEnhance.Brightness(image).enhance(a),
    ),
    "sharpness": (
        lambda rng: rng.uniform(0, 2),
        colours.sharpness,
        lambda image, a: ImageEnhance.Sharpness(image).enhance(a),
    ),
    "posterize": (lambda rng: int(rng.integers(0, 9)), colours.posterize, pillow_posterize),
    "solarize": (lambda rng: int(rng.integers(0, 257)), colours.solarize, ImageOps.solarize),
    "invert": (lambda rng: 0, lambda images, _: colours.invert(images), lambda image, _: ImageOps.invert(image)),
    "autocontrast": (
        lambda rng: 0,
        lambda images, _: colours.autocontrast(images),
        lambda image, _: ImageOps.autocontrast(image),
    ),
    "equalize": (lambda rng: 0, lambda images, _: colours.equalize(images), lambda image, _: ImageOps.equalize(image)),
}


@pytest.mark.parametrize("shape", [(8, 8, 3), (32, 32, 3), (64, 64, 3), (9, 14, 3), (28, 28, 1), (64, 64, 1)], ids=str)
def test_no_pixel_differs_from_pillow(rng, shape):
    images = some_images(rng, *shape)
    amounts = {name: [draw(rng) for _ in range(COUNT)] for name, (draw, *_) in {**GEOMETRY, **PIXELS}.items()}

    @jax.jit
    def ours(images, amounts_of_pixels):
        moved = {name: GEOMETRY[name][1](images, amounts[name], FILL) for name in GEOMETRY}
        return moved | {name: PIXELS[name][1](images, amounts_of_pixels[name]) for name in PIXELS}

    results = ours(images, {name: np.array(amounts[name]) for name in PIXELS})
    fill = FILL if shape[-1] == 1 else (FILL,) * 3
    for name, outputs in results.items():
        arguments = (fill,) if name in GEOMETRY else ()
        pillow = {**GEOMETRY, **PIXELS}[name][2]
        expected = [pillow(to_pillow(image), a, *arguments) for image, a in zip(images, amounts[name], strict=True)]
        np.testing.assert_array_equal(outputs, [from_pillow(image) for image in expected], err_msg=name)
        assert outputs.dtype == np.uint8


def test_one_image_at_a_time_is_the_same(rng):
    images = some_images(rng, 8, 8, 3)[:2]
    draws_and_functions = {name: case[:2] for name, case in {**GEOMETRY, **PIXELS}.items()}
    amounts = {name: np.array([draw(rng), draw(rng)]) for name, (draw, _) in draws_and_functions.items()}

    @jax.jit
    def both(images):
        calls = {name: (function, amounts[name]) for name, (_, function) in draws_and_functions.items()}
        return {name: (function(images, a), function(images[1], a[1])) for name, (function, a) in calls.items()}

    for name, (batch, one) in both(images).items():
        np.testing.assert_array_equal(batch[1], one, err_msg=name)


def test_autocontrast_for_every_darkest_and_brightest_level():
    low, high = np.triu_indices(256, 1)
    levels = np.clip(np.arange(256), low[:, None], high[:, None]).astype(np.uint8)
    images = levels.reshape(-1, 16, 16, 1)
    outputs = np.asarray(jax.jit(colours.autocontrast)(images))
    # What Pillow computes, for all; and Pillow itself, for some.
    scale = 255.0 / (high - low)[:, None]
    expected = np.clip((levels * scale - low[:, None] * scale).astype(int), 0, 255)
    np.testing.assert_array_equal(outputs.reshape(expected.shape), expected)
    for n in range(0, len(images), 37):
        np.testing.assert_array_equal(outputs[n], from_pillow(ImageOps.autocontrast(to_pillow(images[n]))))


def test_blend_of_all_bytes():
    dull, image = np.meshgrid(*[np.arange(256, dtype=np.uint8)] * 2)
    factors = [level * 1.8 / 10 + 0.1 for level in range(11)] + [0.0, 0.3, 0.7, 1.3, 3.0]
    blend = jax.jit(colours.blend)
    for factor in factors:
        expected = Image.blend(Image.fromarray(dull), Image.fromarray(image), factor)
        np.testing.assert_array_equal(blend(dull[..., None], image[..., None], factor)[..., 0], expected)


def test_small_images_are_not_smoothed(rng):
    images = rng.integers(0, 256, (2, 2, 5, 3)).astype(np.uint8)
    expected = [from_pillow(ImageEnhance.Sharpness(to_pillow(image)).enhance(1.9)) for image in images]
    np.testing.assert_array_equal(colours.sharpness(images, 1.9), expected)


@pytest.mark.parametrize(("size", "covered"), [(0, 0), (1, 1), (2, 4), (3, 9), (4, 12)])
def test_erase_shows_the_part_inside(size, covered):
    images = np.full((1, 6, 7, 2), 9, np.uint8)
    outputs = np.asarray(erase(images, np.array([3]), np.array([1]), size, np.array([0, 5])))
    is_covered = outputs[0, :, :, 0] == 0
    assert is_covered.sum() == covered
    np.testing.assert_array_equal(outputs[0, :, :, 1] == 5, is_covered)
    if size:
        rows, columns = np.nonzero(is_covered)
        assert (rows.min(), rows.max()) == (3 - size // 2, 3 - size // 2 + size - 1)
        assert (columns.min(), columns.max()) == (max(0, 1 - size // 2), 1 - size // 2 + size - 1)
