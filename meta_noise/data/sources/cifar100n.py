"""CIFAR-100N: the images of CIFAR-100 with labels that people gave, 40% of them wrong.

J. Wei, Z. Zhu, H. Cheng, T. Liu, G. Niu, Y. Liu, "Learning with Noisy Labels Revisited: A Study Using Real-World Human
Annotations", ICLR 2022, https://arxiv.org/abs/2110.12088.
"""

from pathlib import Path

from meta_noise.data.human_labels import CIFAR100N, check_kind, find_labels, human_labels
from meta_noise.data.parts import check_part, existing
from meta_noise.data.source import Source
from meta_noise.data.sources.cifar100 import cifar100

FILES = ("CIFAR-100_human.pt", "CIFAR-100_human_ordered.npy", "cifar100n.npz")
ADVICE = (
    "Get the images with `python -m meta_noise.data.download cifar100 DIR` and put CIFAR-100_human.pt of "
    "https://github.com/UCSC-REAL/cifar-10-100n (folder data) into the same folder"
)


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
    """
    check_part(part)
    check_kind(labels, CIFAR100N, "CIFAR-100N")
    place = existing("cifar100n", path, ADVICE)
    images = cifar100(path, part, verify=verify)._replace(name="cifar100n")
    if part == "test" or labels == "clean":
        return images
    found = Path(file) if file else find_labels(place, FILES, ADVICE)
    order = found.with_name("image_order_c100.npy")
    return images._replace(labels=human_labels(found, order, CIFAR100N, labels, images.labels, verify))
