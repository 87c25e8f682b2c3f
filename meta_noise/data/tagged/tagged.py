"""Tokens with tags in their sentences, wherever they come from."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from meta_noise.errors import InputError

MOST_TOKENS = 2_000_000
LONG = 1_000  # tokens of a sentence from which something seems to be missing


class Tagged(NamedTuple):
    """N tokens with tags, in the order of the file.

    Attributes:
        name: of the file.
        tokens, tags: [N] words as they are written.
        sentence: [N] int number of the sentence, from 0.
        line: [N] int line of the file, or row of a table or list, from 1.
        notes: sentences on what was guessed.
        skipped: (line, reason) of lines that could not be used.
        ending: of the name of a file in the same form, such as ".conll".
        rewritten: `token number -> tag` to the content of the file with these tags, all else as it was.
    """

    name: str
    tokens: list[str]
    tags: list[str]
    sentence: np.ndarray
    line: np.ndarray
    notes: tuple[str, ...]
    skipped: tuple[tuple[int, str], ...]
    ending: str
    rewritten: Callable[[Mapping[int, str]], bytes]

    @property
    def sentences(self) -> int:
        return int(self.sentence[-1]) + 1

    @property
    def ids(self) -> list[str]:
        """Returns [N] sentence:token, both counted from 1."""
        places = np.arange(len(self.tokens)) - np.searchsorted(self.sentence, self.sentence)
        return [f"{sentence + 1}:{place + 1}" for sentence, place in zip(self.sentence, places, strict=True)]


def check_tagged(tagged: Tagged, form: str, fewest: int = 2) -> Tagged:
    """Returns the same, with a note where a sentence is very long.

    Raises:
        InputError: there are no tokens or too many, fewer sentences than `fewest`, or one that is most of the text.
    """
    count = len(tagged.tokens)
    if not count:
        raise InputError(f"{tagged.name} holds no token with a tag; it needs {form}.")
    if count > MOST_TOKENS:
        raise InputError(f"{tagged.name} has {count:,} tokens; at most {MOST_TOKENS:,} are read. Give a part of them.")
    if tagged.sentences < fewest and count > 1:
        raise InputError(
            f"The {count:,} tokens of {tagged.name} are one sentence, as no blank line parts them, and a tag is judged "
            "from other sentences. Put a blank line behind each sentence."
        )
    lengths = np.bincount(tagged.sentence)
    longest = int(lengths.argmax())
    if lengths[longest] <= LONG or fewest < 2:
        return tagged
    begins = int(tagged.line[np.searchsorted(tagged.sentence, longest)])
    said = f"The sentence that begins in line {begins:,} of {tagged.name} has {lengths[longest]:,} tokens"
    if 2 * lengths[longest] > count:
        raise InputError(
            f"{said} of {count:,} in all, and a tag is judged from other sentences. Blank lines are missing in it: put "
            "one behind each sentence."
        )
    return tagged._replace(notes=(*tagged.notes, f"{said}; perhaps blank lines are missing in it."))
