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
from typing import Any, NamedTuple

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


class Now(NamedTuple):
    """What is known between two rounds.

    Attributes:
        p: [N, C] what is believed; answered rows are certain.
        given: [N] int class as the data have it.
        near: [N, D] vectors whose distances mean something.
        answered: [n] int, rows whose answer was held out once.
        missing: [n, C] what was said of these without their answer, taken from the answer.
    """

    p: np.ndarray
    given: np.ndarray
    near: np.ndarray
    answered: np.ndarray
    missing: np.ndarray


Order = Callable[[Now, int, np.random.Generator], np.ndarray]
"""`(what is known, rows wanted, generator) -> row numbers`."""


def by_chance(now: Now, count: int, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(np.flatnonzero(now.p.max(axis=1) < 1))[:count]


def by_quality(now: Now, count: int, rng: np.random.Generator) -> np.ndarray:
    quality = np.where(now.p.max(axis=1) < 1, now.p[np.arange(len(now.p)), now.given], 2)
    return np.argsort(quality, kind="stable")[:count]


def by_entropy(now: Now, count: int, rng: np.random.Generator) -> np.ndarray:
    return np.argsort(np.sum(now.p * np.log(np.maximum(now.p, 1e-12)), axis=1), kind="stable")[:count]


def by_doubt(now: Now, count: int, rng: np.random.Generator) -> np.ndarray:
    return np.argsort(now.p.max(axis=1), kind="stable")[:count]


def by_mixture(now: Now, count: int, rng: np.random.Generator) -> np.ndarray:
    """What the queue did before: three in four of low quality, one in four uncertain, spread over classes."""
    free, uncertain = now.p.max(axis=1) < 1, round(count / 4)
    suggested = now.p.argmax(axis=1)
    first = best_spread(1 - now.p[np.arange(len(now.p)), now.given], suggested, free, count - uncertain)
    free[first] = False
    second = best_spread(1 - now.p.max(axis=1), suggested, free, uncertain)
    return np.concatenate([first, second])[:count]


def by_coverage(now: Now, count: int, rng: np.random.Generator) -> np.ndarray:
    return asked_order(1 - now.p.max(axis=1), now.near, count)


def by_influence(now: Now, count: int, rng: np.random.Generator) -> np.ndarray:
    return np.argsort(-influence(now), kind="stable")[:count]


def by_covered_influence(now: Now, count: int, rng: np.random.Generator) -> np.ndarray:
    """As coverage, but an expected error counts as much as its answer would move the outer loss."""
    return asked_order((1 - now.p.max(axis=1)) * influence(now), now.near, count)


def influence(now: Now) -> np.ndarray:
    """Returns [N] how far an answer is expected to move the loss of answered rows, 0 for these rows.

    With a linear model on `x = near`, a step of gradient descent on row i with label y instead of the suggested s moves
    the loss of the rows j, which were predicted without their answers, at the rate

        -sum_j x_i . x_j (e_y - e_s) . (e_{y_j} - p_j),

    the derivative by the weight of a row that L2R uses (M. Ren et al., ICML 2018, equation 12). Its size is averaged
    over the label y that is believed.
    """
    x = now.near - now.near.mean(axis=0)
    wanted = x @ (x[now.answered].T @ now.missing)  # [N, C]
    moved = np.abs(wanted - wanted[np.arange(len(x)), now.p.argmax(axis=1)][:, None])
    return np.where(now.p.max(axis=1) < 1, np.sum(now.p * moved, axis=1), 0.0)


ORDERS: dict[str, Order] = {
    "chance": by_chance,
    "lowest quality": by_quality,
    "entropy": by_entropy,
    "doubt": by_doubt,
    "mixture": by_mixture,
    "coverage": by_coverage,
    "influence": by_influence,
    "covered influence": by_covered_influence,
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
        now = _asked(case, problem, bases, drawn, looked_at)
        p = now.p
        rest = p.max(axis=1) < 1
        wrong = (case.given != case.truth)[rest]
        found["answers"].append(len(drawn) + len(looked_at))
        found["right"].append(round(float(np.mean(p.argmax(axis=1) == case.truth)), 5))
        doubt = 1 - p[np.arange(len(p)), case.given][rest]
        found["ap"].append(round(float(average_precision_score(wrong, doubt)), 5))
        fresh = by_chance(now, round(CHANCE * STEP), rng)
        p[fresh] = np.eye(p.shape[1])[0]
        chosen = ORDERS[order](now, STEP - len(fresh), rng)
        drawn += fresh.tolist()
        looked_at += chosen.tolist()
    return found


def _asked(case: Any, problem: Any, bases: Any, drawn: list[int], looked_at: list[int]) -> Now:
    """Returns what is known with these rows answered."""
    answered = np.array(sorted(drawn + looked_at))
    truth, given = np.full(len(case.given), -1), case.given.copy()
    truth[answered] = case.truth[answered]
    given[looked_at] = -1  # no sample of the noise
    asked = problem._replace(truth=truth, given=given)
    beliefs = {name: run(asked, bases) for name, run in beliefs_of(asked).items()}
    found = answer(asked, bases, beliefs)
    p, right = found.posterior.copy(), np.eye(problem.num_classes)[case.truth[answered]]
    p[answered] = right
    free = np.setdiff1d(np.arange(len(p)), answered)
    p[free] = np.minimum(p[free], 1 - 1e-6)
    return Now(p, case.given, problem.views.near, answered, right - found.held)


if __name__ == "__main__":
    main()
