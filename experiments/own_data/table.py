"""Writes the table of the README from answers.jsonl.

python -m experiments.own_data.table
"""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np

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
    head = [
        "data",
        "trusted",
        "wrong",
        "AP: ours",
        *RIVALS,
        "best candidate in hindsight",
        "suggestions right",
        "cleanlab's",
    ]
    text = ["| " + " | ".join([*head, "log-likelihood", "ECE"]) + " |", "|" + "---|" * (len(head) + 2)]
    for (data, trusted), group in cells.items():
        text.append("| " + " | ".join(row(data, trusted, group)) + " |")
    path = HERE / "README.md"
    before, _, rest = path.read_text().partition(START)
    body = "\n".join(text) + "\n\n" + "\n".join(summary(cells))
    path.write_text(before + START + "\n\n" + body + "\n\n" + END + rest.partition(END)[2])


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
    found += [f"{score:.3f} ({best})", f"{mean(group, 'ours', 'accuracy'):.1%}"]
    found += [f"{mean(group, 'rival: cleanlab', 'accuracy'):.1%}"]
    return [*found, f"{mean(group, 'ours', 'log_likelihood'):.2f}", f"{mean(group, 'ours', 'ece'):.3f}"]


def summary(cells: dict[tuple[str, int], list[dict]]) -> list[str]:
    """Returns sentences on all rows with so many trusted ones."""
    found = []
    for trusted in sorted({key[1] for key in cells}):
        groups = [group for key, group in cells.items() if key[1] == trusted]
        ours = [mean(group, "ours") or 0.0 for group in groups]
        behind = [hindsight(group)[1] - own for group, own in zip(groups, ours, strict=True)]
        text = f"* {trusted or 'No'} trusted rows: {len(groups)} sets; mean AP {np.mean(ours):.3f}; "
        text += f"regret {np.mean(behind):+.4f}, worst {max(behind):+.3f}"
        for name, way in RIVALS.items():
            gaps = [
                own - other for group, own in zip(groups, ours, strict=True) if (other := mean(group, way)) is not None
            ]
            if gaps:
                below = sum(gap < 0 for gap in gaps)
                text += f"; against {name} {np.mean(gaps):+.3f}, {below} below, worst {min(gaps):+.3f}"
        text += f"; ECE {np.mean([mean(group, 'ours', 'ece') for group in groups]):.3f}"
        for way in ("predictions", "trusted", "both"):
            runs = [line for group in groups for line in group if way in line["noise"]]
            if runs:
                inside = np.mean([line["noise"][way][1] <= line["wrong"] <= line["noise"][way][2] for line in runs])
                width = np.mean([line["noise"][way][2] - line["noise"][way][1] for line in runs])
                text += f"; noise by {way}: covers {inside:.0%} of {len(runs)}, mean width {width:.2f}"
        found.append(text + ".")
    return found


if __name__ == "__main__":
    main()
