"""How rows of new files become inputs of a trained network: what a run keeps so that no data are needed to predict."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from meta_noise.data.own import Own, encoding
from meta_noise.data.own.encoding import Encoder
from meta_noise.data.own.forms import NUMBER
from meta_noise.data.source import Source
from meta_noise.data.text.tokens import is_tokens, padded
from meta_noise.data.text.words import build_vocabulary, number_words, split_words

FIRST_WORD = 2  # token of the first word; 0 is padding, 1 an unknown word


class Reader(NamedTuple):
    """What the network takes.

    Attributes:
        kind: "images", "texts", "table" (cells of columns), "features" (vectors) or "tokens" (numbered elsewhere).
        shape: of one input: (height, width, channels), (numbers,) or (tokens,).
        dtype: of the inputs: "uint8", "float32" or "int32".
        columns: of a table that are inputs.
        named: column names that the user gave for the training file: image, text, id, features.
        words: the vocabulary of texts, the word of token 2 first.
        encoders: how the cells of `columns` become the numbers of an input.
    """

    kind: str
    shape: tuple[int, ...]
    dtype: str
    columns: tuple[str, ...] = ()
    named: Mapping[str, str] = {}
    words: tuple[str, ...] = ()
    encoders: tuple[Encoder, ...] = ()


def own_reader(own: Own, source: Source, vocabulary: int, named: Mapping[str, Any]) -> Reader:
    """Returns the reader for more data like a user's own.

    Args:
        own: the data as they were read.
        source: the rows to train on, texts as tokens.
        vocabulary: largest number of tokens of texts, as in `tokenise`.
        named: settings with which the data were read; those that name a column are kept.
    """
    texts = own.texts or []
    words = tuple(build_vocabulary(map(split_words, texts), vocabulary)) if own.kind == "texts" else ()
    given = {key: named[key] for key in ("image", "text", "id", "features") if isinstance(named.get(key), str)}
    return Reader(own.kind, source.inputs.shape[1:], str(source.inputs.dtype), own.columns, given, words, own.encoders)


def array_reader(source: Source) -> Reader:
    """Returns the reader for more arrays like those of a data set."""
    kind = "tokens" if is_tokens(source.inputs) else "images" if source.inputs.ndim == 4 else "features"
    return Reader(kind, source.inputs.shape[1:], str(source.inputs.dtype))


def encoded(texts: Sequence[str], reader: Reader) -> np.ndarray:
    """Returns texts as tokens [n, L] int32, by the vocabulary of the run."""
    numbers = {word: token for token, word in enumerate(reader.words, start=FIRST_WORD)}
    length = reader.shape[0]
    return padded((number_words(split_words(text)[:length], numbers) for text in texts), length)


def to_json(reader: Reader) -> dict[str, Any]:
    """Returns the reader as plain values."""
    encoders = [encoding.to_json(encoder) for encoder in reader.encoders]
    return {**reader._asdict(), "named": dict(reader.named), "encoders": encoders}


def from_json(stored: Mapping[str, Any]) -> Reader:
    """Returns the reader of `to_json`.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    reader = Reader(**{name: stored[name] for name in Reader._fields if name != "encoders"})
    np.dtype(reader.dtype)
    columns = tuple(str(name) for name in reader.columns)
    encoders = tuple(encoding.from_json(each) for each in stored.get("encoders", ()))
    if reader.kind == "table" and not encoders:  # kept by an earlier version, which took numbers as they are
        encoders = tuple(Encoder(name, NUMBER) for name in columns)
    if tuple(encoder.name for encoder in encoders) != columns:
        raise ValueError("columns and their encoders differ")
    return reader._replace(
        shape=tuple(int(side) for side in reader.shape),
        columns=columns,
        words=tuple(str(word) for word in reader.words),
        named=dict(reader.named),
        encoders=encoders,
    )
