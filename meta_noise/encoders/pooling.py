"""From the states of a text's tokens to one vector, as the folder of a sentence encoder says.

N. Reimers, I. Gurevych, "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks", EMNLP 2019,
https://arxiv.org/abs/1908.10084. Without word from the folder the vector is the mean over the tokens of the text.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from meta_noise.encoders.folder import Folder, module_kinds, read_object, weight_files
from meta_noise.encoders.transformer import dense
from meta_noise.encoders.weights import Wanted, number, read_wanted
from meta_noise.errors import InputError, unknown_name
from meta_noise.types import Array

MODES = ("cls", "mean", "max", "mean_sqrt_len_tokens")
_KEYS = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean", "pooling_mode_max_tokens": "max"}
_KEYS |= {"pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens"}
_OF_DENSE: dict[str, Callable[[Array], Array]] = {"Tanh": jnp.tanh, "Identity": lambda x: x}


class Pooling(NamedTuple):
    """How states become a vector.

    Attributes:
        pool: `(weights, states [B, L, D], is_text [B, L]) -> vectors [B, E]`.
        weights: of dense layers behind the mean, by name.
        what: in words.
    """

    pool: Callable[[Mapping[str, Array], Array, Array], Array]
    weights: dict[str, np.ndarray]
    what: str


def pooling_of(folder: Folder, width: int) -> Pooling:
    """Returns what follows a transformer of `width` by modules.json; without that file the mean of the tokens.

    Raises:
        InputError: a module is of a kind that is not built here, or its files are not whole.
    """
    modes: tuple[str, ...] = ("mean",)
    weights, what, size = dict[str, np.ndarray](), list[str](), width
    steps: list[Callable[[Mapping[str, Array], Array], Array]] = []
    for place, (kind, path) in enumerate(module_kinds(folder)):
        if kind == "Pooling" and not steps:
            modes = _modes(path / "config.json")
            size = width * len(modes)
        elif kind == "Normalize":
            steps.append(lambda weights, x: x / jnp.maximum(jnp.linalg.norm(x, axis=-1, keepdims=True), 1e-12))
            what.append("length 1")
        elif kind == "Dense":
            step, found = _dense(path, f"dense{place}", size)
            steps.append(step)
            weights |= found
            size = found[f"dense{place}.kernel"].shape[1]
            what.append("a dense layer")
        elif kind != "Dropout":
            known = ("Pooling", "Normalize", "Dense", "Dropout")
            raise unknown_name(f"module in {folder.path / 'modules.json'}:", kind, known)

    def pool(weights: Mapping[str, Array], states: Array, is_text: Array) -> Array:
        x = jnp.concatenate([_pooled(mode, states, is_text) for mode in modes], axis=-1)
        for step in steps:
            x = step(weights, x)
        return x

    said = {"cls": "the first token", "mean": "the mean of the tokens", "max": "the maximum of the tokens"}
    names = [said.get(mode, "the sum of the tokens by the root of their number") for mode in modes]
    return Pooling(pool, weights, ", ".join([" and ".join(names), *what]))


def _pooled(mode: str, states: Array, is_text: Array) -> Array:
    if mode == "cls":
        return states[:, 0]
    here = is_text[..., None]
    if mode == "max":
        return jnp.where(here, states, -jnp.inf).max(axis=1)
    count = jnp.maximum(here.sum(axis=1), 1e-9)
    return jnp.where(here, states, 0).sum(axis=1) / (count if mode == "mean" else jnp.sqrt(count))


def _modes(path: Path) -> tuple[str, ...]:
    """Returns how states are pooled, several ways one behind the other; older files have a key for each."""
    config = read_object(path)
    found = config.get("pooling_mode")
    if found is None:
        asked = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
        found = [_KEYS.get(key, key) for key in _KEYS if key in asked] + [key for key in asked if key not in _KEYS]
    modes = tuple(found) if isinstance(found, list) else (found,)
    for mode in modes:
        if mode not in MODES:
            raise unknown_name(f"way of pooling in {path}:", str(mode), MODES)
    if not modes:
        raise InputError(f"{path} asks for no way of pooling; it must be one of {', '.join(MODES)}.")
    return modes


def _dense(
    path: Path, ours: str, size: int
) -> tuple[Callable[[Mapping[str, Array], Array], Array], dict[str, np.ndarray]]:
    """Returns a dense layer of vectors of `size` numbers, and its weights by names that begin with `ours`."""
    config: dict[str, Any] = read_object(path / "config.json")
    inside, outside = (number(config, name, None, path / "config.json") for name in ("in_features", "out_features"))
    if inside != size:
        raise InputError(f"{path / 'config.json'}: in_features is {inside}, but the vectors before it have {size}.")
    name = str(config.get("activation_function", "torch.nn.modules.activation.Tanh")).rpartition(".")[2]
    if name not in _OF_DENSE:
        raise unknown_name(f"activation in {path / 'config.json'}:", name, _OF_DENSE)
    single: dict[str, tuple[str, tuple[int, ...]]] = {f"{ours}.kernel": ("linear.weight", (outside, inside))}
    if config.get("bias", True):
        single[f"{ours}.bias"] = ("linear.bias", (outside,))
    weights = read_wanted(weight_files(path), Wanted(single, {}, 0))
    return lambda given, x: _OF_DENSE[name](dense(x, given, ours)), weights
