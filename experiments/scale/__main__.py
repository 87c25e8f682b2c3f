"""Writes README.md's tables and the pictures from the stored results: `python -m experiments.scale`."""

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from experiments.scale.chips import DECODED, H100, LINKED, MACHINES, PRODUCTS, STREAMED, V5E
from experiments.scale.plan import WORKS, curve, knee, row_of

HERE = Path(__file__).parent
BATCH = 4096  # rows in all, of the curve


def lines_of(name: str) -> list[dict[str, Any]]:
    """Returns the lines of a file of results, none where there is no such file."""
    path = HERE / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


def table(titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Returns a table in Markdown; all columns but the first are numbers."""
    marks = "|---|" + "---:|" * (len(titles) - 1)
    return "\n".join([f"| {' | '.join(titles)} |", marks, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def _same() -> str:
    found = lines_of("same.jsonl")
    meshes = list(dict.fromkeys(line["mesh"] for line in found))
    values = {(line["case"], line["mesh"]): f"{line['state']:.0e}" for line in found}
    cases = list(dict.fromkeys(line["case"] for line in found))
    return table(["method", *meshes], [[case, *(values.get((case, mesh), "") for mesh in meshes)] for case in cases])


def _held() -> str:
    rows = []
    for line in sorted(lines_of("emulated.jsonl"), key=lambda line: (line["group"], line["name"], line["devices"])):
        if line["group"] not in ("held", "large"):
            continue
        wanted, found = line["predicted"], line["found"]
        sums = found["traffic"]["result_bytes"]["all-reduce"] + found["traffic"]["result_bytes"]["reduce-scatter"]
        rows.append(
            [
                f"{'ResNet-50' if line['group'] == 'large' else 'ResNet-8'}, {line['name']}",
                line["devices"],
                *_pair(wanted["flops"], found["flops"], 1e9),
                *_pair(wanted["held_bytes"], found["temporary_bytes"], 1e6),
                *_pair(wanted["summed_bytes"], sums, 1e6),
                found["traffic"]["counts"]["all-reduce"],
                found["traffic"]["counts"]["all-gather"],
            ]
        )
    titles = ["step", "devices", "GFLOP, counted", "compiled", "MB held, counted", "compiled", "MB summed, counted"]
    return table([*titles, "compiled", "sums", "gathers"], rows)


def _pair(wanted: float, found: float, unit: float) -> list[str]:
    return [f"{wanted / unit:.3g}", f"{found / unit:.3g}"]


def _memory() -> str:
    found = [line for line in lines_of("emulated.jsonl") if line["group"] == "memory"]
    alone = {line["name"]: line["found"]["argument_bytes"] for line in found if line["devices"] == 1}
    rows = [
        [
            line["name"],
            line["mesh"],
            f"{line['found']['state_bytes'] / 1e6:,.1f}",
            f"{line['found']['argument_bytes'] / 1e6:,.1f}",
            f"{line['devices'] * line['found']['argument_bytes'] / alone[line['name']]:.3f} / {line['devices']}",
            f"{line['found']['temporary_bytes'] / 1e6:,.1f}",
        ]
        for line in found
    ]
    titles = ["network, with Adam", "mesh", "MB a device, by shapes", "by the compiler", "of one device's"]
    return table([*titles, "MB beside them"], rows)


def _chips() -> str:
    rows = [
        [
            chip.name,
            f"{chip.flops / 1e12:g}",
            f"{chip.memory / 1e9:g}",
            f"{chip.bandwidth / 1e9:,g}",
            f"{chip.inside / 1e9:g}",
            f"{chip.outside / 1e9:g}",
            f"{chip.latency * 1e6:g}",
            chip.source,
        ]
        for chip in (V5E, H100)
    ]
    titles = ["chip", "TFLOP/s, bfloat16", "GB", "GB/s of memory", "GB/s sent inside", "GB/s sent outside"]
    assumed = (
        f"\n\nAssumed: products reach {PRODUCTS:.0%}, memory {STREAMED:.0%} and links {LINKED:.0%} of these figures, "
        f"and a message takes the time in the table; a core decodes {DECODED:g} images a second "
        "([measured](../input_pipeline))."
    )
    return table([*titles, "µs a message, assumed", "source"], rows) + assumed


def _plan() -> str:
    rows = []
    for work in WORKS:
        for machine in MACHINES:
            for groups in (False, True):
                found = row_of(work, machine, groups=groups)
                name = f"{work.name}, {machine.name}{', norm_groups' if groups else ''}"
                rows.append([name, *list(found.values())[2:]])
    titles = ["data and machine", "ms a step", "GB a chip", "MB sent a step", "images/s", "hours", "bound by"]
    return table(titles, rows)


def _curves() -> str:
    """Draws the curves and returns where they bend."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    rows = []
    for machine in (MACHINES[1], MACHINES[3]):
        for groups, style in ((False, "-"), (True, "--")):
            points = curve("mw_net", machine, BATCH, groups)
            name = f"{machine.chip.name}{', norm_groups' if groups else ''}"
            axes.plot(*zip(*points, strict=True), style, marker="o", markersize=3, label=name)
            last, images = points[-1]
            rows.append([name, f"{knee(points):,}", f"{last:,}", f"{images:,.0f}", f"{images / points[0][1]:.0f}"])
    axes.set(xscale="log", yscale="log", xlabel="chips", ylabel="images per second")
    axes.set_title(f"MW-Net, ResNet-50, {BATCH:,} images a step: expected, not measured")
    axes.legend(frameon=False)
    figure.savefig(HERE / "scaling.png", dpi=110)
    return table(
        ["chip", "most chips at half of their speed alone", "chips", "images/s on these", "times one chip"], rows
    )


def _large() -> str:
    newest = {line["rows"]: line for line in lines_of("large.jsonl")}  # the file is only added to
    ordered = [newest[rows] for rows in sorted(newest)]
    further_rows = ["", *(_further(less, more) for less, more in pairwise(ordered))]
    rows = [
        [
            f"{line['rows']:,}",
            f"{line['seconds']:,.0f}",
            f"{line['cpu_seconds']:,.0f}",
            f"{1e6 * line['cpu_seconds'] / line['rows']:.0f}",
            further,
            f"{line['peak_bytes'] / 2**30:.2f}",
            f"{line['written_bytes'] / 1e6:,.0f}",
            *(line[name] for name in ("average_precision", "precision", "recall", "suggestions_right")),
        ]
        for line, further in zip(ordered, further_rows, strict=True)
    ]
    titles = ["rows", "seconds", "processor seconds", "µs of processor a row", "a further row", "GiB at most"]
    return table([*titles, "MB written", "AP of wrong labels", "precision", "recall", "suggestions right"], rows)


def _further(less: dict[str, Any], more: dict[str, Any]) -> str:
    """Returns the µs of processor of each row that one line has beyond another."""
    return f"{1e6 * (more['cpu_seconds'] - less['cpu_seconds']) / (more['rows'] - less['rows']):.0f}"


PARTS = {"same": _same, "held": _held, "memory": _memory, "chips": _chips, "plan": _plan, "curves": _curves}
PARTS["large"] = _large


def main() -> None:
    """Replaces the tables in README.md, each between two comments with its name."""
    path = HERE / "README.md"
    text = path.read_text(encoding="utf-8")
    for name, make in PARTS.items():
        made = f"<!-- {name} -->\n{make()}\n<!-- end -->"
        text = re.sub(rf"<!-- {name} -->.*?<!-- end -->", lambda _, made=made: made, text, flags=re.S)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
