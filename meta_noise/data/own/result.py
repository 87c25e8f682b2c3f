"""What reading a user's own data gives, and its rows in words, for people who look at them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from meta_noise.data.images.streamed import Streamed
from meta_noise.data.own import encoding
from meta_noise.data.own.encoding import Encoder
from meta_noise.data.source import Source
from meta_noise.data.votes.crowd import Crowd

LONGEST, COLUMNS = 600, 8  # characters of a text, columns of a table


class Skipped(NamedTuple):
    """A row that could not be used.

    Attributes:
        row: the line of the file (from 1, a CSV's header being line 1) in CSV and JSON lines; in all other forms the
            number of the row, from 0.
        id: its identifier, the user's or a made one.
        reason: a sentence that names the file and the row.
    """

    row: int
    id: str
    reason: str


class EncodedBy(NamedTuple):
    """What gave the vectors that stand in place of texts or images.

    Attributes:
        kind: "texts" or "images", what there was before.
        shape: (height, width, channels) of the images, () for texts.
        is_cut: image files are cut to that shape before they are brought to that size.
        path: absolute path of the folder of the encoder, "" for a function.
        sha256: of what the vectors depend on in it, "" for a function.
    """

    kind: str
    shape: tuple[int, ...]
    is_cut: bool
    path: str
    sha256: str


class Own(NamedTuple):
    """A user's own data.

    Attributes:
        source: the rows to clean. `inputs` are uint8 images [N, H, W, C], streamed where they are many, or float32
            vectors [N, D]; of texts they are [N, 0] and left to be filled by a tokeniser. `labels` are the given ones,
            in trusted rows the trusted ones.
        kind: "images", "texts", "table" (columns of numbers, dates and categories) or "features" (ready vectors).
        class_names: the labels as they were written, by class number; whole numbers sorted as numbers, words as words.
        given: [N] int32 classes as the data has them, before labels of a second, trusted file took their place; -1 for
            rows that only that file holds, and for a label that is no class without the rows that it corrects.
        columns: the columns that are inputs; () unless kind is "table".
        texts: N texts, None unless kind is, or was before an encoder, "texts".
        test: rows that a split column sets apart for measuring, None without any; never trained on.
        test_texts: their texts.
        skipped: rows left out; always empty unless they may be skipped.
        duplicates: groups of ids, of training and test rows, whose inputs are the same.
        notes: sentences on what was guessed, and why.
        encoders: how each of `columns` became numbers.
        encoded_by: what gave the vectors in place of texts or images, None where they are none or were ready.
        crowd: the votes behind the given labels of `source`, by class number; None where each row has one label.
    """

    source: Source
    kind: str
    class_names: tuple[str, ...]
    given: np.ndarray
    columns: tuple[str, ...]
    texts: list[str] | None
    test: Source | None
    test_texts: list[str] | None
    skipped: list[Skipped]
    duplicates: list[tuple[str, ...]]
    notes: list[str]
    encoders: tuple[Encoder, ...] = ()
    encoded_by: EncodedBy | None = None
    crowd: Crowd | None = None


def in_words(own: Own) -> Callable[[int], str] | None:
    """Returns `row -> words` of the rows of `own.source`: a text, or cells with their columns; None for others."""
    if own.texts is not None:
        texts = own.texts
        return lambda row: texts[row] if len(texts[row]) <= LONGEST else f"{texts[row][:LONGEST]}..."
    if not own.encoders or isinstance(own.source.inputs, Streamed):
        return None
    words, numbers = encoding.in_words(own.encoders, COLUMNS), own.source.inputs
    return lambda row: words(numbers[row])
