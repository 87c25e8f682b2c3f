"""Clothing1M, prepared by `meta-noise prepare clothing1m`.

T. Xiao, T. Xia, Y. Yang, C. Huang, X. Wang, "Learning from Massive Noisy Labeled Data for Image Classification", CVPR
2015, https://github.com/Cysu/noisy_label. Its layout is described in `meta_noise.data.images.layouts.clothing1m`.
"""

from collections.abc import Sequence

from meta_noise.data.images.crops import Cut
from meta_noise.data.images.layouts.clothing1m import ADVICE
from meta_noise.data.images.prepared import IMAGENET_MEAN, IMAGENET_STD, Place, read_part
from meta_noise.data.source import Source

EVALUATED = ("selection", "test")


def clothing1m(
    path: str = "",
    part: str = "train",
    size: int = 224,
    resize: int = 256,
    crop: str = "random",
    trusted: bool = True,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
) -> Source | None:
    """Returns the noisy million with the clean training images as trusted rows, or the clean "selection" or "test".

    Args:
        path: folder that was given to `meta-noise prepare` as --to.
        part: "train", "selection" (clean_val, chooses the epoch) or "test".
        size: pixels on a side.
        resize: pixels of the shorter side before `size` are cut out.
        crop: of training images, "random_resized", "random" or "middle".
        trusted: the 47,570 clean training images are part of the training rows, as trusted ones.
        mean: of the channels; DivideMix takes (0.6959, 0.6537, 0.6371).
        std: likewise; DivideMix takes (0.3113, 0.3192, 0.3214).
    """
    advice = f"{ADVICE}, prepare it with `meta-noise prepare clothing1m --from TREE --to DIR`"
    train = ("train", "clean") if trusted else ("train",)
    splits = {"train": train, "selection": ("selection",), "test": ("test",)}
    return read_part(Place("clothing1m", path, advice), part, splits, Cut(size, resize, crop), mean, std, trusted)
