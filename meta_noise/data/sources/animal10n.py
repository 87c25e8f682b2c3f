"""ANIMAL-10N: ten animals, five pairs that are easily confused, about 8% of the labels wrong.

H. Song, M. Kim, J.-G. Lee, "SELFIE: Refurbishing Unclean Samples for Robust Deep Learning", ICML 2019,
https://dm.kaist.ac.kr/datasets/animal-10n.

    TREE/training/0_NAME.jpg, TREE/testing/9_NAME.jpg      the number before the first underscore is the class

This is the form of raw images (raw_image_ver.zip, and raw_image.zip in it). The label is in the name of the image.

`animal10n_plan` says what is to be prepared by `meta-noise prepare animal10n`, `animal10n` reads what was prepared.
"""

from collections.abc import Sequence
from pathlib import Path

from meta_noise.data.images.crops import Cut
from meta_noise.data.images.plan import Plan, Row, tree_of
from meta_noise.data.images.prepared import IMAGENET_MEAN, IMAGENET_STD, Place, read_part
from meta_noise.data.source import Source
from meta_noise.errors import InputError

NAMES = (
    "cat", "lynx", "wolf", "coyote", "cheetah", "jaguar", "chimpanzee", "orangutan", "hamster", "guinea pig"
)  # fmt: skip
ADVICE = "Ask for the raw images at https://dm.kaist.ac.kr/datasets/animal-10n and extract training and testing"


def animal10n(
    path: str = "",
    part: str = "train",
    size: int = 64,
    resize: int = 64,
    crop: str = "middle",
    keep: bool = True,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
) -> Source | None:
    """Returns the 50,000 training images, about 8% of the labels wrong, or the 5,000 test images.

    Args:
        path: folder that was given to `meta-noise prepare` as --to.
        part: "train" or "test".
        size: pixels on a side.
        resize: pixels of the shorter side before `size` are cut out.
        crop: of training images, "random_resized", "random" or "middle".
        keep: decode all images once and keep them on the device (614 MB); needs crop="middle".
        mean: of the channels.
        std: likewise.

    >>> from meta_noise.data.sources.animal10n import animal10n
    >>> animal10n("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set animal10n.
    """
    splits = {"train": ("train",), "test": ("test",)}
    return read_part(Place("animal10n", path, ADVICE), part, splits, Cut(size, resize, crop), mean, std, keep=keep)


def animal10n_plan(tree: str) -> Plan:
    """Returns ANIMAL-10N: the splits train and test.

    Args:
        tree: folder with `training` and `testing`.
    """
    root = tree_of("animal10n", tree, ("training", "testing"), ADVICE)
    splits = {"train": _rows(root / "training"), "test": _rows(root / "testing")}
    return Plan("animal10n", NAMES, splits, {"train": 50_000, "test": 5_000})


def _rows(folder: Path) -> list[Row]:
    rows = []
    for file in sorted(folder.glob("*.jpg")):
        label = file.name.partition("_")[0]
        if not (label.isdecimal() and int(label) < len(NAMES)):
            raise InputError(f"{file} does not begin with its class, a number from 0 to {len(NAMES) - 1}, and _.")
        rows.append(Row(f"{folder.name}/{file.name}", str(file), int(label)))
    return rows
