"""CIFAR-10N: the images of CIFAR-10 with labels that people gave, 9 to 40% of them wrong.

J. Wei, Z. Zhu, H. Cheng, T. Liu, G. Niu, Y. Liu, "Learning with Noisy Labels Revisited: A Study Using Real-World Human
Annotations", ICLR 2022, https://arxiv.org/abs/2110.12088.
"""

from pathlib import Path

from meta_noise.data.human_labels import CIFAR10N, check_kind, find_labels, human_labels
from meta_noise.data.parts import check_part, existing
from meta_noise.data.source import Source
from meta_noise.data.sources.cifar10 import cifar10

FILES = ("CIFAR-10_human.pt", "CIFAR-10_human_ordered.npy", "cifar10n.npz")
ADVICE = (
    "Get the images with `python -m meta_noise.data.download cifar10 DIR` and put CIFAR-10_human.pt of "
    "https://github.com/UCSC-REAL/cifar-10-100n (folder data) into the same folder"
)


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
    """
    check_part(part)
    check_kind(labels, CIFAR10N, "CIFAR-10N")
    place = existing("cifar10n", path, ADVICE)
    images = cifar10(path, part, verify)._replace(name="cifar10n")
    if part == "test" or labels == "clean":
        return images
    found = Path(file) if file else find_labels(place, FILES, ADVICE)
    order = found.with_name("image_order_c10.npy")
    return images._replace(labels=human_labels(found, order, CIFAR10N, labels, images.labels, verify))
