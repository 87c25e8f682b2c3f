"""Mini-ImageNet with controlled noisy web labels, prepared by `meta-noise prepare cnwl`.

L. Jiang, D. Huang, M. Liu, W. Yang, "Beyond Synthetic Noise: Deep Learning on Controlled Noisy Labels", ICML 2020,
https://google.github.io/controlled-noisy-web-labels. Its layout is described in `meta_noise.data.images.layouts.cnwl`.
"""

from collections.abc import Sequence

from meta_noise.data.images.crops import Cut
from meta_noise.data.images.layouts.cnwl import ADVICE, COLOURS
from meta_noise.data.images.prepared import Place, read_part
from meta_noise.data.source import Source
from meta_noise.errors import unknown_name

MEAN, STD = (0.507, 0.487, 0.441), (0.267, 0.256, 0.276)  # of FaMUS's code


def cnwl(
    path: str = "",
    part: str = "train",
    colour: str = "red",
    rate: float = 0.4,
    size: int = 32,
    resize: int = 32,
    crop: str = "middle",
    keep: bool = True,
    mean: Sequence[float] = MEAN,
    std: Sequence[float] = STD,
) -> Source | None:
    """Returns the 50,000 training images with a share of wrong labels, or the clean validation images as "test".

    Args:
        path: folder that was given to `meta-noise prepare` as --to.
        part: "train" or "test".
        colour: "red", wrong labels of web images, or "blue", labels flipped.
        rate: share of wrong labels, of 0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, as far as prepared.
        size: pixels on a side, 32 in FaMUS; 299 where the images were prepared in full size.
        resize: pixels of the shorter side before `size` are cut out.
        crop: of training images, "random_resized", "random" or "middle".
        keep: decode all images once and keep them on the device; needs crop="middle".
        mean: of the channels.
        std: likewise.
    """
    if colour not in COLOURS:
        raise unknown_name("colour of CNWL", colour, COLOURS)
    advice = f"{ADVICE}, prepare it with `meta-noise prepare cnwl --from TREE --to DIR`"
    splits = {"train": (f"{colour}_{round(100 * rate):02d}",), "test": ("test",)}
    return read_part(Place("cnwl", path, advice), part, splits, Cut(size, resize, crop), mean, std, keep=keep)
