"""An encoder: rows of texts or images in, one vector each out; read from a folder, or a function of the user's own."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.encoders import image_models, text_models
from meta_noise.encoders.folder import CONFIG, Folder, digest, open_folder
from meta_noise.encoders.image_models import ANY_SIZE, image_model
from meta_noise.encoders.pixels import Pixels, pixels_of, prepared
from meta_noise.encoders.pooling import pooling_of
from meta_noise.encoders.text_models import text_model
from meta_noise.encoders.tokenizer import Tokens, open_tokenizer
from meta_noise.encoders.weights import read_wanted
from meta_noise.errors import InputError, unknown_name
from meta_noise.types import Array, Network, Outputs, PyTree

LENGTHS = (16, 32, 64, 128, 256, 512)  # of padded texts: few, so that few programs are compiled
TOKENS, IMAGES = 2048, 8  # of a batch on a CPU: more are slower there, as they leave its cache
FASTER = 16  # times as much on accelerators


class Encoder(NamedTuple):
    """What gives vectors of rows.

    Attributes:
        vectors: `(rows) -> [n, D]` float32. Rows are a list of n texts, or images [n, H, W, C] uint8.
        kind: "texts" or "images"; "" for a function, which takes either.
        path: absolute path of the folder, "" for a function.
        sha256: of the files in the folder that vectors depend on, "" for a function.
        side: pixels of a side of the square images that it takes, 0 for texts and functions.
        is_cut: the middle of images that are no squares is cut out.
        what: in words.
    """

    vectors: Callable[[Any], np.ndarray]
    kind: str = ""
    path: str = ""
    sha256: str = ""
    side: int = 0
    is_cut: bool = False
    what: str = "a function"


def opened(encoder: Any) -> Encoder:
    """Returns the encoder that a user gives: the path of a folder, a function of rows, or one that is open already.

    Raises:
        DataNotFoundError: there is no such folder.
        InputError: it is nothing of this kind, or the folder holds no encoder that is read here.

    >>> import numpy as np
    >>> from meta_noise.encoders import opened
    >>> encoder = opened(lambda texts: np.array([[len(text)] for text in texts], np.float32))
    >>> encoder.vectors(["ab", "abc"]).tolist(), encoder.what
    ([[2.0], [3.0]], 'a function')
    """
    if isinstance(encoder, Encoder):
        return encoder
    if isinstance(encoder, str | os.PathLike):
        return from_folder(Path(encoder))
    if isinstance(encoder, Network):
        raise InputError(
            "A Network is an encoder together with its parameters: give "
            "encoder=meta_noise.encoders.from_network(network, variables)."
        )
    if not callable(encoder):
        raise InputError(f"encoder is {encoder!r:.60}; give the path of a folder, or a function rows -> [n, D].")
    return Encoder(encoder)


def from_folder(path: Path) -> Encoder:
    """Returns the encoder in a folder of Hugging Face, or of sentence-transformers; see `opened`.

    >>> from pathlib import Path
    >>> from meta_noise.encoders import from_folder
    >>> from_folder(Path("no/such/folder"))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: no/such/folder does not exist.
    """
    folder = open_folder(path)
    kind, where = folder.config.get("model_type"), folder.body / CONFIG
    known = (*text_models.FAMILIES, *image_models.KINDS)
    if kind not in known:
        raise unknown_name(f"architecture in {where} (model_type):", str(kind), known)
    make = _of_texts if kind in text_models.FAMILIES else _of_images
    found = make(folder, where)
    return found._replace(path=os.path.abspath(path), sha256=digest(folder))


def from_network(network: Network, variables: tuple[PyTree, PyTree], batch: int = 64) -> Callable[[Any], np.ndarray]:
    """Returns the function of rows that gives the features [n, D] of a network in evaluation mode.

    Args:
        network: takes what it is given as rows: images [n, H, W, C] as uint8 turned to float32 from 0 to 1.
        variables: (params, batch_stats).
        batch: rows at a time; the last batch is filled up.

    >>> import flax.linen as nn
    >>> import jax
    >>> import jax.numpy as jnp
    >>> import numpy as np
    >>> from meta_noise.encoders import from_network
    >>> from meta_noise.models import from_flax
    >>> network = from_flax(nn.Dense(3))
    >>> vectors = from_network(network, network.init(jax.random.key(0), jnp.zeros((1, 4))))
    >>> vectors(np.zeros((5, 4), np.float32)).shape
    (5, 3)
    """

    @jax.jit
    def features(variables: tuple[PyTree, PyTree], rows: Array) -> Array:
        outputs: Outputs = network.apply(variables, rows, False)[0]
        return outputs.features

    def vectors(rows: Any) -> np.ndarray:
        values = np.asarray(rows)
        if values.dtype.kind not in "uif":
            raise InputError(f"A network as encoder takes images or numbers, not {values.dtype}; give a function.")
        values = values.astype(np.float32) / (255 if values.dtype == np.uint8 else 1)
        return _in_batches(partial(features, variables), values, batch)

    return vectors


def _of_texts(folder: Folder, where: Path) -> Encoder:
    model = text_model(folder.config, where)
    tokens = open_tokenizer(folder, model)
    pooling = pooling_of(folder, model.sizes.width)
    weights = _placed({**read_wanted(folder.weights, model.wanted), **pooling.weights})

    @jax.jit
    def pooled(weights: Mapping[str, Array], numbers: Array, is_text: Array) -> Array:
        return pooling.pool(weights, model.states(weights, numbers, is_text), is_text)

    def vectors(texts: Sequence[str]) -> np.ndarray:
        return _of_tokens(partial(pooled, weights), tokens, list(texts), model.padding)

    sizes = model.sizes
    what = f"{model.kind} of {sizes.layers} layers and width {sizes.width}, {pooling.what}, {tokens.longest} tokens"
    return Encoder(vectors, "texts", what=f"{what} of a text at most")


def _of_images(folder: Folder, where: Path) -> Encoder:
    is_any = folder.config["model_type"] in ANY_SIZE
    how = pixels_of(folder, 0 if is_any else image_model(folder.config, where).side)
    model = image_model(folder.config, where, how.side if is_any else 0)
    weights = _placed(model.ready(read_wanted(folder.weights, model.wanted)))
    pooled = partial(jax.jit(model.vectors), weights)

    def vectors(images: np.ndarray) -> np.ndarray:
        return _of_pixels(pooled, images, how)

    sizes = model.sizes
    what = f"{model.kind} of {sizes.layers} layers and width {sizes.width}, images of {model.side} x {model.side}"
    return Encoder(vectors, "images", side=model.side, is_cut=how.shorter > 0, what=what)


def _of_tokens(pooled: Callable[[Array, Array], Array], tokens: Tokens, texts: list[str], padding: int) -> np.ndarray:
    """Returns vectors [n, D]: long texts first, each batch padded to the next of a few lengths, the last filled up."""
    numbers = tokens.numbers(texts)
    order = np.argsort([-len(each) for each in numbers], kind="stable")
    most = TOKENS * _faster()
    found: list[np.ndarray] = []
    start = 0
    while start < len(order):
        wanted = len(numbers[order[start]])
        length = min(next((each for each in LENGTHS if each >= wanted), wanted), tokens.longest)
        size = max(most // length, 1)
        chosen = order[start : start + size]
        batch = np.full((size, length), padding, np.int32)
        is_text = np.zeros((size, length), bool)
        is_text[len(chosen) :, 0] = True  # rows that only fill up must not be without any token
        for place, row in enumerate(chosen.tolist()):
            batch[place, : len(numbers[row])] = numbers[row]
            is_text[place, : len(numbers[row])] = True
        found.append(np.asarray(pooled(jnp.asarray(batch), jnp.asarray(is_text)))[: len(chosen)])
        start += size
    vectors = np.concatenate(found)
    back = np.empty_like(vectors)
    back[order] = vectors
    return back


def _of_pixels(pooled: Callable[[Array], Array], images: np.ndarray, how: Pixels) -> np.ndarray:
    return _in_batches(lambda part: pooled(jnp.asarray(prepared(part, how))), images, IMAGES * _faster())


def _in_batches(function: Callable[[Any], Array], rows: np.ndarray, size: int) -> np.ndarray:
    """Returns `function` over all rows [n, ...] in batches of one shape, the last one filled up with its first row."""
    found = []
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        filled = np.concatenate([part, np.repeat(part[:1], size - len(part), axis=0)])
        found.append(np.asarray(function(filled))[: len(part)])
    return np.concatenate(found)


def _placed(weights: Mapping[str, np.ndarray]) -> dict[str, Array]:
    return {name: jnp.asarray(array) for name, array in weights.items()}


def _faster() -> int:
    return 1 if jax.default_backend() == "cpu" else FASTER
