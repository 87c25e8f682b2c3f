"""Encoders of images: ViT, DINOv2 and the image tower of CLIP, one vector for each image.

A. Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", ICLR 2021,
https://arxiv.org/abs/2010.11929: an image is cut into squares, each of which becomes a vector by one dense layer; a
further vector stands before them, and its state behind the last layer, normalised, is that of the image.
M. Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", TMLR 2024,
https://arxiv.org/abs/2304.07193: a ViT whose layers multiply what they add by a learned vector, for images of any size.
A. Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021,
https://arxiv.org/abs/2103.00020: the same with a normalisation before the layers, and a dense layer without bias
behind them where the folder has one.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from meta_noise.encoders.places import resized
from meta_noise.encoders.text_models import CONFIG, layered, sizes_of
from meta_noise.encoders.transformer import Sizes, encode, layer_norm
from meta_noise.encoders.weights import Wanted, number
from meta_noise.errors import InputError
from meta_noise.types import Array

_USUAL = {"layers": 12, "width": 768, "heads": 12, "hidden": 3072}
_VIT = {
    **{name: f"encoder.layer.{{}}.attention.attention.{name}" for name in ("query", "key", "value")},
    "out": "encoder.layer.{}.attention.output.dense",
    "norm1": "encoder.layer.{}.layernorm_before",
    "hidden": "encoder.layer.{}.intermediate.dense",
    "output": "encoder.layer.{}.output.dense",
    "norm2": "encoder.layer.{}.layernorm_after",
}
_DINO = {
    **{name: _VIT[name] for name in ("query", "key", "value", "out")},
    "norm1": "encoder.layer.{}.norm1",
    "hidden": "encoder.layer.{}.mlp.fc1",
    "output": "encoder.layer.{}.mlp.fc2",
    "norm2": "encoder.layer.{}.norm2",
}
_CLIP = {
    **{name: f"encoder.layers.{{}}.self_attn.{name[0]}_proj" for name in ("query", "key", "value")},
    "out": "encoder.layers.{}.self_attn.out_proj",
    "norm1": "encoder.layers.{}.layer_norm1",
    "hidden": "encoder.layers.{}.mlp.fc1",
    "output": "encoder.layers.{}.mlp.fc2",
    "norm2": "encoder.layers.{}.layer_norm2",
}
_LIKE = {"vit": (1e-12, "gelu"), "dinov2": (1e-6, "gelu")}  # epsilon and activation where config.json does not say
SCALED = {"out": "scale1", "output": "scale2"}  # what DINOv2 multiplies, and with what
ANY_SIZE = ("dinov2",)  # places are made for the size that images have
KINDS = ("vit", "clip", "clip_vision_model", *ANY_SIZE)


class ImageModel(NamedTuple):
    """An encoder of images.

    Attributes:
        kind: its name in config.json.
        sizes: of its layers.
        wanted: its weights.
        side: pixels of a side of the images that it takes, which are squares.
        ready: `(weights as read) -> weights`, places made for that size.
        vectors: `(weights, images [B, side, side, 3]) -> [B, E]`, pixels normalised.
    """

    kind: str
    sizes: Sizes
    wanted: Wanted
    side: int
    ready: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]
    vectors: Callable[[Mapping[str, Array], Array], Array]


def image_model(config: Mapping[str, Any], where: Path, wanted_side: int = 0) -> ImageModel:
    """Returns the encoder that config.json describes.

    Args:
        config: its content; `model_type` is one of `KINDS`.
        where: the file, for messages.
        wanted_side: pixels of a side of the images, for kinds in `ANY_SIZE`; 0 for the size of the training.

    Raises:
        InputError: a setting is out of range, or asks for something that is not built here.
    """
    kind, is_clip = config["model_type"], config["model_type"].startswith("clip")
    tower, sizes = _tower(config, kind, where)
    trained, patch = number(tower, "image_size", 224, where), number(tower, "patch_size", 32 if is_clip else 16, where)
    side = wanted_side or trained
    if min(side, trained) < patch:
        raise InputError(
            f"{where}: a patch has {patch} pixels a side, and an image {min(side, trained)}; it has no patch."
        )
    count, now = (trained // patch) ** 2, side // patch
    projected = number(config if kind == "clip" else tower, "projection_dim", 512, where) if is_clip else 0
    wanted = _clip(sizes, patch, count, projected) if is_clip else _vit(sizes, patch, count, kind)

    def vectors(weights: Mapping[str, Array], images: Array) -> Array:
        x = patches(images, patch) @ weights["patch"].reshape(sizes.width, -1).T + weights.get("patch_bias", 0)
        first = jnp.broadcast_to(weights["first"].reshape(-1), (len(x), 1, sizes.width))
        x = jnp.concatenate([first, x], axis=1) + weights["place"].reshape(1, now * now + 1, sizes.width)
        if is_clip:
            x = layer_norm(x, weights, "norm_before", sizes.epsilon)
        layers = _scaled({name[6:]: each for name, each in weights.items() if name.startswith("layer.")})
        found = encode(x, layers, sizes, jnp.zeros((1, 1, 1, 1)))[:, 0]
        found = layer_norm(found, weights, "norm", sizes.epsilon)
        return found @ weights["projection.kernel"] if "projection.kernel" in weights else found

    def ready(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        places = weights["place"].reshape(count + 1, sizes.width)
        return {**weights, "place": np.concatenate([places[:1], resized(places[1:], now)])}

    return ImageModel(kind, sizes, wanted, side, ready, vectors)


def patches(images: Array, patch: int) -> Array:
    """Returns [B, P, C * patch * patch] squares of images [B, H, W, C], numbered row by row, channels first in each.

    Rows and columns that do not make a whole square are left out.
    """
    count, height, width, channels = images.shape
    rows, columns = height // patch, width // patch
    found = images[:, : rows * patch, : columns * patch].reshape(count, rows, patch, columns, patch, channels)
    return found.transpose(0, 1, 3, 5, 2, 4).reshape(count, rows * columns, channels * patch * patch)


def _tower(config: Mapping[str, Any], kind: str, where: Path) -> tuple[Mapping[str, Any], Sizes]:
    """Returns the settings of the part that takes images, and its sizes."""
    tower: Any = config
    if kind == "clip":
        tower = config.get("vision_config") or {}
    if kind == "dinov2":
        tower = _of_dino(config, where)
    if not isinstance(tower, Mapping):
        raise InputError(f"{where}: vision_config is {tower!r:.60}; it must be an object.")
    if tower.get("num_channels", 3) != 3 or tower.get("qkv_bias", True) is not True:
        raise InputError(f"{where}: encoders of images with num_channels 3 and qkv_bias true are read.")
    epsilon, activation = _LIKE.get(kind, (1e-5, "quick_gelu"))
    return tower, sizes_of(tower, where, CONFIG, _USUAL, epsilon, activation, norm_first=True)


def _of_dino(config: Mapping[str, Any], where: Path) -> dict[str, Any]:
    """Returns config.json of DINOv2 with the words of the others."""
    ratio = config.get("mlp_ratio", 4)
    if not isinstance(ratio, int | float) or not 0 < ratio < 100 or config.get("use_swiglu_ffn", False):
        raise InputError(f"{where}: encoders with an mlp_ratio above 0 and without use_swiglu_ffn are read.")
    return {**config, "intermediate_size": int(number(config, "hidden_size", 768, where) * ratio)}


def _scaled(layers: dict[str, Array]) -> dict[str, Array]:
    """Returns weights of layers [layers, ...] with those of dense layers multiplied by what stands behind them."""
    for name, scale in SCALED.items():
        if scale in layers:
            by = layers.pop(scale)
            layers |= {
                f"{name}.kernel": layers[f"{name}.kernel"] * by[:, None],
                f"{name}.bias": layers[f"{name}.bias"] * by,
            }
    return layers


def _vit(sizes: Sizes, patch: int, count: int, kind: str) -> Wanted:
    width = sizes.width
    single = {
        "first": ("embeddings.cls_token", (1, 1, width)),
        "place": ("embeddings.position_embeddings", (1, count + 1, width)),
        "patch": ("embeddings.patch_embeddings.projection.weight", (width, 3, patch, patch)),
        "patch_bias": ("embeddings.patch_embeddings.projection.bias", (width,)),
        "norm.kernel": ("layernorm.weight", (width,)),
        "norm.bias": ("layernorm.bias", (width,)),
    }
    ignored = ("pooler.", "classifier.", "embeddings.mask_token", "decoder.")
    if kind != "dinov2":
        return Wanted(single, layered(sizes, _VIT), sizes.layers, ignored, (), ("", "vit."))
    layers = layered(sizes, _DINO)
    for scale in SCALED.values():
        layers[f"layer.{scale}"] = (f"encoder.layer.{{}}.layer_{scale[:-1]}{scale[-1]}.lambda1", (sizes.width,))
    return Wanted(single, layers, sizes.layers, ignored, (), ("", "dinov2."))


def _clip(sizes: Sizes, patch: int, count: int, projected: int) -> Wanted:
    width = sizes.width
    single: dict[str, tuple[str, tuple[int, ...]]] = {
        "first": ("embeddings.class_embedding", (width,)),
        "place": ("embeddings.position_embedding.weight", (count + 1, width)),
        "patch": ("embeddings.patch_embedding.weight", (width, 3, patch, patch)),
        "norm_before.kernel": ("pre_layrnorm.weight", (width,)),
        "norm_before.bias": ("pre_layrnorm.bias", (width,)),
        "norm.kernel": ("post_layernorm.weight", (width,)),
        "norm.bias": ("post_layernorm.bias", (width,)),
        "projection.kernel": ("visual_projection.weight", (projected, width)),
    }
    ignored, outside = ("embeddings.position_ids",), ("projection.kernel",)
    return Wanted(single, layered(sizes, _CLIP), sizes.layers, ignored, outside, ("", "vision_model."), outside)
