"""Writes the table of the README from answers.jsonl.

python -m experiments.own_data.table
"""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from experiments.marked import write_between
from experiments.own_data.sets import LATER, SETS

HERE = Path(__file__).parent
START, END = "<!-- answers: made by experiments.own_data.table -->", "<!-- end of answers -->"
RIVALS = {
    "cleanlab": "rival: cleanlab",
    "trusted": "rival: trusted",
    "x T": "rival: trusted x T",
    "kNN": "rival: neighbours",
}


def main() -> None:
    """Writes the table between its marks."""
    lines = [json.loads(line) for line in (HERE / "answers.jsonl").read_text().splitlines()]
    cells = defaultdict(list)
    for line in lines:
        cells[line["data"], line["trusted"]].append(line)
    order = list(SETS)
    cells = dict(sorted(cells.items(), key=lambda item: (order.index(item[0][0]), item[0][1])))
    head = [
        "data",
        "trusted",
        "wrong",
        "AP: ours",
        *RIVALS,
        "best candidate in hindsight",
        "given right",
        "suggestions right",
        "cleanlab's",
    ]
    text = ["| " + " | ".join([*head, "log-likelihood", "ECE"]) + " |", "|" + "---|" * (len(head) + 2)]
    for (data, trusted), group in cells.items():
        text.append("| " + " | ".join(row(data, trusted, group)) + " |")
    body = "\n".join(text) + "\n\n" + "\n".join([*summary(cells), *compared(cells)])
    write_between(HERE / "README.md", START, END, body)


def mean(group: list[dict], way: str, what: str = "ap") -> float | None:
    """Returns the mean over seeds, None where the way does not exist."""
    found = [line["ways"][way][what] for line in group if way in line["ways"]]
    return float(np.mean(found)) if found else None


def hindsight(group: list[dict]) -> tuple[str, float]:
    """Returns the candidate with the best mean average precision, and that."""
    names = [way for way in group[0]["ways"] if way != "ours" and not way.startswith("rival")]
    scores = {name: mean(group, name) or 0.0 for name in names}
    best = max(scores, key=lambda name: scores[name])
    return best, scores[best]


def row(data: str, trusted: int, group: list[dict]) -> list[str]:
    """Returns the cells of a row."""
    best, score = hindsight(group)
    found = [data, str(trusted or "none"), f"{group[0]['wrong']:.0%}", f"**{mean(group, 'ours'):.3f}**"]
    found += ["" if (value := mean(group, way)) is None else f"{value:.3f}" for way in RIVALS.values()]
    right = np.mean([1 - line["wrong"] for line in group])
    found += [f"{score:.3f} ({best})", f"{right:.1%}", f"{mean(group, 'ours', 'accuracy'):.1%}"]
    found += [f"{mean(group, 'rival: cleanlab', 'accuracy'):.1%}"]
    return [*found, f"{mean(group, 'ours', 'log_likelihood'):.2f}", f"{mean(group, 'ours', 'ece'):.3f}"]


def below(group: list[dict], way: str, what: str = "ap") -> bool:
    """Returns whether ours is behind by more than a standard error of the difference over the seeds."""
    gaps = [line["ways"]["ours"][what] - line["ways"][way][what] for line in group]
    error = np.std(gaps, ddof=min(1, len(gaps) - 1)) / len(gaps) ** 0.5
    return bool(np.mean(gaps) < -max(float(error), 1e-4))


def summary(cells: dict[tuple[str, int], list[dict]]) -> list[str]:
    """Returns sentences on the sets that were at hand when constants were settled, and on those that were not."""
    found = []
    for title, later in (("Sets that were looked at", False), ("Sets that were not", True)):
        mine = {key: group for key, group in cells.items() if (key[0] in LATER) == later}
        if mine:
            found += [
                f"**{title}**",
                "",
                *(_summary(mine, trusted) for trusted in sorted({key[1] for key in mine})),
                "",
            ]
    return found


def compared(cells: dict[tuple[str, int], list[dict]]) -> list[str]:
    """Returns a table of the sets without trusted rows, by the rules of version 0.2.0 and by those of now."""
    before = {line["data"]: line for line in map(json.loads, (HERE / "older_rules.jsonl").read_text().splitlines())}
    lines = ["**No trusted rows, by the rules of version 0.2.0 and by those of now**, first seed:", ""]
    lines += ["| data | points of right labels won | AP | log-likelihood | ECE |", "|" + "---|" * 5]
    pairs, shown = [], {"gain": "+.1f", "ap": ".3f", "log_likelihood": ".2f", "ece": ".3f"}
    for (name, trusted), group in cells.items():
        now = next((line for line in group if line["seed"] == 0), None)
        if trusted or now is None or name not in before:
            continue
        ways = [
            line["ways"]["ours"] | {"gain": 100 * (line["ways"]["ours"]["accuracy"] - 1 + line["wrong"])}
            for line in (before[name], now)
        ]
        pairs.append(ways)
        told = (f"{ways[0][what]:{digit}}, {ways[1][what]:{digit}}" for what, digit in shown.items())
        lines.append(f"| {name} | {' | '.join(told)} |")
    means = [np.mean([[pair[which][what] for what in shown] for pair in pairs], axis=0) for which in (0, 1)]
    told = (f"{one:{digit}}, {other:{digit}}" for one, other, digit in zip(*means, shown.values(), strict=True))
    return [*lines, f"| **mean** | {' | '.join(told)} |", ""]


def _summary(cells: dict[tuple[str, int], list[dict]], trusted: int) -> str:
    """Returns a sentence on all rows with so many trusted ones."""
    groups = [group for key, group in cells.items() if key[1] == trusted]
    ours = [mean(group, "ours") or 0.0 for group in groups]
    behind = [hindsight(group)[1] - own for group, own in zip(groups, ours, strict=True)]
    text = f"* {trusted or 'No'} trusted rows: {len(groups)} sets; mean AP {np.mean(ours):.3f}; "
    text += f"regret {np.mean(behind):+.4f}, worst {max(behind):+.3f}"
    for name, way in RIVALS.items():
        mine = [group for group in groups if all(way in line["ways"] for line in group)]
        if mine:
            gaps = [(mean(group, "ours") or 0.0) - (mean(group, way) or 0.0) for group in mine]
            worse = sum(below(group, way) for group in mine)
            text += f"; against {name} {np.mean(gaps):+.3f}, {worse} below by a standard error, worst {min(gaps):+.3f}"
    given = [float(np.mean([1 - line["wrong"] for line in group])) for group in groups]
    right = [mean(group, "ours", "accuracy") or 0.0 for group in groups]
    gains = [one - other for one, other in zip(right, given, strict=True)]
    text += f"; suggestions {np.mean(right):.1%} right, given labels {np.mean(given):.1%}, worst {min(gains):+.3f}"
    text += f"; ECE {np.mean([mean(group, 'ours', 'ece') for group in groups]):.3f}"
    for way in ("predictions", "trusted", "both"):
        runs = [line for group in groups for line in group if way in line["noise"]]
        if runs:
            inside = np.mean([line["noise"][way][1] <= line["wrong"] <= line["noise"][way][2] for line in runs])
            width = np.mean([line["noise"][way][2] - line["noise"][way][1] for line in runs])
            text += f"; noise by {way}: covers {inside:.0%} of {len(runs)}, mean width {width:.2f}"
    seconds = [line["seconds"] for group in groups for line in group]
    return f"{text}; {np.median(seconds):.0f} s of CPU in the median, {max(seconds):.0f} at most."


if __name__ == "__main__":
    main()
