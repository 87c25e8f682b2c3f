"""The loop with a person in it: `queue` asks about rows, `ingest` trains on with the answers.

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
import pyarrow.compute as pc
from rich.console import Console

from meta_noise.build.defaults import resolved
from meta_noise.cleaning.choose import Chosen, choose
from meta_noise.cleaning.clean import scores_of, threshold_of
from meta_noise.cleaning.findings import Asked, base_key
from meta_noise.cleaning.proportions import wilson
from meta_noise.config.foreign_names import own_name
from meta_noise.config.parse import differences, parse, to_dict
from meta_noise.config.schema import Model
from meta_noise.data.answers import Answer, read_answers, with_answers
from meta_noise.data.origin import ORIGIN, Origin, origin_of, place_of, read_again, read_origin
from meta_noise.data.originals import originals
from meta_noise.data.own import Own
from meta_noise.data.own.result import in_words
from meta_noise.data.reader import Reader, encoded
from meta_noise.data.source import Source
from meta_noise.disk.owned import owned
from meta_noise.disk.sealed import DamageError, typed
from meta_noise.errors import InputError
from meta_noise.report.files import damaged, existing, read_object
from meta_noise.report.labels import read_labels
from meta_noise.report.queue import Shown, write_queue
from meta_noise.report.queue_rows import rows_to_ask
from meta_noise.runs.run import Fitted, TrainingData, train_source
from meta_noise.runs.trained import load
from meta_noise.terminal import say
from meta_noise.train.sharding import placement

SHARE, FEWEST_EPOCHS = 1 / 3, 5


def queue(
    run: str | Path,
    n: int = 200,
    out: str | Path | None = None,
    *,
    seed: int = 0,
    data: Any = None,
    **changed: Any,
) -> Path:
    """Writes the rows most worth a look as `queue.csv` and as `queue.html`, where people answer; returns the folder.

    Which rows, and why: `meta_noise.report.queue_rows`.

    Args:
        run: folder of a finished run of `meta_noise.clean` or `ingest`.
        n: rows.
        out: where to; `queue` in the run folder if None.
        seed: decides the rows drawn by chance.
        data: the data, where they are not at their old place or were in memory.
        changed: settings of `meta_noise.data.own.read` in place of those of the run.

    Raises:
        InputError: the run or the data cannot be used, or the folder holds another queue.
    """
    run = Path(run)
    if n < 1:
        raise InputError(f"A queue has 1 row or more, got {n}.")
    if seed < 0:
        raise InputError(f"The seed of a queue is 0 or more, got {seed}.")
    origin, out = read_origin(run), run / "queue" if out is None else Path(out)
    labels = read_labels(run)
    answered = pa.array([answer.id for answer in origin.answers], pa.string())
    labels = labels.filter(pc.invert(pc.is_in(labels["id"], value_set=answered)))
    if not labels.num_rows:
        raise InputError(f"All rows of {run} have been looked at; there is nothing left to ask.")
    asked = rows_to_ask(labels, n, seed)
    table = labels.take(pa.array(asked.rows))
    ids, given = table["id"].to_pylist(), table["given_label"].to_pylist()
    found = originals(place_of(origin, data, changed), {**origin.settings, **changed}, ids, given)
    shown = [Shown(*each) for each in found]
    with owned(out, "queue", "Choose another --out"):
        write_queue(out, labels, asked, shown, f"Which labels are right? {run.name}", origin.root, str(run))
    return out


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
    **changed: Any,
) -> Fitted:
    """Trains on with the answers of people, in the run folder of the next round; the same call again resumes it.

    Args:
        run: folder of the finished run that the answers are about; nothing in it is changed.
        answers: CSV with the columns id and answer, see `meta_noise.data.answers`.
        out: the new run folder; `next_folder(run)` if None.
        method: in place of the one that is chosen; later rounds keep it.
        epochs: in place of the usual number.
        data: the data, where they are not at their old place or were in memory.
        console: where progress goes; silent by default.
        allow: full names of networks and methods outside this library that the files of the run may name.
        changed: settings of `meta_noise.data.own.read` in place of those of the first run.

    Raises:
        InputError: the run, the data or an answer cannot be used; the message says what would do.
    """
    run, console = Path(run), console or Console(quiet=True)
    out = next_folder(run) if out is None else Path(out)
    before, trained = read_origin(run), load(run, allow)
    config = _config(run, trained.section)
    if asked := before.asked.get("method"):
        own_name("methods", asked, run / ORIGIN, allow)
    own = read_again(before, data, **changed)
    _check_same(own, trained.reader, config, before)
    new = read_answers(answers, own, before.answers, before.root)
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
    flag = threshold_of(str(origin.asked.get("flag", "")))
    asked = Asked(flag, chosen.config.seed, by_chance=_drawn(own, origin.answers))
    learns = "" if origin.asked.get("method") else base_key(own, asked)
    material = TrainingData(chosen.source, chosen.tests, trained.reader, origin, in_words(own))
    material = material._replace(scores=scores_of(own, asked, console), learns=learns)
    return train_source(chosen.config, material, out, console, trained.starts)


def _drawn(own: Own, answers: Sequence[Answer]) -> np.ndarray:
    """Returns [N] bool: nobody chose the row for a look, so its answer stands for the others."""
    chosen = {answer.id for answer in answers if answer.why != "random"}
    return np.array([identity not in chosen for identity in own.source.ids.tolist()], bool)


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
    asked, where = {key: value for key, value in origin.asked.items() if key in ("method", "seed")}, placement()
    chosen = choose(own, **asked, epochs=epochs, devices=where.mesh.size)
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
