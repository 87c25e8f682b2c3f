"""How rows of new files become inputs of a trained network: what a run keeps so that no data are needed to predict."""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta

from meta_noise.data.own import Own, encoding
from meta_noise.data.own.encoding import Encoder
from meta_noise.data.own.forms import NUMBER
from meta_noise.data.own.result import EncodedBy
from meta_noise.data.source import Source
from meta_noise.data.text.tokens import is_tokens, padded
from meta_noise.data.text.words import build_vocabulary, number_words, split_words

MOST = 2**26  # numbers of one input
NAMED = ("image", "text", "id", "features")  # columns whose names are kept
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
        encoded_by: what makes features of texts or images, None where rows are features already.
    """

    kind: str
    shape: tuple[int, ...]
    dtype: str
    columns: tuple[str, ...] = ()
    named: Mapping[str, str] = {}
    words: tuple[str, ...] = ()
    encoders: tuple[Encoder, ...] = ()
    encoded_by: EncodedBy | None = None


class EncodedByFile(msgspec.Struct, forbid_unknown_fields=True):
    """What makes features of texts or images, as a file holds it."""

    kind: Literal["images", "texts"]
    shape: Annotated[list[Annotated[int, Meta(ge=1, le=MOST)]], Meta(max_length=3)]
    is_cut: bool
    path: str
    sha256: str

    def __post_init__(self) -> None:
        if len(self.shape) != (3 if self.kind == "images" else 0) or math.prod(self.shape) > MOST:
            raise ValueError(f"{self.kind} have no shape {self.shape}")


class ReaderFile(msgspec.Struct, forbid_unknown_fields=True):
    """A reader as a file holds it."""

    kind: Literal["images", "texts", "table", "features", "tokens"]
    shape: Annotated[list[Annotated[int, Meta(ge=1, le=MOST)]], Meta(min_length=1, max_length=4)]
    dtype: Literal["uint8", "float32", "int32"]
    columns: list[str]
    named: dict[str, str]
    words: list[str]
    encoders: list[dict[str, Any]] = []
    encoded_by: EncodedByFile | None = None

    def __post_init__(self) -> None:
        sides = {"images": 3, "texts": 1, "table": 1, "features": None, "tokens": 1}[self.kind]
        if sides not in (None, len(self.shape)) or math.prod(self.shape) > MOST:
            raise ValueError(f"{self.kind} have no shape {self.shape}")
        if not self.named.keys() <= set(NAMED):
            raise ValueError(f"columns are named for {', '.join(NAMED)}, not {', '.join(self.named)}")
        if (self.dtype == "int32") != (self.kind in ("texts", "tokens")):
            raise ValueError(f"{self.kind} are no {self.dtype}")
        encoders = _encoders(self)
        width = encoding.encode(np.full((1, len(encoders)), np.nan), encoders).shape[1] if encoders else self.shape[0]
        if width != self.shape[0]:
            raise ValueError(f"{len(self.columns)} columns make no rows of shape {self.shape}")


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
    given = {key: named[key] for key in NAMED if isinstance(named.get(key), str)}
    shape, dtype = source.inputs.shape[1:], str(source.inputs.dtype)
    return Reader(own.kind, shape, dtype, own.columns, given, words, own.encoders, own.encoded_by)


def before_encoding(reader: Reader) -> Reader:
    """Returns the reader of the rows that an encoder takes: texts, or images."""
    by = reader.encoded_by
    if by is None:
        return reader
    shape = by.shape or (1,)
    return reader._replace(kind=by.kind, shape=shape, dtype="uint8" if by.kind == "images" else "int32")


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
    by = None if reader.encoded_by is None else reader.encoded_by._asdict()
    return {**reader._asdict(), "named": dict(reader.named), "encoders": encoders, "encoded_by": by}


def from_file(stored: ReaderFile) -> Reader:
    """Returns the reader that a file described, which was checked."""
    columns, words, encoders = tuple(stored.columns), tuple(stored.words), _encoders(stored)
    by = None if (found := stored.encoded_by) is None else EncodedBy(**msgspec.structs.asdict(found))
    by = by and by._replace(shape=tuple(by.shape))
    return Reader(stored.kind, tuple(stored.shape), stored.dtype, columns, stored.named, words, encoders, by)


def _encoders(stored: ReaderFile) -> tuple[Encoder, ...]:
    """Returns how cells become numbers; ValueError where that is not said of every column."""
    try:
        encoders = tuple(encoding.from_json(each) for each in stored.encoders)
    except (KeyError, TypeError) as error:
        raise ValueError(f"an encoder is damaged ({error})") from error
    if stored.kind == "table" and not encoders:  # kept by an earlier version, which took numbers as they are
        encoders = tuple(Encoder(name, NUMBER) for name in stored.columns)
    if [encoder.name for encoder in encoders] != stored.columns:
        raise ValueError("columns and their encoders differ")
    return encoders
