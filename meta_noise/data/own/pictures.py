"""Image files decoded in threads into one array of one size, or, where that is too large, one batch at a time."""

import hashlib
import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from PIL import Image, ImageOps

from meta_noise.data.images.streamed import Streamed
from meta_noise.data.own.picture_files import Picture
from meta_noise.data.own.table import MOST_BYTES
from meta_noise.errors import InputError

MOST_SIDE = 20_000  # pixels
MOST_PIXELS = 64_000_000
SIZES = (32, 64, 96, 128)  # chosen from, where images differ in size
BLOCK = 64  # images a thread takes at a time
LARGEST_COMMON = 256  # a common size up to this is kept

_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM")  # none that runs another program
_ORIENTATION, _TURNED = 0x0112, (5, 6, 7, 8)  # the EXIF tag, and its values that swap the sides


class _Header(NamedTuple):
    height: int
    width: int
    is_grey: bool


def check_image_size(image_size: Any) -> tuple[int, int] | None:
    """Returns the (height, width) asked for by a number or a pair, None for None."""
    if image_size is None:
        return None
    pair = (image_size, image_size) if isinstance(image_size, int) else tuple(image_size)
    if len(pair) != 2 or not all(isinstance(side, int) and 1 <= side <= 4096 for side in pair):
        raise InputError(f"image_size is {image_size!r}; give pixels such as 64, or (height, width), each in 1..4096.")
    return pair[0], pair[1]


def decoded(
    pictures: Sequence[Picture | None],
    image_size: tuple[int, int] | None = None,
    most: int = MOST_BYTES,
    is_cut: bool = False,
) -> tuple[np.ndarray | Streamed, dict[int, str], tuple[str, ...]]:
    """Returns images [N, H, W, C] uint8, what is wrong with those that could not be read (zeros), and what was done.

    C is 1 where all images are grey, else 3. Images are turned as their EXIF orientation says, transparent ones laid
    on white, of animated ones the first frame taken.

    Args:
        pictures: files or bytes; None is left out.
        image_size: (height, width); if None the common one, or else one of `SIZES` that most are not smaller than.
        most: bytes of images that are held in memory; more than that are read once, and decoded again for every batch.
        is_cut: the middle of an image is cut out in the shape of `image_size` first, so that nothing is distorted.
    """
    with warnings.catch_warnings():  # for all threads: of damaged metadata nobody wants to know
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        headers, bad = _each(_header, pictures)
        if not headers:
            return np.zeros((len(pictures), *(image_size or (1, 1)), 1), np.uint8), bad, ()
        is_grey = all(header.is_grey for header in headers.values())
        size, note = _chosen(list(headers.values()), image_size)
        pixels = partial(_pixels, size=size, is_grey=is_grey, is_cut=is_cut)
        height, width = size
        shape = (len(pictures), height, width, 1 if is_grey else 3)
        present = [row if row in headers else None for row in range(len(pictures))]
        if (count := int(np.prod(shape))) > most:
            streamed, broken = _streamed(pictures, present, pixels, shape[1:])
            how = f"All images together have {count / 2**30:.1f} GiB, so they are decoded anew for every batch."
            return streamed, bad | broken, (note, how)
        images = np.zeros(shape, np.uint8)

        def fill(row: int) -> None:
            images[row] = pixels(pictures[row])

        _, broken = _each(fill, present)
        return images, bad | broken, (note,)


def _streamed(
    pictures: Sequence[Picture | None],
    present: Sequence[int | None],
    pixels: Callable[[Any], np.ndarray],
    shape: tuple[int, int, int],
) -> tuple[Streamed, dict[int, str]]:
    """Returns the images as they are on disk, after each was decoded once, and what is wrong with broken ones."""

    def decode(number: int, rng: np.random.Generator | None, count: int) -> list[np.ndarray]:
        del rng  # the whole image every time; what is random happens on the device
        try:
            return [pixels(pictures[number])] * count
        except Exception as error:  # Pillow raises almost anything on damaged bytes
            raise InputError(
                f"{pictures[number]} cannot be read any more ({error!s:.200}); put it back, then run the same command."
            ) from error

    hashes, broken = _each(lambda row: hashlib.sha256(pixels(pictures[row]).data).digest(), present)
    digest = hashlib.sha256(b"".join(hashes[row] for row in sorted(hashes))).hexdigest()
    return Streamed(np.arange(len(pictures)), decode, shape, digest), broken


def _each(function: Callable[[Any], Any], values: Sequence[Any]) -> tuple[dict[int, Any], dict[int, str]]:
    """Returns the results by position and the reasons of failures, from several threads; None is left out."""

    def attempt(value: Any) -> tuple[Any, str]:
        try:
            return function(value), ""
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            return None, f"the image has more than {MOST_PIXELS:,} pixels; make it smaller"
        except Exception as error:  # Pillow raises almost anything on damaged bytes
            return None, f"the image cannot be read ({str(error) or type(error).__name__:.200}); replace it"

    def block(start: int) -> list[tuple[int, Any, str]]:
        positions = range(start, min(start + BLOCK, len(values)))
        return [(position, *attempt(values[position])) for position in positions if values[position] is not None]

    with ThreadPoolExecutor(min(16, (os.cpu_count() or 1) + 1)) as pool:
        found = [each for part in pool.map(block, range(0, len(values), BLOCK)) for each in part]
    return (
        {position: result for position, result, why in found if not why},
        {position: why for position, _, why in found if why},
    )


def open_picture(picture: Picture) -> Image.Image:
    """Returns an image, not decoded yet, of a form that runs no other program."""
    if not isinstance(picture, Path):
        return Image.open(pa.BufferReader(picture), formats=_FORMATS)
    try:
        return Image.open(picture, formats=_FORMATS)
    except Image.UnidentifiedImageError as error:
        raise ValueError("it is no JPEG, PNG, BMP, GIF, WebP, TIFF or PPM") from error


def _header(picture: Picture) -> _Header:
    """Returns size and colour without decoding."""
    with open_picture(picture) as image:
        width, height = image.size
        if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
            raise ValueError(
                f"{width:,} x {height:,} pixels; at most {MOST_SIDE:,} on a side and {MOST_PIXELS:,} in all are decoded"
            )
        # a PNG keeps this behind its pixels, which are not wanted yet
        turned = image.format != "PNG" and image.getexif().get(_ORIENTATION) in _TURNED
        is_grey = image.mode in ("1", "L", "LA") or image.mode.startswith("I")
        return _Header(width, height, is_grey) if turned else _Header(height, width, is_grey)


def _chosen(headers: list[_Header], asked: tuple[int, int] | None) -> tuple[tuple[int, int], str]:
    """Returns (height, width) for all images, and why."""
    sizes = {(header.height, header.width) for header in headers}
    smallest, largest = min(sizes), max(sizes)
    came = f"{smallest[0]} x {smallest[1]}" + (f" to {largest[0]} x {largest[1]}" if len(sizes) > 1 else "")
    if asked is not None:
        return asked, f"Images of {came} pixels (height x width) resized to {asked[0]} x {asked[1]}, as asked."
    if len(sizes) == 1 and max(smallest) <= LARGEST_COMMON:
        return smallest, f"All images have {came} pixels."
    typical = float(np.median([min(header.height, header.width) for header in headers]))
    side = max((size for size in SIZES if size <= typical), default=SIZES[0])
    return (side, side), (
        f"Images of {came} pixels (height x width) resized to {side} x {side}, each side by itself, as the shorter "
        f"side is {typical:g} in the median; change it by image_size=... (--image-size)."
    )


def _pixels(picture: Any, size: tuple[int, int], is_grey: bool, is_cut: bool) -> np.ndarray:
    """Returns [H, W, C] uint8."""
    with open_picture(picture) as image:
        image.draft(
            None, (2 * max(size), 2 * max(size))
        )  # a JPEG much larger than this is decoded at a part of its size
        ImageOps.exif_transpose(image, in_place=True)
        plain = eight_bit(image).convert("L" if is_grey else "RGB")
        if plain.size != (size[1], size[0]):
            wanted, how = (size[1], size[0]), Image.Resampling.BILINEAR
            plain = ImageOps.fit(plain, wanted, Image.Resampling.BICUBIC) if is_cut else plain.resize(wanted, how)
        return np.asarray(plain).reshape(*size, -1)


def eight_bit(image: Image.Image) -> Image.Image:
    """Returns the image without transparency and with 8 bits for each channel."""
    if image.mode == "F":
        raise ValueError("its pixels are floating-point numbers; save it with 8 or 16 bits")
    if image.mode.startswith("I"):  # 16 bits, which Pillow would cut off at 255
        return Image.fromarray(np.clip(np.asarray(image).astype(np.int64) >> 8, 0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return image
