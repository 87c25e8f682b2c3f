"""Rows of the benchmark as Markdown tables, and the page that shows them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.marked import write_between
from meta_noise.atomic import atomically

START, END = "<!-- tables: made by experiments.benchmark -->", "<!-- end of tables -->"
HEADER = (
    "step of",
    "time, ms",
    "images/s",
    "time / plain",
    "per update",
    "counted",
    "predicted",
    "FLOPs / plain",
    "bytes / plain",
    "memory, MiB",
    "memory / plain",
    "predicted",
    "compile, s",
    "compile / plain",
    "predicted",
)
PEER_HEADER = ("library", "step", "time, ms", "images/s", "time / its plain step")
Row = dict[str, Any]


def tables(rows: Sequence[Row]) -> str:
    """Returns the tables of all settings, in the order in which these come first, each with its machine."""
    settings = list(dict.fromkeys(row["setting"] for row in rows))
    return "\n".join(_setting(setting, [row for row in rows if row["setting"] == setting]) for setting in settings)


def _setting(title: str, rows: list[Row]) -> str:
    ours = [row for row in rows if row["library"] == "meta_noise"]
    peers = [row for row in rows if row["library"] != "meta_noise"]
    share = any(row["peak"] for row in ours)
    plain = next((row["compile_seconds"] for row in ours if row["case"] == "supervised"), None)
    header = (*HEADER, "share of peak") if share else HEADER
    parts = [f"**{title}**\n", markdown(header, 1, [_ours(row, plain)[: len(header)] for row in ours])]
    if peers:
        shown = [row for row in ours if row["case"] in ("supervised", "mw_net")]
        parts.append(markdown(PEER_HEADER, 2, [_peer(row) for row in (*shown, *peers)]))
    parts.append("\n".join(sorted({f"{row['machine']}, {row['pairs']} pairs." for row in rows})) + "\n")
    return "\n".join(parts)


def _ours(row: Row, plain_compiling: float | None) -> tuple[str, ...]:
    plain, ratio = row["plain"], f"{row['ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
    memory = row["temporary_bytes"]
    return (
        row["case"],
        f"{row['seconds'] * 1e3:.4g}",
        f"{row['images'] / row['seconds']:.4g}",
        ratio,
        f"{row['ratio'] / row['updates']:.2f}",
        f"{row['counted']:.2f}",
        f"{row['predicted']['time']:.2f}",
        _ratio(row["flops"], plain["flops"]),
        _ratio(row["moved_bytes"], plain["moved_bytes"]),
        "-" if memory is None else f"{memory / 2**20:.4g}",
        _ratio(memory, plain["temporary_bytes"]),
        f"{row['predicted']['memory']:.2f}",
        f"{row['compile_seconds']:.1f}",
        _ratio(row["compile_seconds"], plain_compiling),
        f"{row['predicted']['compiling']:.2f}" if "compiling" in row["predicted"] else "-",
        f"{row['flops'] / row['seconds'] / row['peak']:.1%}" if row["flops"] and row["peak"] else "-",
    )


def _peer(row: Row) -> tuple[str, ...]:
    ratio = f"{row['ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
    seconds = row["seconds"]
    return row["library"], row["case"], f"{seconds * 1e3:.4g}", f"{row['images'] / seconds:.4g}", ratio


def _ratio(value: float | None, plain: float | None) -> str:
    return f"{value / plain:.2f}" if value and plain else "-"


def markdown(header: Sequence[str], texts: int, lines: Sequence[Sequence[str]]) -> str:
    """Returns a table whose first `texts` columns are words, the others numbers."""
    rule = ["---"] * texts + ["---:"] * (len(header) - texts)
    cells = [header, rule, *lines]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in cells)


def merged(old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """Returns the old rows, with those of `new` in place of the ones of the same setting, library and case."""

    def key(row: Row) -> tuple[str, str, str]:
        return row["setting"], row["library"], row["case"]

    return list(({key(row): row for row in old} | {key(row): row for row in new}).values())


def read_lines(path: Path) -> list[Row]:
    """Returns the rows of a file of JSON lines; none where there is no file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def write_lines(path: Path, rows: Sequence[Row]) -> None:
    """Writes rows as JSON lines, the whole file or nothing."""
    with atomically(path) as file:
        file.write("".join(json.dumps(row) + "\n" for row in rows).encode())


def write_page(path: Path, rows: Sequence[Row]) -> None:
    """Writes the tables between the marks of a page; the rest of it stays."""
    write_between(path, START, END, tables(rows))
