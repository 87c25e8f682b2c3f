"""Tries the constants of the answer without trusted rows, one source left out at a time; writes them into the README.

    python -m experiments.own_data.constants [--cache /tmp/own_data]

On the sets of `weak.py`, none of which is in the table of answers: which levels of noise are taken, what they count in
the mean, how much more probable than the given class another one has to be, and which predictions are called poor.
Judged by the points of right labels that a file gains or loses whose labels are those believed, a loss counting `LOSS`
times as much.
"""

import argparse
import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from experiments.marked import write_between
from experiments.own_data.measures import measures
from experiments.own_data.prepared import prepared
from experiments.own_data.weak import weak_sets
from meta_noise.cleaning.own_noise import steady
from meta_noise.cleaning.tournament.answer import pool_of
from meta_noise.cleaning.tournament.confusion import guessed
from meta_noise.cleaning.tournament.flags import BY_NOISE, UNCHECKED, flag
from meta_noise.cleaning.tournament.noise_rate import rate_by_predictions, rate_of_surest
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.transition import floored, with_rate
from meta_noise.cleaning.tournament.unchecked import (
    LEAST,
    LEVELS,
    POOR,
    POOR_LEVELS,
    WORTH,
    believed,
    share_of_right,
    worth_before,
)

START, END = "<!-- constants: made by experiments.own_data.constants -->", "<!-- end of constants -->"
SUREST, RANGE = "surest", "range"  # half of what the surest predictions show, all, the most; or the range of the noise
MIXES = {
    SUREST: ((0, 10, 0), (3, 7, 0), (5, 5, 0), (3, 6, 1), (3, 5, 2), (4, 4, 2), (6, 2, 2)),
    RANGE: ((0, 10, 0), (2, 5, 3), (3, 3, 3), (5, 3, 2)),
}
FAVOURS = (1.0, 1.5, UNCHECKED, 3.0)
TAKEN = (SUREST, tuple(round(10 * level) for level in POOR_LEVELS), UNCHECKED)  # what the library does with poor ones
OTHERS = tuple(round(10 * level) for level in LEVELS)  # what the range counts with other predictions, in tenths
NONE, ALL, OF_ALL, OF_RIGHT = "no predictions", "all predictions", "labels", "right labels"
GATES = ((NONE, 0.0), (OF_ALL, 0.7), *((OF_RIGHT, share) for share in (0.6, 0.7, 0.8, 0.9)), (ALL, 1.0))
LOSS = 5.0  # points that have to be gained on other sets for one that is lost
FEW = 7  # per cent of wrong labels that are called few


def main() -> None:
    """Writes the table between the marks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/own_data"), help="where predictions are kept")
    options = parser.parse_args()
    found: dict[str, dict[tuple, dict[str, float]]] = {}
    shares: dict[str, dict[str, float]] = {}
    sets = weak_sets()
    for name in sets:
        with steady(1000):
            found[name], shares[name] = variants(*prepared(name, Path(), options.cache, 0, sets)[:3])
        print(name, found[name][TAKEN], flush=True)
    text = "\n".join([*table(found), "", *gates(found, shares)])
    write_between(Path(__file__).with_name("README.md"), START, END, text)


def variants(
    case: Any, problem: Problem, bases: dict[str, np.ndarray]
) -> tuple[dict[tuple, dict[str, float]], dict[str, float]]:
    """Returns (levels, mix of them, favour) -> average precision, log-likelihood, calibration error, gain, wrong; and
    which share of labels, and of those that are right by the surest predictions, predictions have."""
    parts = {name: floored(p, problem.share) for name, p in bases.items()}
    pool = pool_of(problem, parts)
    every = parts | {"pool": pool}
    weights = {name: np.exp(value) for name, value in worth_before(problem, every, WORTH).items()}
    guess, rate = guessed(pool, problem.given), rate_by_predictions(pool, problem.given)
    surest = max(min(rate_of_surest(pool, problem.given), rate.value), LEAST)
    levels = {SUREST: (surest / 2, surest, rate.high), RANGE: (rate.low, rate.value, rate.high)}
    ways = {way: [with_rate(guess, problem.share, level) for level in found] for way, found in levels.items()}
    right = float(np.mean(case.given == case.truth))
    found = {}
    for way, transitions in ways.items():
        means = [sum(weights[name] * believed(problem, p, one) for name, p in every.items()) for one in transitions]
        for mix in MIXES[way]:
            total = sum(share * one for share, one in zip(mix, means, strict=True) if share)
            posterior = total / total.sum(axis=1, keepdims=True)
            told = measures(posterior, case.given, case.truth)
            for favour in FAVOURS:
                labels = flag(posterior, case.given, np.zeros(problem.num_classes), BY_NOISE, favour).believed
                gain = 100 * (float(np.mean(labels == case.truth)) - right)
                found[way, mix, favour] = {**told, "gain": gain, "wrong": 100 * (1 - right)}
    shared = float(np.mean(pool.argmax(axis=1) == problem.given))
    return found, {OF_ALL: shared, OF_RIGHT: share_of_right(pool, problem.given)}


def table(found: dict[str, dict[tuple, dict[str, float]]]) -> list[str]:
    """Returns the lines of the table, and what would be chosen with each source left out."""
    lines = ["| levels | counting | favour | AP | log-likelihood | gain, few wrong | gain, others | worst | value |"]
    lines.append("|" + "---|" * 9)
    for key in next(iter(found.values())):
        values = {what: np.array([one[key][what] for one in found.values()]) for what in found[next(iter(found))][key]}
        is_few, gains = values["wrong"] < FEW, values["gain"]
        cells = (key[0], ":".join(map(str, key[1])), f"{key[2]:g}", f"{values['ap'][values['wrong'] > 0].mean():.3f}")
        cells += (f"{values['log_likelihood'].mean():.3f}", f"{gains[is_few].mean():+.2f}")
        cells += (f"{gains[~is_few].mean():+.2f}", f"{gains.min():+.1f}", f"{value(gains):+.2f}")
        mark = "**" if key == TAKEN else ""
        lines.append("| " + " | ".join(f"{mark}{cell}{mark}" for cell in cells) + " |")
    sources = sorted({source_of(name) for name in found})
    chosen = {source: best(found, source) for source in sources}
    counts = Counter(chosen.values()).items()
    words = "; ".join(f"{key[0]}, {':'.join(map(str, key[1]))}, {key[2]:g}: {count} times" for key, count in counts)
    gains = np.array([one[chosen[source_of(name)]]["gain"] for name, one in found.items()])
    text = (
        f"* {len(found)} sets of {len(sources)} sources. Chosen with one source left out: {words}. Gain on the sources"
    )
    return [*lines, "", f"{text} left out {gains.mean():+.2f}, worst {gains.min():+.1f}, value {value(gains):+.2f}."]


def gates(found: dict[str, dict[tuple, dict[str, float]]], shares: dict[str, dict[str, float]]) -> list[str]:
    """Returns the lines of the table of which predictions are called poor, and of the favour where they are not."""
    head = ("poor are predictions that share", "sets", "favour of the others", "gain, few wrong", "gain, others")
    lines = [f"| {' | '.join((*head, 'worst', 'mean', 'value'))} |", "|" + "---|" * 8]
    is_few = np.array([one[TAKEN]["wrong"] < FEW for one in found.values()])
    for (what, least), favour in itertools.product(GATES, FAVOURS):
        usual = (RANGE, OTHERS, favour)
        poor = [what == ALL or (what != NONE and shares[name][what] < least) for name in found]
        gains = np.array([one[TAKEN if low else usual]["gain"] for one, low in zip(found.values(), poor, strict=True)])
        title = what if what in (NONE, ALL) else f"less than {100 * least:.0f}% of the {what}"
        cells = (title, str(sum(poor)), f"{favour:g}", f"{gains[is_few].mean():+.2f}")
        cells += (
            f"{gains[~is_few].mean():+.2f}",
            f"{gains.min():+.1f}",
            f"{gains.mean():+.2f}",
            f"{value(gains):+.2f}",
        )
        mark = "**" if (what, least, favour) == (OF_RIGHT, POOR, UNCHECKED) else ""
        lines.append("| " + " | ".join(f"{mark}{cell}{mark}" for cell in cells) + " |")
    return lines


def source_of(name: str) -> str:
    """Returns the source of a set."""
    return name.partition(":")[0]


def value(gains: np.ndarray) -> float:
    """Returns the mean gain, losses counting more."""
    return float(np.mean(np.where(gains < 0, LOSS * gains, gains)))


def best(found: dict[str, dict[tuple, dict[str, float]]], left_out: str) -> tuple:
    """Returns the choice that is best on the sets of other sources."""
    others = [one for name, one in found.items() if source_of(name) != left_out]
    return max(others[0], key=lambda key: value(np.array([one[key]["gain"] for one in others])))


if __name__ == "__main__":
    main()
