"""Tags of sentences in memory or in a file, from Python: `meta_noise.clean_tags`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from meta_noise.cleaning.tags.files import CLEANED, answer_of, labels, sentences, summary, worst_sentences
from meta_noise.cleaning.tags.judged import judge_tags
from meta_noise.cleaning.tags.trusted import read_trusted
from meta_noise.cleaning.tournament.flags import BY_NOISE, read_threshold
from meta_noise.data.tagged import Tagged, read_tagged
from meta_noise.data.tagged.listed import FORM, TAGS, TOKENS, read_lists
from meta_noise.data.tagged.tagged import check_tagged
from meta_noise.errors import InputError
from meta_noise.report.tag_findings import TagFindings


def clean_tags(
    data: Any,
    tags: Any = None,
    *,
    trusted: Any = None,
    flag: str = "",
    seed: int = 0,
) -> TagFindings:
    """Returns what is known of the tags of tokens: quality, suggestions, the sentences to look at first.

    Args:
        data: S sentences, each a list of tokens; or a data set of Hugging Face with such a column, or a `DatasetDict`,
            whose parts are judged together; or the path of a file, see `meta_noise.data.tagged.read_tagged`.
        tags: S lists of tags, text or numbers; or the name of a data set's column, `tags`, `ner_tags` or such if None.
        trusted: numbers of sentences whose tags are right, from 1, or the path of a file, as for --trusted; None for
            none.
        flag: how many tags are flagged: "precision=0.8", "recall=0.9" or "count=200"; by the estimated noise if "".
        seed: of folds.

    Raises:
        InputError: data or settings are not usable; the message says what would be.

    >>> import meta_noise
    >>> sentences = [["Mary", "lives", "in", "Kano"], ["Kano", "is", "old"], ["She", "left", "Kano"]] * 12
    >>> tags = [["B-PER", "O", "O", "B-LOC"], ["B-LOC", "O", "O"], ["O", "O", "B-LOC"]] * 12
    >>> tags[5] = ["O", "O", "O"]  # which is wrong
    >>> found = meta_noise.clean_tags(sentences, tags)
    >>> len(found.tags), found.tags[5]
    (36, ['O', 'O', 'B-LOC'])
    """
    threshold = read_threshold(flag) if flag else BY_NOISE
    tagged = _read(data, tags)
    chosen = None if trusted is None else read_trusted(trusted, tagged)
    judged = judge_tags(tagged, chosen, threshold, seed)
    found = {**summary(tagged, judged), "said": list(answer_of(tagged, judged))}
    changed = {row: judged.names[judged.suggested[row]] for row in (judged.suggested != judged.given).nonzero()[0]}
    corrected = tagged.rewritten(changed)
    return TagFindings(
        labels(tagged, judged), sentences(tagged, judged), found, worst_sentences(tagged, judged),
        CLEANED + tagged.ending, corrected, _like(data, tags, corrected),
    )  # fmt: skip


def _read(data: Any, tags: Any) -> Tagged:
    if isinstance(data, str | Path):
        if not Path(data).is_file():
            raise InputError(f"There is no file {str(data)!r}; give a file of tokens and tags, or lists of sentences.")
        return read_tagged(data, None, tags)
    known = None
    if parts := _parts(data):
        read = [_of_data_set(part, tags) for part in parts]
        data, tags, known = [row for one in read for row in one[0]], [row for one in read for row in one[1]], read[0][2]
    if any(isinstance(one, str) or not isinstance(one, Sequence) for one in (data, tags)):
        raise InputError(
            f"clean_tags takes a list of sentences, each a list of tokens, and a list of lists of tags; it got "
            f"{type(data).__name__} and {type(tags).__name__}."
        )
    return check_tagged(read_lists(data, tags, known), FORM)


def _parts(data: Any) -> list[Any]:
    """Returns the data sets of Hugging Face that `data` is, or holds as parts; [] where it is none."""
    if isinstance(data, Mapping) and not hasattr(data, "features"):
        return [part for one in data.values() for part in _parts(one)]
    return [data] if hasattr(data, "column_names") and hasattr(data, "features") else []


def _like(data: Any, tags: Any, corrected: bytes) -> Any:
    """Returns a data set of Hugging Face, or parts, with corrected tags, all else as it was; None for other data."""
    if not _parts(data) or not all(hasattr(part, "add_column") for part in _parts(data)):
        return None
    new = iter([json.loads(line)["tags"] for line in corrected.decode().splitlines()])

    def changed(part: Any) -> Any:
        column = _tag_column(part, tags)
        values = [next(new) for _ in range(len(part))]
        other = part.remove_columns(column).add_column(column, values).cast_column(column, part.features[column])
        return other.select_columns(part.column_names)

    if isinstance(data, Mapping):
        made: Any = type(data)
        return made({name: changed(part) for name, part in data.items()})
    return changed(data)


def _tag_column(data: Any, tags: Any) -> str:
    return tags or next((name for name in TAGS if name in data.column_names), "")


def _of_data_set(data: Any, tags: Any) -> tuple[list[Any], list[Any], list[str] | None]:
    """Returns the lists of tokens and of tags of a data set, and the names of tags that are numbers."""
    columns = list(data.column_names)
    tokens = next((name for name in TOKENS if name in columns), "")
    chosen = _tag_column(data, tags)
    if not tokens or chosen not in columns:
        raise InputError(
            f"The data set has no columns {TOKENS[0]} and {chosen or TAGS[0]} ({', '.join(columns)[:200]}); rename its "
            "column of tokens to tokens and give the name of that of tags: clean_tags(data, 'ner_tags')."
        )
    kind = data.features[chosen]
    names = getattr(getattr(kind, "feature", None), "names", None)
    return list(data[tokens]), list(data[chosen]), list(names) if names else None
