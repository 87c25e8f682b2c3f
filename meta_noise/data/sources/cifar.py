"""CIFAR-10 and CIFAR-100 from the official Python archives, with true labels or with those that people gave.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, University of Toronto, 2009,
https://www.cs.toronto.edu/~kriz/cifar.html: 60,000 colour images, 32 x 32, of ten kinds of objects, and as many of 100
kinds in 20 groups. The labels of people, CIFAR-10N (9 to 40% of them wrong) and CIFAR-100N (40%): J. Wei, Z. Zhu, H.
Cheng, T. Liu, G. Niu, Y. Liu, "Learning with Noisy Labels Revisited: A Study Using Real-World Human Annotations", ICLR
2022, https://arxiv.org/abs/2110.12088.
"""

from pathlib import Path

import numpy as np

from meta_noise.data.formats.cifar_archive import images_of, labels_of, read_members
from meta_noise.data.formats.human_labels import CIFAR10N, CIFAR100N, check_kind, find_labels, human_labels
from meta_noise.data.formats.published import check_part, existing_path
from meta_noise.data.source import Source, row_ids
from meta_noise.errors import InputError, unknown_name

CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
MEMBERS = {"train": tuple(f"data_batch_{number}" for number in range(1, 6)), "test": ("test_batch",)}


def cifar10(path: str = "", part: str = "train", verify: bool = True) -> Source:
    """Returns 50,000 training or 10,000 test images.

    Args:
        path: `cifar-10-python.tar.gz`, the extracted `cifar-10-batches-py`, or a folder that holds one of them.
        part: "train" or "test".
        verify: compare each batch file with its published checksum.

    Returns:
        inputs [N, 32, 32, 3] uint8; ids such as "cifar10-train-00012" hold the row number in the original order,
        the order of the human labels CIFAR-10N.

    >>> from meta_noise.data.sources.cifar import cifar10
    >>> cifar10("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set cifar10. Ge
    """
    members = MEMBERS[check_part(part)]
    batches = read_members("cifar10", path, "cifar-10-batches-py", "cifar-10-python.tar.gz", members, verify)
    images = [images_of(batch, f"{path}: {member}") for batch, member in zip(batches, members, strict=True)]
    labels = np.concatenate(
        [
            labels_of(batch, "labels", len(CLASS_NAMES), len(rows), f"{path}: {member}")
            for batch, member, rows in zip(batches, members, images, strict=True)
        ]
    )
    ids = row_ids(f"cifar10-{part}", len(labels))
    return Source(np.concatenate(images), labels, ids, CLASS_NAMES, labels.copy(), name="cifar10")


def cifar100(path: str = "", part: str = "train", labels: str = "fine", verify: bool = True) -> Source:
    """Returns 50,000 training or 10,000 test images.

    Args:
        path: `cifar-100-python.tar.gz`, the extracted `cifar-100-python`, or a folder that holds one of them.
        part: "train" or "test".
        labels: "fine" for the 100 classes, "coarse" for the 20 groups.
        verify: compare each file with its published checksum.

    Returns:
        inputs [N, 32, 32, 3] uint8; ids such as "cifar100-train-00012" hold the row number in the original order.

    >>> from meta_noise.data.sources.cifar import cifar100
    >>> cifar100("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set cifar100. G
    """
    check_part(part)
    if labels not in ("fine", "coarse"):
        raise unknown_name("kind of CIFAR-100 labels", str(labels), ("fine", "coarse"))
    batch, meta = read_members("cifar100", path, "cifar-100-python", "cifar-100-python.tar.gz", (part, "meta"), verify)
    names = meta.get(f"{labels}_label_names".encode())
    if not isinstance(names, list) or not all(isinstance(name, bytes) for name in names):
        raise InputError(f"{path}: 'meta' lacks the list of {labels} class names.")
    class_names = tuple(name.decode() for name in names)
    images = images_of(batch, f"{path}: {part}")
    classes = labels_of(batch, f"{labels}_labels", len(class_names), len(images), f"{path}: {part}")
    ids = row_ids(f"cifar100-{part}", len(classes))
    return Source(images, classes, ids, class_names, classes.copy(), name="cifar100")


def cifar10n(path: str = "", part: str = "train", labels: str = "worst", file: str = "", verify: bool = True) -> Source:
    """Returns 50,000 training images with the labels of people, or 10,000 test images with the true ones.

    Args:
        path: folder with the official CIFAR-10 archive, or its extracted folder, and the labels.
        part: "train" or "test".
        labels: "random1", "random2", "random3" for the labels of one person each, "aggre" for their majority, "worst"
            for a wrong one wherever there is one, "clean" for the true ones.
        file: path of the labels where they are elsewhere: CIFAR-10_human.pt; CIFAR-10_human_ordered.npy with
            image_order_c10.npy beside it; or an .npz with the same names.
        verify: compare the images with their checksums, and the share of wrong labels with the published one.

    Returns:
        inputs [N, 32, 32, 3] uint8; true_labels known; ids as in data set `cifar10`.

    >>> from meta_noise.data.sources.cifar import cifar10n
    >>> cifar10n("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set cifar10n. G
    """
    return _with_human_labels(10, path, part, labels, file, verify)


def cifar100n(
    path: str = "", part: str = "train", labels: str = "noisy", file: str = "", verify: bool = True
) -> Source:
    """Returns 50,000 training images with the labels of people, or 10,000 test images with the true ones.

    Args:
        path: folder with the official CIFAR-100 archive, or its extracted folder, and the labels.
        part: "train" or "test".
        labels: "noisy" for the labels of people, "clean" for the true ones; of the 100 classes.
        file: path of the labels where they are elsewhere: CIFAR-100_human.pt; CIFAR-100_human_ordered.npy with
            image_order_c100.npy beside it; or an .npz with the same names.
        verify: compare the images with their checksums, and the share of wrong labels with the published one.

    Returns:
        inputs [N, 32, 32, 3] uint8; true_labels known; ids as in data set `cifar100`.

    >>> from meta_noise.data.sources.cifar import cifar100n
    >>> cifar100n("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set cifar100n.
    """
    return _with_human_labels(100, path, part, labels, file, verify)


def _with_human_labels(classes: int, path: str, part: str, labels: str, file: str, verify: bool) -> Source:
    """Returns CIFAR-10 or CIFAR-100 (10 or 100 `classes`) with the labels that people gave to its training images."""
    name, kinds = f"cifar{classes}n", {10: CIFAR10N, 100: CIFAR100N}[classes]
    files = (f"CIFAR-{classes}_human.pt", f"CIFAR-{classes}_human_ordered.npy", f"{name}.npz")
    advice = (
        f"Get the images with `python -m meta_noise.data.download cifar{classes} DIR` and put {files[0]} of "
        "https://github.com/UCSC-REAL/cifar-10-100n (folder data) into the same folder"
    )
    check_part(part)
    check_kind(labels, kinds, f"CIFAR-{classes}N")
    place = existing_path(name, path, advice)
    images = cifar10(path, part, verify) if classes == 10 else cifar100(path, part, verify=verify)
    images = images._replace(name=name)
    if part == "test" or labels == "clean":
        return images
    found = Path(file) if file else find_labels(place, files, advice)
    order = found.with_name(f"image_order_c{classes}.npy")
    return images._replace(labels=human_labels(found, order, kinds, labels, images.labels, verify))
