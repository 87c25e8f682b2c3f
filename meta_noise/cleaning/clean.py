"""Own data, from Python: what `meta-noise clean` does."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rich.console import Console

from meta_noise.build.defaults import resolved
from meta_noise.build.method import guesses_clean
from meta_noise.cleaning.asked import FOLDS, check_asked
from meta_noise.cleaning.choose import choose
from meta_noise.cleaning.crossfit import FEWEST, cross_fit, unknown
from meta_noise.config.schema import Config
from meta_noise.data.origin import Origin, origin_of
from meta_noise.data.own import Own, read
from meta_noise.data.own.result import in_words
from meta_noise.data.reader import own_reader
from meta_noise.data.source import Source
from meta_noise.disk.owned import owned, remove_owned
from meta_noise.disk.sealed import write_json
from meta_noise.errors import NotFiniteError
from meta_noise.report.files import read_object
from meta_noise.runs.folder import run_folder
from meta_noise.runs.run import Fitted, TrainingData, train_source, with_flags
from meta_noise.runs.trained import load
from meta_noise.terminal import say
from meta_noise.train.cost import duration
from meta_noise.train.sharding import on_cpu, placement

FOLDS_KIND = "folds"  # of the folder with their trainings, as its marker says


def clean(
    data: Any,
    out: str | Path,
    *,
    method: str = "",
    model: str = "",
    epochs: int = 0,
    seed: int = 0,
    folds: int = FOLDS,
    console: Console | None = None,
    **settings: Any,
) -> Fitted:
    """Trains on your own data and suggests labels, as `meta-noise clean DATA --out DIR` does.

    `predict` and `predict_proba` of the result are those of `meta_noise.load(out)`: they take new files, frames, texts
    or arrays, and `predict` gives class names.

    Args:
        data: a file, a folder or a frame, see `meta_noise.data.own.read`.
        out: the run folder; the same call again resumes it.
        method, model, epochs, seed: what is not left to be chosen by the data.
        folds: trainings that estimate how far the flags can be trusted, see `train_own`.
        console: where progress goes; silent by default.
        settings: of `meta_noise.data.own.read`: trusted, label, image, text, id, split, features, ...

    Raises:
        InputError: data or settings are not usable; the message says what would be.
    """
    own = read(data, **settings)
    asked = {"method": method, "model": model, "epochs": epochs, "seed": seed}
    fitted = train_own(own, out, console, origin_of(data, settings, asked), folds, **asked)
    trained = load(out)
    return fitted._replace(predict=trained.predict, predict_proba=trained.predict_proba)


def train_own(
    own: Own,
    workdir: str | Path,
    console: Console | None = None,
    origin: Origin | None = None,
    folds: int = FOLDS,
    **asked: Any,
) -> Fitted:
    """Trains on a user's own data with what suits them; continues where an earlier run with the same data stopped.

    Args:
        own: from `meta_noise.data.own.read`.
        workdir: the run folder.
        console: where progress goes; silent by default.
        origin: where the data came from, for the queue and for further rounds.
        folds: repeat the training so many times to estimate how far the flags can be trusted, see
            `meta_noise.cleaning.crossfit`; once is enough for a method that does not learn from them; 0 leaves it out,
            as having no trusted rows does.
        asked: choices that are not left to `meta_noise.cleaning.choose`: method, model, epochs, seed.

    Raises:
        InputError: data or settings are not usable; the message says what would be.
    """
    console = console or Console(quiet=True)
    check_asked(**asked, folds=folds)
    where = placement()
    chosen = choose(own, **asked, devices=where.mesh.size, on_cpu=on_cpu(where))
    for reason in chosen.reasons:
        say(console, f"- {reason}")
    config = resolved(chosen.config)
    vocabulary = config.model.settings.get("vocabulary", 0)
    reader = own_reader(own, chosen.source, vocabulary, {} if origin is None else origin.settings)
    folder = Path(workdir)
    material = TrainingData(chosen.source, chosen.tests, reader, origin, in_words(own))
    with run_folder(folder):
        fitted = train_source(config, material, folder, console)
        return with_flags(fitted, folder, _flags(config, chosen.source, own.given, fitted, folder, folds, console))


def _flags(
    config: Config,
    source: Source,
    given: np.ndarray,
    fitted: Fitted,
    folder: Path,
    folds: int,
    console: Console,
) -> dict[str, Any]:
    """Returns how far the flags can be trusted; flags.json keeps it for the next time this run is asked for."""
    trusted = 0 if source.trusted is None else int(source.trusted.sum())
    if not trusted:
        return unknown("no row is trusted; some rows whose labels a person has checked would tell")
    if trusted < FEWEST:
        return unknown(f"only {trusted} rows are trusted, {FEWEST} or more are needed")
    if not folds:
        return unknown("the estimate was left out (folds=0, --folds 0)")
    if guesses_clean(config):
        folds = 1  # trusted rows are not learned from, so all of them can be among the others at once
    key = {"rows": source.sha256(), "folds": folds}
    path, parts = folder / "flags.json", folder / "folds"
    if path.is_file():
        kept = read_object(path)
        remove_owned(parts, FOLDS_KIND)  # of a process that was killed after it wrote the flags
        if kept.get("of") == key and isinstance(kept.get("flags"), dict):
            return kept["flags"]
    seconds = duration(fitted.results["seconds"])
    times, part, each = (f"{folds} times", "a part of the", " each") if folds > 1 else ("once", "the", "")
    say(
        console,
        f"How far can the flags be trusted? The training is repeated {times} with {part} trusted rows among "
        f"the others, about {seconds}{each}. The labels are written already; --folds 0 leaves this out.",
    )

    def again(changed: Source, place: Path) -> pa.Table:
        labels = train_source(config, TrainingData(changed), place.with_name(f"{place.name}-of-{folds}")).labels
        say(console, f"- {place.name} of {folds} is done.")
        return labels

    with owned(parts, FOLDS_KIND, f"Move {parts} away"):
        try:
            flags = cross_fit(source, given, fitted.labels, again, parts, folds, config.seed)
        except NotFiniteError:
            flags = unknown("a training for the estimate diverged, although that of the labels did not")
        write_json(path, {"of": key, "flags": flags})
        remove_owned(parts, FOLDS_KIND)
    return flags
