"""Words as tokens, in every script.

A text is brought into composed Unicode form (NFC) and lower-cased. A token is a run of letters and digits with the
marks that belong to them (Unicode category M: accents, vowel signs); one letter with its marks where a script writes no
blanks between words (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar); or one symbol beyond ASCII, such as an emoji.
Everything else only separates. Token 0 is padding, token 1 any word that is not in the vocabulary.
"""

import functools
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from meta_noise.errors import InputError

PADDING, UNKNOWN = 0, 1
LEAST_COUNT = 2  # a word that occurs once teaches its own token nothing, and so becomes an example of an unknown one
NO_BLANKS = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Hiragana, Katakana
    "\u0e01-\u0e5b\u0e80-\u0eff\u1780-\u17ff\u19e0-\u19ff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Thai to Myanmar
)
LOOKS = re.compile("[\ufe00-\ufe0f]")  # selectors of a symbol's look: text or picture


def split_words(text: str) -> list[str]:
    """Returns the tokens of a text in their order."""
    text = unicodedata.normalize("NFC", text).lower()
    if text.isascii():
        return _ascii_word().findall(text)
    return _word().findall(LOOKS.sub("", text))


@functools.cache
def _ascii_word() -> re.Pattern[str]:
    return re.compile("[a-z0-9]+")


@functools.cache
def _word() -> re.Pattern[str]:
    mark, symbol = _characters("M"), _characters("S")
    letter = rf"(?:(?![{NO_BLANKS}])[^\W_])"
    return re.compile(rf"[{NO_BLANKS}][{mark}]*|(?:{letter}|[{mark}])+|[{symbol}]")


def _characters(category: str) -> str:
    """Returns the characters beyond ASCII of a Unicode category as ranges of a regular expression."""
    found = [code for code in range(0x80, sys.maxunicode + 1) if unicodedata.category(chr(code))[0] == category]
    starts = [code for place, code in enumerate(found) if not place or found[place - 1] != code - 1]
    ends = [code for place, code in enumerate(found) if place == len(found) - 1 or found[place + 1] != code + 1]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))


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
