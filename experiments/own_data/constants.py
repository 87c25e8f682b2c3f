"""Tries the constants of the answer without trusted rows, one source left out at a time; writes them into the README.

    python -m experiments.own_data.constants [--cache /tmp/own_data]

On the sets of `weak.py`, none of which is in the table of answers: which levels of noise are taken, what they count in
the mean, and how much more probable than the given class another one has to be. Judged by the points of right labels
that a file gains or loses whose labels are those believed, a loss counting `LOSS` times as much.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from experiments.own_data.measures import measures
from experiments.own_data.prepared import prepared
from experiments.own_data.weak import weak_sets
from meta_noise.cleaning.own_noise import steady
from meta_noise.cleaning.tournament.answer import pool_of
from meta_noise.cleaning.tournament.confusion import guessed
from meta_noise.cleaning.tournament.flags import BY_NOISE, POOR, flag
from meta_noise.cleaning.tournament.noise_rate import rate_by_predictions, rate_of_surest
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.transition import floored, with_rate
from meta_noise.cleaning.tournament.unchecked import LEAST, POOR_LEVELS, WORTH, believed, worth_before

START, END = "<!-- constants: made by experiments.own_data.constants -->", "<!-- end of constants -->"
SUREST, RANGE = "surest", "range"  # half of what the surest predictions show, all, the most; or the range of the noise
MIXES = {
    SUREST: ((0, 10, 0), (3, 7, 0), (5, 5, 0), (3, 6, 1), (3, 5, 2), (4, 4, 2), (6, 2, 2)),
    RANGE: ((0, 10, 0), (2, 5, 3), (3, 3, 3), (5, 3, 2)),
}
FAVOURS = (1.0, 1.5, POOR, 3.0)
TAKEN = (SUREST, tuple(round(10 * level) for level in POOR_LEVELS), POOR)  # what the library does with poor predictions
LOSS = 5.0  # points that have to be gained on other sets for one that is lost
FEW = 7  # per cent of wrong labels that are called few


def main() -> None:
    """Writes the table between the marks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/own_data"), help="where predictions are kept")
    options = parser.parse_args()
    found: dict[str, dict[tuple, dict[str, float]]] = {}
    sets = weak_sets()
    for name in sets:
        with steady(1000):
            found[name] = variants(*prepared(name, Path(), options.cache, 0, sets)[:3])
        print(name, found[name][TAKEN], flush=True)
    path = Path(__file__).with_name("README.md")
    before, _, rest = path.read_text().partition(START)
    path.write_text(before + START + "\n\n" + "\n".join(table(found)) + "\n\n" + END + rest.partition(END)[2])


def variants(case: Any, problem: Problem, bases: dict[str, np.ndarray]) -> dict[tuple, dict[str, float]]:
    """Returns (levels, mix of them, favour) -> average precision, log-likelihood, calibration error, gain, wrong."""
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
    return found


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
