"""Measures the answer of `meta-noise clean` on arrays, against its rivals, on data sets with known truth.

    python -m experiments.own_data --data data [--sets youtube,hausa] [--seeds 3] [--cache /tmp/own_data]

A line of `answers.jsonl` is a data set with a number of trusted rows and a seed; what is there is not run again. The
seed decides which rows are trusted, and the folds. Measured on rows that are not trusted; nothing is chosen by them.
"""

import argparse
import functools
import time
from pathlib import Path
from typing import Any

import numpy as np

from experiments.own_data.measures import measures
from experiments.own_data.prepared import prepared
from experiments.own_data.resumed import complete
from experiments.own_data.sets import SETS, Set
from meta_noise.cleaning.tournament.answer import Answer, answer
from meta_noise.cleaning.tournament.bases import beliefs_of
from meta_noise.cleaning.tournament.candidates.linear import linear
from meta_noise.cleaning.tournament.candidates.trusted import trusted_only
from meta_noise.cleaning.tournament.flags import BY_NOISE, favour_of, flag
from meta_noise.cleaning.tournament.noise_rate import rate_by_predictions, rate_by_trusted, wilson_interval
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.softmax import spanned
from meta_noise.cleaning.tournament.transition import counted, likelihood, symmetric

HERE = Path(__file__).parent
TRUSTED = (0, 20, 60, 240)


def main() -> None:
    """Runs what is not yet in answers.jsonl."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument(
        "--cache", type=Path, default=Path("/tmp/own_data"), help="where views and predictions are kept"
    )
    parser.add_argument("--sets", default=",".join(SETS), help="names with commas between")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "answers.jsonl")
    options = parser.parse_args()
    cases = (
        {"data": name, "trusted": trusted, "seed": seed}
        for name in options.sets.split(",")
        for seed in range(options.seeds)
        for trusted in TRUSTED
    )
    complete(options.out, cases, functools.partial(measure, folder=options.data, cache=options.cache))


def measure(data: str, trusted: int, seed: int, folder: Path, cache: Path) -> dict[str, Any]:
    """Returns the measures of the answer, of each candidate and of the rivals."""
    case, problem, bases, seconds = prepared(data, folder, cache, seed)
    drawn = np.random.default_rng([seed, trusted]).permutation(len(case.given))[: min(trusted, len(case.given) // 2)]
    truth = np.full(len(case.given), -1)
    truth[drawn] = case.truth[drawn]
    problem = problem._replace(truth=truth)
    begin = time.process_time()
    beliefs = {name: run(problem, bases) for name, run in beliefs_of(problem).items()} if trusted else {}
    found = answer(problem, bases, beliefs)
    spent = time.process_time() - begin
    rest = truth < 0
    ways = {"ours": found.posterior, **found.parts, **rivals(problem, bases)}
    told = {way: rounded(measures(p[rest], case.given[rest], case.truth[rest])) for way, p in ways.items()}
    if not trusted:  # what is suggested where no row is trusted
        favoured = flag(
            found.posterior,
            case.given,
            np.zeros(problem.num_classes),
            BY_NOISE,
            favour_of(any_trusted=False),
        )
        told["ours"]["accuracy"] = round(float(np.mean(favoured.believed == case.truth)), 5)
    return {
        "rows": len(truth),
        "wrong": float(np.mean(case.given[rest] != case.truth[rest])),
        "seconds": round(spent + sum(seconds.values()), 2),
        "ways": told,
        "weights": {}
        if found.verdict is None
        else rounded(dict(zip(found.verdict.names, found.verdict.weights, strict=True))),
        "noise": noise(case, problem, found),
    }


def rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(float(value), 5) for name, value in values.items()}


def rivals(problem: Problem, bases: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns simple ways: cleanlab's, trusted rows alone, the same times a counted transition, neighbours."""
    view = next(iter(problem.views.linear.values()))
    known = problem.truth >= 0
    found = {"rival: neighbours": bases["neighbours"]}
    if not known.any():
        return {"rival: cleanlab": next(iter(bases.values())), **found}
    corrected = problem._replace(given=np.where(known, problem.truth, problem.given))
    found["rival: cleanlab"] = linear(corrected, view)
    rows = np.flatnonzero(known)
    alone = trusted_only(spanned(view, rows), problem.truth, problem.share, problem.seed)
    pairs = counted(problem.truth, problem.given, problem.num_classes) + 2 * symmetric(0.3, problem.share)
    times = alone * likelihood(pairs / pairs.sum(axis=1, keepdims=True), problem.given)
    return found | {"rival: trusted": alone, "rival: trusted x T": times / times.sum(axis=1, keepdims=True)}


def noise(case: Set, problem: Problem, found: Answer) -> dict[str, list[float]]:
    """Returns (value, low, high) of the noise rate by predictions, by trusted rows alone and by both."""
    by = rate_by_predictions(found.pool, case.given)
    out = {"predictions": [by.value, by.low, by.high]}
    rows = np.flatnonzero(problem.truth >= 0)
    if len(rows):
        wrong, rest = case.given[rows] != problem.truth[rows], np.flatnonzero(problem.truth < 0)
        held = 1 - found.held[np.arange(len(rows)), case.given[rows]]
        doubt = 1 - found.posterior[rest, case.given[rest]]
        both = rate_by_trusted(doubt, case.given[rest], held, case.given[rows], wrong)
        out["trusted"] = [float(wrong.mean()), *wilson_interval(float(wrong.mean()), len(rows))]
        out["both"] = [both.value, both.low, both.high]
    return {way: [round(float(value), 4) for value in values] for way, values in out.items()}


if __name__ == "__main__":
    main()
