"""ANIMAL-10N, prepared by `meta-noise prepare animal10n`.

H. Song, M. Kim, J.-G. Lee, "SELFIE: Refurbishing Unclean Samples for Robust Deep Learning", ICML 2019,
https://dm.kaist.ac.kr/datasets/animal-10n. Its layout is described in `meta_noise.data.images.layouts.animal10n`.
"""

from collections.abc import Sequence

from meta_noise.data.images.crops import Cut
from meta_noise.data.images.layouts.animal10n import ADVICE
from meta_noise.data.images.prepared import IMAGENET_MEAN, IMAGENET_STD, Place, read_part
from meta_noise.data.source import Source


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
    """
    advice = f"{ADVICE}, prepare it with `meta-noise prepare animal10n --from TREE --to DIR`"
    splits = {"train": ("train",), "test": ("test",)}
    return read_part(Place("animal10n", path, advice), part, splits, Cut(size, resize, crop), mean, std, keep=keep)
