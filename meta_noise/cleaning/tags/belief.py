"""What is believed of the tags of tokens: predictions, weighed against given tags, and against trusted ones.

Bayes' rule with the transition from true to given tags, as for rows of any data
(`meta_noise.cleaning.tournament.answer`). Where tags are of spans and errors follow words, predictions are mostly
what a word is elsewhere. With trusted tokens both kinds of predictions are candidates, beside models that learn trusted
tags fully and given ones as far as the transition says.
"""

from typing import Any, NamedTuple

import numpy as np

from meta_noise.cleaning.tags.features import TokenRows, TokenViews
from meta_noise.cleaning.tags.predictions import (
    ELSEWHERE,
    RULED,
    by_sentence,
    by_word,
    follows_words,
    mixed,
    out_of_fold,
)
from meta_noise.cleaning.tournament.answer import Answer, answer, pool_of, transitions_of
from meta_noise.cleaning.tournament.noise_rate import NoiseRate, rate_by_predictions, rate_by_trusted, wilson_interval
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.scoreboard import scoreboard
from meta_noise.cleaning.tournament.softmax import one_hot
from meta_noise.cleaning.tournament.transition import floored, likelihood
from meta_noise.cleaning.views import Views

MANY = 20_000  # tokens from which three folds are enough
WEIGHT = 5.0  # of a trusted token beside one that is not


class Believed(NamedTuple):
    """What is believed of n tokens.

    Attributes:
        answer: see `meta_noise.cleaning.tournament.answer`.
        predicted: [n, C] p(given | x) by models that saw no tag of the sentence.
        ruled: 0..1, see `meta_noise.cleaning.tags.predictions.follows_words`.
        is_ruled: errors seem to follow words.
        rate: of wrong tags.
        board: what was tried, as JSON holds it.
    """

    answer: Answer
    predicted: np.ndarray
    ruled: float
    is_ruled: bool
    rate: NoiseRate
    board: dict[str, Any]


def believe(
    views: TokenViews,
    rows: np.ndarray,
    problem: Problem,
    known: np.ndarray,
    sentence: np.ndarray,
    is_counted: bool,
    has_spans: bool,
) -> Believed:
    """Returns what is believed of tokens.

    Args:
        views: of all tokens.
        rows: [n] those that are judged.
        problem: of these; its views are not used.
        known: [n] given tags, those of trusted tokens also where `problem.given` hides them.
        sentence: [n] int number of the sentence.
        is_counted: given tags of trusted tokens stand for those of others.
        has_spans: tags are of spans (B-, I-, ...).
    """
    plain, full, word = views.plain[rows], views.full[rows], views.word[rows]
    classes = problem.num_classes
    predicted = by_sentence(plain, full, known, classes, problem.fold_of)
    ruled = follows_words(predicted, known, word)
    is_ruled = has_spans and ruled >= RULED
    bases = {"sentences": predicted}
    is_trusted = bool((problem.truth >= 0).any())
    if is_ruled or (is_trusted and has_spans):
        elsewhere = by_word(full, known, classes, word, problem.folds, problem.seed)
        bases = (bases if is_trusted else {}) | {"words elsewhere": mixed(predicted, elsewhere, ELSEWHERE)}
    beliefs = {}
    if is_trusted:
        problem = problem._replace(views=_looks(views, rows, bases))
        beliefs = {"trusted and given": _by_both(full, problem, bases)}
    found = answer(problem, bases, beliefs)
    if not is_trusted:  # one candidate, at the noise that is told: tags were measured so
        found = found._replace(posterior=found.parts[next(iter(bases))])
    rate = rate_by_predictions(found.pool, known)
    if is_trusted and is_counted:
        rate = _rate_on_trusted(problem, found, known, sentence)
    return Believed(found, predicted, ruled, is_ruled, rate, scoreboard(problem, found))


def _rate_on_trusted(problem: Problem, found: Answer, known: np.ndarray, sentence: np.ndarray) -> NoiseRate:
    """Returns the rate of wrong tags; wrong ones come together, so the interval is that of fewer tokens."""
    seen = problem.truth >= 0
    doubt = 1 - found.posterior[~seen, known[~seen]]
    held = 1 - found.held[np.arange(len(found.held)), known[seen]]
    wrong = known[seen] != problem.truth[seen]
    rate = rate_by_trusted(doubt, known[~seen], held, known[seen], wrong)
    low, high = wilson_interval(rate.value, worth_of_sentences(wrong, sentence[seen]))
    return rate._replace(low=low, high=high)


def worth_of_sentences(wrong: np.ndarray, sentence: np.ndarray) -> float:
    """Returns how many tokens drawn one by one would tell the share of wrong ones as well as n tokens [n] of whole
    sentences do (the design effect of a cluster sample: L. Kish, "Survey Sampling", 1965)."""
    _, number, sizes = np.unique(sentence, return_inverse=True, return_counts=True)
    count, clusters, share = len(wrong), len(sizes), float(wrong.mean())
    apart = np.bincount(number, wrong) - share * sizes
    spread = float(np.sum(apart**2)) / count**2 * clusters / max(clusters - 1, 1)
    usual = share * (1 - share) / count
    return count / max(spread / usual, 1.0) if usual > 0 else float(clusters)


def _by_both(full: TokenRows, problem: Problem, bases: dict[str, np.ndarray]) -> np.ndarray:
    """Returns p(y | x) [n, C] by models that learn true tags, trusted ones of other sentences among them."""
    pool = pool_of(problem, {name: floored(p, problem.share) for name, p in bases.items()})
    transitions = transitions_of(problem, pool)

    def evidence(fold: int) -> np.ndarray:
        seen = np.where(problem.fold_of == fold, -1, problem.truth)
        found = likelihood(transitions(seen), problem.given)
        found[seen >= 0] = one_hot(seen[seen >= 0], problem.num_classes)
        return found

    return out_of_fold(full, evidence, problem.fold_of, np.where(problem.truth >= 0, WEIGHT, 1.0))


def _looks(views: TokenViews, rows: np.ndarray, bases: dict[str, np.ndarray]) -> Views:
    """Returns a short vector of each token: its word and those beside it, and what is predicted of it."""
    logs = [np.log(np.maximum(p, 1e-3)) / 7 for p in bases.values()]
    near = np.hstack([views.near(rows), *logs]).astype(np.float32)
    return Views({"looks": near}, near, None, "vectors of words, shapes and predictions")
