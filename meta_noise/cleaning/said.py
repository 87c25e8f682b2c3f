"""What the tournament found, for a terminal."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from meta_noise.report.summary import how_sure
from meta_noise.report.tried import cut_short
from meta_noise.terminal import say, say_table

SHOWN = 12  # candidates


def say_findings(found: Mapping[str, Any], console: Console) -> None:
    """Prints the verdict, the noise estimate and the candidates with their scores, the best first."""
    if worthless := found["worthless"]:
        say(console, f"Nothing was found out about these labels. {worthless['reason']} {worthless['help']}")
    if crowd := found.get("annotators"):
        say_annotators(crowd, console)
    section = found["noise_estimate"]
    if (rate := section["rate"]) is not None:
        say(
            console,
            f"Noise: about {rate['value']:.1%} of the labels are wrong ({rate['low']:.1%} to {rate['high']:.1%} "
            f"{how_sure(found)}); told by {section['how']}",
        )
    board = found["tournament"]
    if board is None or not board["candidates"]:
        return
    say(console, f"What was tried, judged by the {board['judged_by']} (95% intervals; nearer to 0 is better):")
    ordered = sorted(board["candidates"], key=lambda one: -one["score"])
    rows = [
        (
            one["name"],
            f"{one['score']:.3f}",
            f"{one['low']:.3f} to {one['high']:.3f}",
            _number(one["average_precision"]),
            _number(one["weight"]),
        )
        for one in ordered[:SHOWN]
    ]
    titles = ("Candidate", "Score", "Interval", "AP of wrong labels", "Share")
    say_table(console, titles, rows, right=titles[1:])
    if len(ordered) > SHOWN:
        say(console, f"{len(ordered) - SHOWN:,} more are in the report and results.json.")
    if lines := cut_short(board):
        say(console, "Not run in full, as the time was given (--budget):")
    for line in lines:
        say(console, f"- {line}")


def say_annotators(crowd: Mapping[str, Any], console: Console) -> None:
    """Prints how good each annotator or rule is, the worst first, and how many rows need another label."""
    for sentence in crowd["sentences"]:
        say(console, sentence)
    rows = [
        (
            one["name"],
            f"{one['labels']:,}",
            _share(one["accuracy"]),
            "-" if one["accuracy"] is None else f"{one['low']:.1%} to {one['high']:.1%}",
            _share(one["agreement"]),
        )
        for one in crowd["each"][:SHOWN]
    ]
    titles = (crowd["kind"].capitalize().removesuffix("s"), "Labels", "Accuracy", "Interval", "Agreement")
    if rows:
        say_table(console, titles, rows, right=titles[1:])
    if len(crowd["each"]) > SHOWN:
        say(console, f"{len(crowd['each']) - SHOWN:,} more are in annotators.csv and the JSON.")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
