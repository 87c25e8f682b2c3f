"""The loop with a person in it: `queue` asks about rows (`meta_noise.cleaning.asking`), `ingest` trains on.

A round is a run folder. `ingest` makes the next one and leaves the old one as it is. In the new run

* every answered row has the label that was answered and is trusted, and the network trains on it, too (a method that
  guesses which rows are right, as FaMUS does, trusts none and takes the answers for given labels); rows called bad are
  left out;
* the network starts from the parameters and batch statistics of the old run's selected epoch (of a pair of networks,
  as FaMUS trains, a method with one network takes the first), and reads texts by the old vocabulary;
* optimiser, schedule, meta-parameters and the memory of rows start anew, and so do all outputs;
* the tournament runs anew, and the network learns what it finds, unless a method is asked for, here or in an earlier
  run with trusted rows; it trains for `SHARE` of the epochs that are chosen for a new run, if nothing else is asked.
"""

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from rich.console import Console

from meta_noise.build.defaults import resolved
from meta_noise.cleaning.changed import changed_file
from meta_noise.cleaning.choose import Chosen, choose
from meta_noise.cleaning.clean import scores_of, wanted_of, with_predictions
from meta_noise.cleaning.corrected import corrected_files
from meta_noise.cleaning.kept import base_key
from meta_noise.cleaning.own_noise import differs
from meta_noise.cleaning.proportions import wilson
from meta_noise.cleaning.wanted import Before
from meta_noise.config.foreign_names import own_name
from meta_noise.config.parse import differences, parse, to_dict
from meta_noise.config.schema import Model
from meta_noise.data.answers import Answer, read_answers, with_answers, with_reasons
from meta_noise.data.origin import ORIGIN, Origin, origin_of, place_of, read_origin
from meta_noise.data.own import Own, read
from meta_noise.data.own.result import in_words
from meta_noise.data.reader import Reader, encoded
from meta_noise.data.source import Source, rows_of
from meta_noise.disk.sealed import DamageError, typed
from meta_noise.encoders.own import again, with_encoder
from meta_noise.errors import InputError
from meta_noise.report.answer import QUEUE_TABLE
from meta_noise.report.files import damaged, existing, read_object
from meta_noise.report.labels import columns, read_labels
from meta_noise.runs.fitted import Fitted, TrainingData
from meta_noise.runs.run import train_source
from meta_noise.runs.trained import load
from meta_noise.terminal import say, usual_console

SHARE, FEWEST_EPOCHS = 1 / 3, 5


def ingest(
    run: str | Path,
    answers: str | Path,
    out: str | Path | None = None,
    *,
    method: str = "",
    epochs: int = 0,
    data: Any = None,
    console: Console | None = None,
    allow: Collection[str] = (),
    answer: str = "",
    answer_id: str = "",
    encoder: Any = None,
    **changed: Any,
) -> Fitted:
    """Trains on with the answers of people, in the run folder of the next round; the same call again resumes it.

    Args:
        run: folder of the finished run that the answers are about; nothing in it is changed.
        answers: CSV with the columns id and answer, or a file of another tool, see `meta_noise.data.foreign_answers`.
        out: the new run folder; `next_folder(run)` if None.
        method: in place of the one that is chosen; later rounds keep it.
        epochs: in place of the usual number.
        data: the data, where they are not at their old place or were in memory.
        console: where progress goes; a notebook or a terminal if None, where there is one.
        allow: full names of networks and methods outside this library that the files of the run may name.
        answer, answer_id: the columns of answers and of ids in the file, where they are not called answer and id.
        encoder: where the encoder of the run is now, if no longer at its old place; or the function that it was.
        changed: settings of `meta_noise.data.own.read` in place of those of the first run.

    Raises:
        InputError: the run, the data or an answer cannot be used; the message says what would do.

    >>> import tempfile
    >>> import numpy as np
    >>> import meta_noise
    >>> folder, rng = tempfile.mkdtemp(), np.random.default_rng(0)
    >>> kinds = np.arange(60) % 3
    >>> points = 4 * np.eye(3)[kinds] + rng.normal(size=(60, 3))
    >>> given = np.where(rng.random(60) < 0.2, (kinds + 1) % 3, kinds)
    >>> lines = [f"r{n},{a:.3f},{b:.3f},{c:.3f},{'xyz'[k]}" for n, ((a, b, c), k) in enumerate(zip(points, given))]
    >>> with open(f"{folder}/data.csv", "w") as file:
    ...     for line in ["id,a,b,c,label", *lines]:
    ...         print(line, file=file)
    ...
    >>> fitted = meta_noise.clean(f"{folder}/data.csv", f"{folder}/run", epochs=2)
    >>> with open(f"{folder}/answers.csv", "w") as file:
    ...     for line in ["id,answer", *(f"r{n},{'xyz'[k]}" for n, k in enumerate(kinds[:20]))]:
    ...         print(line, file=file)
    ...
    >>> next_round = meta_noise.ingest(f"{folder}/run", f"{folder}/answers.csv", epochs=2)
    >>> next_round.folder.name
    'run-round2'
    """
    run, console = Path(run), usual_console() if console is None else console
    out = next_folder(run) if out is None else Path(out)
    before, trained = read_origin(run), load(run, allow)
    by = trained.reader.encoded_by
    encoder = None if by is None else again(by, encoder)
    config = _config(run, trained.section)
    if asked := before.asked.get("method"):
        own_name("methods", asked, run / ORIGIN, allow)
    raw = with_encoder(read(place_of(before, data, changed), **{**before.settings, **changed}), encoder, console)
    own = with_answers(raw, before.answers)
    _check_same(own, trained.reader, config, before)
    new = read_answers(answers, own, before.answers, before.root, answer, answer_id)
    new = with_reasons(new, run / QUEUE_TABLE, before.root)
    origin = _next_origin(before, data, changed, new, method, config)
    _check_free(out, run, origin)
    own = with_answers(own, new)
    chosen = _chosen(own, trained.reader, origin, config, epochs)
    bad = sum(answer.is_bad for answer in new)
    say(
        console,
        f"{len(new):,} new answers: {len(new) - bad:,} labels, {bad:,} bad rows. {_by_chance(new)}The next round is "
        f"{out}; it starts from the network of {run}.",
    )
    asked = wanted_of(*(str(origin.asked.get(name, "")) for name in ("flag", "budget")))
    asked = with_predictions(asked, origin.asked.get("pred_probs") or None, raw)
    rows = rows_of(own.source.ids, raw.source.ids, "The data")  # bad ones are left out
    asked = asked._replace(
        seed=chosen.config.seed,
        further={name: p[rows] for name, p in asked.further.items()},
        by_chance=_drawn(own, origin.answers),
        before=_said_before(own, run, new),
    )
    learns = "" if origin.asked.get("method") else base_key(own, asked)
    reader = trained.reader._replace(encoded_by=own.encoded_by)
    material = TrainingData(chosen.source, chosen.tests, reader, origin, in_words(own))
    place, how = place_of(before, data, changed), {**before.settings, **changed}
    known = () if own.source.trusted is None else own.source.ids[own.source.trusted].tolist()
    leave_changed = changed_file(read_labels(run), known, console)
    leave_corrected = corrected_files(own, place, how, console, origin.answers)

    def leave(folder: Path, labels: pa.Table) -> pa.Table:
        leave_changed(folder, labels)
        return leave_corrected(folder, labels)

    material = material._replace(scores=scores_of(own, asked, console), learns=learns, leave=leave)
    return train_source(chosen.config, material, out, console, trained.starts)


def _drawn(own: Own, answers: Sequence[Answer]) -> np.ndarray:
    """Returns [N] bool, the trusted rows that stand for all: those drawn by chance, not those chosen for a look.

    Rows that were trusted before anybody was asked stand for all where some of their labels were wrong.
    """
    why, ids = {answer.id: answer.why for answer in answers}, own.source.ids.tolist()
    answered = np.array([identity in why for identity in ids], bool)
    by_chance = np.array([why.get(identity) == "random" for identity in ids], bool)
    trusted = answered if own.source.trusted is None else own.source.trusted
    first = trusted & ~answered
    return by_chance | (first & differs(own, first))


def _said_before(own: Own, run: Path, new: Sequence[Answer]) -> Before:
    """Returns what the run said of the rows, in their order; answers drawn at random now are fresh."""
    labels, ids = read_labels(run), own.source.ids.tolist()
    place = {identity: row for row, identity in enumerate(labels["id"].to_pylist())}
    rows = np.array([place.get(identity, -1) for identity in ids], np.int64)
    found, names = columns(labels), {name: number for number, name in enumerate(own.class_names)}
    number = np.array([names.get(name, -1) for name in found.class_names], np.int64)
    probability = np.asarray(labels["suggested_probability"].fill_null(0.0), np.float64)
    drawn = {answer.id for answer in new if answer.why == "random" and not answer.is_bad}
    suggested = np.where(rows >= 0, number[found.suggested[rows]], -1)
    fresh = np.array([identity in drawn for identity in ids], bool) & (rows >= 0)
    return Before(suggested, probability[rows], found.quality[rows], found.is_issue[rows], fresh)


class CleanFile(msgspec.Struct):
    """What the next round needs of the section `clean` in config.json."""

    auto: bool


class DataFile(msgspec.Struct):
    """What the next round needs of the section `data` in config.json."""

    sha256: str


class ConfigFile(msgspec.Struct):
    """What the next round needs of config.json."""

    clean: CleanFile
    data: DataFile
    model: dict[str, Any]


def _config(run: Path, section: Model) -> dict[str, Any]:
    """Returns the config of a run, whose section `model` is the one that its network was loaded by."""
    path = existing(run, "config.json")
    config = read_object(path)
    try:
        found = typed(config, ConfigFile)
        if changed := differences(found.model, to_dict(section), "model"):
            raise DamageError(f"{changed[0]}, as model.json says")
    except DamageError as error:
        raise damaged(path, error) from error
    return config


def noise_estimate(answers: Sequence[Answer]) -> tuple[int, int, float, float] | None:
    """Returns what answers about rows drawn by chance say of all rows that nobody had looked at.

    That is how many were answered, how many had a wrong label (bad rows, too), and the 95% interval of that share; None
    where there are none.
    """
    wrong = [answer.is_bad or answer.label != answer.given for answer in answers if answer.why == "random"]
    share = wilson(sum(wrong), len(wrong))
    return None if share is None else (len(wrong), sum(wrong), share["low"], share["high"])


def _by_chance(answers: Sequence[Answer]) -> str:
    estimate = noise_estimate(answers)
    if estimate is None:
        return ""
    n, wrong, low, high = estimate
    return (
        f"Of {n:,} rows drawn by chance {wrong:,} had a wrong label, so of the rows that nobody had looked at about "
        f"{wrong / n:.0%} have one (95% interval {low:.0%} to {high:.0%}). "
    )


def next_folder(run: Path) -> Path:
    """Returns the folder of the round after `run`: `mine` is followed by `mine-round2`, that by `mine-round3`."""
    path = Path(re.sub(r"-round(\d+)$", "", str(run)))
    number = int(match[1]) if (match := re.search(r"-round(\d+)$", str(run))) else 1
    return path.with_name(f"{path.name}-round{number + 1}")


def _next_origin(
    before: Origin, data: Any, changed: dict[str, Any], new: list[Answer], method: str, config: dict[str, Any]
) -> Origin:
    """Returns the origin of the next round; a method asked for when no row was trusted is asked for no longer."""
    kept = "" if config["clean"]["auto"] else before.asked.get("method", "")
    asked = {**before.asked, "method": method or kept}
    origin = origin_of(before.data if data is None else data, {**before.settings, **changed}, asked)
    lost = {*origin.lost, *before.lost}.difference(origin.settings)
    return origin._replace(lost=tuple(sorted(lost)), root=before.root, answers=(*before.answers, *new))


def _check_same(own: Own, reader: Reader, config: dict[str, Any], origin: Origin) -> None:
    """Raises InputError where the data are not those that the run was trained on."""
    source = _as_inputs(own, reader)
    if config["data"]["sha256"] not in (source.sha256(), source._replace(trusted=None).sha256()):
        raise InputError(
            f"The data {origin.data or 'given'} are not those that this run was trained on: rows, labels or settings "
            "have changed since. Put them back as they were, or start a new run with `meta-noise clean`."
        )


def _as_inputs(own: Own, reader: Reader) -> Source:
    if own.kind != "texts":
        return own.source
    return own.source._replace(inputs=encoded(own.texts or [], reader))


def _check_free(out: Path, run: Path, origin: Origin) -> None:
    """Raises InputError where the new folder belongs to something else; a round with the same answers may go on."""
    if os.path.realpath(out) == os.path.realpath(run):
        raise InputError(f"The next round cannot be in the folder of this one, {run}. Give another --out.")
    if (out / ORIGIN).is_file() and _told(read_origin(out).answers) != _told(origin.answers):
        raise InputError(
            f"{out} is a round with other answers. Go on from there (meta-noise ingest {out} ...), or choose another "
            "--out."
        )


def _told(answers: tuple[Answer, ...]) -> set[tuple[str, str, bool]]:
    return {answer[:3] for answer in answers}


def _chosen(own: Own, reader: Reader, origin: Origin, config: dict[str, Any], epochs: int) -> Chosen:
    """Returns what to train: as for a new run, but with the old network, inputs as it reads them, and fewer epochs.

    The config is resolved.
    """
    asked = {key: value for key, value in origin.asked.items() if key in ("method", "seed")}
    chosen = choose(own, **asked, epochs=epochs)
    train = chosen.config.train
    if not epochs:
        train = replace(train, epochs=max(round(train.epochs * SHARE), FEWEST_EPOCHS))
    test = chosen.test
    if test is not None and own.kind == "texts":
        test = test._replace(inputs=encoded(own.test_texts or [], reader))
    model = parse({"model": config["model"]}).model
    settings, source = resolved(replace(chosen.config, model=model, train=train)), _as_inputs(own, reader)
    if settings.clean.auto:
        source = source._replace(trusted=None)
    elif source.trusted is not None:
        settings = replace(settings, clean=replace(settings.clean, train_on="both"))
    return chosen._replace(config=settings, source=source, test=test)
