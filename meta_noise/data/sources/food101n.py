"""Food-101N with the test images of Food-101, prepared by `meta-noise prepare food101n`.

K.-H. Lee, X. He, L. Zhang, L. Yang, "CleanNet: Transfer Learning for Scalable Image Classifier Training with Label
Noise", CVPR 2018, https://kuanghuei.github.io/Food-101N. Its layout is described in
`meta_noise.data.images.layouts.food101n`.
"""

from collections.abc import Sequence

from meta_noise.data.images.crops import Cut
from meta_noise.data.images.layouts.food101n import ADVICE
from meta_noise.data.images.prepared import IMAGENET_MEAN, IMAGENET_STD, Place, read_part
from meta_noise.data.source import Source

EVALUATED = ("selection", "test")


def food101n(
    path: str = "",
    part: str = "train",
    size: int = 224,
    resize: int = 256,
    crop: str = "random_resized",
    trusted: bool = True,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
) -> Source | None:
    """Returns the images found in the web, the verified right ones of the validation list, or Food-101's test images.

    Args:
        path: folder that was given to `meta-noise prepare` as --to.
        part: "train", "selection" (chooses the epoch) or "test".
        size: pixels on a side.
        resize: pixels of the shorter side before `size` are cut out of the middle, in evaluation.
        crop: of training images, "random_resized", "random" or "middle".
        trusted: training images whose label a person found right are trusted. Those found wrong stay as they are.
        mean: of the channels.
        std: likewise.
    """
    advice = f"{ADVICE}, prepare it with `meta-noise prepare food101n --from TREE --food101 DIR --to DIR`"
    splits = {name: (name,) for name in ("train", "selection", "test")}
    return read_part(Place("food101n", path, advice), part, splits, Cut(size, resize, crop), mean, std, trusted)
