"""`meta-noise inspect DATA`: what can be told about the labels before any training; nothing is written but --json."""

import argparse
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from meta_noise.cleaning.audit import inspect
from meta_noise.cleaning.said import say_annotators
from meta_noise.cli import clean, multilabel, tags
from meta_noise.cli.json_file import leave_json
from meta_noise.data.own.no_classes import SeveralLabelsError
from meta_noise.encoders.own import with_encoder
from meta_noise.terminal import say, say_table

CLASSES, PAIRS, BAD = 20, 10, 5  # lines shown in the terminal; the JSON has more


def run(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when everything is printed. Rows that cannot be used are listed, never an error.

    Raises:
        InputError: the data as a whole are not usable.
    """
    if tags.is_asked(options):
        return tags.inspect(options, console)
    if multilabel.is_asked(options):
        return multilabel.inspect(options, console)
    path = None if options.json is None else Path(options.json)
    begin = time.monotonic()
    encoder = clean.encoder_of(options)
    try:
        own = clean.read(options, True, encoder)
    except SeveralLabelsError:
        return multilabel.inspect(options, console)
    own = with_encoder(own, encoder, console, not options.no_cache)
    found = inspect(own)
    if not options.no_cost:
        from meta_noise.cleaning.expected_cost import expected_costs  # jax takes seconds to import and to compile

        found["cost"] = expected_costs(own)
    found["seconds"] = round(time.monotonic() - begin, 2)
    clean.say_read(own, console)
    say_found(found, console)
    if path is not None:
        leave_json(found, path, console)
    return 0


def say_found(found: dict[str, Any], console: Console) -> None:
    """Prints what was found, for a person."""
    rate, how = found["noise"]["rate"], found["noise"]["how"]
    if rate is not None:
        interval = f"{_percent(rate['low'])} to {_percent(rate['high'])}"
        say(console, f"Wrong labels: {interval}, perhaps {_percent(rate['value'])}; told from {how}")
    else:
        say(console, f"Wrong labels: not known; {how.removesuffix('.')}.")
    _classes(found["classes"], console)
    if found["confused"]:
        say(console, "Labels that look wrong, by class:")
        rows = [(pair["given"], pair["probably"], f"{pair['rows']:,}") for pair in found["confused"][:PAIRS]]
        say_table(console, ("Given", "Probably", "Rows"), rows, right=("Rows",))
    twins = found["duplicates"]
    if twins["groups_with_different_labels"]:
        say(console, "The same inputs with different labels:")
        for one in twins["examples"][:BAD]:
            pairs = zip(one["ids"][:4], one["labels"][:4], strict=True)
            say(console, "  " + ", ".join(f"{identity} ({label})" for identity, label in pairs))
    for bad in found["unreadable"]["examples"][:BAD]:
        say(console, f"Unusable: {bad['reason']}")
    if found["unreadable"]["rows"] > BAD:
        say(console, f"Unusable rows in all: {found['unreadable']['rows']:,}.")
    for verdict in found["trusted"]["verdicts"]:
        say(console, f"Trusted rows: {verdict}")
    if "annotators" in found:
        say_annotators(found["annotators"], console)
    if "cost" in found:
        _costs(found["cost"], console)


def _classes(classes: list[dict[str, Any]], console: Console) -> None:
    rows = []
    for one in sorted(classes, key=lambda one: -(one["noise_rate"] or 0))[:CLASSES]:
        noise = "-" if one["noise_rate"] is None else _percent(one["noise_rate"])
        rows.append((one["name"], f"{one['rows']:,}", _percent(one["share"]), f"{one['trusted_rows']:,}", noise))
    titles = ("Class", "Rows", "Share", "Trusted", "Look wrong")
    say_table(console, titles, rows, right=titles[1:])
    if len(classes) > CLASSES:
        say(console, f"{len(classes) - CLASSES:,} more classes are in the JSON.")


def _costs(cost: dict[str, Any], console: Console) -> None:
    from meta_noise.train.cost import duration

    what = f"{cost['network']}, {cost['epochs']} epochs, batches of {cost['batch_size']}"
    say(console, f"Expected on this machine ({what}), one step measured and the others counted from it:")
    rows = []
    for one in cost["methods"]:
        memory = f"{max(round(one['memory_bytes'] / 2**20), 1):,} MiB"
        needs = "needed, or guessed" if one["wants_trusted_rows"] else "not needed"
        times = (f"about {duration(one[key])}" for key in ("seconds", "compile_seconds"))
        rows.append((one["method"], *times, memory, needs))
    titles = ("Method", "Time", "Compiling", "Memory", "Trusted rows")
    say_table(console, titles, rows, right=("Time", "Compiling", "Memory"))
    for text in cost["mesh"]:
        say(console, text)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"
