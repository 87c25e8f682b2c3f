"""CIFAR-10 in a compact form (JPEG scans without headers), with the human labels CIFAR-10N.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, University of Toronto,
2009, https://www.cs.toronto.edu/~kriz/cifar.html; J. Wei, Z. Zhu, H. Cheng, T. Liu, G. Niu, Y. Liu, "Learning with
Noisy Labels Revisited: A Study Using Real-World Human Annotations", ICLR 2022, https://arxiv.org/abs/2110.12088.

The pixels are not those of the original: the images were encoded once as JPEG (quality 95, no chroma subsampling).
Against the exact pixels the mean PSNR is 40.1 dB, the mean RMS error 2.6 and the largest error 26 grey levels of
255; another JPEG decoder may differ by one level. An accuracy on this form therefore differs a little from one on
the original; say which form was used. Order and labels are the original ones.
"""

import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from meta_noise.data.formats.human_labels import CIFAR10N, check_kind, human_labels
from meta_noise.data.formats.npz import read_npz
from meta_noise.data.formats.published import check_bytes, check_part, existing_path, not_found
from meta_noise.data.source import Source, row_ids
from meta_noise.errors import InputError

SIDE = 32
ADVICE = (
    "This form is not offered for download; the original is: use the data set cifar10 with "
    "`python -m meta_noise.data.download cifar10 DIR`, or find the folder with index.npz and the two .bin files"
)


def _decode(header: bytes, scans: bytes, offsets: np.ndarray, where: Path) -> np.ndarray:
    """Returns all images [N, 32, 32, 3] uint8; threads help because the decoder runs outside Python's lock.

    The images share their header, so it is read once; the decoder alone takes three fifths of the time of `Image.open`.
    """
    images = np.empty((len(offsets) - 1, SIDE, SIDE, 3), np.uint8)

    def scan(row: int) -> bytes:
        return header + scans[offsets[row] : offsets[row + 1]]

    def fill(rows: np.ndarray) -> None:
        for row in rows:
            try:
                images[row] = np.asarray(Image.frombytes("RGB", (SIDE, SIDE), scan(row), "jpeg", "RGB", ""))
            except (OSError, ValueError) as error:
                raise _broken(where, row, error) from error

    try:
        with Image.open(io.BytesIO(scan(0)), formats=("JPEG",)) as first:
            if (first.size, first.mode) != ((SIDE, SIDE), "RGB"):
                raise ValueError(f"it has {first.width} x {first.height} pixels of mode {first.mode}")
    except (OSError, SyntaxError, ValueError, IndexError) as error:  # the last where there is no image
        raise _broken(where, 0, error) from error
    with ThreadPoolExecutor(min(16, os.cpu_count() or 1)) as pool:
        list(pool.map(fill, np.array_split(np.arange(len(images)), 64)))
    return images


def _broken(where: Path, row: int, error: Exception) -> InputError:
    return InputError(f"{where}: image {row} is not a JPEG of {SIDE} x {SIDE} pixels: {error}")


def _read(folder: Path, file: str, verify: bool) -> bytes:
    """Returns the content of a file of this data set, after comparing its checksum."""
    if not (folder / file).is_file():
        raise not_found("cifar10_compact", folder, ADVICE, file)
    data = (folder / file).read_bytes()
    if verify:
        check_bytes(data, "cifar10_compact", file, folder / file)
    return data


def cifar10_compact(path: str = "", part: str = "train", labels: str = "clean", verify: bool = True) -> Source:
    """Returns 50,000 training images with the labels asked for, or 10,000 test images with the true ones.

    Args:
        path: folder with `index.npz`, `train_scans.bin`, `test_scans.bin` and, for human labels, `cifar10n.npz`.
        part: "train" or "test".
        labels: "clean" for the true labels; "random1", "random2", "random3" for those of one person each, "aggre"
            for their majority, "worst" for a wrong one wherever there is one. People labelled the training part
            only, so the test part has the true labels whatever is asked.
        verify: compare each file with its checksum.

    Returns:
        inputs [N, 32, 32, 3] uint8; true_labels known; ids as in data set `cifar10`.

    >>> from meta_noise.data.sources.cifar10_compact import cifar10_compact
    >>> cifar10_compact("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set cifar10_com
    """
    check_part(part)
    check_kind(labels, CIFAR10N, "CIFAR-10")
    folder = existing_path("cifar10_compact", path, ADVICE)
    _read(folder, "index.npz", verify)
    keys = ("header", "class_names", f"{part}_offsets", f"{part}_labels")
    index = read_npz(folder / "index.npz", keys, "index of the compact CIFAR-10")
    true_labels = index[f"{part}_labels"].astype(np.int32)  # [N]
    offsets = index[f"{part}_offsets"].astype(np.int64)  # [N + 1]
    scans = _read(folder, f"{part}_scans.bin", verify)
    if len(offsets) != len(true_labels) + 1 or np.any(np.diff(offsets) < 0) or offsets[-1] != len(scans):
        raise InputError(f"{folder / 'index.npz'} does not belong to {part}_scans.bin: the image positions disagree.")
    observed = true_labels.copy()
    if part == "train" and labels != "clean":
        _read(folder, "cifar10n.npz", verify)
        order = folder / "image_order_c10.npy"  # not part of this form, whose labels are in the order of the images
        observed = human_labels(folder / "cifar10n.npz", order, CIFAR10N, labels, true_labels, verify)
    images = _decode(index["header"].tobytes(), scans, offsets, folder / f"{part}_scans.bin")
    names = tuple(str(name) for name in index["class_names"])
    return Source(images, observed, row_ids(f"cifar10-{part}", len(images)), names, true_labels, name="cifar10_compact")
