"""The table of `growth` in the page of this folder."""

from collections.abc import Sequence
from pathlib import Path

from experiments.benchmark.table import Row, markdown
from experiments.marked import write_between

START, END = "<!-- growth: made by experiments.benchmark.growth -->", "<!-- end of growth -->"
HEADER = ("grows", "to", "rows", "classes", "s of processors", "ms a row", "GB at most", "MB written", "export, s")
NETWORK = ("parameters", "plain: FLOP a parameter", "mw_net / plain", "MB in between, plain", "mw_net", "compile, s")
TITLES = {"rows": "rows", "classes": "classes", "words": "words of a text", "method": "method"}


def tables(rows: Sequence[Row]) -> str:
    """Returns what was run, and what was only compiled."""
    run = [row for row in rows if row["axis"] != "parameters"]
    compiled = [row for row in rows if row["axis"] == "parameters"]
    parts = [markdown(HEADER, 2, [_run(row) for row in run])] if run else []
    parts += [markdown(NETWORK, 0, [_network(row) for row in compiled])] if compiled else []
    return "\n".join(parts)


def _run(row: Row) -> tuple[str, ...]:
    value = row["value"] if isinstance(row["value"], str) else f"{row['value']:,}"
    return (
        TITLES[row["axis"]],
        value,
        f"{row['rows']:,}",
        f"{row['classes']:,}",
        f"{row['cpu_seconds']:.0f}",
        f"{row['cpu_seconds'] / row['rows'] * 1e3:.3g}",
        f"{row['peak_bytes'] / 1e9:.2f}",
        f"{row['written_bytes'] / 1e6:.1f}",
        f"{row['export_cpu_seconds']:.0f}",
    )


def _network(row: Row) -> tuple[str, ...]:
    return (
        f"{row['parameters']:,}",
        f"{row['plain_flops'] / row['parameters']:.0f}",
        f"{row['mw_net_flops'] / row['plain_flops']:.2f}",
        f"{row['plain_temporary_bytes'] / 1e6:.1f}",
        f"{row['mw_net_temporary_bytes'] / 1e6:.1f}",
        f"{row['plain_compile_seconds'] + row['mw_net_compile_seconds']:.1f}",
    )


def write_page(path: Path, rows: Sequence[Row]) -> None:
    """Writes the tables between the marks of a page; the rest of it stays."""
    write_between(path, START, END, tables(rows))
