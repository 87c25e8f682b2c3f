"""Compares orders in which to ask people about rows, on the arrays of experiments/own_data.

    python -m experiments.own_data_loop.order --data data [--sets yoruba,...] [--seeds 3] [--cache /tmp/own_data]

Nothing is trusted at first. 20 rows drawn by chance are answered, then `STEP` rows a round in the order that is tried,
one in five of them by chance; answers to rows that were chosen for a look are not counted as a sample of the noise, as
in `meta_noise.ingest`. After each round: the share of all rows whose label is right, answered rows included. A line of
`orders.jsonl` is a set, an order and a seed; what is there is not run again.
"""

import argparse
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from experiments.own_data.prepared import prepared
from experiments.own_data.resumed import complete
from meta_noise.cleaning.tournament.answer import answer
from meta_noise.cleaning.tournament.bases import beliefs_of
from meta_noise.cleaning.tournament.coverage import asked_order
from meta_noise.report.queue_rows import best_spread

HERE = Path(__file__).parent
FIRST, STEP, ROUNDS, CHANCE = 20, 40, 4, 0.2
SETTLED_ON = ("digits unclear 25%", "sms", "mnist unclear 30%", "semeval")
REPORTED = ("news by people", "yoruba", "cifar10n worst", "tweets 25%")

Order = Callable[[np.ndarray, np.ndarray, np.ndarray, int, np.random.Generator], np.ndarray]
"""`(posterior [N, C], given [N], near [N, D], rows wanted, generator) -> row numbers`; answered rows are certain."""


def by_chance(p: np.ndarray, given: np.ndarray, near: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(np.flatnonzero(p.max(axis=1) < 1))[:count]


def by_quality(p: np.ndarray, given: np.ndarray, near: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    quality = np.where(p.max(axis=1) < 1, p[np.arange(len(p)), given], 2)
    return np.argsort(quality, kind="stable")[:count]


def by_entropy(p: np.ndarray, given: np.ndarray, near: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    return np.argsort(np.sum(p * np.log(np.maximum(p, 1e-12)), axis=1), kind="stable")[:count]


def by_doubt(p: np.ndarray, given: np.ndarray, near: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    return np.argsort(p.max(axis=1), kind="stable")[:count]


def by_mixture(p: np.ndarray, given: np.ndarray, near: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """What the queue did before: three in four of low quality, one in four uncertain, spread over classes."""
    free, uncertain = p.max(axis=1) < 1, round(count / 4)
    suggested = p.argmax(axis=1)
    first = best_spread(1 - p[np.arange(len(p)), given], suggested, free, count - uncertain)
    free[first] = False
    second = best_spread(1 - p.max(axis=1), suggested, free, uncertain)
    return np.concatenate([first, second])[:count]


def by_coverage(p: np.ndarray, given: np.ndarray, near: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    return asked_order(1 - p.max(axis=1), near, count)


ORDERS: dict[str, Order] = {
    "chance": by_chance,
    "lowest quality": by_quality,
    "entropy": by_entropy,
    "doubt": by_doubt,
    "mixture": by_mixture,
    "coverage": by_coverage,
}


def main() -> None:
    """Runs what is not yet in orders.jsonl."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--cache", type=Path, default=Path("/tmp/own_data"), help="where predictions are kept")
    parser.add_argument("--sets", default=",".join(SETTLED_ON + REPORTED), help="names with commas between")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "orders.jsonl")
    options = parser.parse_args()
    cases = (
        {"data": name, "order": order, "seed": seed}
        for seed in range(options.seeds)
        for name in options.sets.split(",")
        for order in ORDERS
    )
    complete(options.out, cases, functools.partial(loop, folder=options.data, cache=options.cache))


def loop(data: str, order: str, seed: int, folder: Path, cache: Path) -> dict[str, Any]:
    """Returns answers so far, share of right labels and average precision on unanswered rows after each round."""
    case, problem, bases, _ = prepared(data, folder, cache, seed)
    rng = np.random.default_rng([seed, 7])
    drawn = rng.permutation(len(case.given))[:FIRST].tolist()
    looked_at: list[int] = []
    found: dict[str, Any] = {"answers": [], "right": [], "ap": []}
    for _ in range(ROUNDS + 1):
        p = _posterior(case, problem, bases, drawn, looked_at)
        rest = p.max(axis=1) < 1
        wrong = (case.given != case.truth)[rest]
        found["answers"].append(len(drawn) + len(looked_at))
        found["right"].append(round(float(np.mean(p.argmax(axis=1) == case.truth)), 5))
        doubt = 1 - p[np.arange(len(p)), case.given][rest]
        found["ap"].append(round(float(average_precision_score(wrong, doubt)), 5))
        fresh = by_chance(p, case.given, problem.views.near, round(CHANCE * STEP), rng)
        p[fresh] = np.eye(p.shape[1])[0]
        chosen = ORDERS[order](p, case.given, problem.views.near, STEP - len(fresh), rng)
        drawn += fresh.tolist()
        looked_at += chosen.tolist()
    return found


def _posterior(case: Any, problem: Any, bases: Any, drawn: list[int], looked_at: list[int]) -> np.ndarray:
    """Returns [N, C] what is believed, ones for answered rows."""
    truth, given = np.full(len(case.given), -1), case.given.copy()
    truth[drawn + looked_at] = case.truth[drawn + looked_at]
    given[looked_at] = -1  # no sample of the noise
    asked = problem._replace(truth=truth, given=given)
    beliefs = {name: run(asked, bases) for name, run in beliefs_of(asked).items()}
    p = answer(asked, bases, beliefs).posterior.copy()
    answered = drawn + looked_at
    p[answered] = np.eye(p.shape[1])[case.truth[answered]]
    free = np.setdiff1d(np.arange(len(p)), answered)
    p[free] = np.minimum(p[free], 1 - 1e-6)
    return p


if __name__ == "__main__":
    main()
