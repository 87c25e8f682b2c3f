"""Writes the table of orders into the README, from orders.jsonl.

python -m experiments.own_data_loop.order_table
"""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from experiments.marked import write_between
from experiments.own_data_loop.order import ORDERS, REPORTED, SETTLED_ON

HERE = Path(__file__).parent
START, END = "<!-- orders: made by experiments.own_data_loop.order_table -->", "<!-- end of orders -->"


def main() -> None:
    """Writes the table between its marks."""
    cells = defaultdict(list)
    for line in map(json.loads, (HERE / "orders.jsonl").read_text().splitlines()):
        cells[line["data"], line["order"]].append(line)
    text = ["| data | seeds | 20 answers | " + " | ".join(ORDERS) + " |", "|" + "---|" * (3 + len(ORDERS))]
    for title, names in (("settled on", SETTLED_ON), ("not looked at before", REPORTED)):
        done = [name for name in names if (name, "chance") in cells]
        text += [row(name, title, cells) for name in done]
        whole = {order: all((name, order) in cells for name in done) for order in ORDERS}
        means = {order: np.mean([right(cells[name, order]) for name in done]) for order in ORDERS if whole[order]}
        shown = (f"**{100 * means[order]:.1f}**" if order in means else "" for order in ORDERS)
        text.append(f"| **mean, {title}** | | | " + " | ".join(shown) + " |")
    write_between(HERE / "README.md", START, END, "\n".join(text))


def right(group: list[dict]) -> float:
    """Returns the share of right labels after the last round, mean over seeds."""
    return float(np.mean([line["right"][-1] for line in group]))


def row(name: str, title: str, cells: dict[tuple[str, str], list[dict]]) -> str:
    """Returns the line of a set; nothing where an order was not run."""
    first = cells[name, "chance"]
    before = 100 * np.mean([line["right"][0] for line in first])
    found = []
    for order in ORDERS:
        group = cells.get((name, order), [])
        ap = np.mean([line["ap"][-1] for line in group]) if group else 0.0
        found.append(f"{100 * right(group):.1f} ({ap:.2f})" if group else "")
    return f"| {name} ({title}) | {len(first)} | {before:.1f} | " + " | ".join(found) + " |"


if __name__ == "__main__":
    main()
