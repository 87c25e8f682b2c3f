"""Own data, from Python: what `meta-noise clean` does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from meta_noise.build.defaults import resolved
from meta_noise.cleaning.asked import check_asked
from meta_noise.cleaning.choose import choose
from meta_noise.cleaning.findings import Asked, base_key, find_out, kept
from meta_noise.cleaning.said import say_findings
from meta_noise.cleaning.tournament.flags import BY_NOISE, Threshold, read_threshold
from meta_noise.data.origin import Origin, origin_of
from meta_noise.data.own import Own, read
from meta_noise.data.own.result import in_words
from meta_noise.data.own.same_kind import table_like
from meta_noise.data.reader import own_reader
from meta_noise.report.quality import Scores
from meta_noise.runs.run import Fitted, TrainingData, train_source
from meta_noise.runs.trained import load
from meta_noise.terminal import say, usual_console
from meta_noise.train.sharding import placement


def clean(
    data: Any,
    out: str | Path,
    *,
    method: str = "",
    model: str = "",
    epochs: int = 0,
    seed: int = 0,
    flag: str = "",
    console: Console | None = None,
    **settings: Any,
) -> Fitted:
    """Finds wrong labels in your own data, suggests others and trains on, as `meta-noise clean DATA --out DIR` does.

    `predict` and `predict_proba` of the result are those of `meta_noise.load(out)`: they take new files, frames, texts
    or arrays, and `predict` gives class names. `labels` is a frame of pandas or Polars for one of these, with the index
    of a pandas frame.

    Args:
        data: a file, a folder or a frame, see `meta_noise.data.own.read`.
        out: the run folder; the same call again resumes it.
        method, model, epochs, seed: what is not left to be chosen by the data.
        flag: how many labels are flagged: "precision=0.8", "recall=0.9" or "count=200"; by the estimated noise if "".
        console: where progress goes; a notebook or a terminal if None, where there is one.
        settings: of `meta_noise.data.own.read`: trusted, label, image, text, id, split, features, ...

    Raises:
        InputError: data or settings are not usable; the message says what would be.
    """
    threshold = threshold_of(flag)
    own = read(data, **settings)
    asked = {"method": method, "model": model, "epochs": epochs, "seed": seed}
    origin = origin_of(data, settings, {**asked, "flag": flag})
    fitted = train_own(own, out, console, origin, threshold, **asked)
    trained = load(out)
    labels = table_like(data, fitted.labels, bool(settings.get("id")))
    return fitted._replace(predict=trained.predict, predict_proba=trained.predict_proba, labels=labels)


def train_own(
    own: Own,
    workdir: str | Path,
    console: Console | None = None,
    origin: Origin | None = None,
    threshold: Threshold = BY_NOISE,
    **asked: Any,
) -> Fitted:
    """Judges the labels of a user's own data and trains a network; continues where an earlier run with the same
    data stopped.

    Quality, flags and suggestions come from the tournament (`meta_noise.cleaning.findings`). The network learns the
    labels that are most probable by it; where a method is asked for, that method learns the given labels.

    Args:
        own: from `meta_noise.data.own.read`.
        workdir: the run folder.
        console: where progress goes; a notebook or a terminal if None, where there is one.
        origin: where the data came from, for the queue and for further rounds.
        threshold: of the flags.
        asked: choices that are not left to `meta_noise.cleaning.choose`: method, model, epochs, seed.

    Raises:
        InputError: data or settings are not usable; the message says what would be.
    """
    console = usual_console() if console is None else console
    check_asked(**asked)
    chosen = choose(own, **asked, devices=placement().mesh.size)
    for reason in chosen.reasons:
        say(console, f"- {reason}")
    config = resolved(chosen.config)
    vocabulary = config.model.settings.get("vocabulary", 0)
    reader = own_reader(own, chosen.source, vocabulary, {} if origin is None else origin.settings)
    wanted = Asked(threshold, config.seed)
    learns = "" if asked.get("method") else base_key(own, wanted)
    data = TrainingData(chosen.source, chosen.tests, reader, origin, in_words(own))
    data = data._replace(scores=scores_of(own, wanted, console), learns=learns)
    return train_source(config, data, Path(workdir), console)


def threshold_of(flag: str) -> Threshold:
    """Returns the threshold that is written so, the usual one for ""."""
    return read_threshold(flag) if flag else BY_NOISE


def scores_of(own: Own, asked: Asked, console: Console) -> Callable[[Path], Scores]:
    """Returns `run folder -> scores`, found or read again, and said."""

    def scores(folder: Path) -> Scores:
        found = kept(own, asked, folder, find_out)
        say_findings(found.found, console)
        return found

    return scores
