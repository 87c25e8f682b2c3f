"""What a finished run leaves for people and programs: labels, results, pictures, the page."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pyarrow as pa

from meta_noise.build.method import guesses_clean, learns_clean
from meta_noise.config.schema import Config
from meta_noise.data.formats.npz import write_npz
from meta_noise.data.prepare import Prepared
from meta_noise.disk.sealed import write_json
from meta_noise.errors import NotFiniteError
from meta_noise.report.classes import class_summary
from meta_noise.report.labels import Evidence, label_table, write_labels
from meta_noise.report.quality import Scores, Targets, label_quality
from meta_noise.runs.accuracy import accuracies
from meta_noise.runs.folder import versions
from meta_noise.train.job import Job
from meta_noise.train.loop import Finished
from meta_noise.types import State

MARGIN = 0.02  # above one minus the low end of the noise rate from which agreement with given labels is too high


def export(
    folder: Path,
    config: Config,
    prepared: Prepared,
    job: Job,
    finished: Finished,
    state: State,
    evidence: Evidence,
    shown: Callable[[int], str] | None = None,
    scores: Scores | None = None,
    leave: Callable[[Path, pa.Table], pa.Table] | None = None,
) -> tuple[pa.Table, dict[str, Any]]:
    """Returns the label table and the content of results.json, after writing them and all else that a run leaves.

    Files: labels.parquet, labels.csv, labels_columns.md, rows.npz, learned.npz, examples.npz, examples.json,
    results.json, classes.json, report.html.

    Args:
        folder: the run folder.
        config: resolved.
        prepared: the data set.
        job: what was trained.
        finished: how it ended.
        state: with the learner of the selected epoch.
        evidence: what `evidence_of` gives for these.
        shown: `row -> words`, what a person should see of a row that is no picture.
        scores: of all rows of the data set, where they do not come from the trained network.
        leave: `(folder, label table) -> label table` writes what the page may refer to; what it returns has all rows of
            the data, and is written in place of the table of judged rows.
    """
    rows = prepared.splits.train
    if scores is not None:
        scores = scores.taken(rows)
        evidence = evidence._replace(quality=scores.quality.astype(np.float64), scores=scores)
        if not _learned_given(job, rows, evidence):
            evidence = evidence._replace(margin=np.full(len(rows), np.nan))  # it would be that of another label
    table = label_table(evidence)
    write_labels(folder, table if leave is None else leave(folder, table))
    _write_learned(folder, job, finished, state, rows)
    write_examples(folder, prepared, rows[lowest(evidence.quality, config.report.examples)], shown)
    results = _results(config, prepared, job, finished)
    if scores is not None:
        results = with_scores(results, evidence, scores, _learned_given(job, rows, evidence))
    write_results(folder, table, results)
    return table, results


def evidence_of(prepared: Prepared, job: Job, finished: Finished, state: State) -> Evidence:
    """Returns what the label table is made from: what the trained network predicts, and what training saw.

    Raises:
        NotFiniteError: a prediction is not finite.
    """
    rows, source, info = prepared.splits.train, prepared.source, finished.info.rows
    probabilities = job.predict(state, job.store, rows)  # [n, C]
    if not np.isfinite(probabilities).all():
        raise NotFiniteError(
            "The trained network's predictions are not finite. Try a lower learning rate (config.optimizer.lr) or "
            "clipping (config.optimizer.clip=5.0), in a new workdir."
        )
    given, memory = prepared.given[rows], _memory_of(finished, rows)
    seen = memory.visits > 0  # [n]
    return Evidence(
        ids=source.ids[rows],
        given=given,
        class_names=source.class_names,
        probabilities=probabilities,
        quality=label_quality(probabilities, given, memory.probability, seen),
        weights=None if info.weights is None else np.where(seen, memory.weight, np.nan).astype(np.float64),
        targets=None if info.targets is None else Targets(memory.target, memory.target_probability),
        margin=np.where(seen, memory.margin, np.nan).astype(np.float64),
        true=None if source.true_labels is None else source.true_labels[rows],
    )


def _learned_given(job: Job, rows: np.ndarray, evidence: Evidence) -> bool:
    """Returns whether the network learned the given labels."""
    return bool(np.array_equal(np.asarray(job.store.labels)[rows], evidence.given))


def with_scores(results: dict[str, Any], evidence: Evidence, scores: Scores, learned_given: bool) -> dict[str, Any]:
    """Returns the results with the sections that the scores bring, and whether the network learned labels by heart."""
    agreement = float(np.mean(np.argmax(evidence.probabilities, axis=1) == evidence.given))
    found = {**results, **scores.found, "given_agreement": round(agreement, 4), "memorised": False}
    rate = (scores.found.get("noise_estimate") or {}).get("rate")
    if not learned_given or rate is None or agreement <= 1 - rate["value"] / 2 or agreement <= 1 - rate["low"] + MARGIN:
        return found
    text = (
        f"The trained network agrees with {agreement:.0%} of the given labels, although about {rate['value']:.0%} of "
        "them are wrong: it has learned wrong labels by heart. What is said of labels does not come from it."
    )
    return {**found, "memorised": True, "warnings": [*results["warnings"], text]}


def write_results(folder: Path, labels: pa.Table, results: Mapping[str, Any]) -> None:
    """Writes results.json, and classes.json and report.html, which follow from it and from what lies in the folder."""
    from meta_noise.report.page import write_page  # matplotlib takes half a second, which a finished run should not

    write_json(folder / "results.json", results)
    write_json(folder / "classes.json", class_summary(labels, results))
    write_page(folder)


def _memory_of(finished: Finished, rows: np.ndarray) -> Any:
    """Returns what training saw of the given rows, a `RowMemory` of NumPy arrays [n]."""
    return jax.tree.map(lambda x: np.asarray(x)[rows], finished.kept.carry.memory)


def _write_learned(folder: Path, job: Job, finished: Finished, state: State, rows: np.ndarray) -> None:
    """Writes what the meta level learned, and the weights of the given rows, where the method has either."""
    if learned := job.method.learned(state):
        write_npz(folder / "learned.npz", **jax.tree.map(np.asarray, learned))
    if finished.info.rows.weights is not None:
        memory = _memory_of(finished, rows)
        write_npz(folder / "rows.npz", weight_last=memory.weight_last, weight_mean=memory.weight)


def lowest(quality: np.ndarray, count: int) -> np.ndarray:
    """Returns the positions of the `count` lowest values of `quality` [N], lowest first, of equal ones the first."""
    return np.argsort(quality, kind="stable")[:count]


def write_examples(folder: Path, prepared: Prepared, rows: np.ndarray, shown: Callable[[int], str] | None) -> None:
    """Writes pictures of the given rows where the data are pictures, else words where there are any."""
    source = prepared.source
    inputs, ids = source.inputs if source.pictures is None else source.pictures, source.ids
    if shown is not None and len(rows):
        write_json(folder / "examples.json", {"rows": {str(ids[row]): shown(row) for row in rows.tolist()}})
    if inputs.ndim == 4 and inputs.dtype == np.uint8 and len(rows):
        write_npz(folder / "examples.npz", ids=ids[rows], images=inputs[rows])


def _results(config: Config, prepared: Prepared, job: Job, finished: Finished) -> dict[str, Any]:
    clean = prepared.splits.clean
    return {
        "method": config.method.name,
        "data": prepared.source.name,
        "model": config.model.name,
        **({"start": job.start} if job.start else {}),
        "seed": config.seed,
        "noise": prepared.noise,
        "clean_set": {
            "size": len(clean),
            "pseudo": False,
            "trained_on": learns_clean(config),
            "training_rows": config.clean.train_on,
            "selection_size": len(prepared.splits.selection),
            "selection_labels": config.clean.selection_labels,
            **(_pseudo_clean(finished) if guesses_clean(config) else {}),
        },
        "warnings": finished.warnings,
        "accuracy": accuracies(finished.history),
        "training_rows": len(prepared.splits.train),
        "steps": job.settings.calendar.steps,
        "seconds": round(finished.seconds, 2),
        "step_milliseconds": round(finished.cost.seconds * 1e3, 3),
        "versions": versions(),
    }


def _pseudo_clean(finished: Finished) -> dict[str, Any]:
    """Returns what results.json says of a clean set that was guessed: its size in the last epoch, how much is right."""
    last = finished.history[-1]
    precision = {"precision": last["clean_precision"]} if "clean_precision" in last else {}
    return {"size": round(last["clean_rows"]), "pseudo": True, **precision}
