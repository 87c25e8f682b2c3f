"""MNIST and Fashion-MNIST: 70,000 grey images each, 28 x 28, of handwritten digits and of clothing.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings
of the IEEE 86(11), 1998, http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf. H. Xiao, K. Rasul, R. Vollgraf,
"Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms", 2017,
https://arxiv.org/abs/1708.07747, in the format of MNIST.
"""

import os
from collections.abc import Sequence

import numpy as np

from meta_noise.data.formats.idx import read_idx
from meta_noise.data.formats.published import check_part, existing_path
from meta_noise.data.source import Source, of_classes, row_ids
from meta_noise.errors import InputError

CLOTHING = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def mnist(path: str = "", part: str = "train", verify: bool = True, classes: Sequence[str] = ()) -> Source:
    """Returns 60,000 training or 10,000 test images of digits, or those of some classes.

    Args:
        path: folder with the four official files (`train-images-idx3-ubyte.gz`, ...), packed or not.
        part: "train" or "test".
        verify: compare each file with its published checksum.
        classes: names of the classes to keep, two or more, which are numbered in this order; empty: all.

    Returns:
        inputs [N, 28, 28, 1] uint8; ids such as "mnist-train-00012" hold the row number in the file.

    >>> from meta_noise.data.sources.mnist import mnist
    >>> mnist("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set mnist. Get
    """
    source = idx_source("mnist", path, part, tuple("0123456789"), verify)
    return of_classes(source, classes) if classes else source


def fashion_mnist(path: str = "", part: str = "train", verify: bool = True, classes: Sequence[str] = ()) -> Source:
    """Returns 60,000 training or 10,000 test images of clothing, or those of some classes.

    Args:
        path: folder with the four official files (`train-images-idx3-ubyte.gz`, ...), packed or not.
        part: "train" or "test".
        verify: compare each file with its published checksum.
        classes: names of the classes to keep, two or more, which are numbered in this order; empty: all.

    Returns:
        inputs [N, 28, 28, 1] uint8; ids such as "fashion_mnist-train-00012" hold the row number in the file.

    >>> from meta_noise.data.sources.mnist import fashion_mnist
    >>> fashion_mnist("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set fashion_mni
    """
    source = idx_source("fashion_mnist", path, part, CLOTHING, verify)
    return of_classes(source, classes) if classes else source


def idx_source(
    name: str, path: str | os.PathLike[str], part: str, class_names: tuple[str, ...], verify: bool = True
) -> Source:
    """Returns one part of a data set kept in four idx files with the names of MNIST.

    Args:
        name: the data set, a key of the table of checksums.
        path: the folder with the files, packed (.gz) or not.
        part: "train" or "test".
        class_names: one for each class.
        verify: compare each file with its published checksum.
    """
    prefix = {"train": "train", "test": "t10k"}[check_part(part)]
    folder = existing_path(name, path)
    images = read_idx(folder, f"{prefix}-images-idx3-ubyte", 3, name, verify)[..., None]  # [N, H, W, 1]
    labels = read_idx(folder, f"{prefix}-labels-idx1-ubyte", 1, name, verify).astype(np.int32)  # [N]
    if len(images) != len(labels):
        raise InputError(f"{folder}: {len(images)} images but {len(labels)} labels in part {part!r} of {name}.")
    if np.any(labels >= len(class_names)):
        row = int(np.argmax(labels >= len(class_names)))
        raise InputError(f"{folder}: label {labels[row]} in row {row}; {name} has classes 0..{len(class_names) - 1}.")
    return Source(images, labels, row_ids(f"{name}-{part}", len(labels)), class_names, labels.copy(), name=name)
