"""Words as tokens.

A text is brought into composed Unicode form (NFC), lower-cased and cut into runs of letters, digits and the combining
marks U+0300 to U+036F; everything else only separates. Token 0 is padding, token 1 any word that is not in the
vocabulary.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from meta_noise.errors import InputError

PADDING, UNKNOWN = 0, 1
LEAST_COUNT = 2  # a word that occurs once teaches its own token nothing, and so becomes an example of an unknown one
_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")


def split_words(text: str) -> list[str]:
    """Returns the words of a text in their order."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def build_vocabulary(texts: Iterable[Iterable[str]], size: int) -> dict[str, int]:
    """Returns word -> token: 2 for the most frequent word, 3 for the next; equal counts go by the alphabet.

    Args:
        texts: words of the training texts, and of no others.
        size: number of tokens, padding and the unknown word among them; words that occur once get none in any case.
    """
    if size < 2:
        raise InputError(f"A vocabulary has 2 tokens or more, for padding and for unknown words; got {size}.")
    counts: Counter[str] = Counter()
    for words in texts:
        counts.update(words)
    frequent = [(-count, word) for word, count in counts.items() if count >= LEAST_COUNT]
    return {word: token for token, (_, word) in enumerate(sorted(frequent)[: size - 2], start=2)}


def number_words(words: Sequence[str], vocabulary: Mapping[str, int]) -> list[int]:
    """Returns the token of each word."""
    return [vocabulary.get(word, UNKNOWN) for word in words]
