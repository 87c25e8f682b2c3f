"""What is said of each tag: predictions by models that saw no tag of the sentence, weighed against given tags.

All tokens of a sentence are in one fold, so that a tag is judged by models that saw no tag of its sentence. What is
believed is in `meta_noise.cleaning.tags.belief`; which look wrong is told as for rows of any data. The quality of a
sentence is that of its least believable tag: one wrong tag makes a sentence wrong. Where tags are of spans (B-, I-,
O, ...) suggestions of a sentence are the most probable ones that keep to the scheme together, see
`meta_noise.cleaning.tags.suggestions`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from meta_noise.cleaning.own_noise import steady
from meta_noise.cleaning.tags.belief import MANY, Believed, believe
from meta_noise.cleaning.tags.features import token_views
from meta_noise.cleaning.tags.suggestions import in_scheme
from meta_noise.cleaning.tags.trusted import Trusted
from meta_noise.cleaning.tournament.flags import BY_NOISE, Flags, Threshold, flag
from meta_noise.cleaning.tournament.noise_rate import NoiseRate
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.worthless import (
    Worth,
    first_worthless,
    worth_of_flags,
    worth_of_inputs,
    worth_of_predictions,
)
from meta_noise.cleaning.views import Views
from meta_noise.data.tagged import Tagged
from meta_noise.data.tagged.scheme import follows
from meta_noise.errors import InputError

FEWEST_SENTENCES, FEWEST_TOKENS = 10, 50
FEWEST_ALIKE = 3  # tokens with a tag below which it is not judged
MOST_TAGS = 200
# Times as probable another tag has to be where no token is trusted, and where predictions are poor, too. The rule of
# rows leaves fewer tags right (experiments/own_data).
UNCHECKED, POOR = 2.0, 5.0
AGREES = 0.75  # share of given tags below which predictions are called poor
RULE = (
    "Much of what predictions contradict is tagged the same wherever the word stands, as by a list of names. Few wrong "
    "tags that follow such a rule are seen without trusted sentences (--trusted), and more are wrong than estimated."
)


class Judged(NamedTuple):
    """What is said of N tokens in S sentences.

    Attributes:
        names: [C] tags.
        given: [N] int tag of the file.
        is_judged: [N] bool, False for tags that hardly any token has.
        quality: [N] in 0..1, how far the given tag can be believed; NaN where it is not judged.
        is_issue: [N] bool, the tag looks wrong or has to follow a neighbour's; None where nothing was found out.
        suggested: [N] int tag, the given one where it does not look wrong, or was flagged as asked for and is more
            probable than any other.
        probability: [N] of the suggested tag.
        follows: [N] bool, the tag looks right by itself and changes with a neighbour's, to keep to the scheme.
        sentence_quality: [S] in 0..1; NaN where no token is judged.
        rate: of wrong tags; None where nothing was found out.
        worth: whether anything was found out.
        notes: sentences for the user.
        tournament: what was tried, as JSON holds it.
        trusted: [N] bool, the tag is known; it is the suggested one.
        threshold: how many are flagged.
    """

    names: tuple[str, ...]
    given: np.ndarray
    is_judged: np.ndarray
    quality: np.ndarray
    is_issue: np.ndarray | None
    suggested: np.ndarray
    probability: np.ndarray
    follows: np.ndarray
    sentence_quality: np.ndarray
    rate: NoiseRate | None
    worth: Worth
    notes: tuple[str, ...]
    tournament: dict[str, Any]
    trusted: np.ndarray
    threshold: Threshold


def judge_tags(
    tagged: Tagged, trusted: Trusted | None = None, threshold: Threshold = BY_NOISE, seed: int = 0
) -> Judged:
    """Returns what is said of the tags of a file.

    Args:
        tagged: the tokens and their tags.
        trusted: tokens whose right tags are known; None for none.
        threshold: how many are flagged.
        seed: of folds.

    Raises:
        InputError: there are too few sentences, or the tags are none.
    """
    names, given = _numbered(tagged, trusted)
    truth = _truth(names, len(given), trusted)
    counts = np.bincount(given, minlength=len(names))
    is_judged = (counts >= FEWEST_ALIKE)[given]
    rows, kept = np.flatnonzero(is_judged), np.flatnonzero(counts >= FEWEST_ALIKE)  # class -> tag
    if len(kept) < 2:
        raise InputError(f"{tagged.name} has no two tags with {FEWEST_ALIKE} tokens each; give more sentences.")
    is_counted = trusted is not None and trusted.is_counted
    place = np.full(len(names) + 1, -1)  # tag -> class
    place[kept] = np.arange(len(kept))
    known = place[given[rows]]
    hidden = known if is_counted else np.where(truth[rows] >= 0, -1, known)
    folds = folds_by_sentence(tagged.sentence, 5 if len(rows) <= MANY else 3, seed)[rows]
    nothing = Views({}, np.zeros((len(rows), 0), np.float32), None, "")
    problem = Problem(nothing, hidden, place[truth[rows]], len(kept), folds, seed)
    with steady():
        views = token_views(tagged.tokens, tagged.sentence, seed)
        believed = believe(views, rows, problem, known, tagged.sentence[rows], is_counted, follows(names) is not None)
    posterior = np.zeros((len(given), len(names)), np.float32)
    posterior[np.ix_(rows, kept)] = believed.answer.posterior
    favour = 1.0 if trusted is not None else _favour(believed.answer.pool, known)
    flags = flag(believed.answer.posterior, known, believed.rate.classes[:, 0], threshold, favour)
    worth = Worth(False) if trusted is not None else _worth(views.word, believed, known, flags, threshold)
    notes = _rare(names, counts) + ((RULE,) if believed.is_ruled and trusted is None else ())
    quality = np.full(len(given), np.nan)
    quality[rows] = flags.quality.clip(0, 1)
    quality[truth >= 0] = (given == truth)[truth >= 0]
    is_trusted, none = truth >= 0, np.zeros(len(given), bool)
    judged = Judged(
        names, given, is_judged, quality, none, given.copy(), quality.copy(), none,
        sentence_quality(quality, tagged.sentence), believed.rate, worth, notes, believed.board, is_trusted,
        threshold,
    )  # fmt: skip
    if worth.worthless:
        return judged._replace(is_issue=None, rate=None)
    changed, suggested = none.copy(), given.copy()
    changed[rows] = flags.is_better
    suggested[rows[flags.is_better]] = kept[flags.suggested[flags.is_better]]
    suggested[is_trusted] = truth[is_trusted]
    changed[is_trusted] = (suggested != given)[is_trusted]
    asked = none.copy()
    asked[rows] = flags.is_issue & ~flags.is_better
    judged = _with_suggestions(judged, tagged.sentence, changed, suggested, posterior)
    return judged._replace(is_issue=(judged.suggested != given) | (asked & ~is_trusted))


def _favour(pool: np.ndarray, given: np.ndarray) -> float:
    """Returns how many times as probable as the given tag [n] another one has to be where no token is trusted: the more
    the fewer given tags the predictions [n, C] share."""
    return UNCHECKED if np.mean(pool.argmax(axis=1) == given) >= AGREES else POOR


def sentence_quality(quality: np.ndarray, sentence: np.ndarray) -> np.ndarray:
    """Returns [S] the least quality [N] in each sentence, NaN where none is known."""
    found = np.full(int(sentence[-1]) + 1, np.inf)
    np.fmin.at(found, sentence, quality)
    return np.where(np.isinf(found), np.nan, found)


def folds_by_sentence(sentence: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Returns [N] the fold 0..count-1 of each token, the same for a whole sentence."""
    sentences = int(sentence[-1]) + 1
    fold_of = np.empty(sentences, int)
    fold_of[np.random.default_rng(seed).permutation(sentences)] = np.arange(sentences) % count
    return fold_of[sentence]


def _numbered(tagged: Tagged, trusted: Trusted | None) -> tuple[tuple[str, ...], np.ndarray]:
    """Returns the tags, O first and others by name, and [N] the number of each token's."""
    different = {*tagged.tags, *(trusted.tags if trusted else ())}
    names = tuple(sorted(different, key=lambda name: (name != "O", name.partition("-")[2] or name, name)))
    what = f"{tagged.name} has {len(tagged.tokens):,} tokens in {tagged.sentences:,} sentences"
    if tagged.sentences < FEWEST_SENTENCES or len(tagged.tokens) < FEWEST_TOKENS:
        raise InputError(
            f"{what}; {FEWEST_TOKENS} tokens in {FEWEST_SENTENCES} sentences are needed, as each sentence is judged "
            "from others. Give more sentences."
        )
    if len(names) == 1:
        raise InputError(f"{what}, and every tag is {names[0]!r}; there must be two. --label N names another column.")
    if len(names) > MOST_TAGS:
        raise InputError(
            f"{what} and {len(names):,} different tags, such as {names[-1]!r:.40}; at most {MOST_TAGS} are judged. "
            "Name the column of the tags by its number: --label N."
        )
    number = {name: place for place, name in enumerate(names)}
    return names, np.array([number[tag] for tag in tagged.tags])


def _truth(names: Sequence[str], count: int, trusted: Trusted | None) -> np.ndarray:
    """Returns [N] int true tags, -1 where none is known."""
    truth = np.full(count, -1)
    if trusted is not None:
        number = {name: place for place, name in enumerate(names)}
        truth[trusted.rows] = [number[tag] for tag in trusted.tags]
    return truth


def _worth(word: np.ndarray, believed: Believed, given: np.ndarray, flags: Flags, threshold: Threshold) -> Worth:
    by_flags = Worth(False)
    if threshold.kind == "noise" and flags.is_issue.mean() > 0.5:  # rare tags may all be wrong, most tags cannot
        by_flags = worth_of_flags(flags.is_issue, given, 0.0)
    return first_worthless(worth_of_inputs(word[:, None]), worth_of_predictions(believed.predicted, given), by_flags)


def _rare(names: Sequence[str], counts: np.ndarray) -> tuple[str, ...]:
    rare = [name for name, count in zip(names, counts, strict=True) if count < FEWEST_ALIKE]
    if not rare:
        return ()
    more = ", ..." if len(rare) > 5 else ""
    return (
        f"{len(rare)} tags that fewer than {FEWEST_ALIKE} tokens have are not judged: {', '.join(rare[:5])}{more}.",
    )


def _with_suggestions(
    judged: Judged, sentence: np.ndarray, flagged: np.ndarray, suggested: np.ndarray, posterior: np.ndarray
) -> Judged:
    """Returns the same with flags and suggestions, which keep to the scheme where given tags do."""
    args = judged.names, judged.given, flagged, suggested, posterior, sentence, judged.trusted
    suggested, notes = in_scheme(*args)
    changed = suggested != judged.given
    with_neighbour = changed & ~flagged
    probability = posterior[np.arange(len(suggested)), suggested].astype(np.float64)
    probability[~judged.is_judged] = np.nan
    probability[judged.trusted] = 1.0
    if with_neighbour.any():
        notes += (
            "Tags that look right by themselves and change with a neighbour's, so that spans stay whole: "
            f"{int(with_neighbour.sum()):,}.",
        )
    return judged._replace(
        is_issue=changed, suggested=suggested, probability=probability, follows=with_neighbour,
        notes=(*judged.notes, *notes),
    )  # fmt: skip
