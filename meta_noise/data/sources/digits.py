"""Handwritten digits, 8 x 8 pixels: scikit-learn's embedded 1,797 real images, no download.

E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
https://doi.org/10.24432/C50P49 (its test part, as shipped by scikit-learn).
"""

import numpy as np
from sklearn.datasets import load_digits

from meta_noise.data.formats.published import check_part
from meta_noise.data.source import Source, row_ids

TEST_ROWS = 360


def _test_rows(labels: np.ndarray) -> np.ndarray:
    """Returns the row numbers of the test part: a fifth of each class, evenly spaced, without any randomness."""
    counts = np.bincount(labels)  # [C]
    shares = counts * TEST_ROWS / counts.sum()
    sizes = np.floor(shares).astype(int)
    largest = np.argsort(sizes - shares, kind="stable")[: TEST_ROWS - sizes.sum()]
    sizes[largest] += 1
    rows = []
    for klass, size in enumerate(sizes):
        of_class = np.flatnonzero(labels == klass)
        rows.append(of_class[np.arange(size) * len(of_class) // size])
    return np.sort(np.concatenate(rows))


def digits(path: str = "", part: str = "train") -> Source:
    """Returns 1,437 training or 360 test images of digits.

    The split is ours, since the set comes without one: it is fixed, has the same share of every class in both
    parts, and takes rows evenly spaced in the original order. Digits of the same writer are in both parts.

    Args:
        path: not used; the images come with scikit-learn.
        part: "train" or "test".

    Returns:
        inputs [N, 8, 8, 1] uint8 (grey levels 0..16 scaled to 0..255); ids such as "digits-0123" hold the row
        number in the original order.

    >>> from meta_noise.data.sources.digits import digits
    >>> found = digits(part="test")
    >>> found.inputs.shape, found.labels[:5].tolist(), str(found.ids[0])
    ((360, 8, 8, 1), [0, 1, 2, 3, 4], 'digits-0000')
    """
    del path
    check_part(part)
    images, labels = load_digits(return_X_y=True)  # [1797, 64] of 0..16, [1797]
    test = _test_rows(labels)
    rows = test if part == "test" else np.setdiff1d(np.arange(len(labels)), test)
    inputs = np.rint(images[rows] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
    chosen = labels[rows].astype(np.int32)
    ids = row_ids("digits", rows.tolist(), digits=4)
    return Source(inputs, chosen, ids, tuple("0123456789"), chosen.copy(), name="digits")
