"""Words as tokens, in every script, or word pieces with the published vocabulary of an uncased BERT network.

Words: a text is brought into composed Unicode form (NFC) and lower-cased. A token is a run of letters and digits with
the marks that belong to them (Unicode category M: accents, vowel signs); one letter with its marks where a script
writes no blanks between words (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar); or one symbol beyond ASCII, such as
an emoji. Everything else only separates. Token 0 is padding, token 1 any word that is not in the vocabulary.

Word pieces: Y. Wu et al., "Google's Neural Machine Translation System", 2016, https://arxiv.org/abs/1609.08144; J.
Devlin, M. Chang, K. Lee, K. Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language
Understanding", NAACL 2019, https://arxiv.org/abs/1810.04805. A text is lower-cased and loses its accents; punctuation
marks and Chinese characters are words of their own. Of each word the longest beginning that is in the vocabulary is the
first piece, the longest beginning of what is left, written `##rest`, the next, and so on. A word that cannot be cut up
so, or has more than 100 characters, is one `[UNK]`.
"""

import functools
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from meta_noise.data.text.files import open_text
from meta_noise.errors import DataNotFoundError, InputError

PADDING, UNKNOWN = 0, 1
LEAST_COUNT = 2  # a word that occurs once teaches its own token nothing, and so becomes an example of an unknown one
LONGEST_WORD = 100
CACHED = 1 << 18  # different words of a text kept with their pieces
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")  # deleted before a text is cut at white space
_CHINESE = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip
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


def read_pieces(path: str | Path) -> dict[str, int]:
    """Returns piece -> token of a vocab.txt: one piece a line, its token the number of lines before it.

    Raises:
        DataNotFoundError: there is no such file.
        InputError: it is not the vocabulary of a BERT network.
    """
    path = Path(path)
    if not path.is_file():
        raise DataNotFoundError(
            f"There is no vocabulary {path}; give the path of the vocab.txt that was published with a BERT network."
        )
    with open_text(path) as stream:
        pieces = {line.rstrip("\r\n"): token for token, line in enumerate(stream)}
    lacking = [piece for piece in ("[PAD]", "[UNK]", "[CLS]", "[SEP]") if piece not in pieces]
    if lacking:
        raise InputError(f"{path} lacks {', '.join(lacking)}; the vocab.txt of a BERT network has one piece a line.")
    if pieces["[PAD]"] != PADDING:
        raise InputError(
            f"{path} has [PAD] in line {pieces['[PAD]'] + 1}; it must be the first, as token 0 is padding."
        )
    return pieces


def piece_numberer(pieces: Mapping[str, int], length: int) -> Callable[[str], list[int]]:
    """Returns `text -> tokens`: `[CLS]`, the pieces of the text, `[SEP]`, at most `length` tokens in all."""
    if length < 3:
        raise InputError(f"A text of word pieces needs a length of 3 tokens or more, got {length}.")
    first, last = pieces["[CLS]"], pieces["[SEP]"]

    @functools.lru_cache(maxsize=CACHED)
    def tokens_of(chunk: str) -> tuple[int, ...]:
        return tuple(token for word in _words(chunk) for token in _cut(word, pieces))

    def number(text: str) -> list[int]:
        tokens = [first]
        for chunk in _CONTROL.sub("", text).split():
            tokens += tokens_of(chunk)
            if len(tokens) >= length:
                break
        return [*tokens[: length - 1], last]

    return number


def _words(chunk: str) -> Iterator[str]:
    """Yields the words of a piece of text without white space: runs, and each mark or Chinese character alone."""
    word = ""
    visible = "".join(char for char in chunk if unicodedata.category(char) not in ("Cc", "Cf"))
    for char in unicodedata.normalize("NFD", visible.lower()):
        if unicodedata.category(char) == "Mn":
            continue
        if _stands_alone(char):
            if word:
                yield word
            yield char
            word = ""
        else:
            word += char
    if word:
        yield word


def _stands_alone(char: str) -> bool:
    """Says whether a character is a word of its own; of ASCII all that is visible and neither letter nor digit."""
    if char.isascii():
        return not char.isalnum()
    return unicodedata.category(char).startswith("P") or any(low <= ord(char) <= high for low, high in _CHINESE)


def _cut(word: str, pieces: Mapping[str, int]) -> list[int]:
    """Returns the tokens of the pieces of one word."""
    tokens: list[int] = []
    start = 0
    while start < len(word) <= LONGEST_WORD:
        prefix = "##" if start else ""
        end = next((end for end in range(len(word), start, -1) if prefix + word[start:end] in pieces), None)
        if end is None:
            return [pieces["[UNK]"]]
        tokens.append(pieces[prefix + word[start:end]])
        start = end
    return tokens or [pieces["[UNK]"]]
