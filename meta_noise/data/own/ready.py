"""Arrays that are ready to be inputs: images as uint8, vectors as float32."""

import numpy as np

from meta_noise.data.own.numbers import not_finite
from meta_noise.errors import InputError


def ready_vectors(array: np.ndarray, where: str) -> tuple[np.ndarray, dict[int, str]]:
    """Returns vectors [N, D] as float32, and what is wrong with rows that hold no finite numbers."""
    if array.ndim != 2 or array.dtype.kind not in "fiub" or not array.shape[1]:
        raise InputError(f"The features of {where} are {array.dtype} of shape {array.shape}; give numbers [N, D].")
    with np.errstate(over="ignore"):  # what does not fit becomes infinite and is found
        values = array.astype(np.float32, copy=False)
    return values, not_finite(values, "the vector")


def ready_images(array: np.ndarray, where: str) -> tuple[np.ndarray, dict[int, str], tuple[str, ...]]:
    """Returns images as uint8 [N, H, W, C], what is wrong with some of them, and what was done to all.

    Args:
        array: uint8 in 0..255 or floats in 0..1, [N, H, W] or [N, H, W, C] with C of 1 or 3; [N, C, H, W] is turned.
        where: for messages.
    """
    notes: tuple[str, ...] = ()
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim == 4 and array.shape[-1] not in (1, 3) and array.shape[1] in (1, 3):
        array = np.moveaxis(array, 1, -1)
        notes = (f"Images came as [N, {array.shape[-1]}, height, width]; the channels were put last.",)
    if array.ndim != 4 or array.shape[-1] not in (1, 3) or not (array.dtype == np.uint8 or array.dtype.kind == "f"):
        raise InputError(
            f"The images of {where} are {array.dtype} of shape {array.shape}; give uint8 in 0..255 or floats in 0..1, "
            "[N, height, width] or [N, height, width, channels] with 1 or 3 channels."
        )
    if array.dtype == np.uint8:
        return array, {}, notes
    flat = array.reshape(len(array), -1)
    is_outside = np.asarray(~((flat >= 0) & (flat <= 1)).all(axis=1))  # [N], NaN too
    if is_outside.all():
        raise InputError(f"The images of {where} are floats outside 0..1; divide them by 255, or give uint8.")
    bad = {row: "the image leaves 0..1; scale it, or repair it" for row in np.flatnonzero(is_outside).tolist()}
    values = np.rint(np.where(is_outside[:, None], 0, flat) * 255).astype(np.uint8).reshape(array.shape)
    return values, bad, (*notes, "Images in 0..1 were rounded to 256 levels.")
