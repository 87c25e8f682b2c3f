"""One answer for every row, from what all candidates say."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from meta_noise.cleaning.tournament.candidates.trusted import fold_count, trusted_only, tuned
from meta_noise.cleaning.tournament.combine import Fusion, fuse_weights, fused, pool_weights, pooled
from meta_noise.cleaning.tournament.confusion import averaged, guessed
from meta_noise.cleaning.tournament.judge import Verdict, judge, log_likelihood
from meta_noise.cleaning.tournament.noise_rate import rate_by_predictions
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.softmax import folds_of, spanned
from meta_noise.cleaning.tournament.transition import (
    counted,
    deconvolved,
    floored,
    likelihood,
    one_rate,
    shrunk,
    symmetric,
    tempered,
    through,
    with_rate,
)
from meta_noise.cleaning.tournament.unchecked import averaged_answer, worth_before

FOLDS = 10  # of the trusted rows, for what is quickly fitted
SAMPLE = 2_000  # rows that set how sure a candidate should be
BY_CHANCE = 0.01  # least probability of a class without a trusted row for these to be taken as a random sample
WORTH = 20.0  # trusted rows that all given labels together are worth in the choice between bases

Candidate = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""`(seen [N] true classes that may be used, rows [n]) -> p(y | x, given) [n, C]`."""


class Answer(NamedTuple):
    """What is believed of N rows.

    Attributes:
        posterior: [N, C] float32 probability of each class given inputs and given label.
        parts: candidate -> the same by it alone.
        held_out: candidate -> [n, C] the same for the n trusted rows, their true label not used.
        verdict: on the candidates by trusted rows; None where none is, or where they cannot judge.
        transition: [C, C] true class to given label, as estimated.
        given_by: candidate -> p(given | x) [N, C], out of fold, of those that say it.
        pool: [N, C] the same of these together.
        held: [n, C] the answer for the n trusted rows, their true label not used; [0, C] without any.
    """

    posterior: np.ndarray
    parts: dict[str, np.ndarray]
    held_out: dict[str, np.ndarray]
    verdict: Verdict | None
    transition: np.ndarray
    given_by: dict[str, np.ndarray]
    pool: np.ndarray
    held: np.ndarray


def answer(
    problem: Problem, bases: Mapping[str, np.ndarray], beliefs: Mapping[str, np.ndarray] = MappingProxyType({})
) -> Answer:
    """Returns the answer from what candidates say of rows, no label of which they learned.

    Trusted rows that lack a class which a random sample would have judge nothing: they would teach that it never is.

    Args:
        problem: rows and labels.
        bases: name -> p(given | x) [N, C], see `meta_noise.cleaning.tournament.bases`.
        beliefs: name -> p(y | x) [N, C] of the true class, by models that learned from trusted rows of other folds, or
            by themselves which labels to learn; without trusted rows they are judged by the given labels that they
            lead one to expect.
    """
    trusted = np.flatnonzero(problem.truth >= 0)
    if lacks_a_class(problem):
        found = answer(problem._replace(truth=np.full_like(problem.truth, -1)), bases)
        return found._replace(held=found.posterior[trusted])
    parts = {name: floored(p, problem.share) for name, p in bases.items()}
    if not len(trusted):
        parts |= {name: floored(through(p, problem.given), problem.share) for name, p in beliefs.items()}
        beliefs = {}
    pool = pool_of(problem, parts)
    every = parts | ({"pool": pool} if len(parts) > 1 else {})
    transitions = transitions_of(problem, pool)
    rows = np.arange(len(problem.given))
    believed = {name: floored(p, problem.share) for name, p in beliefs.items()}
    candidates = _candidates(problem, every, believed, pool, transitions)
    final = {name: run(problem.truth, rows) for name, run in candidates.items()}
    transition = transitions(problem.truth)
    if not len(trusted):
        alone = averaged_answer(problem, every, pool)
        return Answer(alone, final, {}, None, transition, parts, pool, alone[:0])
    held = held_out(problem, candidates, trusted)
    labels = problem.truth[trusted]
    worth = worth_before(problem, every, WORTH)
    before = np.array([worth.get(name, 0.0) for name in held])
    likelihoods = np.stack([log_likelihood(p, labels) for p in held.values()])
    verdict = judge(tuple(held), likelihoods, before, problem.seed)
    together = pooled(list(final.values()), verdict.weights)
    out = pooled(list(held.values()), verdict.weights)
    fusion = fuse_weights(out, np.ones_like(out), labels, prior=8.0)
    answered = fused(together, np.ones_like(together), fusion)
    return Answer(answered, final, held, verdict, transition, parts, pool, fused(out, np.ones_like(out), fusion))


def lacks_a_class(problem: Problem) -> bool:
    """Says whether some class stands nowhere in trusted rows, neither as true nor as given, and hardly by chance."""
    trusted = np.flatnonzero(problem.truth >= 0)
    given = problem.given[problem.given >= 0]
    if not len(trusted) or not len(given):
        return False
    share = np.bincount(given, minlength=problem.num_classes) / len(given)
    there = np.union1d(problem.truth[trusted], problem.given[trusted])
    lacking = np.delete(share, there[there >= 0])
    return bool(len(lacking) and (1 - lacking.max()) ** len(trusted) < BY_CHANCE)


def pool_of(problem: Problem, bases: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns p(given | x) [N, C] of the bases together, weighted so that given labels are most probable."""
    known, parts = problem.given >= 0, list(bases.values())
    return pooled(parts, pool_weights([part[known] for part in parts], problem.given[known]))


def transitions_of(problem: Problem, pool: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Returns `seen -> transition`, shrinking what is counted on seen rows to what many predictions tell."""
    guess, known = guessed(pool, problem.given), problem.given >= 0
    if known.any():
        rate = rate_by_predictions(pool[known], problem.given[known]).value
        guess = with_rate(guess, problem.share, rate)

    def transition(seen: np.ndarray) -> np.ndarray:
        pairs = counted(seen, problem.given, problem.num_classes)
        if not pairs.sum():
            return averaged(pool, seen, 5 * guess) if (seen >= 0).any() else guess
        rate = (pairs.sum() - np.trace(pairs) + 1) / (pairs.sum() + 2)
        return shrunk(pairs, [guess, symmetric(rate, problem.share), averaged(pool, seen, guess)])

    return transition


def _candidates(
    problem: Problem,
    every: Mapping[str, np.ndarray],
    believed: Mapping[str, np.ndarray],
    pool: np.ndarray,
    transitions: Callable[[np.ndarray], np.ndarray],
) -> dict[str, Candidate]:
    """Returns name -> candidate, simplest first."""
    trusted = np.flatnonzero(problem.truth >= 0)
    weigh = _weigher(problem, transitions)

    def on_trusted_rows(z: np.ndarray) -> Candidate:
        def run(seen: np.ndarray, rows: np.ndarray) -> np.ndarray:
            return weigh(trusted_only(z, seen, problem.share, problem.seed), seen, rows, False, False)

        return run

    def of_base(p: np.ndarray, has_one_rate: bool = False) -> Candidate:
        return lambda seen, rows: weigh(p, seen, rows, True, has_one_rate)

    def of_belief(p: np.ndarray) -> Candidate:
        return lambda seen, rows: weigh(p, seen, rows, False, False)

    def tuned_on(z: np.ndarray) -> Candidate:
        def run(seen: np.ndarray, rows: np.ndarray) -> np.ndarray:
            both = np.union1d(rows, trusted)
            moved = tuned(z[both], seen[both], weigh(pool, seen, both, True, False), problem.seed)
            return moved[np.searchsorted(both, rows)]

        return run

    if not len(trusted):
        return {name: of_base(p) for name, p in every.items()}
    spans = {name: spanned(view, trusted) for name, view in problem.views.linear.items()}
    return (
        {f"trusted rows on {name}": on_trusted_rows(z) for name, z in spans.items()}
        | {name: of_base(p) for name, p in every.items()}
        | {"pool, one rate": of_base(pool, True)}
        | {f"pool tuned on {name}": tuned_on(z) for name, z in spans.items()}
        | {name: of_belief(p) for name, p in believed.items()}
    )


def _weigher(problem: Problem, transitions: Callable[[np.ndarray], np.ndarray]):
    """Returns `(p [N, C], seen [N], rows [n], is_of_given, has_one_rate) -> p(y | x, given) [n, C]`.

    Where p is of given labels it is deconvolved first; it is tempered by given labels, and weighed against them by
    the seen true labels.
    """
    sample = np.random.default_rng(problem.seed).permutation(len(problem.given))[:SAMPLE]

    def weigh(p: np.ndarray, seen: np.ndarray, rows: np.ndarray, is_of_given: bool, has_one_rate: bool) -> np.ndarray:
        transition = transitions(seen)
        if has_one_rate:
            transition = one_rate(transition, problem.share)
        checked = np.flatnonzero(seen >= 0)
        every_row = np.concatenate([rows, checked, sample])
        values = deconvolved(p[every_row], transition) if is_of_given else p[every_row]
        first, last = len(rows), len(rows) + len(checked)
        given = problem.given[every_row]
        values = tempered(values, transition, np.concatenate([np.full(last, -1), given[last:]]))
        likely = likelihood(transition, given) if problem.evidence is None else problem.evidence[every_row]
        fusion = Fusion(1.0, 1.0, np.zeros(problem.num_classes))  # Bayes' rule
        if len(checked):
            fusion = fuse_weights(values[first:last], likely[first:last], seen[checked])
        return fused(values[:first], likely[:first], fusion)

    return weigh


def held_out(problem: Problem, candidates: Mapping[str, Candidate], trusted: np.ndarray) -> dict[str, np.ndarray]:
    """Returns what each candidate says of each trusted row without having used its true label."""
    fold_of = folds_of(problem.truth[trusted], fold_count(len(trusted), FOLDS), problem.seed)
    found = {name: np.empty((len(trusted), problem.num_classes), np.float32) for name in candidates}
    for fold in np.unique(fold_of):
        rows = trusted[fold_of == fold]
        seen = problem.truth.copy()
        seen[rows] = -1
        for name, run in candidates.items():
            found[name][fold_of == fold] = run(seen, rows)
    return found
