"""From texts to the arrays that networks for texts take: [N, L] int32, 0 = padding."""

import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from meta_noise.data.text.words import PADDING, build_vocabulary, number_words, piece_numberer, read_pieces, split_words
from meta_noise.errors import InputError


def tokenise(
    texts: Sequence[str], training: Callable[[], Iterable[str]], vocabulary: int, length: int, word_pieces: str = ""
) -> np.ndarray:
    """Returns tokens [N, L] int32 of N texts; the end of a long text is cut off, a short one is padded with 0.

    Args:
        texts: N texts.
        training: gives the training texts, from which alone the vocabulary of words is made; not called for pieces.
        vocabulary: number of tokens of words, see `build_vocabulary`.
        length: L.
        word_pieces: path of the vocab.txt published with an uncased BERT network: its word pieces, between [CLS] and
            [SEP], are then the tokens, and `vocabulary` is not used. Empty: words.

    Raises:
        InputError: a size is too small, or the file is not such a vocabulary.
    """
    if length < 1:
        raise InputError(f"The length of a text has to be at least 1 token, got {length}.")
    if word_pieces:
        number = piece_numberer(read_pieces(word_pieces), length)
        return padded((number(text) for text in texts), length)
    words = build_vocabulary(map(split_words, training()), vocabulary)
    return padded((number_words(split_words(text)[:length], words) for text in texts), length)


def padded(rows: Iterable[Sequence[int]], length: int) -> np.ndarray:
    """Returns rows of at most `length` tokens as one array [N, length] int32, filled up with 0."""
    flat = array.array("i")
    for row in rows:
        flat.extend(row)
        flat.extend([PADDING] * (length - len(row)))
    return np.array(flat, np.int32).reshape(-1, length)


def is_tokens(inputs: Any) -> bool:
    """Says whether the inputs of a data set are tokens; images are uint8, numbers float32."""
    return inputs.dtype == np.int32


def check_tokens(inputs: Any, vocabulary: int) -> np.ndarray:
    """Returns tokens [N, L] as int32, or raises InputError unless a network of `vocabulary` tokens can take them."""
    values = np.asarray(inputs)
    if values.ndim != 2 or values.dtype.kind not in "iu" or not values.size:
        raise InputError(f"Tokens are integers [N, L], one row or more; got {values.dtype} of shape {values.shape}.")
    least, largest = int(values.min()), int(values.max())
    if least < 0 or largest >= vocabulary:
        raise InputError(
            f"The tokens go from {least} to {largest}, but the network knows 0 to {vocabulary - 1}; set "
            "config.model.vocabulary and config.data.vocabulary to the same number (for word pieces the first to the "
            "number of lines of vocab.txt)."
        )
    return values.astype(np.int32, copy=False)
