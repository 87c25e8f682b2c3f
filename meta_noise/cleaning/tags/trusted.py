"""Sentences whose tags are known to be right: named by their numbers, or given as a file of their own."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from meta_noise.data.own.text_files import encoding_of, open_text
from meta_noise.data.tagged import Tagged, read_tagged
from meta_noise.errors import InputError

NUMBERS = re.compile(r"[\d\s,;:]+")
FORM = "a file of right sentences in the same form, or numbers of sentences, from 1, such as 3,17,20"


class Trusted(NamedTuple):
    """n tokens with their right tags.

    Attributes:
        rows: [n] numbers of the tokens.
        tags: [n] their right tags.
        is_counted: some given tags of them are wrong, so the given ones stand for those of other sentences.
        notes: sentences for the user.
    """

    rows: np.ndarray
    tags: list[str]
    is_counted: bool
    notes: tuple[str, ...] = ()


def read_trusted(asked: Any, tagged: Tagged) -> Trusted:
    """Returns the trusted tokens of a file.

    Args:
        asked: numbers of sentences, from 1, as a list or as text with commas; the path of a file that holds such
            numbers (ids such as 12:3 name their sentence), or of one that holds sentences with their right tags.
        tagged: the tokens; a sentence of a file of right tags is found among them by its words.

    Raises:
        InputError: a number is that of no sentence, or no right sentence is found among the tokens.
    """
    if not isinstance(asked, str | Path):
        return by_numbers([str(one) for one in asked], tagged)
    if _is_file(asked):
        with open_text(Path(asked), encoding_of(Path(asked))) as stream:
            begin = stream.read(1 << 16)
        if not NUMBERS.fullmatch(begin):
            return by_sentences(sentences_of(read_tagged(asked, fewest=1)), tagged, Path(asked).name)
        with open_text(Path(asked), encoding_of(Path(asked))) as stream:
            asked = stream.read()
    elif not NUMBERS.fullmatch(str(asked)):
        raise InputError(f"--trusted is {str(asked)[:80]!r}, which is no file; give {FORM}.")
    return by_numbers(re.split(r"[\s,;]+", str(asked).strip()), tagged)


def _is_file(asked: str | Path) -> bool:
    try:
        return Path(asked).is_file()
    except (OSError, ValueError):  # many numbers are too long for a name
        return False


def by_numbers(numbers: Iterable[str], tagged: Tagged) -> Trusted:
    """Returns the tokens of the sentences numbered so, whose given tags are right."""
    found = set()
    for text in numbers:
        number = text.partition(":")[0]
        if not number.isdecimal() or not 1 <= int(number) <= tagged.sentences:
            raise InputError(
                f"--trusted names sentence {text!r}; sentences of {tagged.name} are numbered 1 to {tagged.sentences:,}."
            )
        found.add(int(number) - 1)
    if not found:
        raise InputError(f"--trusted names none of the sentences; give {FORM}.")
    rows = np.flatnonzero(np.isin(tagged.sentence, sorted(found)))
    said = (
        f"{len(found):,} trusted sentences, whose given tags are right. Such ones, chosen because they are right, say "
        "nothing of the noise; a file of some drawn by chance and corrected does."
    )
    return Trusted(rows, [tagged.tags[row] for row in rows], False, (said,))


def by_sentences(right: Sequence[tuple[Sequence[str], Sequence[str]]], tagged: Tagged, name: str) -> Trusted:
    """Returns the tokens of the sentences that are among `right`, pairs of words and right tags."""
    places = defaultdict(list)
    borders = np.append(np.flatnonzero(np.diff(tagged.sentence, prepend=-1)), len(tagged.tokens))
    for sentence in range(tagged.sentences):
        begin, end = int(borders[sentence]), int(borders[sentence + 1])
        places[tuple(tagged.tokens[begin:end])].append(begin)
    truth: dict[int, str] = {}
    lost = 0
    for words, tags in right:
        found = places.get(tuple(words), [])
        lost += not found
        for begin in found:
            truth |= {begin + step: tag for step, tag in enumerate(tags)}
    if not truth:
        raise InputError(
            f"None of the {len(right):,} sentences of {name} is in {tagged.name}: they are found by their words, which "
            "all have to be the same. Take trusted sentences from the file itself."
        )
    rows = np.array(sorted(truth))
    tags = [truth[row] for row in rows.tolist()]
    wrong = sum(tag != tagged.tags[row] for row, tag in zip(rows.tolist(), tags, strict=True))
    notes = [f"{len(right) - lost:,} trusted sentences, in which {wrong:,} of {len(rows):,} given tags are wrong."]
    if lost:
        notes.append(f"{lost:,} sentences of {name} are not in {tagged.name}, and are not used.")
    return Trusted(rows, tags, wrong > 0, tuple(notes))


def sentences_of(tagged: Tagged) -> list[tuple[list[str], list[str]]]:
    """Returns the (words, tags) of each sentence."""
    borders = [*np.flatnonzero(np.diff(tagged.sentence, prepend=-1)).tolist(), len(tagged.tokens)]
    return [(tagged.tokens[begin:end], tagged.tags[begin:end]) for begin, end in itertools.pairwise(borders)]
