"""Published weights of Inception-ResNet-v2: timm, and Keras, whose convolutions are numbered in the order of use."""

from functools import partial

import numpy as np

from meta_noise.models import inception_resnet_v2 as network
from meta_noise.models.published.naming import VALUES, Naming, Path, from_torch

MIXED = {"mixed0": "mixed_5b", "mixed1": "mixed_6a", "mixed2": "mixed_7a"}
REPEATED = {"block35": "repeat", "block17": "repeat_1", "block8": "repeat_2"}
STEM = {("layers0", 0): "1a", ("layers1", 0): "2a", ("layers2", 0): "2b", ("layers3", 0): "3b", ("layers3", 1): "4a"}
# Layers of each branch of a block.
BRANCHES = {
    "mixed0": (*map(len, network.MIXED_5B), 1),
    "mixed1": tuple(map(len, network.MIXED_6A)),
    "mixed2": tuple(map(len, network.MIXED_7A)),
    "block35": tuple(map(len, network.BLOCK35)),
    "block17": tuple(map(len, network.BLOCK17)),
    "block8": tuple(map(len, network.BLOCK8)),
}


def namings(repeats: tuple[int, ...] = (10, 20, 9)) -> tuple[Naming, ...]:
    """Returns the names in files of Inception-ResNet-v2; classifiers are left out."""
    return (
        Naming("timm", _timm, from_torch, ("classif.", "last_linear.")),
        Naming("Keras", partial(_keras, _numbers(repeats), repeats), _as_it_is, ("predictions",)),
    )


def _timm(path: Path) -> str:
    block, *inside, layer, leaf = path
    what = "conv" if layer.startswith("conv") else "bn"
    if block == "stem":
        return f"conv2d_{STEM[inside[0], int(layer[-1])]}.{what}.{VALUES[leaf]}"
    if block == "last_conv":
        return f"conv2d_7b.{what}.{VALUES[leaf]}"
    kind, _, number = block.partition("_")
    place = MIXED.get(block) or ("block8" if block == "last_block8" else f"{REPEATED[kind]}.{int(number)}")
    if not inside:  # the convolution after the branches
        return f"{place}.conv2d.{VALUES[leaf]}"
    branch, count = inside[0], BRANCHES["block8" if kind == "last" else kind][int(inside[0][-1])]
    if (block, branch) == ("mixed0", "branch3"):  # the first layer is the mean
        return f"{place}.branch3.1.{what}.{VALUES[leaf]}"
    position = f".{layer[-1]}" if count > 1 else ""
    return f"{place}.{branch}{position}.{what}.{VALUES[leaf]}"


def _blocks(repeats: tuple[int, ...]) -> list[tuple[str, str]]:
    """Returns name and kind of the blocks between stem and last convolution, in order."""
    repeated = [
        [(f"{kind}_{number:02d}", kind) for number in range(count)]
        for kind, count in zip(REPEATED, repeats, strict=True)
    ]
    mixed = [[(name, name)] for name in MIXED]
    return [block for pair in zip(mixed, repeated, strict=True) for group in pair for block in group] + [
        ("last_block8", "block8")
    ]


def _numbers(repeats: tuple[int, ...]) -> dict[Path, int]:
    """Returns the place of each convolution with batch normalisation in the order of use, by block, branch, number."""
    order: list[Path] = [("stem", layers, str(number)) for layers, number in STEM]
    for name, kind in _blocks(repeats):
        for branch, count in enumerate(BRANCHES[kind]):
            order += [(name, f"branch{branch}", str(number)) for number in range(count)]
    return {path: place for place, path in enumerate(order)}


def _keras(numbers: dict[Path, int], repeats: tuple[int, ...], path: Path) -> str | None:
    block, *inside, layer, leaf = path
    value = {"kernel": "kernel", "bias": "beta", "mean": "moving_mean", "var": "moving_variance"}.get(leaf)
    if value is None:
        return None  # batch normalisation has no scale there
    if block == "last_conv":
        return f"conv_7b/{value}" if leaf == "kernel" else f"conv_7b_bn/{value}"
    if not inside:
        kind, _, number = block.partition("_")
        last = f"block8_{repeats[2] + 1}_conv"
        name = last if block == "last_block8" else f"{kind}_{int(number) + 1}_conv"
        return f"{name}/{'bias' if leaf == 'bias' else value}"
    what = "conv2d" if leaf == "kernel" else "batch_normalization"
    return f"{what} {numbers[block, inside[0], layer[-1]]}/{value}"


def _as_it_is(path: Path, shape: tuple[int, ...], tensor: np.ndarray) -> np.ndarray | None:
    del path
    return tensor if tensor.shape == shape else None
