"""Training from Python: `run` takes a config, `fit` takes arrays; both leave a run folder and return its results."""

import contextlib
import functools
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
from rich.console import Console

from meta_noise.build.defaults import resolved
from meta_noise.build.job import make_job
from meta_noise.build.method import guesses_clean
from meta_noise.config import registry
from meta_noise.config.parse import check_sections, parse, to_dict
from meta_noise.config.schema import Config, Model, Train
from meta_noise.data.origin import ORIGIN, to_json
from meta_noise.data.prepare import Prepared, limited, prepare
from meta_noise.data.reader import Reader, array_reader
from meta_noise.data.returned import check_source
from meta_noise.data.source import Source
from meta_noise.data.sources.arrays import arrays
from meta_noise.data.text.tokens import check_tokens, is_tokens
from meta_noise.disk.sealed import write_json
from meta_noise.errors import InputError, unknown_name
from meta_noise.hosts import exchange
from meta_noise.hosts.agreement import check_shared
from meta_noise.report.notices import look_wrong, notices, trust, worthless
from meta_noise.report.quality import Scores
from meta_noise.runs import finished
from meta_noise.runs.fitted import Fitted, TrainingData
from meta_noise.runs.folder import CONFIG, agree, open_config, run_folder
from meta_noise.runs.results import evidence_of, export
from meta_noise.runs.trained import digest, in_batches, load, save_model
from meta_noise.terminal import say, usual_console
from meta_noise.train.loop import train
from meta_noise.train.sharding import Placement, placement
from meta_noise.train.spread import on_host
from meta_noise.types import PyTree

BESIDE_ARRAYS = ("limit", "imbalance", "class_rows")  # settings of data that make sense for arrays


def run(config: Mapping[str, Any], workdir: str | Path, console: Console | None = None) -> Fitted:
    """Trains as a config says and returns the results; continues where an earlier run with this config stopped.

    Args:
        config: nested dictionary, see `meta_noise.config.schema`; what is left out has its default.
        workdir: the run folder, made if it does not exist.
        console: where progress goes; a notebook or a terminal if None, where there is one.

    Raises:
        InputError: a setting, a file or the folder is not usable; the message says what would be.

    >>> import tempfile
    >>> import meta_noise
    >>> sections = {"data": {"name": "digits"}, "model": {"hidden": (8,)}, "train": {"epochs": 1}}
    >>> fitted = meta_noise.run(sections, f"{tempfile.mkdtemp()}/run")
    >>> fitted.results["training_rows"]
    1417
    """
    settings = resolved(parse(config))
    data = settings.data

    def source(part: str) -> Any:
        function, what = registry.find("data.sources", data.name), f"data {data.name!r}"
        found = registry.call(function, what, {**data.settings, "part": part}, data.path)
        return found if found is None and part != "train" else check_source(found, function, what)

    tests = {part: found for part in _evaluated(data.name) if (found := source(part)) is not None}
    return train_source(settings, TrainingData(source("train"), tests), Path(workdir), console)


def _evaluated(name: str) -> tuple[str, ...]:
    """Returns the parts of a data set that are measured on; a source answers None for one that it does not have."""
    return getattr(registry.module_of("data.sources", name), "EVALUATED", ("test",))


def fit(
    inputs: Any,
    labels: Any,
    *,
    trusted: Any = None,
    test: tuple[Any, Any] | None = None,
    ids: Any = None,
    class_names: tuple[str, ...] | None = None,
    true_labels: Any = None,
    method: str = "mw_net",
    model: str = "mlp",
    workdir: str | Path | None = None,
    config: Mapping[str, Any] | None = None,
    console: Console | None = None,
) -> Fitted:
    """Trains a classifier on arrays with noisy labels.

    Args:
        inputs: [N, height, width, channels] uint8 images, or [N, D] numbers.
        labels: [N] classes 0..C-1, some of them wrong.
        trusted: [N] bool, True for rows whose label is known to be right; every method but `supervised` needs some.
        test: (inputs, labels) to measure accuracy on.
        ids: [N] your own identifiers; row numbers if None.
        class_names: C names.
        true_labels: [N] the truth, where it is known (experiments).
        method: a file in `meta_noise/methods`, or a dotted path.
        model: a file in `meta_noise/models`, or a dotted path.
        workdir: folder for the run, to keep and to resume; a temporary one, removed afterwards, if None.
        config: further settings, as nested dictionary.
        console: where progress goes; a notebook or a terminal if None, where there is one.

    Returns:
        The results as a named tuple.

    Raises:
        InputError: arrays or settings are not usable; the message says what would be.
    """
    source = arrays(inputs, labels, ids=ids, class_names=class_names, true_labels=true_labels, trusted=trusted)
    if test is not None and (not isinstance(test, tuple | list) or len(test) != 2):
        raise InputError("test must be a pair (inputs, labels).")
    tests = {} if test is None else {"test": arrays(*test, class_names=source.class_names, name="test")}
    given = {**check_sections({} if config is None else config)}
    for section, name in (("method", method), ("model", model)):
        given[section] = {"name": name, **given.get(section, {})}
    for key in given.get("data", {}):
        if key not in BESIDE_ARRAYS:
            raise unknown_name("key in config['data'] beside the arrays:", key, BESIDE_ARRAYS)
    given["data"] = {"name": "arrays", **given.get("data", {})}
    few = len(source.labels) if source.trusted is None else int(np.sum(~source.trusted))
    given["train"] = {"batch_size": max(min(Train().batch_size, few), 1), **given.get("train", {})}
    given["noise"] = {"name": "none", "rate": 0.0, **given.get("noise", {})}
    given["clean"] = {"size": 0, **given.get("clean", {})}
    settings, data = resolved(parse(given)), TrainingData(source, tests)
    if workdir is not None:
        return train_source(settings, data, Path(workdir), console)
    with tempfile.TemporaryDirectory() as folder:
        return train_source(settings, data, Path(folder) / "run", console)._replace(folder=None)


def print_results(fitted: Fitted, workdir: str | Path, console: Console) -> None:
    """Prints what a run found, for a person."""
    for notice in notices(fitted.results):
        say(console, notice)
    accuracy = fitted.results["accuracy"]
    if accuracy["last"] is not None:
        say(
            console,
            f"Accuracy on {accuracy['measured_on']} rows: last {accuracy['last']:.2%}, selected "
            f"{accuracy['selected']:.2%} (epoch {accuracy['selected_epoch']}), best {accuracy['best']:.2%}.",
        )
    for name, values in accuracy.get("further", {}).items():
        text = f"{name}: last {values['last']:.2%}, selected {values['selected']:.2%}, best {values['best']:.2%}."
        say(console, text)
    if worthless(fitted.results) is None:
        suspects = pc.sum(fitted.labels["is_label_issue"]).as_py() or 0
        found = look_wrong(suspects, len(fitted.labels), fitted.results)
        say(console, f"{found}; suggestions in {Path(workdir) / 'labels.csv'}.")
    if sentence := trust(fitted.results):
        say(console, sentence)
    say(console, f"Report: {Path(workdir) / 'report.html'}")


def train_source(
    config: Config,
    data: TrainingData,
    folder: Path,
    console: Console | None = None,
    starts: tuple[PyTree, ...] = (),
) -> Fitted:
    """Trains on a data set as resolved settings say; continues where an earlier run with the same of both stopped.

    Where one has finished, its results are read again, and its network predicts as `meta_noise.load` does, in float32.

    Args:
        config: resolved.
        data: what to train and to measure on.
        folder: the run folder.
        console: where progress goes; a notebook or a terminal if None, where there is one.
        starts: (params, batch_stats) of each network to start from; random ones where there are none.

    Raises:
        InputError: the folder is in use, not ours, or of another config; a setting or the data cannot be used.
    """
    console = usual_console() if console is None else console
    source = limited(data.source, config.data.limit, config.seed)
    record = _record(config, source, data, starts)
    agree(record)
    if not (folder / CONFIG).exists():
        _where(config)  # where a run cannot begin, it makes no folder
    with run_folder(folder) if exchange.is_first() else contextlib.nullcontext("") as note:
        if note:
            say(console, note)
        check_shared(folder)
        return _train_alone(config, data, source, record, folder, console, starts)


def _train_alone(
    config: Config,
    data: TrainingData,
    source: Source,
    record: dict[str, Any],
    folder: Path,
    console: Console,
    starts: tuple[PyTree, ...],
) -> Fitted:
    """Returns what `train_source` does, in a folder that no process of another run is in; `record` is its config."""
    with exchange.first_before_others("the settings"):
        if exchange.is_first():
            _open(folder, record, data)
    scores = None if data.scores is None else data.scores(folder)
    reader = array_reader(source) if data.reader is None else data.reader
    if (left := _left(folder, reader)) is not None:
        say(console, f"This run has finished already, with step {left.results['steps']:,}; its results are read again.")
        if data.leave is not None and exchange.is_first():
            data.leave(folder, left.labels)
        predict, predict_proba = _predictors(_from_folder(folder, config.model.name), source, config.model)
        return Fitted(predict, predict_proba, left.labels, left.history, left.results, folder)
    where = _where(config)
    with exchange.first_before_others("the noise and the splits"):
        prepared = prepare(source, config, folder)
    learned = _with_learned(prepared, scores) if scores is not None and data.learns else prepared
    job = make_job(config, learned, data.tests, where, starts)
    say(console, _headline(config, prepared, where))
    if job.start:
        say(console, job.start)
    with job.feed or contextlib.nullcontext():
        ended = train(job, where, folder, console)
    state = ended.kept.carry.state._replace(learner=ended.kept.selected)
    ended = ended._replace(kept=on_host(ended.kept))
    evidence = evidence_of(prepared, job, ended, state)
    here = job._replace(store=on_host(job.store._replace(inputs=())))
    state_here = on_host(state)
    if exchange.is_first():
        labels, results = export(
            folder, config, prepared, here, ended, state_here, evidence, data.shown, scores, data.leave
        )
        pixels, learner = (here.store.mean, here.store.std), ended.kept.selected
        save_model(folder, config.model, source.class_names, reader, pixels, learner, job.method.copies)
        finished.mark(folder, results["steps"], ended.history)
    exchange.meet("the results")
    if not exchange.is_first():
        labels, _, results = _seen(folder, reader)

    def probabilities(rows):
        return job.predict(state, job.store._replace(inputs=rows), np.arange(len(rows)))

    return Fitted(*_predictors(probabilities, source, config.model), labels, ended.history, results, folder)


def _where(config: Config) -> Placement:
    return placement(config.train.devices, config.train.mesh, config.train.batch_size)


def _left(folder: Path, reader: Reader) -> finished.Left | None:
    """Returns what a finished run left, if process 0 finds it whole."""
    found = finished.left(folder, reader) if exchange.is_first() else None
    if not exchange.firsts("whether the run has finished", "" if found is None else "yes"):
        return None
    return found or _seen(folder, reader)


def _seen(folder: Path, reader: Reader) -> finished.Left:
    """Returns what process 0 left in the folder."""
    if (found := finished.left(folder, reader)) is None:
        raise InputError(
            f"The results that process 0 wrote into {folder} cannot be read here. Look at the file system."
        )
    return found


def _predictors(
    probabilities: Callable[[np.ndarray], np.ndarray], source: Source, model: Model
) -> tuple[Callable[[Any], np.ndarray], Callable[[Any], np.ndarray]]:
    """Returns `predict` and `predict_proba` of a `Fitted`; `probabilities` takes rows as `source` has them."""

    def predict_proba(inputs):
        return probabilities(_as_trained(inputs, source, model))

    def predict(inputs):
        return np.argmax(predict_proba(inputs), axis=1)

    return predict, predict_proba


def _from_folder(folder: Path, model: str) -> Callable[[np.ndarray], np.ndarray]:
    """Returns the probabilities of the network that a run folder holds, which is loaded when it is first needed."""
    loaded = functools.cache(lambda: load(folder, (model,)))
    return lambda rows: in_batches(loaded().compiled, rows)


def _with_learned(prepared: Prepared, scores: Scores) -> Prepared:
    """Returns the data with the labels of the scores to learn; those of trusted rows stay."""
    labels, rows = prepared.labels.copy(), prepared.splits.train
    labels[rows] = scores.learned[rows]
    return prepared._replace(labels=labels)


def _record(config: Config, source: Source, data: TrainingData, starts: tuple[PyTree, ...]) -> dict[str, Any]:
    """Returns all that makes a run the same run: its settings, and digests of what it starts from."""
    record = to_dict(config)
    record["data"]["sha256"] = source.sha256()
    if data.learns:
        record["learns"] = {"sha256": data.learns}
    if starts:
        record["start"] = {"crc32": digest(starts)}
    return record


def _open(folder: Path, record: dict[str, Any], data: TrainingData) -> None:
    """Makes the run folder, with the settings and the origin of the data, or checks that it holds the same run."""
    open_config(folder, record)
    if (origin := data.origin) is not None:
        write_json(folder / ORIGIN, to_json(origin._replace(root=origin.root or record["data"]["sha256"][:16])))


def _as_trained(inputs: Any, source: Source, model: Model) -> np.ndarray:
    """Returns rows to predict, or raises InputError where they are not like those of training."""
    if is_tokens(source.inputs):
        rows = check_tokens(inputs, model.settings["vocabulary"])
    else:
        count = len(inputs) if np.ndim(inputs) else 0
        rows = np.asarray(arrays(inputs, np.zeros(count, np.int32), class_names=source.class_names).inputs)
    if rows.shape[1:] != source.inputs.shape[1:] or rows.dtype != source.inputs.dtype:
        raise InputError(
            f"inputs to predict are {rows.dtype} rows of shape {rows.shape[1:]}; the network was trained on "
            f"{source.inputs.dtype} rows of shape {source.inputs.shape[1:]}. Give an array of such rows."
        )
    return rows


def _headline(config: Config, prepared: Prepared, where: Placement) -> str:
    splits, noise = prepared.splits, prepared.noise
    clean = "pseudo-clean rows only (guessed, none is trusted)"
    if not guesses_clean(config):
        clean = f"{len(splits.clean):,} clean rows"
    wrong = f"{noise['kind']} noise" if noise["kind"] != "none" else "no noise added"
    if noise["realised"] is not None:
        wrong = f"{noise['realised']:.1%} wrong labels ({noise['kind']})"
    return (
        f"{config.method.name} on {prepared.source.name}: {len(splits.train):,} training rows, {wrong}, {clean}, "
        f"{len(splits.selection):,} selection rows; {config.model.name} on {where.mesh.size} x "
        f"{where.mesh.devices.flat[0].device_kind}."
    )
