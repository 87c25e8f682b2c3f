"""A sentence as a page shows it: spans of tokens as one, what would change in them marked."""

from collections.abc import Sequence

from meta_noise.cleaning.tags.judged import Judged
from meta_noise.data.tagged import Tagged
from meta_noise.data.tagged.scheme import follows, parts
from meta_noise.report import tags as report
from meta_noise.report.sureness import level_of


def shown(tagged: Tagged, judged: Judged, sentence: int, begin: int, end: int) -> report.Sentence:
    """Returns the sentence of the tokens begin..end - 1."""
    given, suggested = ([judged.names[one] for one in tags[begin:end]] for tags in (judged.given, judged.suggested))
    has_spans = follows(judged.names) is not None
    words = []
    for first, last in runs(given, suggested) if has_spans else [(place, place + 1) for place in range(len(given))]:
        rows = slice(first, last)
        text = " ".join(tagged.tokens[begin + first : begin + last])
        before, after = (span_name(tags[rows]) if has_spans else tags[first] for tags in (given, suggested))
        if given[rows] == suggested[rows]:
            words.append(report.Word(text, "" if before == "O" else before))
            continue
        changed = [begin + place for place in range(first, last) if given[place] != suggested[place]]
        own = [row for row in changed if not judged.follows[row]]
        sure = level_of(min(float(judged.probability[row]) for row in own)).word if own else "with its neighbour"
        words.append(report.Word(text, before, after, sure))
    quality = f"{judged.sentence_quality[sentence]:.3f}"
    return report.Sentence(sentence + 1, int(tagged.line[begin]), quality, report.shown_words(words))


def runs(given: Sequence[str], suggested: Sequence[str]) -> list[tuple[int, int]]:
    """Returns the (first, last + 1) of tokens that belong together, as a span goes on by either kind of tags."""
    begins = [place for place in range(len(given)) if not (goes_on(given, place) or goes_on(suggested, place))]
    return list(zip(begins, [*begins[1:], len(given)], strict=True))


def goes_on(tags: Sequence[str], place: int) -> bool:
    """Returns whether a token is in the span of the one before."""
    if not place:
        return False
    (before, kind), (letter, other) = parts(tags[place - 1]), parts(tags[place])
    return letter in ("I", "E") and before in ("B", "I") and kind == other


def span_name(tags: Sequence[str]) -> str:
    """Returns the kind of the span that the tags are, such as PER; the tags themselves where they are no single one."""
    if len(tags) == 1:
        letter, kind = parts(tags[0])
        return kind if letter in ("B", "S") else tags[0]
    if all(tag == tags[0] for tag in tags) and parts(tags[0])[0] == "O":
        return tags[0]
    if parts(tags[0])[0] == "B" and all(goes_on(tags, place) for place in range(1, len(tags))):
        return parts(tags[0])[1]
    return " ".join(tags)
