"""Vectors of the places of patches for images of another size than the encoder was trained on."""

import numpy as np

SHARPNESS = -0.75  # of the cubic curve, as PyTorch has it


def resized(places: np.ndarray, side: int) -> np.ndarray:
    """Returns vectors [side^2, D] for a square of `side` patches from those [n^2, D] of another, row by row.

    Between places stands the cubic curve of R. G. Keys, "Cubic Convolution Interpolation for Digital Image
    Processing", IEEE Transactions on Acoustics, Speech, and Signal Processing, 1981, with 4 places in each direction;
    beyond the border its last place counts.
    """
    before = round(len(places) ** 0.5)
    if before == side:
        return places
    mix = _mixture(before, side)
    grid = places.reshape(before, before, -1)
    return np.einsum("ia,jb,abd->ijd", mix, mix, grid).reshape(side * side, -1).astype(places.dtype)


def _mixture(before: int, after: int) -> np.ndarray:
    """Returns [after, before] how much each old place counts for each new one."""
    where = (np.arange(after) + 0.5) * before / after - 0.5
    first = np.floor(where).astype(int)
    found = np.zeros((after, before))
    for step in (-1, 0, 1, 2):
        old = np.clip(first + step, 0, before - 1)
        np.add.at(found, (np.arange(after), old), _cubic(np.abs(where - first - step)))
    return found


def _cubic(x: np.ndarray) -> np.ndarray:
    a = SHARPNESS
    near = (a + 2) * x**3 - (a + 3) * x**2 + 1
    far = a * (x**3 - 5 * x**2 + 8 * x - 4)
    return np.where(x <= 1, near, np.where(x < 2, far, 0))
