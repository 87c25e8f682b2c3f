"""What is said of each tag: the tournament of `meta_noise.cleaning.tournament` on tokens in their sentences.

All tokens of a sentence are in one fold, so that a tag is judged by models that saw no tag of its sentence. Quality of
a tag, and which look wrong, are as for rows of any data. The quality of a sentence is that of its least believable
tag: one wrong tag makes a sentence wrong. Where tags are of spans (B-, I-, O, ...) suggestions of a sentence are the
most probable ones that keep to the scheme together, see `meta_noise.data.tagged.scheme`.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from meta_noise.cleaning.noise import quick_bases
from meta_noise.cleaning.own_noise import steady
from meta_noise.cleaning.tournament.answer import Answer, answer, pool_of
from meta_noise.cleaning.tournament.flags import BY_NOISE, Flags, Threshold, flag
from meta_noise.cleaning.tournament.noise_rate import NoiseRate, rate_by_predictions
from meta_noise.cleaning.tournament.problem import MANY, Problem
from meta_noise.cleaning.tournament.scoreboard import scoreboard
from meta_noise.cleaning.tournament.transition import floored
from meta_noise.cleaning.tournament.worthless import (
    Worth,
    first_worthless,
    worth_of_flags,
    worth_of_inputs,
    worth_of_predictions,
)
from meta_noise.cleaning.trial import as_json, carry_out, plan
from meta_noise.cleaning.views.tokens import token_views
from meta_noise.data.tagged import Tagged
from meta_noise.data.tagged.scheme import MOST_BREAKS, breaks, follows, parts, suggested_in
from meta_noise.errors import InputError

FEWEST_SENTENCES, FEWEST_TOKENS = 10, 50
FEWEST_ALIKE = 3  # tokens with a tag below which it is not judged
MOST_TAGS = 200
USUAL = 120.0  # seconds for candidates that are not quick, where tokens are many
SHORT = "linear on short vectors"  # as `meta_noise.cleaning.trial` calls it where tokens are many


Candidates = Callable[[Problem], tuple[dict[str, np.ndarray], list[dict[str, Any]]]]
"""`problem -> (name -> p(given | x) [N, C], what became of each, as JSON holds it)`."""


class Judged(NamedTuple):
    """What is said of N tokens in S sentences.

    Attributes:
        names: [C] tags.
        given: [N] int tag of the file.
        is_judged: [N] bool, False for tags that hardly any token has.
        quality: [N] in 0..1, how far the given tag can be believed; NaN where it is not judged.
        is_issue: [N] bool, the tag looks wrong or has to follow a neighbour's; None where nothing was found out.
        suggested: [N] int tag, the given one where it does not look wrong.
        probability: [N] of the suggested tag.
        follows: [N] bool, the tag looks right by itself and changes with a neighbour's, to keep to the scheme.
        sentence_quality: [S] in 0..1; NaN where no token is judged.
        rate: of wrong tags; None where nothing was found out.
        worth: whether anything was found out.
        notes: sentences for the user.
        tournament: what was tried, as JSON holds it.
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


def judge_tags(
    tagged: Tagged, candidates: Candidates | None = None, threshold: Threshold = BY_NOISE, seed: int = 0
) -> Judged:
    """Returns what is said of the tags of a file.

    Args:
        tagged: the tokens and their tags.
        candidates: what is tried; `tournament()` if None.
        threshold: how many are flagged.
        seed: of folds.

    Raises:
        InputError: there are too few sentences, or the tags are none.
    """
    candidates = candidates or tournament()
    names, given = _numbered(tagged)
    counts = np.bincount(given, minlength=len(names))
    is_judged = (counts >= FEWEST_ALIKE)[given]
    rows = np.flatnonzero(is_judged)
    kept = np.flatnonzero(counts >= FEWEST_ALIKE)  # class -> tag
    problem = _problem(tagged, rows, np.searchsorted(kept, given[rows]), len(kept), seed)
    with steady():
        bases, tried = candidates(problem)
        found = answer(problem, bases)
        rate = rate_by_predictions(_short_pool(problem, bases), problem.given)
    flags = flag(found.posterior, problem.given, rate.classes[:, 0], threshold)
    worth = _worth(problem, found, flags, threshold)
    notes = _rare(names, counts)
    board = {**scoreboard(problem, bases, found), "tried": tried}
    quality = np.full(len(given), np.nan)
    quality[rows] = flags.quality.clip(0, 1)
    nothing = np.zeros(len(given), bool)
    judged = Judged(
        names, given, is_judged, quality, nothing, given.copy(), quality.copy(), nothing,
        sentence_quality(quality, tagged.sentence), rate, worth, notes, board,
    )  # fmt: skip
    if worth.worthless:
        return judged._replace(is_issue=None, rate=None)
    flagged = nothing.copy()
    flagged[rows] = flags.is_issue
    posterior = np.zeros((len(given), len(names)), np.float32)
    posterior[np.ix_(rows, kept)] = found.posterior
    suggested = given.copy()
    suggested[rows[flags.is_issue]] = kept[flags.suggested[flags.is_issue]]
    return _with_suggestions(judged, tagged, flagged, suggested, posterior)


def tournament(budget: float = 0.0, seed: int = 0, tell: Callable[[str], None] = lambda text: None) -> Candidates:
    """Returns the candidates that fit into so many seconds, `USUAL` for 0; how long it takes is told before."""

    def run(problem: Problem) -> tuple[dict[str, np.ndarray], list[dict[str, Any]]]:
        planned = plan(problem, None, budget or USUAL, seed)
        tell(planned.said())
        trial = carry_out(planned)
        return trial.bases, as_json(trial.tried)

    return run


def quick(problem: Problem) -> tuple[dict[str, np.ndarray], list[dict[str, Any]]]:
    """Returns the candidates on short vectors alone."""
    bases = quick_bases(problem)
    return {SHORT: bases["linear"], "neighbours": bases["neighbours"]}, []


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


def _numbered(tagged: Tagged) -> tuple[tuple[str, ...], np.ndarray]:
    """Returns the tags, O first and others by name, and [N] the number of each token's."""
    names = tuple(sorted(set(tagged.tags), key=lambda name: (name != "O", name.partition("-")[2] or name, name)))
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


def _problem(tagged: Tagged, rows: np.ndarray, given: np.ndarray, classes: int, seed: int) -> Problem:
    """Returns the problem of the tokens numbered `rows`; features come from whole sentences."""
    if classes < 2:
        raise InputError(f"{tagged.name} has no two tags with {FEWEST_ALIKE} tokens each; give more sentences.")
    ends = np.flatnonzero(np.diff(tagged.sentence)) + 1
    borders = [0, *ends.tolist(), len(tagged.tokens)]
    sentences = [tagged.tokens[begin:end] for begin, end in itertools.pairwise(borders)]
    with steady():
        views = token_views(sentences, seed)
    views = views._replace(linear={name: view[rows] for name, view in views.linear.items()}, near=views.near[rows])
    folds = folds_by_sentence(tagged.sentence, 5 if len(rows) <= MANY else 3, seed)[rows]
    return Problem(views, given, np.full(len(rows), -1), classes, folds, seed)


def _short_pool(problem: Problem, bases: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns p(given | x) [N, C] by short vectors alone, which tell the noise: the same for whoever asks."""
    line = bases[SHORT] if SHORT in bases else bases["linear on topics"]
    both = {"linear": line, "neighbours": bases["neighbours"]}
    return pool_of(problem, {name: floored(p, problem.share) for name, p in both.items()})


def _worth(problem: Problem, found: Answer, flags: Flags, threshold: Threshold) -> Worth:
    by_flags = Worth(False)
    if threshold.kind == "noise" and flags.is_issue.mean() > 0.5:  # rare tags may all be wrong, most tags cannot
        by_flags = worth_of_flags(flags.is_issue, problem.given, 0.0)
    return first_worthless(
        worth_of_inputs(problem.views.near), worth_of_predictions(found.pool, problem.given), by_flags
    )


def _rare(names: Sequence[str], counts: np.ndarray) -> tuple[str, ...]:
    rare = [name for name, count in zip(names, counts, strict=True) if count < FEWEST_ALIKE]
    if not rare:
        return ()
    more = ", ..." if len(rare) > 5 else ""
    return (
        f"{len(rare)} tags that fewer than {FEWEST_ALIKE} tokens have are not judged: {', '.join(rare[:5])}{more}.",
    )


def _with_suggestions(
    judged: Judged, tagged: Tagged, flagged: np.ndarray, suggested: np.ndarray, posterior: np.ndarray
) -> Judged:
    """Returns the same with flags and suggestions, which keep to the scheme where given tags do."""
    allowed, notes = follows(judged.names), list(judged.notes)
    if allowed is not None:
        kinds = [parts(name)[1] for name in judged.names]
        border = np.flatnonzero(np.diff(tagged.sentence)) + 1
        sentences = np.split(np.arange(len(suggested)), border)
        broken = sum(breaks(judged.given[rows], allowed) > 0 for rows in sentences)
        if broken:
            notes.append(f"Sentences whose given tags break the scheme, such as I- without its B-: {broken:,}.")
        if broken <= MOST_BREAKS * len(sentences):
            for rows in sentences:
                if flagged[rows].any() and breaks(suggested[rows], allowed) > breaks(judged.given[rows], allowed):
                    args = judged.given[rows], flagged[rows], posterior[rows]
                    suggested[rows] = suggested_in(*args, kinds, allowed)
        else:
            notes.append("These are many, so suggestions need not keep to it, either.")
    changed = suggested != judged.given
    with_neighbour = changed & ~flagged
    probability = posterior[np.arange(len(suggested)), suggested].astype(np.float64)
    probability[~judged.is_judged] = np.nan
    if with_neighbour.any():
        notes.append(
            "Tags that look right by themselves and change with a neighbour's, so that spans stay whole: "
            f"{int(with_neighbour.sum()):,}."
        )
    return judged._replace(
        is_issue=changed, suggested=suggested, probability=probability, follows=with_neighbour, notes=tuple(notes)
    )
