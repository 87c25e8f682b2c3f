"""`meta-noise inspect|clean` of rows with several labels each. No network is trained for them."""

import argparse
import shlex
from pathlib import Path
from typing import Any

from rich.console import Console

from meta_noise.cleaning.corrected import write_once
from meta_noise.cleaning.multilabel.files import CLEANED, PAGE, answer_of, multilabel_files, summary
from meta_noise.cleaning.multilabel.judged import Judged, judge_multilabel
from meta_noise.cleaning.multilabel.rows import all_rows, cleaned_name
from meta_noise.cleaning.multilabel.shown import classes_of, page_of
from meta_noise.cleaning.tournament.flags import BY_NOISE, read_threshold
from meta_noise.cleaning.trial import read_budget
from meta_noise.cli.arguments import COLUMNS, VOTES
from meta_noise.cli.checks import folder_of_tables
from meta_noise.cli.json_file import leave_json
from meta_noise.cli.words import told
from meta_noise.data.multilabel import Multilabel, read_multilabel
from meta_noise.data.multilabel.sets import named_columns
from meta_noise.data.own.opening import open_table
from meta_noise.encoders.encoder import opened
from meta_noise.encoders.own import fitted_to, with_encoder
from meta_noise.errors import InputError
from meta_noise.terminal import say, say_table
from meta_noise.visible import counted

NOT_HERE = ("method", "model", "epochs", "pred_probs", "copy_to", *VOTES)
SHOWN = 30  # classes


def is_asked(options: argparse.Namespace) -> bool:
    """Returns whether rows have several labels, as --multilabel says, or columns of classes that --label names."""
    if options.multilabel is not None:
        return True
    return "," in (options.label or "") and bool(named_columns(open_table(options.data), options.label))


def inspect(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when everything is printed; nothing is written but --json.

    Raises:
        InputError: the data or the options are not usable.
    """
    found, _ = _read(options, True, console)
    judged = judge_multilabel(found)
    _say(found, judged, console)
    if options.json is not None:
        leave_json(summary(found, judged), options.json, console)
    return 0


def clean(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when the corrected data, the tables and the page are written.

    Raises:
        InputError: the data, the folder or the options are not usable.
    """
    out = folder_of_tables(options)
    threshold = read_threshold(options.flag) if options.flag else BY_NOISE
    budget = read_budget(options.budget)
    found, settings = _read(options, options.skip_bad, console)
    judged = judge_multilabel(found, threshold, options.seed, budget, console)
    _say(found, judged, console)
    rows = all_rows(options.data, settings, found, judged)
    ending = cleaned_name(options.data, rows)
    page = page_of(options.data, found, judged, rows, _again(options, out / (CLEANED + ending), out))
    files = multilabel_files(options.data, found, judged, rows, page)
    for name in write_once(out, files):
        say(console, f"{out / name} was changed since it was written here, and is left as it is.")
    if found.own.skipped:
        skipped = f"{counted(len(found.own.skipped), 'row')} left out, unchanged in the corrected file"
        say(console, f"{skipped}; the first: {found.own.skipped[0].reason}")
    say(console, f"Corrected data: {CLEANED + ending} in {out}; labels that look wrong, worst first: issues.csv.")
    say(
        console, f"No network is trained for several labels, so `predict` has nothing to use; the page is {out / PAGE}."
    )
    return 0


def _read(options: argparse.Namespace, skip_bad: bool, console: Console) -> tuple[Multilabel, dict[str, Any]]:
    """Returns the data and how they were read, and says what was read."""
    for name in NOT_HERE:
        if getattr(options, name, None):
            raise InputError(
                f"--{name.replace('_', '-')} does not go with several labels a row, for which no network is trained: "
                "each class is judged by itself. Leave it out."
            )
    encoder = None if options.encoder is None else opened(options.encoder)
    names = (*COLUMNS, "features", "folder", "image_size", "max_rows", "keep_missing_words", "keep_spellings")
    settings = {name: getattr(options, name) for name in names}
    trusted = "" if options.trusted == "auto" else options.trusted
    settings = fitted_to({**settings, "trusted": trusted, "skip_bad": skip_bad}, encoder)
    settings["sign"] = options.multilabel or ""
    found = read_multilabel(options.data, **settings)
    own = found.own
    say(
        console,
        f"{own.source.name}: {len(found.labels):,} rows ({own.kind}), {len(found.names)} classes, "
        f"{int(found.trusted.sum()):,} trusted rows.",
    )
    for note in own.notes:
        say(console, f"- {told(note)}")
    return found._replace(own=with_encoder(own, encoder, console, not options.no_cache)), settings


def _again(options: argparse.Namespace, data: Path, out: Path) -> str:
    """Returns the command that judges a corrected file."""
    names = [("label", options.label), *((name, getattr(options, name)) for name in ("image", "text", "id", "split"))]
    columns = [word for name, value in names if value is not None for word in (f"--{name}", value)]
    sign = ["--multilabel", *([options.multilabel] if options.multilabel else [])]
    return shlex.join(["meta-noise", "clean", str(data), *columns, *sign, "--out", f"{out}_again"])


def _say(found: Multilabel, judged: Judged, console: Console) -> None:
    for note in judged.notes:
        say(console, f"- {note}")
    for sentence in answer_of(found, judged):
        say(console, sentence)
    lines = [
        (one.name, f"{one.rows:,}", f"{one.wrong:,}", f"{one.missing:,}", one.noise)
        for one in classes_of(found, judged)[:SHOWN]
    ]
    titles = ("Class", "Rows", "Look wrong", "Look missing", "Estimated to be wrong")
    say_table(console, titles, lines, right=titles[1:])
    if len(found.names) > SHOWN:
        say(console, f"{len(found.names) - SHOWN:,} more classes are in the page and the JSON.")
