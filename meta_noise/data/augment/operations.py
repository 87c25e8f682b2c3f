"""The operations of AutoAugment and RandAugment by number and level, another one for every image of a batch.

E. D. Cubuk, B. Zoph, D. Mane, V. Vasudevan, Q. V. Le, "AutoAugment: Learning Augmentation Strategies from Data", CVPR
2019, https://arxiv.org/abs/1805.09501 (appendix).

A level l in 0..10 means, with the constants of the official CIFAR code: shear 0.3 l/10, translate 10 l/10 pixels,
rotate 30 l/10 degrees (each with a random sign), posterize to 4 - 4 l/10 bits, solarize from 256 - 256 l/10, factors
of colour, contrast, brightness and sharpness 0.1 + 1.8 l/10, cutout of 20 l/10 pixels; whole numbers are cut off. The
others have no amount. This differs from the paper in posterize (4 to 8 bits there) and in translate (150 pixels of its
331 at level 10, also in the ImageNet policies).

Branching per image would run every operation on every image where images are worked on together. So the operations
are put into four stages that almost all have in common: one gather for all geometry, one blend, two bit operations,
one table of bytes. An image whose operation belongs to another stage passes with an amount that changes nothing.
"""

import functools
from collections.abc import Callable, Collection
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from meta_noise.data.augment import colours, geometry

OPERATIONS = (
    "identity", "shear_x", "shear_y", "translate_x", "translate_y", "rotate", "colour", "contrast", "brightness",
    "sharpness", "posterize", "solarize", "invert", "autocontrast", "equalize", "cutout",
)  # fmt: skip
NUMBER = {name: number for number, name in enumerate(OPERATIONS)}
TOP = 10  # highest level

GEOMETRY = {"shear_x", "shear_y", "translate_x", "translate_y", "rotate"}
BLENDS = {"colour", "contrast", "brightness", "sharpness"}
BITS = {"posterize", "solarize", "invert"}
TABLES = {"autocontrast", "equalize"}


class Steps(NamedTuple):
    """What happens to each image, one after the other; all [B, N].

    Attributes:
        operation: number in `OPERATIONS`.
        level: 0 to 10.
        probability: of the operation being applied at all.
    """

    operation: jax.Array
    level: jax.Array
    probability: jax.Array


class Choice(NamedTuple):
    """One operation for each image, all [...].

    Attributes:
        operation: number in `OPERATIONS`.
        level: 0 to 10.
        sign: 1 for a negative amount of a geometric operation, else 0.
        row, column: middle of a cutout.
    """

    operation: jax.Array
    level: jax.Array
    sign: jax.Array
    row: jax.Array
    column: jax.Array


class Amounts(NamedTuple):
    """Amounts by operation, level and sign (second: negative), [16, 11, 2]; where they do not apply, no change.

    Attributes:
        matrix: [16, 11, 2, 6] int32, see `geometry.fixed_point`.
        factor: float32 of a blend.
        bits: int32 of posterize.
        threshold: int32 of solarize; 0 inverts.
        size: int32 of cutout.
    """

    matrix: jax.Array | np.ndarray
    factor: jax.Array | np.ndarray
    bits: jax.Array | np.ndarray
    threshold: jax.Array | np.ndarray
    size: jax.Array | np.ndarray


def apply_steps(key: jax.Array, images: jax.Array, steps: Steps, used: Collection[str], fill: ArrayLike) -> jax.Array:
    """Returns images after N operations each, with random signs, and places of cutout.

    Args:
        key: decides.
        images: [B, height, width, channels] uint8.
        steps: what to do.
        used: names of all operations that `steps` can have; others are left out of the program.
        fill: colour of what comes from outside the image and of cutout, a number or [channels].
    """
    height, width = images.shape[1:3]
    chance, coin, row, column = jax.random.uniform(key, (4, *steps.operation.shape))
    choice = Choice(
        operation=jnp.where(chance < steps.probability, steps.operation, NUMBER["identity"]),
        level=steps.level,
        sign=(coin < 0.5).astype(jnp.int32),
        row=(row * height).astype(jnp.int32),
        column=(column * width).astype(jnp.int32),
    )
    together = functools.partial(operate, used=frozenset(used), fill=fill)
    one_by_one = functools.partial(operate_one_by_one, used=frozenset(used), fill=fill)

    def step(images: jax.Array, choice: Choice) -> tuple[jax.Array, None]:
        return lax.platform_dependent(images, choice, cpu=one_by_one, default=together), None

    return lax.scan(step, images, Choice(*(entry.T for entry in choice)))[0]


def operate_one_by_one(images: jax.Array, choice: Choice, used: Collection[str], fill: ArrayLike = 0) -> jax.Array:
    """Returns what `operate` returns, from a loop over the images that branches: many times faster on a CPU."""
    shared = [{"identity"}, GEOMETRY & set(used), BITS & set(used)]
    groups = shared + [{name} for name in sorted(set(used).difference(*shared))]
    branches = [functools.partial(operate, used=group, fill=fill) for group in groups]
    branch = np.zeros(len(OPERATIONS), np.int32)
    for number, group in enumerate(groups):
        branch[[NUMBER[name] for name in group]] = number

    def one(pair: tuple[jax.Array, Choice]) -> jax.Array:
        image, choice = pair
        return lax.switch(jnp.asarray(branch)[choice.operation], branches, image, choice)

    return lax.map(one, (images, choice))


def operate(images: jax.Array, choice: Choice, used: Collection[str], fill: ArrayLike = 0) -> jax.Array:
    """Returns images after one operation each.

    Args:
        images: [..., height, width, channels] uint8.
        choice: entries [...].
        used: names of the operations to have in the program; the choices must be among them, or "identity".
        fill: see `apply_steps`.
    """
    used = set(used)
    tables = amounts(*images.shape[-3:-1])
    amount = Amounts(*(jnp.asarray(table)[choice.operation, choice.level, choice.sign] for table in tables))

    def choose(functions: dict[str, Callable], otherwise: jax.Array) -> jax.Array:
        """Returns the function value of each image's operation; functions of others are not computed."""
        for name in sorted(used & functions.keys()):
            value = functions[name](images)
            is_chosen = choice.operation == NUMBER[name]
            axes = range(is_chosen.ndim, value.ndim)
            otherwise = jnp.where(jnp.expand_dims(is_chosen, tuple(axes)), value, otherwise)
        return otherwise

    if used & GEOMETRY:
        images = geometry.warp(images, amount.matrix, fill)
    if used & BLENDS:
        dull = {"colour": colours.grey, "contrast": colours.mean_grey, "sharpness": colours.smooth}
        images = colours.blend(choose(dull, jnp.zeros_like(images)), images, amount.factor)
    if used & BITS:
        images = colours.solarize(colours.posterize(images, amount.bits), amount.threshold)
    if used & TABLES:
        table = {"autocontrast": colours.autocontrast_table, "equalize": colours.equalize_table}
        images = colours.look_up(images, choose(table, colours.identity_table(images)))
    if "cutout" in used:
        images = geometry.erase(images, choice.row, choice.column, amount.size, fill)
    return images


@functools.lru_cache(maxsize=8)
def amounts(height: int, width: int) -> Amounts:
    """Returns the amounts for images of a size."""
    shape = (len(OPERATIONS), TOP + 1, 2)
    level = np.broadcast_to(np.arange(TOP + 1)[:, None], shape[1:])
    signed = level * np.array([1, -1])
    identity = geometry.fixed_point(geometry.translate_x_matrix(0))
    matrix = np.broadcast_to(identity, (*shape, 6)).copy()
    factor, size = np.ones(shape, np.float32), np.zeros(shape, np.int32)
    bits, threshold = np.full(shape, 8, np.int32), np.full(shape, 256, np.int32)
    for name, moves in {
        "shear_x": geometry.shear_x_matrix(signed * 0.3 / TOP),
        "shear_y": geometry.shear_y_matrix(signed * 0.3 / TOP),
        "translate_x": geometry.translate_x_matrix(signed * 10 // TOP),
        "translate_y": geometry.translate_y_matrix(signed * 10 // TOP),
        "rotate": geometry.rotate_matrix(signed * 30 // TOP, height, width),
    }.items():
        matrix[NUMBER[name]] = geometry.fixed_point(moves)
    for name in BLENDS:
        factor[NUMBER[name]] = level * 1.8 / TOP + 0.1
    bits[NUMBER["posterize"]] = 4 - level * 4 // TOP
    threshold[NUMBER["solarize"]] = 256 - level * 256 // TOP
    threshold[NUMBER["invert"]] = 0
    size[NUMBER["cutout"]] = level * 20 // TOP
    return Amounts(matrix, factor, bits, threshold, size)
