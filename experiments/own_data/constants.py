"""Tries the constants of the answer without trusted rows, one data set left out at a time; writes them into the README.

    python -m experiments.own_data.constants --data data [--cache /tmp/own_data]

On the sets that were looked at, with the first seed of folds: how much less a candidate counts that explains given
labels worse, how levels of noise are weighed, and how much more probable than the given class another one has to be,
where predictions share many of the given labels and where they do not. Judged by the share of right labels that a file
gains or loses whose labels are those believed, a loss counting `LOSS` times as much.
"""

import argparse
import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from experiments.own_data.measures import measures
from experiments.own_data.prepared import prepared
from experiments.own_data.sets import LATER, SETS
from meta_noise.cleaning.own_noise import steady
from meta_noise.cleaning.tournament.answer import pool_of
from meta_noise.cleaning.tournament.flags import AGREES, BY_NOISE, POOR, flag
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.transition import floored
from meta_noise.cleaning.tournament.unchecked import LEVELS, WORTH, believed, likely_transitions, worth_before

START, END = "<!-- constants: made by experiments.own_data.constants -->", "<!-- end of constants -->"
POOL = np.inf  # worth at which the pool alone counts
WORTHS = (WORTH, 5.0, POOL)  # not 0, at which the worst candidate counts as much as the best
MIXES = ((0, 1, 0), (1, 1, 1), (1, 3, 2), (0, 2, 1))  # of the lowest, likeliest, highest level
FAVOURS = ((1.0, 1.0), (1.0, 1.5), (1.0, POOR), (1.0, 4.0), (1.5, POOR), (POOR, POOR))  # good and poor predictions
TAKEN = (WORTH, tuple(round(6 * level) for level in LEVELS), (1.0, POOR))  # what the library does
LOSS = 10.0  # points that have to be gained on other sets for one that is lost


def main() -> None:
    """Writes the table between the marks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--cache", type=Path, default=Path("/tmp/own_data"), help="where predictions are kept")
    options = parser.parse_args()
    found: dict[str, dict[tuple, dict[str, float]]] = {}
    for name in SETS:
        if name not in LATER:
            with steady():
                found[name] = variants(*prepared(name, options.data, options.cache, 0)[:3])
            print(name, found[name][TAKEN], flush=True)
    path = Path(__file__).with_name("README.md")
    before, _, rest = path.read_text().partition(START)
    path.write_text(before + START + "\n\n" + "\n".join(table(found)) + "\n\n" + END + rest.partition(END)[2])


def variants(case: Any, problem: Problem, bases: dict[str, np.ndarray]) -> dict[tuple, dict[str, float]]:
    """Returns (worth, mix of levels, favour) -> average precision, log-likelihood, calibration error, gain."""
    parts = {name: floored(p, problem.share) for name, p in bases.items()}
    pool = pool_of(problem, parts)
    every = parts | {"pool": pool}
    levels = [
        {name: believed(problem, p, transition) for name, p in every.items()}
        for transition in likely_transitions(problem, pool)
    ]
    found, is_poor = {}, bool(np.mean(pool.argmax(axis=1) == case.given) < AGREES)
    for worth, mix in itertools.product(WORTHS, MIXES):
        weights = {name: float(name == "pool") for name in every}
        if worth != POOL:
            weights = {name: np.exp(value) for name, value in worth_before(problem, every, worth).items()}
        total = sum(
            share * weights[name] * p
            for share, level in zip(mix, levels, strict=True)
            for name, p in level.items()
            if share
        )
        posterior = total / total.sum(axis=1, keepdims=True)
        told = measures(posterior, case.given, case.truth)
        for favour in FAVOURS:
            labels = flag(posterior, case.given, np.zeros(problem.num_classes), BY_NOISE, favour[is_poor]).believed
            gain = float(np.mean(labels == case.truth) - np.mean(case.given == case.truth))
            found[worth, mix, favour] = {**told, "gain": gain}
    return found


def table(found: dict[str, dict[tuple, dict[str, float]]]) -> list[str]:
    """Returns the lines of the table, and what would be chosen with each set left out."""
    lines = ["| worth | levels | favour | AP | log-likelihood | ECE | gain | worst | sets that lose 0.3 points |"]
    lines.append("|" + "---|" * 9)
    for key in next(iter(found.values())):
        values = {what: [one[key][what] for one in found.values()] for what in ("ap", "log_likelihood", "ece", "gain")}
        told = (
            f"{np.mean(values['ap']):.3f}",
            f"{np.mean(values['log_likelihood']):.3f}",
            f"{np.mean(values['ece']):.3f}",
        )
        gains = 100 * np.array(values["gain"])
        lost = str(int(np.sum(gains < -0.3)))
        cells = (*_words(key), *told)
        cells += (f"{gains.mean():+.2f}", f"{gains.min():+.1f}", lost)
        mark = "**" if key == TAKEN else ""
        lines.append("| " + " | ".join(f"{mark}{cell}{mark}" for cell in cells) + " |")
    chosen = {left_out: best(found, left_out) for left_out in found}
    words = ", ".join(f"{', '.join(_words(key))} {count} times" for key, count in Counter(chosen.values()).items())
    gains = [100 * found[name][key]["gain"] for name, key in chosen.items()]
    text = f"* Chosen with one set left out: {words}; gain on the sets left out"
    return [*lines, "", f"{text} {np.mean(gains):+.2f}, worst {min(gains):+.1f}."]


def _words(key: tuple) -> tuple[str, str, str]:
    worth, mix, favour = key
    return "pool" if worth == POOL else f"{worth:g}", ":".join(map(str, mix)), " or ".join(f"{one:g}" for one in favour)


def best(found: dict[str, dict[tuple, dict[str, float]]], left_out: str) -> tuple:
    """Returns the choice that is best on the other sets."""
    others = [one for name, one in found.items() if name != left_out]

    def value(key: tuple) -> float:
        gains = np.array([one[key]["gain"] for one in others])
        return float(np.mean(np.where(gains < 0, LOSS * gains, gains)))

    return max(others[0], key=value)


if __name__ == "__main__":
    main()
