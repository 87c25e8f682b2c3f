"""Cutting images to one size on the host: which part of an image is taken, and how it is decoded.

The random part of an image is that of C. Szegedy et al., "Going Deeper with Convolutions", CVPR 2015,
https://arxiv.org/abs/1409.4842: a share of the area and a ratio of the sides are drawn, then a place. Resizing to
`resize` and cutting out `size` is done in one step, so an image is interpolated once; in this it differs from code
that resizes first. Nothing is rounded to whole pixels before.
"""

import io
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from meta_noise.errors import InputError, unknown_name

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP")  # none that runs another program
CROPS = ("middle", "random", "random_resized")
RATIOS = (3 / 4, 4 / 3)  # width over height, of random_resized
ATTEMPTS = 10  # at a part of that shape that fits into the image
MOST_PIXELS = 64_000_000

Box = tuple[float, float, float, float]  # left, upper, right, lower, in pixels of the whole image


class Cut(NamedTuple):
    """How images become squares.

    Attributes:
        size: pixels on a side of the square.
        resize: length that the shorter side of the image has when `size` pixels are cut out of it, for "middle" and
            "random"; in evaluation always. At least `size`.
        crop: of training images: "middle", "random" (anywhere), or "random_resized" (of random area and shape).
        smallest: smallest share of the area of "random_resized".
    """

    size: int
    resize: int
    crop: str = "random_resized"
    smallest: float = 0.08


def check_cut(cut: Cut) -> Cut:
    """Returns `cut`, or raises InputError where its settings make no sense."""
    if cut.crop not in CROPS:
        raise unknown_name("crop of images", str(cut.crop), CROPS)
    if not 1 <= cut.size <= cut.resize <= 4096:
        raise InputError(
            f"Images are resized to {cut.resize} pixels and {cut.size} are cut out; give 1 <= size <= resize <= 4096."
        )
    if not 0 < cut.smallest <= 1:
        raise InputError(f"The smallest share of an image's area must be above 0 and at most 1, got {cut.smallest}.")
    return cut


def middle(width: int, height: int, cut: Cut) -> Box:
    """Returns the square in the middle of an image, as evaluation sees it."""
    side = min(width, height) * cut.size / cut.resize
    left, upper = (width - side) / 2, (height - side) / 2
    return left, upper, left + side, upper + side


def draw_box(rng: np.random.Generator, width: int, height: int, cut: Cut) -> Box:
    """Returns the part of an image that a training batch gets."""
    if cut.crop == "middle":
        return middle(width, height, cut)
    if cut.crop == "random":
        side = min(width, height) * cut.size / cut.resize
        left, upper = rng.uniform(0, width - side), rng.uniform(0, height - side)
        return left, upper, left + side, upper + side
    for _ in range(ATTEMPTS):
        area = width * height * rng.uniform(cut.smallest, 1)
        ratio = math.exp(rng.uniform(math.log(RATIOS[0]), math.log(RATIOS[1])))
        wide, high = math.sqrt(area * ratio), math.sqrt(area / ratio)
        if wide <= width and high <= height:
            left, upper = rng.uniform(0, width - wide), rng.uniform(0, height - high)
            return left, upper, left + wide, upper + high
    side = min(width, height)
    left, upper = (width - side) / 2, (height - side) / 2
    return left, upper, left + side, upper + side


def cut_out(data: bytes, cut: Cut, rng: np.random.Generator | None = None, count: int = 1) -> list[np.ndarray]:
    """Returns `count` squares [size, size, 3] uint8 of one image file; without `rng` each is the middle.

    A JPEG that is much larger than needed is decoded at a half, a quarter or an eighth of its size.

    Raises:
        OSError, SyntaxError, ValueError: what Pillow says of bytes that are no image.
    """
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        boxes = [middle(width, height, cut) if rng is None else draw_box(rng, width, height, cut) for _ in range(count)]
        return _squares(image, boxes, cut.size)


def _squares(image: Image.Image, boxes: Sequence[Box], size: int) -> list[np.ndarray]:
    """Returns one square [size, size, 3] uint8 for each box."""
    width, height = image.size
    spare = min(min(right - left, lower - upper) for left, upper, right, lower in boxes) / size
    if spare > 1:
        image.draft("RGB", (int(width / spare), int(height / spare)))
    plain = image if image.mode == "RGB" else image.convert("RGB")  # which copies in any case
    across, down = plain.width / width, plain.height / height
    squares = []
    for left, upper, right, lower in boxes:
        box = (left * across, upper * down, min(right * across, plain.width), min(lower * down, plain.height))
        squares.append(np.asarray(plain.resize((size, size), Image.Resampling.BILINEAR, box=box)))
    return squares


def fault(data: bytes) -> str:
    """Returns why an image file cannot be used, empty where it can; all of it is read, at an eighth of its size."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return f"{image.width} x {image.height} pixels; at most {MOST_PIXELS:,} are decoded"
            image.draft("RGB", (1, 1))
            image.convert("RGB")
    except Exception as error:  # Pillow raises almost anything on damaged bytes
        return " ".join(f"{str(error) or type(error).__name__:.200}".split())
    return ""
