"""The files on tags of tokens: each token, each sentence, the user's file with corrected tags, and a page.

All are written through `meta_noise.cleaning.corrected.write_once`: what lies there under one of these names and was not
written so, or was changed since, is left alone.
"""

import io
import itertools
import json
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from meta_noise.cleaning.tags.judged import Judged
from meta_noise.cleaning.tags.sample import sample_name, sample_of
from meta_noise.cleaning.tags.shown import shown
from meta_noise.data.tagged import Tagged
from meta_noise.report import tags as report
from meta_noise.report.labels import write_csv
from meta_noise.report.summary import percent

RESULTS, CLEANED, PAGE = "tags.json", "cleaned", "report.html"
LONGEST = 1_000  # characters of a sentence in sentences.csv
PAIRS = 20
COLUMNS = {
    "id": "Sentence and token, both counted from 1, such as 12:3.",
    "sentence": "Number of the sentence, from 1.",
    "token_number": "Number of the token in its sentence, from 1.",
    "line": "Line of the file, from 1.",
    "token": "The word.",
    "given_label": "The tag in the file.",
    "suggested_label": "The tag that is probably right: the given one, where it does not look wrong.",
    "suggested_probability": "How probable the suggested tag is, from 0 to 1.",
    "label_quality": "How far the given tag can be believed, from 0 to 1. Empty where it was not judged.",
    "is_label_issue": "True where the corrected file has another tag. Empty where nothing was found out.",
    "why": "wrong: the tag looks wrong. neighbour: it changes with a neighbour's, so that a span stays whole.",
}
ABOUT = "your file with the suggested tags; all else in it is as it was"
AGAIN = "Put right what you know better in your own file, or go on with the corrected one, and judge it again:"
SAMPLE = "some sentences drawn by chance, and trust them, which tells most of how many tags are wrong and which"
FILES = {
    "sentences.csv": "all sentences, the least believable first",
    "labels.csv": "what is said of each token (labels.parquet has the same, with every word exact)",
}


def tag_files(tagged: Tagged, judged: Judged, again: str, with_sample: str, seed: int = 0) -> dict[str, bytes]:
    """Returns name -> content of the files on the tags of a file.

    Args:
        tagged, judged: the tokens, and what is said of them.
        again: the command that judges the corrected file, for the page.
        with_sample: the command that trusts the sample, which is written where no sentence is trusted.
        seed: of the sample.
    """
    table = labels(tagged, judged)
    changed = np.flatnonzero(judged.suggested != judged.given).tolist()
    return {
        CLEANED + tagged.ending: tagged.rewritten({row: judged.names[judged.suggested[row]] for row in changed}),
        "labels.csv": as_csv(table),
        "labels.parquet": _as_parquet(table),
        "sentences.csv": as_csv(sentences(tagged, judged)),
        RESULTS: (json.dumps(summary(tagged, judged), indent=2, ensure_ascii=False) + "\n").encode(),
        PAGE: page_of(tagged, judged, again, with_sample).encode("utf-8", "backslashreplace"),
        **({} if judged.trusted.any() else {sample_name(tagged): sample_of(tagged, seed)}),
    }


def labels(tagged: Tagged, judged: Judged) -> pa.Table:
    """Returns the table of all tokens, in the order of the file."""
    flags = judged.is_issue
    why = [""] * len(tagged.tokens)
    if flags is not None:
        why = ["neighbour" if by else "wrong" if flag else "" for flag, by in zip(flags, judged.follows, strict=True)]
    ids = tagged.ids
    values = {
        "id": pa.array(ids),
        "sentence": pa.array(tagged.sentence + 1),
        "token_number": pa.array([int(identity.partition(":")[2]) for identity in ids]),
        "line": pa.array(tagged.line),
        "token": pa.array(tagged.tokens),
        "given_label": pa.array(tagged.tags),
        "suggested_label": pa.array([judged.names[label] for label in judged.suggested]),
        "suggested_probability": _or_null(judged.probability),
        "label_quality": _or_null(judged.quality),
        "is_label_issue": pa.nulls(len(why), pa.bool_()) if flags is None else pa.array(flags),
        "why": pa.array(why),
    }
    return pa.table(values)


def sentences(tagged: Tagged, judged: Judged) -> pa.Table:
    """Returns the table of all sentences, the least believable first."""
    spans = spans_of(tagged)
    wrong = _looks_wrong(judged)
    order = np.argsort(judged.sentence_quality, kind="stable").tolist()  # NaN last
    worst = [_worst(judged.quality, *spans[one]) for one in order]
    texts = [_text(tagged, judged, *spans[one])[:LONGEST] for one in order]
    values = {
        "sentence": pa.array([one + 1 for one in order]),
        "line": pa.array([int(tagged.line[spans[one][0]]) for one in order]),
        "tokens": pa.array([spans[one][1] - spans[one][0] for one in order]),
        "sentence_quality": _or_null(judged.sentence_quality[order]),
        "look_wrong": pa.array([int(wrong[slice(*spans[one])].sum()) for one in order]),
        "worst_token": pa.array(["" if row is None else tagged.tokens[row] for row in worst]),
        "text": pa.array(texts),
    }
    return pa.table(values)


def summary(tagged: Tagged, judged: Judged) -> dict[str, Any]:
    """Returns what tags.json holds, and what `meta-noise inspect --json` writes."""
    worth = judged.worth
    return {
        "kind": "tags",
        "data": {"name": tagged.name, "tokens": len(tagged.tokens), "sentences": tagged.sentences},
        "look_wrong": None if judged.is_issue is None else int(judged.is_issue.sum()),
        "noise": None if judged.rate is None else {one: getattr(judged.rate, one) for one in ("value", "low", "high")},
        "worthless": {"reason": worth.reason, "help": worth.help} if worth.worthless else None,
        "classes": [dict(zip(("name", "rows", "look_wrong"), one, strict=True)) for one in classes(judged)],
        "confused": [dict(zip(("given", "suggested", "rows"), one, strict=True)) for one in pairs(judged)],
        "notes": [*tagged.notes, *judged.notes],
        "skipped": [{"line": line, "reason": reason} for line, reason in tagged.skipped],
        "tournament": judged.tournament,
    }


def answer_of(tagged: Tagged, judged: Judged) -> tuple[str, str]:
    """Returns the answer in a sentence, and how it was told or why there is none."""
    tokens = len(tagged.tokens)
    if judged.is_issue is None or judged.rate is None:
        return "Nothing was found out about these tags.", f"{judged.worth.reason} {judged.worth.help}"
    many = len(np.unique(tagged.sentence[judged.is_issue]))
    text = (
        f"{int(judged.is_issue.sum()):,} of {tokens:,} tags {judged.threshold.found}, in {many:,} of "
        f"{tagged.sentences:,} sentences"
    )
    rate, checked = judged.rate, int(judged.trusted.sum())
    told = (
        f"{checked:,} tokens of trusted sentences set how sure it is."
        if checked
        else "Nobody has checked it: wrong tags that follow a rule, such as a list of names, mostly stay unseen."
    )
    return (
        f"{text}; about {percent(rate.value)} of all tags are estimated to be wrong ({percent(rate.low)} to "
        f"{percent(rate.high)}).",
        "Told by fast classifiers on words, their endings, shapes and neighbours, which had seen no tag of the "
        f"sentence that they judge. {told}",
    )


def classes(judged: Judged) -> list[tuple[str, int, int]]:
    """Returns (tag, tokens, how many look wrong)."""
    counts = np.bincount(judged.given, minlength=len(judged.names))
    wrong = np.bincount(judged.given[_looks_wrong(judged)], minlength=len(judged.names))
    return list(zip(judged.names, counts.tolist(), wrong.tolist(), strict=True))


def pairs(judged: Judged) -> list[tuple[str, str, int]]:
    """Returns (given, suggested, tokens), the most frequent first."""
    changed = judged.suggested != judged.given
    found = Counter(zip(judged.given[changed].tolist(), judged.suggested[changed].tolist(), strict=True))
    return [(judged.names[one], judged.names[other], count) for (one, other), count in found.most_common(PAIRS)]


def page_of(tagged: Tagged, judged: Judged, again: str, with_sample: str) -> str:
    """Returns the page; its commands are those of `tag_files`."""
    answer, how = answer_of(tagged, judged)
    bad = len(np.unique(tagged.sentence[judged.suggested != judged.given]))
    steps = [(AGAIN, again)]
    if bad:
        steps.insert(
            0, ("Look at the sentences below: a mark has the given tag, struck out, and the suggested one.", "")
        )
    if not judged.trusted.any():
        steps.append((f"Put the tags in {sample_name(tagged)} right, {SAMPLE}:", with_sample))
    return report.page(
        report.Contents(
            f"Tags of {tagged.name}",
            answer,
            how,
            [*tagged.notes, *judged.notes],
            steps,
            {CLEANED + tagged.ending: ABOUT, **FILES},
            worst_sentences(tagged, judged),
            bad,
            pairs(judged),
            classes(judged),
            COLUMNS,
        )
    )


def worst_sentences(tagged: Tagged, judged: Judged) -> list[report.Sentence]:
    """Returns the sentences with tags that look wrong, at most `report.SHOWN`, the least believable first."""
    spans = spans_of(tagged)
    bad = np.unique(tagged.sentence[judged.suggested != judged.given])
    bad = bad[np.argsort(judged.sentence_quality[bad], kind="stable")][: report.SHOWN]
    return [shown(tagged, judged, one, *spans[one]) for one in bad.tolist()]


def spans_of(tagged: Tagged) -> list[tuple[int, int]]:
    """Returns the (begin, end) of each sentence in the tokens."""
    borders = [0, *(np.flatnonzero(np.diff(tagged.sentence)) + 1).tolist(), len(tagged.tokens)]
    return list(itertools.pairwise(borders))


def as_csv(table: pa.Table) -> bytes:
    """Returns the table as CSV in which a spreadsheet finds no formula."""
    sink = io.BytesIO()
    write_csv(table, sink)
    return sink.getvalue()


def _text(tagged: Tagged, judged: Judged, begin: int, end: int) -> str:
    """Returns a sentence with what would change in it: Kano[O>B-LOC]."""
    words = []
    for row in range(begin, end):
        given, suggested = judged.given[row], judged.suggested[row]
        change = f"[{judged.names[given]}>{judged.names[suggested]}]" if given != suggested else ""
        words.append(tagged.tokens[row] + change)
    return " ".join(words)


def _looks_wrong(judged: Judged) -> np.ndarray:
    return np.zeros(len(judged.given), bool) if judged.is_issue is None else judged.is_issue


def _worst(quality: np.ndarray, begin: int, end: int) -> int | None:
    part = quality[begin:end]
    return None if np.isnan(part).all() else begin + int(np.nanargmin(part))


def _or_null(values: np.ndarray) -> pa.Array:
    return pa.array(values, pa.float64(), mask=np.isnan(values))


def _as_parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()
