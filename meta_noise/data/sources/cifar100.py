"""CIFAR-100: 60,000 colour images of 100 kinds of objects in 20 groups, 32 x 32, from the official Python archive.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, University of Toronto,
2009, https://www.cs.toronto.edu/~kriz/cifar.html.
"""

from meta_noise.data.cifar_archive import images_of, labels_of, read_members
from meta_noise.data.ids import row_ids
from meta_noise.data.parts import check_part
from meta_noise.data.source import Source
from meta_noise.errors import InputError, unknown_name


def cifar100(path: str = "", part: str = "train", labels: str = "fine", verify: bool = True) -> Source:
    """Returns 50,000 training or 10,000 test images.

    Args:
        path: `cifar-100-python.tar.gz`, the extracted `cifar-100-python`, or a folder that holds one of them.
        part: "train" or "test".
        labels: "fine" for the 100 classes, "coarse" for the 20 groups.
        verify: compare each file with its published checksum.

    Returns:
        inputs [N, 32, 32, 3] uint8; ids such as "cifar100-train-00012" hold the row number in the original order.
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
