"""`meta-noise clean DATA --out DIR`: own data in, suggested labels, a report and a trained network out; no config."""

import argparse
from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.console import Console

from meta_noise.atomic import atomically
from meta_noise.cleaning.changed import CHANGED
from meta_noise.cleaning.clean import kept_of, train_own, wanted_of, with_predictions
from meta_noise.cleaning.corrected import corrected_files
from meta_noise.cleaning.moves import check_copy, copy_corrected
from meta_noise.cleaning.unlabelled import UNLABELLED, suggest_unlabelled
from meta_noise.cli import multilabel, tags
from meta_noise.cli.arguments import COLUMNS, VOTES
from meta_noise.cli.words import told
from meta_noise.data import own as own_data
from meta_noise.data.origin import origin_of
from meta_noise.data.own import Own
from meta_noise.data.own.no_classes import SeveralLabelsError
from meta_noise.disk.owned import check_free
from meta_noise.encoders.encoder import Encoder, opened
from meta_noise.encoders.own import fitted_to, with_encoder
from meta_noise.report.labels import write_csv
from meta_noise.runs.run import print_results
from meta_noise.runs.trained import load
from meta_noise.terminal import say
from meta_noise.visible import counted


def run(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when the labels are written.

    Raises:
        InputError: data or options are not usable.
    """
    if tags.is_asked(options):
        return tags.clean(options, console)
    if multilabel.is_asked(options):
        return multilabel.clean(options, console)
    if options.copy_to:
        check_copy(options.data, Path(options.copy_to))
    wanted = wanted_of(options.flag, options.budget)
    check_free(Path(options.out), "run", "Choose another --out")
    encoder = encoder_of(options)
    try:
        own = read(options, options.skip_bad, encoder)
    except SeveralLabelsError:
        return multilabel.clean(options, console)
    say_read(own, console)
    own = with_encoder(own, encoder, console, not options.no_cache)
    asked = {key: getattr(options, key) for key in ("method", "model", "epochs", "seed")}
    how = settings(options, options.skip_bad, encoder)
    kept = {**asked, **kept_of(options.flag, options.budget, options.pred_probs)}
    folder, origin = Path(options.out), origin_of(options.data, how, kept)
    wanted = with_predictions(wanted, options.pred_probs, own)
    leave = corrected_files(own, options.data, how, console)
    fitted = train_own(own, folder, console, origin, wanted, leave, **asked)
    if own.skipped:
        write_skipped(own, folder / "skipped.csv")
        say(console, f"{counted(len(own.skipped), 'row')} left out: {folder / 'skipped.csv'}.")
    print_results(fitted, folder, console)
    model = load(folder, encoder=encoder) if own.crowd is not None and own.skipped else None
    if model is not None and (many := suggest_unlabelled(folder, own, options.data, how, model)):
        say(console, f"Suggestions of the network for {counted(many, 'row')} without a vote: {folder / UNLABELLED}.")
    say_corrected(folder, options.copy_to, console)
    return 0


def say_corrected(folder: Path, copy_to: str | None, console: Console) -> None:
    """Prints where the corrected data are, and makes a corrected copy of an image folder where one was asked for."""
    names = [*sorted(path.name for path in folder.glob("cleaned.*")), "issues.csv"]
    if (folder / "moves.csv").is_file():
        names.append("moves.csv")
    say(console, f"Corrected data: {', '.join(names)} in {folder}.")
    if (folder / CHANGED).is_file():
        say(console, f"Suggestions that differ from those of the round before: {CHANGED}.")
    if copy_to:
        say(console, f"{counted(copy_corrected(folder, copy_to), 'image')} copied to {copy_to}, each where it belongs.")


def encoder_of(options: argparse.Namespace) -> Encoder | None:
    """Returns the encoder that the options name."""
    return None if options.encoder is None else opened(options.encoder)


def read(options: argparse.Namespace, skip_bad: bool, encoder: Encoder | None = None) -> Own:
    """Returns the data that the options name, not encoded yet."""
    return own_data.read(options.data, **settings(options, skip_bad, encoder))


def settings(options: argparse.Namespace, skip_bad: bool, encoder: Encoder | None = None) -> dict[str, Any]:
    """Returns how the data are read; `--trusted auto` looks at no column of trusted rows."""
    names = (*COLUMNS, "features", "folder", "image_size", "max_rows", "keep_missing_words", "keep_spellings", *VOTES)
    trusted = "" if options.trusted == "auto" else options.trusted
    found = {"trusted": trusted, "skip_bad": skip_bad, **{name: getattr(options, name) for name in names}}
    return fitted_to(found, encoder)


def say_read(own: Own, console: Console) -> None:
    """Prints what was read and guessed."""
    trusted = 0 if own.source.trusted is None else int(own.source.trusted.sum())
    say(
        console,
        f"{own.source.name}: {len(own.source.labels):,} rows ({own.kind}), {len(own.class_names)} classes, "
        f"{trusted:,} trusted rows, {0 if own.test is None else len(own.test.labels):,} rows to measure on.",
    )
    for note in own.notes:
        say(console, f"- {told(note)}")


def write_skipped(own: Own, path: Path) -> None:
    """Writes the rows that were left out, with the reason."""
    rows = [dict(zip(("row", "id", "reason"), skipped, strict=True)) for skipped in own.skipped]
    with atomically(path) as file:
        write_csv(pa.Table.from_pylist(rows), file)
