"""Whether stability over folds and seeds tells which candidate to believe, where no row is trusted; writes the README.

    python -m experiments.own_data.stability [--cache /tmp/own_data]

On the sets of `weak.py`. Views and folds are drawn with three seeds. A candidate is the stabler the more rows keep
their most probable class between the first two draws; how well it explains given labels out of fold, which is what
candidates are weighed by, stands beside that. And labels are suggested from one draw, from the mean of two or three, or
where two draws suggest the same.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from experiments.marked import write_between
from experiments.own_data.constants import value
from experiments.own_data.measures import measures
from experiments.own_data.prepared import prepared
from experiments.own_data.weak import weak_sets
from meta_noise.cleaning.own_noise import steady
from meta_noise.cleaning.tournament.answer import answer
from meta_noise.cleaning.tournament.flags import BY_NOISE, UNCHECKED, flag
from meta_noise.cleaning.tournament.judge import log_likelihood

START, END = "<!-- stability: made by experiments.own_data.stability -->", "<!-- end of stability -->"
DRAWS = 3
LIKELIHOOD, STABILITY, HINDSIGHT = "likelihood of given labels out of fold", "stability", "in hindsight"
ONE, OTHER, TWO, THREE, AGREED = "one draw", "another", "mean of two", "mean of three", "where two draws agree"


def main() -> None:
    """Writes the tables between the marks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/own_data"), help="where predictions are kept")
    options = parser.parse_args()
    chosen, suggested = [], []
    for name in weak_sets():
        with steady(1000):
            now = of_set(name, options.cache)
        chosen.append(now[0])
        suggested.append(now[1])
        print(name, *now, flush=True)
    text = "\n".join([*choice_table(chosen), "", *suggestion_table(suggested)])
    write_between(Path(__file__).with_name("README.md"), START, END, text)


def of_set(name: str, cache: Path) -> tuple[dict[str, tuple[float, float]], dict[str, tuple[float, float]]]:
    """Returns way of choosing -> (share of right predictions of the candidate it names, its rank correlation with
    these), and way of suggesting -> (average precision, points of right labels gained)."""
    case, *_ = drawn = prepared(name, Path(), cache, 0, weak_sets())
    draws = [drawn, *(prepared(name, Path(), cache, seed, weak_sets()) for seed in range(1, DRAWS))]
    problems, bases = [draw[1] for draw in draws], [draw[2] for draw in draws]
    right = {base: float(np.mean(p.argmax(axis=1) == case.truth)) for base, p in bases[0].items()}
    told = {
        LIKELIHOOD: {base: float(log_likelihood(p, case.given).mean()) for base, p in bases[0].items()},
        STABILITY: {base: float(np.mean(p.argmax(1) == bases[1][base].argmax(1))) for base, p in bases[0].items()},
        HINDSIGHT: right,
    }
    chosen = {
        way: (right[max(right, key=lambda base: by[base])], _rank_correlation(list(by.values()), list(right.values())))
        for way, by in told.items()
    }
    means = [{base: np.mean([one[base] for one in bases[:count]], axis=0) for base in right} for count in (2, 3)]
    posteriors = {ONE: answer(problems[0], bases[0]).posterior, OTHER: answer(problems[1], bases[1]).posterior}
    posteriors |= {way: answer(problems[0], mean).posterior for way, mean in zip((TWO, THREE), means, strict=True)}
    labels = {
        way: flag(p, case.given, np.zeros(case.num_classes), BY_NOISE, UNCHECKED).believed
        for way, p in posteriors.items()
    }
    labels[AGREED] = np.where(labels[ONE] == labels[OTHER], labels[ONE], case.given)
    posteriors[AGREED] = posteriors[ONE]
    is_right = case.given == case.truth
    return chosen, {
        way: (
            measures(posteriors[way], case.given, case.truth)["ap"] if not is_right.all() else np.nan,
            100 * float(np.mean(found == case.truth) - np.mean(is_right)),
        )
        for way, found in labels.items()
    }


def _rank_correlation(first: list[float], second: list[float]) -> float:
    return float(spearmanr(first, second)[0]) if len(set(first)) > 1 and len(set(second)) > 1 else np.nan


def choice_table(found: list[dict[str, tuple[float, float]]]) -> list[str]:
    """Returns the lines of what each way of choosing a candidate is worth."""
    lines = [
        "| the candidate is taken by | right predictions | rank correlation with right predictions |",
        "|---|---|---|",
    ]
    for way in found[0]:
        right, correlation = np.nanmean([one[way] for one in found], axis=0)
        lines.append(f"| {way} | {100 * right:.1f}% | {'' if way == HINDSIGHT else f'{correlation:.2f}'} |")
    return lines


def suggestion_table(found: list[dict[str, tuple[float, float]]]) -> list[str]:
    """Returns the lines of what each way of suggesting is worth."""
    lines = ["| labels are suggested from | AP | mean gain | worst | value |", "|---|---|---|---|---|"]
    for way in found[0]:
        precision, gains = np.array([one[way] for one in found]).T
        cells = f"{np.nanmean(precision):.3f} | {gains.mean():+.2f} | {gains.min():+.1f} | {value(gains):+.2f}"
        lines.append(f"| {way} | {cells} |")
    return lines


if __name__ == "__main__":
    main()
