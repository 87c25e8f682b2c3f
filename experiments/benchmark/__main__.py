"""Times every method and engine beside a plain step, in one run, and lists what the compiler counts.

    python -m experiments.benchmark --model resnet_cifar --batch 100
    python -m experiments.benchmark --cases mw_net,l2r --set model.depth=20 --json counts.jsonl
    python -m experiments.benchmark --peers --write    # the page of this folder; wants the extra `bench`

The device is JAX's first one; JAX_PLATFORMS=cpu chooses the CPU.
"""

import argparse
import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
from rich.console import Console

from experiments.benchmark import table
from experiments.benchmark.cases import CASES, PLAIN, Case
from experiments.benchmark.rows import measure_cases
from experiments.benchmark.steps import Setting
from meta_noise.errors import InputError, unknown_name
from meta_noise.hosts.kept_memory import keep_memory

FOLDER = Path(__file__).parent
OK, WRONG_INPUT, STOPPED = 0, 2, 130


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, 2 where something given is wrong, 130 when interrupted."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    jax.config.update("jax_enable_compilation_cache", False)  # else compile times mean nothing
    try:
        rows = _measure(options, console)
    except InputError as error:
        console.print(f"error: {error}")
        return WRONG_INPUT
    except OSError as error:
        console.print(f"error: cannot write {error.filename}: {error.strerror}. Choose another --json.")
        return WRONG_INPUT
    except KeyboardInterrupt:
        console.print("Stopped; what was measured is written where it was asked for.")
        return STOPPED
    console.print(table.tables(rows))
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.benchmark",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_setting(parser)
    parser.add_argument("--cases", default="", help="names as in the table, with commas between; else all")
    parser.add_argument("--peak", type=float, default=0.0, help="of the chip at this precision, in TFLOP per second")
    parser.add_argument("--peers", action="store_true", help="PyTorch, torchopt and betty, too (extra `bench`)")
    parser.add_argument("--json", type=Path, help="new file for the rows, one JSON object a line")
    parser.add_argument("--write", action="store_true", help="put the rows into the page of this folder")
    return parser


def add_setting(parser: argparse.ArgumentParser) -> None:
    """Adds what all rows of a table share."""
    parser.add_argument("--model", default="resnet_cifar", help="name of the network in a config")
    parser.add_argument("--model-settings", nargs="+", default=[], metavar="KEY=VALUE", help="such as depth=32")
    parser.add_argument("--batch", type=_positive, default=100, help="training rows of a step; as many clean ones")
    parser.add_argument("--image", type=_positive, default=32, help="height and width of the inputs")
    parser.add_argument("--classes", type=_positive, default=10)
    parser.add_argument("--pairs", type=_positive, default=7, help="times that a step and the plain one take turns")
    parser.add_argument(
        "--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="for every config, the plain one too"
    )


def setting_of(options: argparse.Namespace) -> Setting:
    """Returns what the options say that all rows share."""
    settings = _nested([f"model.{pair}" for pair in options.model_settings] + options.set)
    model = {"name": options.model, **settings.pop("model", {})}
    return Setting(model, options.batch, options.image, options.classes, settings)


def _measure(options: argparse.Namespace, console: Console) -> list[table.Row]:
    if options.json and options.json.exists():
        raise InputError(f"--json {options.json} exists and would be overwritten; name a new file.")
    setting = setting_of(options)
    rows: list[table.Row] = []
    for row in _rows(options, setting, console):
        rows.append(row)
        if options.json:
            table.write_lines(options.json, rows)
        if options.write:  # each as soon as it is there, since a table takes long
            known = table.merged(table.read_lines(FOLDER / "results.jsonl"), [row])
            table.write_lines(FOLDER / "results.jsonl", known)
            table.write_page(FOLDER / "README.md", known)
    return rows


def _rows(options: argparse.Namespace, setting: Setting, console: Console) -> Iterator[table.Row]:
    yield from measure_cases(setting, _chosen(options.cases), options.pairs, options.peak * 1e12, console)
    if options.peers:
        from experiments.benchmark.peers import measure_peers  # PyTorch is not in the core install

        yield from measure_peers(setting, options.pairs, console)


def _chosen(names: str) -> list[Case]:
    known = {case.name: case for case in CASES}
    chosen = [name.strip() for name in names.split(",")] if names else list(known)
    for name in chosen:
        if name not in (*known, PLAIN.name):
            raise unknown_name("case", name, known)
    return [known[name] for name in chosen if name != PLAIN.name]


def _nested(pairs: list[str]) -> dict[str, Any]:
    """Returns `["model.depth=20"]` as `{"model": {"depth": 20}}`."""
    found: dict[str, Any] = {}
    for pair in pairs:
        path, is_pair, value = pair.partition("=")
        *sections, key = path.split(".")
        if not is_pair or not sections:
            raise InputError(f"{pair!r} is not a setting; write section.key=value, such as model.depth=20.")
        place = found
        for section in sections:
            place = place.setdefault(section, {})
        place[key] = _value(value)
    return found


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


if __name__ == "__main__":
    keep_memory()
    sys.exit(main())
