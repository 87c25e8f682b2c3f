"""All that is to be measured on an accelerator, in the order of its worth, stored row by row.

    python -m experiments.benchmark.chip --out chip.jsonl --seconds 780 --peak float32=67 bfloat16=989
    python -m experiments.benchmark.chip --out smoke.jsonl --smoke       # tiny, to see that it works

A chip may be lent for minutes. So every row is in the file as soon as it is measured, nothing begins once the seconds
are over, and the same command again leaves out what the file has. First the plain and the exact step of both networks
and PyTorch's beside them, then the other methods, then larger batches. `python -m experiments.benchmark.chip --out
chip.jsonl --show` prints the tables.
"""

import argparse
import importlib.util
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import jax
from rich.console import Console

from experiments.benchmark import table
from experiments.benchmark.cases import CASES, Case
from experiments.benchmark.rows import measure_cases, title
from experiments.benchmark.steps import Setting
from meta_noise.errors import InputError

NETWORKS = ({"name": "resnet_cifar", "depth": 32}, {"name": "wide_resnet", "depth": 28, "widening": 10})
TINY = ({"name": "resnet_cifar", "depth": 8}, {"name": "wide_resnet", "depth": 10, "widening": 1})
FIRST = ("mw_net", "mw_net layer_sampler")
OTHERS = tuple(
    case.name for case in CASES if case.name not in FIRST and not case.name.startswith("mw_net steps")
)  # several virtual steps compile too long
PRECISIONS = ("float32", "bfloat16")


class Part(NamedTuple):
    """Rows that share a setting: our `cases`, and with `peers` those of PyTorch."""

    setting: Setting
    cases: tuple[str, ...]
    peers: bool = False


def parts(smoke: bool) -> list[Part]:
    """Returns what is measured, in order; with `smoke` tiny networks, small batches and few methods."""
    networks, batches, image = (TINY, (4, 8), 8) if smoke else (NETWORKS, (100, 512), 32)
    others = ("l2r",) if smoke else OTHERS
    small, large = (
        [Setting(model, batch, image, 10, {"train": {"precision": p}}) for p in PRECISIONS for model in networks]
        for batch in batches
    )
    return [
        *(Part(setting, FIRST, _precision(setting) == PRECISIONS[0]) for setting in small),
        *(Part(setting, others) for setting in small),
        *(Part(setting, FIRST, _precision(setting) == PRECISIONS[0]) for setting in large),
    ]


def _precision(setting: Setting) -> str:
    return setting.changes["train"]["precision"]


def missing(part: Part, known: Sequence[table.Row]) -> tuple[list[Case], bool]:
    """Returns which cases of a part `known` lacks, and whether rows of PyTorch are to be measured."""
    have = {(row["library"], row["case"]) for row in known if row["setting"] == title(part.setting)}
    cases = [case for case in CASES if case.name in part.cases and ("meta_noise", case.name) not in have]
    return cases, part.peers and ("pytorch", "mw_net") not in have


def measure(part: Part, known: Sequence[table.Row], pairs: int, peak: float, console: Console) -> Iterator[table.Row]:
    """Gives the rows of a part that `known` lacks; the plain step is always among them."""
    cases, peers = missing(part, known)
    if cases:
        yield from measure_cases(part.setting, cases, pairs, peak, console)
    if peers and importlib.util.find_spec("torch") is None:
        console.print("PyTorch is not installed (extra `bench`); its rows are left out.")
    elif peers:
        from experiments.benchmark.peers import measure_peers

        yield from measure_peers(part.setting, pairs, console, ("pytorch", "compiled"))


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, also where the seconds were over before the end; 2 where something given is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.benchmark.chip",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, help="file of the rows, one JSON object a line")
    parser.add_argument("--seconds", type=float, default=780.0, help="after which nothing begins")
    parser.add_argument("--pairs", type=int, default=3, help="times that a step and the plain one take turns")
    parser.add_argument(
        "--peak", nargs="+", default=[], metavar="PRECISION=TFLOPS", help="of the chip, in TFLOP per second"
    )
    parser.add_argument("--smoke", action="store_true", help="tiny networks, to see that it works")
    parser.add_argument("--show", action="store_true", help="print the tables of the file and measure nothing")
    options = parser.parse_args(arguments)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    try:
        peaks, known = _peaks(options.peak), table.read_lines(options.out)
        if not options.show:
            known = _measured(options, peaks, known, console)
    except InputError as error:
        console.print(f"error: {error}")
        return 2
    console.print(table.tables(known))
    return 0


def _measured(
    options: argparse.Namespace, peaks: dict[str, float], known: list[table.Row], console: Console
) -> list[table.Row]:
    jax.config.update("jax_enable_compilation_cache", False)  # else compile times mean nothing
    begin = time.monotonic()
    for part in parts(options.smoke):
        peak = peaks.get(_precision(part.setting), 0.0)
        for row in measure(part, known, options.pairs, peak, console):
            known = table.merged(known, [row])
            table.write_lines(options.out, known)
            if time.monotonic() - begin > options.seconds:
                console.print("The seconds are over; the same command again measures what is left.")
                return known
    return known


def _peaks(pairs: Sequence[str]) -> dict[str, float]:
    """Returns `["float32=67"]` as `{"float32": 67e12}`."""
    found = {}
    for pair in pairs:
        name, _, number = pair.partition("=")
        try:
            found[name] = float(number) * 1e12
        except ValueError:
            found[name] = 0.0
        if name not in PRECISIONS or found[name] <= 0:
            raise InputError(f"--peak takes {' and '.join(f'{p}=TFLOPS' for p in PRECISIONS)}, not {pair!r}.")
    return found


if __name__ == "__main__":
    sys.exit(main())
