"""Images as an encoder takes them, as preprocessor_config.json says: size, middle part, scale, normalisation."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from meta_noise.encoders.folder import Folder, read_object
from meta_noise.errors import InputError

FILES = ("preprocessor_config.json", "processor_config.json")
LARGEST = 4096  # pixels of a side


class Pixels(NamedTuple):
    """How images become inputs.

    Attributes:
        side: pixels of a side of the square that comes out.
        shorter: length that the shorter side is brought to before the middle is cut out; 0 where each side is brought
            to `side` by itself.
        resample: how, as Pillow numbers it.
        factor: that pixels 0..255 are multiplied with.
        mean: [3] subtracted then.
        std: [3] divided by then.
    """

    side: int
    shorter: int
    resample: int
    factor: float
    mean: tuple[float, ...]
    std: tuple[float, ...]


def pixels_of(folder: Folder, side: int) -> Pixels:
    """Returns how images become inputs of an encoder that takes squares of `side` pixels; 0 where it takes any.

    Raises:
        InputError: the folder does not say it, or wants images of another size than the encoder takes.
    """
    path = next((folder.body / name for name in FILES if (folder.body / name).is_file()), None)
    if path is None:
        raise InputError(
            f"The encoder folder {folder.body} holds no {FILES[0]}, which says how images are scaled and normalised; "
            "get it from where the weights are."
        )
    told: Mapping[str, Any] = read_object(path)
    told = told["image_processor"] if isinstance(told.get("image_processor"), dict) else told
    resizes, crops = told.get("do_resize", True) is not False, told.get("do_center_crop", False) is True
    size = told.get("size", side)
    size = size if isinstance(size, dict) else {"shortest_edge": size} if crops else {"height": size, "width": size}
    crop = told.get("crop_size", side)
    crop = crop if isinstance(crop, dict) else {"height": crop, "width": crop}
    shorter = _whole(size["shortest_edge"], path) if "shortest_edge" in size else 0
    comes = {_whole(value, path) for value in (crop if crops else size).values()} if resizes or crops else {side}
    if not side and len(comes) == 1:
        side = min(comes)
    if not side:
        raise InputError(f"{path} makes no square images; say their size in `size` or `crop_size` there.")
    if comes != {side} or (shorter and not crops):
        raise InputError(
            f"{path} makes images of {' x '.join(map(str, sorted(comes)))} pixels, but the encoder takes {side} x "
            f"{side}; correct `size` and `crop_size` there."
        )
    resample = told.get("resample", Image.Resampling.BILINEAR)
    if resample not in list(Image.Resampling):
        raise InputError(f"{path}: resample is {resample!r:.60}; it must be a number from 0 to 5.")
    factor = _number(told.get("rescale_factor", 1 / 255), path) if told.get("do_rescale", True) is not False else 1.0
    mean, std = (_three(told.get(name, [0.5] * 3), path, name) for name in ("image_mean", "image_std"))
    if told.get("do_normalize", True) is False:
        mean, std = (0.0,) * 3, (1.0,) * 3
    if min(std) <= 0:
        raise InputError(f"{path}: image_std is {list(std)}; its numbers must be above 0.")
    return Pixels(side, shorter, int(resample), factor, mean, std)


def prepared(images: np.ndarray, how: Pixels) -> np.ndarray:
    """Returns inputs [n, side, side, 3] float32 of images [n, H, W, C] uint8, one or three channels."""
    sized = np.stack([_sized(image, how) for image in images])
    mean, std = np.asarray(how.mean, np.float32), np.asarray(how.std, np.float32)
    return (sized * np.float32(how.factor) - mean) / std


def _sized(image: np.ndarray, how: Pixels) -> np.ndarray:
    """Returns [side, side, 3] uint8."""
    if image.shape[-1] == 1:
        image = np.repeat(image, 3, axis=-1)
    if image.shape[:2] == (how.side, how.side) and how.shorter in (0, how.side):
        return image
    picture = Image.fromarray(image)
    if not how.shorter:
        return np.asarray(picture.resize((how.side, how.side), how.resample))
    scale = how.shorter / min(picture.size)
    width, height = (how.shorter if side == min(picture.size) else int(scale * side) for side in picture.size)
    picture = picture.resize((width, height), how.resample)
    left, top = (width - how.side) // 2, (height - how.side) // 2
    return np.asarray(picture.crop((left, top, left + how.side, top + how.side)))


def _whole(value: Any, path: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
        raise InputError(f"{path}: a size is {value!r:.60}; it must be pixels from 1 to {LARGEST:,}.")
    return value


def _number(value: Any, path: Path) -> float:
    if not isinstance(value, int | float) or not 0 < value < 1e6:
        raise InputError(f"{path}: rescale_factor is {value!r:.60}; it must be a number above 0.")
    return float(value)


def _three(value: Any, path: Path, name: str) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != 3 or not all(isinstance(each, int | float) for each in value):
        raise InputError(f"{path}: {name} is {value!r:.60}; it must be three numbers, for red, green and blue.")
    return tuple(map(float, value))
