"""Own data, from Python: what `meta-noise clean` does."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.console import Console

from meta_noise.build.defaults import resolved
from meta_noise.cleaning.annotators import annotators_csv
from meta_noise.cleaning.asked import check_asked
from meta_noise.cleaning.choose import choose
from meta_noise.cleaning.corrected import corrected_files, write_once
from meta_noise.cleaning.findings import find_out
from meta_noise.cleaning.kept import base_key, kept
from meta_noise.cleaning.own_noise import steady
from meta_noise.cleaning.predictions import NAME, read_predictions
from meta_noise.cleaning.said import say_findings
from meta_noise.cleaning.tournament.flags import BY_NOISE, read_threshold
from meta_noise.cleaning.trial import read_budget
from meta_noise.cleaning.unlabelled import suggest_unlabelled
from meta_noise.cleaning.wanted import USUAL, Asked
from meta_noise.data.origin import Origin, origin_of
from meta_noise.data.own import Own, read
from meta_noise.data.own.result import in_words
from meta_noise.data.own.same_kind import table_like
from meta_noise.data.reader import own_reader
from meta_noise.encoders.encoder import opened
from meta_noise.encoders.own import fitted_to, with_encoder
from meta_noise.report.quality import Scores
from meta_noise.runs.fitted import Fitted, TrainingData
from meta_noise.runs.run import train_source
from meta_noise.runs.trained import load
from meta_noise.terminal import say, usual_console


def clean(
    data: Any,
    out: str | Path,
    *,
    method: str = "",
    model: str = "",
    epochs: int = 0,
    seed: int = 0,
    flag: str = "",
    budget: str = "",
    pred_probs: Any = None,
    encoder: Any = None,
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
        budget: time for the candidates, such as "90s" or "5m", enough of it for a network, too; "" for what suits the
            size of the data.
        pred_probs: probabilities [N, C] that a model of yours gives rows whose label it did not learn, one more
            candidate; an array or a file, see `meta_noise.cleaning.predictions`.
        encoder: what makes features of texts or images: the path of a local folder of Hugging Face, or a function of
            rows (n texts, or images [n, H, W, C] uint8) that gives [n, D]; see `meta_noise.encoders`.
        console: where progress goes; a notebook or a terminal if None, where there is one.
        settings: of `meta_noise.data.own.read`: trusted, label, image, text, id, split, features, ...

    Raises:
        InputError: data or settings are not usable; the message says what would be.

    >>> import tempfile
    >>> import numpy as np
    >>> import meta_noise
    >>> folder, rng = tempfile.mkdtemp(), np.random.default_rng(0)
    >>> kinds = np.arange(90) % 3
    >>> points = 4 * np.eye(3)[kinds] + rng.normal(size=(90, 3))
    >>> given = np.where(rng.random(90) < 0.2, (kinds + 1) % 3, kinds)
    >>> rows = {"id": np.arange(90), "a": points[:, 0], "b": points[:, 1], "c": points[:, 2]}
    >>> rows["label"] = ["xyz"[one] for one in given]
    >>> fitted = meta_noise.clean(rows, f"{folder}/run", epochs=2)
    >>> fitted.labels.num_rows, fitted.labels.column_names[:4]
    (90, ['id', 'given_label', 'predicted_label', 'label_quality'])
    """
    wanted, console = wanted_of(flag, budget), usual_console() if console is None else console
    encoder = None if encoder is None else opened(encoder)
    settings = fitted_to(settings, encoder)
    own = with_encoder(read(data, **settings), encoder, console)
    asked = {"method": method, "model": model, "epochs": epochs, "seed": seed}
    origin = origin_of(data, settings, {**asked, **kept_of(flag, budget, pred_probs)})
    wanted = with_predictions(wanted, pred_probs, own)
    leave = corrected_files(own, data, settings, console)
    fitted = train_own(own, out, console, origin, wanted, leave, **asked)
    trained = load(out, encoder=encoder)
    suggest_unlabelled(Path(out), own, data, settings, trained)
    labels = table_like(data, fitted.labels, bool(settings.get("id")))
    return fitted._replace(predict=trained.predict, predict_proba=trained.predict_proba, labels=labels)


def train_own(
    own: Own,
    workdir: str | Path,
    console: Console | None = None,
    origin: Origin | None = None,
    wanted: Asked = USUAL,
    leave: Callable[[Path, pa.Table], pa.Table] | None = None,
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
        wanted: of the tournament; its seed is that of `asked`.
        leave: writes corrected data, see `meta_noise.cleaning.corrected`; None for none.
        asked: choices that are not left to `meta_noise.cleaning.choose`: method, model, epochs, seed.

    Raises:
        InputError: data or settings are not usable; the message says what would be.
    """
    console = usual_console() if console is None else console
    check_asked(**asked)
    chosen = choose(own, **asked)
    for reason in chosen.reasons:
        say(console, f"- {reason}")
    config = resolved(chosen.config)
    vocabulary = config.model.settings.get("vocabulary", 0)
    reader = own_reader(own, chosen.source, vocabulary, {} if origin is None else origin.settings)
    wanted = wanted._replace(seed=config.seed)
    learns = "" if asked.get("method") else base_key(own, wanted)
    data = TrainingData(chosen.source, chosen.tests, reader, origin, in_words(own))
    data = data._replace(scores=scores_of(own, wanted, console), learns=learns, leave=leave)
    return train_source(config, data, Path(workdir), console)


def wanted_of(flag: str, budget: str) -> Asked:
    """Returns what is asked of the tournament by --flag and --budget; "" for the usual."""
    return Asked(read_threshold(flag) if flag else BY_NOISE, budget=read_budget(budget))


def with_predictions(wanted: Asked, pred_probs: Any, own: Own) -> Asked:
    """Returns the same with the predictions that a user brings; None for none."""
    return wanted if pred_probs is None else wanted._replace(further={NAME: read_predictions(pred_probs, own)})


def kept_of(flag: str, budget: str, pred_probs: Any) -> dict[str, str]:
    """Returns what the origin of a run keeps of these settings for further rounds; arrays in memory are not kept."""
    path = os.path.abspath(pred_probs) if isinstance(pred_probs, str | os.PathLike) else ""
    return {"flag": flag, "budget": budget, "pred_probs": path}


def scores_of(own: Own, asked: Asked, console: Console) -> Callable[[Path], Scores]:
    """Returns `run folder -> scores`, found or read again, and said."""

    def scores(folder: Path) -> Scores:
        with steady(len(own.source.labels)):
            found = kept(own, asked, folder, lambda own, asked: find_out(own, asked, console))
        say_findings(found.found, console)
        if "annotators" in found.found:
            name = "annotators.csv"
            if write_once(folder, {name: annotators_csv(found.found["annotators"])}):
                say(console, f"{folder / name} was changed since it was written here, and is left as it is.")
        return found

    return scores
