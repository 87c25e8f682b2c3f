"""Our residual networks in PyTorch, layer by layer: `resnet_cifar`, `preact_resnet`, `wide_resnet`."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from meta_noise.errors import InputError
from meta_noise.models.preact_resnet import SIZES

SETTINGS = {"resnet_cifar": {"depth"}, "preact_resnet": {"depth", "width"}, "wide_resnet": {"depth", "widening"}}


class Residual(nn.Module):
    """Two convolutions and a shortcut without parameters."""

    def __init__(self, before: int, width: int, stride: int):
        super().__init__()
        self.conv0, self.norm0 = _conv(before, width, 3, stride), nn.BatchNorm2d(width)
        self.conv1, self.norm1 = _conv(width, width, 3), nn.BatchNorm2d(width)
        self.stride, self.new = stride, width - before

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.norm1(self.conv1(F.relu(self.norm0(self.conv0(x)))))
        x = x[:, :, :: self.stride, :: self.stride]
        return F.relu(y + F.pad(x, (0, 0, 0, 0, self.new // 2, self.new - self.new // 2)))


class PreActivated(nn.Module):
    """Activations before two convolutions; the shortcut is a 1x1 convolution of them where the shape changes.

    With `always` the shortcut starts at the activations also where it is the identity.
    """

    def __init__(self, before: int, width: int, stride: int, always: bool):
        super().__init__()
        self.norm0, self.conv1 = nn.BatchNorm2d(before), _conv(before, width, 3, stride)
        self.norm2, self.conv3 = nn.BatchNorm2d(width), _conv(width, width, 3)
        self.shortcut = None if stride == 1 and before == width else _conv(before, width, 1, stride)
        self.always = always

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = F.relu(self.norm0(x))
        y = self.conv3(F.relu(self.norm2(self.conv1(h))))
        if self.shortcut is not None:
            return y + self.shortcut(h)
        return y + (h if self.always else x)


class Pooled(nn.Module):
    """Blocks, the mean over pixels, and a linear layer."""

    def __init__(self, blocks: Sequence[nn.Module], features: int, classes: int):
        super().__init__()
        self.blocks, self.head = nn.Sequential(*blocks), nn.Linear(features, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.blocks(x).mean((2, 3)))


def network_of(model: Mapping[str, Any], classes: int) -> nn.Module:
    """Returns the network of a section `model`.

    Raises:
        InputError: it is not one that is written here.
    """
    settings = {key: value for key, value in model.items() if key != "name"}
    if settings.keys() - SETTINGS.get(model["name"], set()) or model["name"] not in SETTINGS:
        raise InputError(f"--peers knows {_known()}, not {dict(model)}; leave --peers out.")
    return {"resnet_cifar": _resnet, "preact_resnet": _preact, "wide_resnet": _wide}[model["name"]](classes, **settings)


def _resnet(classes: int, depth: int = 32) -> nn.Module:
    first = [_conv(3, 16, 3), nn.BatchNorm2d(16), nn.ReLU()]
    blocks = [Residual(*place) for place in _places(16, (16, 32, 64), ((depth - 2) // 6,) * 3)]
    return Pooled([*first, *blocks], 64, classes)


def _preact(classes: int, depth: int = 18, width: int = 64) -> nn.Module:
    first = [_conv(3, width, 3), nn.BatchNorm2d(width), nn.ReLU()]
    widths = tuple(width * factor for factor in (1, 2, 4, 8))
    return Pooled(
        [*first, *(PreActivated(*place, True) for place in _places(width, widths, SIZES[depth]))], widths[-1], classes
    )


def _wide(classes: int, depth: int = 28, widening: int = 10) -> nn.Module:
    widths = tuple(widening * width for width in (16, 32, 64))
    blocks = [PreActivated(*place, False) for place in _places(16, widths, ((depth - 4) // 6,) * 3)]
    return Pooled([_conv(3, 16, 3), *blocks, nn.BatchNorm2d(widths[-1]), nn.ReLU()], widths[-1], classes)


def _places(before: int, widths: Sequence[int], counts: Sequence[int]) -> list[tuple[int, int, int]]:
    """Returns (channels before, channels, stride) of every block."""
    found = []
    for group, (width, count) in enumerate(zip(widths, counts, strict=True)):
        for place in range(count):
            found.append((before, width, 2 if group and not place else 1))
            before = width
    return found


def _conv(before: int, width: int, size: int, stride: int = 1) -> nn.Module:
    return nn.Conv2d(before, width, size, stride, size // 2, bias=False)


def _known() -> str:
    return ", ".join(f"{name} ({' and '.join(sorted(keys))})" for name, keys in SETTINGS.items())
