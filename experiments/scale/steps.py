"""The steps that are compiled for emulated devices."""

from typing import Any

from experiments.scale.program import Setting

SGD: dict[str, Any] = {"optimizer": {"name": "sgd", "lr": 0.01, "momentum": 0.9}}
METHODS = ("supervised", "l2r", "mw_net")
ADAM: dict[str, Any] = {"optimizer": {"name": "adam", "lr": 1e-3}}


def small(method: str) -> Setting:
    """Returns a residual network of 8 layers on images of 32 x 32."""
    return Setting({"name": "resnet_cifar", "depth": 8}, (32, 32, 3), 10, {**SGD, "method": {"name": method}})


def resnet(method: str, changes: dict[str, Any] = SGD, size: int = 32) -> Setting:
    """Returns ResNet-50; what it sends does not depend on the size of the images."""
    model = {"name": "resnet", "depth": 50}
    return Setting(model, (size, size, 3), 1000, {**changes, "method": {"name": method}})


def bert() -> Setting:
    """Returns BERT-base on texts of 16 tokens."""
    model = {"name": "bert", "vocabulary": 30_522}
    return Setting(model, (16,), 2, {**ADAM, "method": {"name": "supervised"}}, "int32")
