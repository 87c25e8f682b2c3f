"""`meta-noise inspect|clean FILE.conll`: texts with a tag for each token. No network is trained for them."""

import argparse
import shlex
from pathlib import Path

from rich.console import Console

from meta_noise.cleaning.corrected import write_once
from meta_noise.cleaning.tags.files import CLEANED, PAGE, answer_of, classes, pairs, summary, tag_files
from meta_noise.cleaning.tags.judged import Judged, judge_tags
from meta_noise.cleaning.tags.sample import sample_name
from meta_noise.cleaning.tags.trusted import Trusted, read_trusted
from meta_noise.cleaning.tournament.flags import BY_NOISE, read_threshold
from meta_noise.cli.checks import folder_of_tables
from meta_noise.cli.json_file import leave_json
from meta_noise.data.tagged import Tagged, check_form, looks_tagged, read_tagged
from meta_noise.data.tagged.lines import FORM
from meta_noise.errors import InputError
from meta_noise.terminal import say, say_table

NOT_FOR_TAGS = (
    "image", "id", "split", "features", "folder", "image_size", "max_rows", "method", "model", "epochs",
    "pred_probs", "copy_to", "budget", "multilabel",
)  # fmt: skip
SHOWN = 12  # lines of a table


def is_asked(options: argparse.Namespace) -> bool:
    """Returns whether the data are tokens with tags: as --tags says, or by the name and form of the file."""
    if options.tags:
        check_form(options.data, FORM)
        return True
    names = [name for name in (options.label, options.text) if name]
    return all(name.isdecimal() for name in names) and looks_tagged(options.data)


def inspect(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when everything is printed; nothing is written but --json.

    Raises:
        InputError: the file or the options are not usable.
    """
    tagged = _read(options, True, console)
    judged = judge_tags(tagged, _trusted(options, tagged, console))
    _say(tagged, judged, console)
    if options.json is not None:
        leave_json(summary(tagged, judged), options.json, console)
    return 0


def clean(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when the corrected file, the tables and the page are written.

    Raises:
        InputError: the file, the folder or the options are not usable.
    """
    out = folder_of_tables(options)
    threshold = read_threshold(options.flag) if options.flag else BY_NOISE
    tagged = _read(options, options.skip_bad, console)
    judged = judge_tags(tagged, _trusted(options, tagged, console), threshold, options.seed)
    _say(tagged, judged, console)
    columns = [
        word for name in ("text", "label") if (chosen := getattr(options, name)) for word in (f"--{name}", chosen)
    ]

    def command(data: Path | str, trusted: Path | str) -> str:
        chosen = ["--trusted", str(trusted)] if trusted else []
        return shlex.join(["meta-noise", "clean", str(data), "--tags", *columns, *chosen, "--out", f"{out}_again"])

    again = command(out / (CLEANED + tagged.ending), options.trusted if judged.trusted.any() else "")
    with_sample = command(options.data, out / sample_name(tagged))
    files = tag_files(tagged, judged, again, with_sample, options.seed)
    for name in write_once(out, files):
        say(console, f"{out / name} was changed since it was written here, and is left as it is.")
    cleaned = CLEANED + tagged.ending
    say(console, f"Corrected tags: {cleaned} in {out}; every token: labels.csv; sentences, worst first: sentences.csv.")
    say(console, f"No network is trained for tags, so `predict` has nothing to use; the page is {out / PAGE}.")
    return 0


def _read(options: argparse.Namespace, skip_bad: bool, console: Console) -> Tagged:
    """Returns the file as tokens, and says what was read."""
    for name in NOT_FOR_TAGS:
        if getattr(options, name, None):
            raise InputError(
                f"--{name.replace('_', '-')} does not go with tags of tokens, which are judged from their sentences "
                "alone and for which no network is trained. Leave it out."
            )
    tagged = read_tagged(options.data, options.text, options.label, skip_bad)
    kinds = len(set(tagged.tags))
    say(console, f"{tagged.name}: {len(tagged.tokens):,} tokens in {tagged.sentences:,} sentences, {kinds} tags.")
    for note in tagged.notes:
        say(console, f"- {note}")
    for line, reason in tagged.skipped[:5]:
        say(console, f"- Left as it is: line {line:,} {reason}.")
    if len(tagged.skipped) > 5:
        say(console, f"- {len(tagged.skipped):,} lines in all are left as they are.")
    return tagged


def _trusted(options: argparse.Namespace, tagged: Tagged, console: Console) -> Trusted | None:
    """Returns the sentences that --trusted names, and says how many they are."""
    if options.trusted in ("", None, "auto"):
        return None
    trusted = read_trusted(options.trusted, tagged)
    for note in trusted.notes:
        say(console, f"- {note}")
    return trusted


def _say(tagged: Tagged, judged: Judged, console: Console) -> None:
    for note in judged.notes:
        say(console, f"- {note}")
    for sentence in answer_of(tagged, judged):
        say(console, sentence)
    found = sorted(classes(judged), key=lambda one: -one[2] / one[1])[:SHOWN]
    say_table(
        console,
        ("Tag", "Tokens", "Look wrong"),
        [(name, f"{count:,}", f"{wrong:,}") for name, count, wrong in found],
        right=("Tokens", "Look wrong"),
    )
    if changes := pairs(judged)[:SHOWN]:
        rows = [(given, suggested, f"{count:,}") for given, suggested, count in changes]
        say_table(console, ("Given", "Probably", "Tokens"), rows, right=("Tokens",))
