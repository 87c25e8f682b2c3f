"""WebVision 1.0, or its mini part, prepared by `meta-noise prepare webvision` or `webvision_mini`.

W. Li, L. Wang, W. Li, E. Agustsson, L. Van Gool, "WebVision Database: Visual Learning and Understanding from Web
Data", 2017, https://arxiv.org/abs/1708.02862. Its layout is described in `meta_noise.data.images.layouts.webvision`.
"""

from collections.abc import Sequence

from meta_noise.data.images.crops import Cut
from meta_noise.data.images.layouts.webvision import ADVICE
from meta_noise.data.images.prepared import IMAGENET_MEAN, IMAGENET_STD, Place, read_part
from meta_noise.data.source import Source

EVALUATED = ("test", "imagenet")


def webvision(
    path: str = "",
    part: str = "train",
    mini: bool = True,
    size: int = 299,
    resize: int = 320,
    crop: str = "random_resized",
    trusted: bool = False,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
) -> Source | None:
    """Returns the training images, WebVision's validation images ("test") or those of ImageNet ("imagenet").

    Args:
        path: folder that was given to `meta-noise prepare` as --to.
        part: "train", "test" or "imagenet"; None comes back where the last was not prepared.
        mini: the first 50 classes found by Google, else all 1,000 of both search engines.
        size: pixels on a side.
        resize: pixels of the shorter side before `size` are cut out of the middle, in evaluation.
        crop: of training images, "random_resized", "random" or "middle".
        trusted: training images of ImageNet, prepared with --clean, are added as trusted rows.
        mean: of the channels.
        std: likewise.
    """
    name = "webvision_mini" if mini else "webvision"
    advice = f"{ADVICE}, prepare it with `meta-noise prepare {name} --from TREE --to DIR`"
    splits = {"train": ("train", "clean") if trusted else ("train",), "test": ("test",), "imagenet": ("imagenet",)}
    return read_part(Place(name, path, advice), part, splits, Cut(size, resize, crop), mean, std, trusted)
