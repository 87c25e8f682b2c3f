"""CIFAR-10: 60,000 colour images of ten kinds of objects, 32 x 32, from the official Python archive.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, University of Toronto,
2009, https://www.cs.toronto.edu/~kriz/cifar.html.
"""

import numpy as np

from meta_noise.data.cifar_archive import images_of, labels_of, read_members
from meta_noise.data.ids import row_ids
from meta_noise.data.parts import check_part
from meta_noise.data.source import Source

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
