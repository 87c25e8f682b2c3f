"""The page on tags of tokens: the answer, what to do next, and the worst sentences with what would change in them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from meta_noise.report.html import rendered

TEMPLATE = "tags.html.jinja"
SHOWN = 200  # sentences
AROUND = 12  # tokens shown on either side of one that looks wrong, where a sentence is long
LONG = 60  # tokens of a sentence up to which it is shown as a whole


class Word(NamedTuple):
    """A token as it is shown: its text, the tag as given and as suggested; "" for a tag that is not shown.

    `is_gap` is true of a sign that stands for tokens left out.
    """

    text: str
    given: str = ""
    suggested: str = ""
    sure: str = ""
    is_gap: bool = False

    @property
    def is_wrong(self) -> bool:
        return bool(self.suggested)


class Sentence(NamedTuple):
    """A sentence as it is shown: its number and its line in the file, from 1, its quality in words, its words."""

    number: int
    line: int
    quality: str
    words: Sequence[Word]


class Contents(NamedTuple):
    """What the page says.

    Attributes:
        title: of the page.
        answer: how many tags look wrong, and how many are estimated to be.
        how: what told it, or why nothing did.
        notes: further sentences.
        steps: (sentence, command to copy or "").
        files: name -> what is in it.
        sentences: those with tags that look wrong, worst first, at most `SHOWN`.
        all_sentences: how many there are of them.
        pairs: (given, suggested, tokens), most frequent first.
        classes: (tag, tokens, how many look wrong), by name.
        columns: name -> meaning of the columns of labels.csv.
    """

    title: str
    answer: str
    how: str
    notes: Sequence[str]
    steps: Sequence[tuple[str, str]]
    files: Mapping[str, str]
    sentences: Sequence[Sentence]
    all_sentences: int
    pairs: Sequence[tuple[str, str, int]]
    classes: Sequence[tuple[str, int, int]]
    columns: Mapping[str, str]


def page(contents: Contents) -> str:
    """Returns the page as HTML: no script, nothing from the network, all that is the user's escaped."""
    values: dict[str, Any] = contents._asdict()
    return rendered(TEMPLATE, **values)


def shown_words(words: Sequence[Word]) -> list[Word]:
    """Returns the words of a sentence; of a long one those around what looks wrong, and a sign for the rest."""
    if len(words) <= LONG:
        return list(words)
    near = [place for place, word in enumerate(words) if word.is_wrong]
    kept = sorted({one for place in near for one in range(place - AROUND, place + AROUND + 1) if 0 <= one < len(words)})
    found, last = [], -1
    for place in kept:
        if place != last + 1:
            found.append(Word("…", is_gap=True))
        found.append(words[place])
        last = place
    return [*found, *([Word("…", is_gap=True)] if last != len(words) - 1 else [])]
