"""Published weights of ResNet: torchvision and timm (the same names), and Hugging Face."""

from functools import partial

from meta_noise.models.published.naming import VALUES, Naming, Path, from_torch
from meta_noise.models.resnet import DEPTHS


def namings(depth: int = 50) -> tuple[Naming, ...]:
    """Returns the names in files of ResNet-`depth`; classifiers are left out."""
    sizes, _ = DEPTHS[depth]
    groups: dict[str, tuple[int, int]] = {}
    for group, size in enumerate(sizes):
        groups |= {f"block{len(groups) + place:02d}": (group, place) for place in range(size)}
    return (
        Naming("torchvision", partial(_torchvision, groups), from_torch, ("fc.",)),
        Naming("Hugging Face", partial(_hugging_face, groups, "resnet."), from_torch, ("classifier.",)),
        Naming("Hugging Face", partial(_hugging_face, groups, ""), from_torch, ("classifier.",)),
    )


def _torchvision(groups: dict[str, tuple[int, int]], path: Path) -> str:
    block, layer, leaf = path
    kind, number = layer[:-1], layer[-1]
    if layer.startswith("shortcut"):
        name = "downsample.0" if layer == "shortcut_conv" else "downsample.1"
    else:
        name = ("conv" if kind == "conv" else "bn") + str(int(number) + 1)
    group, place = groups.get(block, (-1, 0))
    return f"{name if block == 'stem' else f'layer{group + 1}.{place}.{name}'}.{VALUES[leaf]}"


def _hugging_face(groups: dict[str, tuple[int, int]], prefix: str, path: Path) -> str:
    block, layer, leaf = path
    what = "convolution" if "conv" in layer else "normalization"
    if block == "stem":
        return f"{prefix}embedder.embedder.{what}.{VALUES[leaf]}"
    group, place = groups[block]
    part = "shortcut" if layer.startswith("shortcut") else f"layer.{layer[-1]}"
    return f"{prefix}encoder.stages.{group}.layers.{place}.{part}.{what}.{VALUES[leaf]}"
