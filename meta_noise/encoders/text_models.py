"""Encoders of texts: BERT and its kin, which differ in names, in how places are told, and in little else.

BERT: https://arxiv.org/abs/1810.04805. RoBERTa, https://arxiv.org/abs/1907.11692, and XLM-R, whose places begin behind
the number of the padding token. DistilBERT, https://arxiv.org/abs/1910.01108. MPNet, https://arxiv.org/abs/2004.09297,
which adds to the scores of attention a learned number for each distance. MiniLM and most sentence encoders are of one
of these kinds.
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from meta_noise.encoders.transformer import ACTIVATIONS, FAR, Sizes, encode, layer_norm, layer_shapes
from meta_noise.encoders.weights import Wanted, number
from meta_noise.errors import InputError, unknown_name
from meta_noise.types import Array

FEWEST = 3  # places: a word between the tokens for both ends
DISTANCES = 128  # beyond which MPNet takes all for one


class Family(NamedTuple):
    """Names of one kind of encoder.

    Attributes:
        config: our word for a size -> the name in config.json.
        layer: our name of a layer's module -> the name in the files, `{}` being the number of the layer.
        prefix: what names begin with where a head has been trained on the encoder.
        places_behind_padding: places are numbered from the padding token's number on.
        segments: usual number of segment types, 0 for none.
    """

    config: Mapping[str, str]
    layer: Mapping[str, str]
    prefix: str
    places_behind_padding: bool = False
    segments: int = 2


CONFIG = {
    "layers": "num_hidden_layers",
    "width": "hidden_size",
    "heads": "num_attention_heads",
    "hidden": "intermediate_size",
    "activation": "hidden_act",
}
_DISTIL = {"layers": "n_layers", "width": "dim", "heads": "n_heads", "hidden": "hidden_dim", "activation": "activation"}
_BERT = {
    **{name: f"encoder.layer.{{}}.attention.self.{name}" for name in ("query", "key", "value")},
    "out": "encoder.layer.{}.attention.output.dense",
    "norm1": "encoder.layer.{}.attention.output.LayerNorm",
    "hidden": "encoder.layer.{}.intermediate.dense",
    "output": "encoder.layer.{}.output.dense",
    "norm2": "encoder.layer.{}.output.LayerNorm",
}
_MPNET = {
    **{name: f"encoder.layer.{{}}.attention.attn.{name[0]}" for name in ("query", "key", "value")},
    "out": "encoder.layer.{}.attention.attn.o",
    "norm1": "encoder.layer.{}.attention.LayerNorm",
    **{name: _BERT[name] for name in ("hidden", "output", "norm2")},
}
_DISTIL_LAYER = {
    **{name: f"transformer.layer.{{}}.attention.{name[0]}_lin" for name in ("query", "key", "value")},
    "out": "transformer.layer.{}.attention.out_lin",
    "norm1": "transformer.layer.{}.sa_layer_norm",
    "hidden": "transformer.layer.{}.ffn.lin1",
    "output": "transformer.layer.{}.ffn.lin2",
    "norm2": "transformer.layer.{}.output_layer_norm",
}
_ROBERTA = Family(CONFIG, _BERT, "roberta.", places_behind_padding=True)
FAMILIES = {
    "bert": Family(CONFIG, _BERT, "bert."),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "camembert": _ROBERTA,
    "distilbert": Family(_DISTIL, _DISTIL_LAYER, "distilbert.", segments=0),
    "mpnet": Family(CONFIG, _MPNET, "mpnet.", places_behind_padding=True, segments=0),
}
_USUAL = {"layers": 12, "width": 768, "heads": 12, "hidden": 3072}
_HEADS = ("cls.", "classifier.", "pre_classifier.", "qa_outputs.", "lm_head.", "vocab_")
_IGNORED = ("pooler.", "embeddings.position_ids", *_HEADS)


class TextModel(NamedTuple):
    """An encoder of texts.

    Attributes:
        kind: its name in config.json.
        sizes: of its layers.
        wanted: its weights.
        vocabulary: number of tokens.
        longest: tokens of a text at most.
        padding: the token of places behind a text.
        states: `(weights, tokens [B, L], is_text [B, L]) -> states [B, L, D]`.
    """

    kind: str
    sizes: Sizes
    wanted: Wanted
    vocabulary: int
    longest: int
    padding: int
    states: Callable[[Mapping[str, Array], Array, Array], Array]


def text_model(config: Mapping[str, Any], where: Path) -> TextModel:
    """Returns the encoder that config.json describes.

    Args:
        config: its content; `model_type` is one of `FAMILIES`.
        where: the file, for messages.

    Raises:
        InputError: a setting is out of range, or asks for something that is not built here.
    """
    kind = config["model_type"]
    family = FAMILIES[kind]
    sizes = sizes_of(config, where, family.config, _USUAL, epsilon=1e-12)
    for name, value in (("position_embedding_type", "absolute"), ("is_decoder", False), ("sinusoidal_pos_embds", None)):
        if name in config and value is not None and config[name] != value:
            raise InputError(f"{where}: {name} is {config[name]!r:.60}; encoders with {value!r} are read.")
    padding = number(config, "pad_token_id", 1 if family.places_behind_padding else 0, where, least=0)
    first = padding + 1 if family.places_behind_padding else 0
    vocabulary = number(config, "vocab_size", None, where)
    places = number(config, "max_position_embeddings", 512, where, least=first + FEWEST)
    segments = number(config, "type_vocab_size", family.segments, where, least=0) if family.segments else 0
    buckets = number(config, "relative_attention_num_buckets", 32, where) if kind == "mpnet" else 0
    wanted = _wanted(family, sizes, vocabulary, places, segments, buckets)

    def states(weights: Mapping[str, Array], tokens: Array, is_text: Array) -> Array:
        length = tokens.shape[1]
        x = weights["word"][tokens] + weights["place"][first : first + length]
        if segments:
            x = x + weights["segment"][0]
        x = layer_norm(x, weights, "norm", sizes.epsilon)
        scores = jnp.where(is_text, 0.0, FAR)[:, None, None, :]
        if buckets:
            scores = scores + weights["distance"][buckets_of(length, buckets)].transpose(2, 0, 1)[None]
        layers = {name.removeprefix("layer."): each for name, each in weights.items() if name.startswith("layer.")}
        return encode(x, layers, sizes, scores)

    return TextModel(kind, sizes, wanted, vocabulary, places - first, padding, states)


def sizes_of(
    config: Mapping[str, Any],
    where: Path,
    names: Mapping[str, str],
    usual: Mapping[str, int],
    epsilon: float,
    activation: str = "gelu",
    norm_first: bool = False,
) -> Sizes:
    """Returns the sizes of the layers by config.json; what it leaves out is as usual.

    Raises:
        InputError: a number is none, heads do not divide the width, or the activation is unknown.
    """
    found = {name: number(config, names[name], usual[name], where) for name in usual}
    if found["width"] % found["heads"]:
        raise InputError(f"{where}: {names['width']} {found['width']} is no multiple of {found['heads']} heads.")
    activation = config.get(names["activation"], activation)
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise unknown_name(f"activation in {where}:", str(activation), ACTIVATIONS)
    epsilon = config.get("layer_norm_eps", epsilon)
    if not isinstance(epsilon, int | float) or not 0 <= epsilon < 1:
        raise InputError(f"{where}: layer_norm_eps is {epsilon!r:.60}; it must be a number from 0 to below 1.")
    return Sizes(**found, epsilon=float(epsilon), activation=activation, norm_first=norm_first)


def layered(sizes: Sizes, names: Mapping[str, str]) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Returns `Wanted.layered` of the layers, our names beginning with `layer.`."""
    found = {}
    for ours, shape in layer_shapes(sizes).items():
        module, leaf = ours.split(".")
        there = f"{names[module]}.{'bias' if leaf == 'bias' else 'weight'}"
        found[f"layer.{ours}"] = (there, shape[::-1])
    return found


def _wanted(family: Family, sizes: Sizes, vocabulary: int, places: int, segments: int, buckets: int) -> Wanted:
    width = sizes.width
    single: dict[str, tuple[str, tuple[int, ...]]] = {
        "word": ("embeddings.word_embeddings.weight", (vocabulary, width)),
        "place": ("embeddings.position_embeddings.weight", (places, width)),
        "norm.kernel": ("embeddings.LayerNorm.weight", (width,)),
        "norm.bias": ("embeddings.LayerNorm.bias", (width,)),
    }
    if segments:
        single["segment"] = ("embeddings.token_type_embeddings.weight", (segments, width))
    if buckets:
        single["distance"] = ("encoder.relative_attention_bias.weight", (buckets, sizes.heads))
    return Wanted(single, layered(sizes, family.layer), sizes.layers, _IGNORED, (), ("", family.prefix))


def buckets_of(length: int, buckets: int) -> np.ndarray:
    """Returns [L, L] the bucket of the distance from each place to each other one, as MPNet and T5 number them.

    Half of the buckets are for places behind. Of each half, half are one for a distance, and the others grow with the
    logarithm of it up to `DISTANCES`.
    """
    half = buckets // 2
    distance = np.arange(length)[None, :] - np.arange(length)[:, None]  # to minus from
    far = np.abs(distance)
    exact = half // 2
    grown = exact + np.log(np.maximum(far, 1) / exact, dtype=np.float32) / math.log(DISTANCES / exact) * (half - exact)
    within = np.where(far < exact, far, np.minimum(grown.astype(np.int64), half - 1))
    return np.where(distance > 0, half, 0) + within
