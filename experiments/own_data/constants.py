"""Tries the constants of the answer without trusted rows, one data set left out at a time; writes them into the README.

    python -m experiments.own_data.constants --data data [--cache /tmp/own_data]

On the sets that were looked at, with the first seed of folds: whether the guessed transition has the noise that is
told, the power of a given label, and how much more probable another class has to be. Judged by the mean log-likelihood
of the right labels and by how much a file gains whose flagged labels are replaced.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from experiments.own_data.measures import measures
from experiments.own_data.prepared import prepared
from experiments.own_data.sets import LATER, SETS
from meta_noise.cleaning.own_noise import steady
from meta_noise.cleaning.tournament.answer import SAMPLE, pool_of
from meta_noise.cleaning.tournament.combine import Fusion, fused
from meta_noise.cleaning.tournament.confusion import guessed
from meta_noise.cleaning.tournament.flags import BY_NOISE, favour_of, flag
from meta_noise.cleaning.tournament.noise_rate import rate_by_predictions
from meta_noise.cleaning.tournament.transition import deconvolved, floored, likelihood, tempered, with_rate

START, END = "<!-- constants: made by experiments.own_data.constants -->", "<!-- end of constants -->"
POWERS, FAVOURS = (0.5, 1.0, 1.5), (1.0, 1.5, 2.0, 3.0, 5.0, "2 or 5")
TAKEN = ("told", 1.0, "2 or 5")  # what the library does


def main() -> None:
    """Writes both tables between the marks."""
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


def variants(case: Any, problem: Any, bases: dict[str, np.ndarray]) -> dict[tuple, dict[str, float]]:
    """Returns (transition, power, favour) -> log-likelihood and gain."""
    pool = pool_of(problem, {name: floored(p, problem.share) for name, p in bases.items()})
    guess, rate = guessed(pool, case.given), rate_by_predictions(pool, case.given)
    rates = np.pad(rate.classes[:, 0], (0, case.num_classes - len(rate.classes)))
    sample = np.random.default_rng(problem.seed).permutation(len(case.given))[:SAMPLE]
    found = {}
    for kind, transition in (("guessed", guess), ("told", with_rate(guess, problem.share, rate.value))):
        rows = np.concatenate([np.arange(len(pool)), sample])
        given = np.concatenate([np.full(len(pool), -1), case.given[sample]])
        p = tempered(deconvolved(pool[rows], transition), transition, given)[: len(pool)]
        for power in POWERS:
            fusion = Fusion(1.0, power, np.zeros(case.num_classes))
            posterior = fused(p, likelihood(transition, case.given), fusion)
            value = measures(posterior, case.given, case.truth)["log_likelihood"]
            for favour in FAVOURS:
                times = favour_of(pool, case.given, False) if isinstance(favour, str) else favour
                flags = flag(posterior, case.given, rates, BY_NOISE, times)
                corrected = np.where(flags.is_issue, flags.suggested, case.given)
                gain = float(np.mean(corrected == case.truth) - np.mean(case.given == case.truth))
                found[kind, power, favour] = {"log_likelihood": value, "gain": gain}
    return found


def table(found: dict[str, dict[tuple, dict[str, float]]]) -> list[str]:
    """Returns the lines of the table, and what would be chosen with each set left out."""
    lines = ["| transition | power | favour | log-likelihood | gain | worst | sets that lose 0.3 points |"]
    lines.append("|" + "---|" * 7)
    for key in next(iter(found.values())):
        values, gains = ([one[key][what] for one in found.values()] for what in ("log_likelihood", "gain"))
        mark = "**" if key == TAKEN else ""
        cells = (*map(str, key), f"{np.mean(values):.3f}", f"{100 * np.mean(gains):+.2f}", f"{100 * min(gains):+.1f}")
        lines.append(
            "| " + " | ".join(f"{mark}{cell}{mark}" for cell in (*cells, sum(g < -0.003 for g in gains))) + " |"
        )
    lines.append("")
    for what in ("log_likelihood", "gain"):
        chosen = Counter(best(found, left_out, what) for left_out in found)
        words = ", ".join(f"{kind}, {power}, {favour} {count} times" for (kind, power, favour), count in chosen.items())
        lines.append(f"* Chosen by {what.replace('_', '-')} with one set left out: {words}.")
    return lines


def best(found: dict[str, dict[tuple, dict[str, float]]], left_out: str, what: str) -> tuple:
    """Returns the choice that is best on the other sets; favour does not change likelihoods, so the first is taken."""
    others = [one for name, one in found.items() if name != left_out]
    return max(others[0], key=lambda key: np.mean([one[key][what] for one in others]))


if __name__ == "__main__":
    main()
