"""Steps of ours and of PyTorch that take turns in one process: plain ones and those of MW-Net.

    python -m experiments.benchmark.beside --rounds 15 --json beside.jsonl    # wants the extra `bench`

Machines change their speed from minute to minute, so all take one step a round, and the ratios are those of a round:
ours over PyTorch's, which for the plain step is the faster one of its two layouts. Medians, quartiles in brackets.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import jax
from rich.console import Console
from rich.progress import track

from experiments.benchmark.__main__ import add_setting, setting_of
from experiments.benchmark.cases import CASES, PLAIN
from experiments.benchmark.measure import Run, compile_step, runner
from experiments.benchmark.rows import machine, title
from experiments.benchmark.steps import Setting, make_step
from meta_noise.atomic import atomically
from meta_noise.errors import InputError
from meta_noise.hosts.kept_memory import keep_memory

EXACT = next(case for case in CASES if case.name == "mw_net")
OURS = {"plain": PLAIN, "exact": EXACT}
RATIOS: dict[str, Callable[[dict[str, float]], float]] = {
    "plain": lambda s: s["ours plain"] / min(s["pytorch plain"], s["pytorch plain, channels_last"]),
    "exact": lambda s: s["ours exact"] / s["pytorch exact"],
}


def runs_of(setting: Setting) -> dict[str, Run]:
    """Returns what takes turns, by name.

    Raises:
        InputError: the network is not among those written in PyTorch.
    """
    from experiments.benchmark import peers  # PyTorch is not in the core install

    batches = peers.batches_of(setting, "cpu")
    last = peers.new_network(setting, "cpu").to(memory_format=peers.LAST)
    found = {
        "pytorch plain": peers.plain_step(peers.new_network(setting, "cpu"), batches),
        "pytorch plain, channels_last": peers.plain_step(last, peers.channels_last(batches)),
        "pytorch exact": peers.mw_net_step(peers.new_network(setting, "cpu"), batches),
    }
    runs = {name: peers.run_of(step, "cpu") for name, step in found.items()}
    for name, case in OURS.items():
        step = make_step(setting, case)
        runs[f"ours {name}"] = runner(step, compile_step(step))
    return runs


def take_turns(runs: dict[str, Run], rounds: int, console: Console) -> list[dict[str, float]]:
    """Returns the seconds of a step of each, a dictionary for every round; every other round runs backwards."""
    names = list(runs)
    for name in names:
        runs[name](2)  # what the first steps pay
    found = []
    for number in track(range(rounds), "rounds", console=console):
        seconds = {name: runs[name](1) for name in (names if number % 2 else names[::-1])}
        found.append(seconds)
    return found


def said(rounds: Sequence[dict[str, float]]) -> list[str]:
    """Returns a line for each that ran, and one for each ratio."""
    lines = [f"{name}: {1e3 * statistics.median(r[name] for r in rounds):.0f} ms" for name in rounds[0]]
    for name, ratio in RATIOS.items():
        low, middle, high = statistics.quantiles([ratio(r) for r in rounds], n=4, method="inclusive")
        lines.append(f"{name}, ours / PyTorch's: {middle:.2f} ({low:.2f} to {high:.2f})")
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, or 2 where something given is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.benchmark.beside",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_setting(parser)
    parser.add_argument("--rounds", type=int, default=15, help="at least 2")
    parser.add_argument("--json", type=Path, help="new file: a line with the setting, then one for every round")
    options = parser.parse_args(arguments)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    try:
        if options.rounds < 2:
            raise InputError(f"--rounds {options.rounds} is too few: quartiles need at least 2.")
        if options.json and options.json.exists():
            raise InputError(f"--json {options.json} exists and would be overwritten; name a new file.")
        setting = setting_of(options)
        rounds = take_turns(runs_of(setting), options.rounds, console)
    except InputError as error:
        console.print(f"error: {error}")
        return 2
    if options.json:
        head = {"setting": title(setting), "machine": machine()}
        with atomically(options.json) as file:
            file.write("".join(json.dumps(line) + "\n" for line in (head, *rounds)).encode())
    for line in said(rounds):
        console.print(line)
    return 0


if __name__ == "__main__":
    jax.config.update("jax_platforms", "cpu")
    keep_memory()
    sys.exit(main())
