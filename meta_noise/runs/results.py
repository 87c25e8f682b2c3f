"""What a finished run leaves for people and programs: labels, results, pictures, the page."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pyarrow as pa

from meta_noise.build.method import guesses_clean
from meta_noise.data.npz import write_npz
from meta_noise.data.prepare import Prepared
from meta_noise.disk.sealed import write_json
from meta_noise.errors import NotFiniteError
from meta_noise.report.classes import class_summary
from meta_noise.report.labels import label_table, write_labels
from meta_noise.report.page import write_page
from meta_noise.runs.folder import versions
from meta_noise.train.job import Job
from meta_noise.train.loop import Finished
from meta_noise.types import State

FURTHER = ("test_top5_accuracy", "imagenet_accuracy", "imagenet_top5_accuracy")  # beside the accuracy on test rows
LAST = 10  # evaluations in the mean that the tables of the field call "last 10"


def export(
    folder: Path,
    config: dict[str, Any],
    prepared: Prepared,
    job: Job,
    finished: Finished,
    state: State,
    shown: Callable[[int], str] | None = None,
) -> tuple[pa.Table, dict[str, Any]]:
    """Returns the label table and the content of results.json, after writing them and all else that a run leaves.

    Files: labels.parquet, labels.csv, rows.npz, learned.npz, examples.npz, examples.json, results.json, classes.json,
    report.html.

    Args:
        folder: the run folder.
        config: resolved.
        prepared: the data set.
        job: what was trained.
        finished: how it ended.
        state: with the learner of the selected epoch.
        shown: `row -> words`, what a person should see of a row that is no picture.
    """
    rows = prepared.splits.train
    probabilities = job.predict(state, job.store, rows)  # [n, C]
    if not np.isfinite(probabilities).all():
        raise NotFiniteError(
            "The trained network's predictions are not finite. Try a lower learning rate (config.optimizer.lr) or "
            "clipping (config.optimizer.clip=5.0), in a new workdir."
        )
    memory = jax.tree.map(lambda x: np.asarray(x)[rows], finished.kept.carry.memory)
    given = prepared.given[rows]
    truth = prepared.source.true_labels
    seen = memory.visits > 0
    quality = probabilities[np.arange(len(rows)), given].astype(np.float64)
    quality = np.where(seen, (quality + memory.probability) / 2, quality).clip(0, 1)
    has_weights, has_targets = finished.info.rows.weights is not None, finished.info.rows.targets is not None
    weights = np.where(seen, memory.weight, np.nan).astype(np.float64)
    table = label_table(
        prepared.source.ids[rows],
        given,
        probabilities,
        quality,
        weights if has_weights else None,
        memory.target if has_targets else None,
        memory.target_probability if has_targets else None,
        prepared.source.class_names,
        None if truth is None else truth[rows],
        np.where(seen, memory.margin, np.nan).astype(np.float64),
    )
    write_labels(folder, table)
    if learned := job.method.learned(state):
        write_npz(folder / "learned.npz", **jax.tree.map(np.asarray, learned))
    if has_weights:
        write_npz(folder / "rows.npz", weight_last=memory.weight_last, weight_mean=memory.weight)
    worst = rows[np.argsort(quality, kind="stable")[: config["report"]["examples"]]]
    _write_examples(folder, prepared, worst, shown)
    results = _results(config, prepared, job, finished)
    write_results(folder, table, results)
    return table, results


def write_results(folder: Path, labels: pa.Table, results: Mapping[str, Any]) -> None:
    """Writes results.json, and classes.json and report.html, which follow from it and from what lies in the folder."""
    write_json(folder / "results.json", results)
    write_json(folder / "classes.json", class_summary(labels, results))
    write_page(folder)


def _write_examples(folder: Path, prepared: Prepared, rows: np.ndarray, shown: Callable[[int], str] | None) -> None:
    """Writes pictures of the given rows where the data are pictures, else words where there are any."""
    inputs, ids = prepared.source.inputs, prepared.source.ids
    if shown is not None and len(rows):
        write_json(folder / "examples.json", {"rows": {str(ids[row]): shown(row) for row in rows.tolist()}})
    if inputs.ndim == 4 and inputs.dtype == np.uint8 and len(rows):
        write_npz(folder / "examples.npz", ids=ids[rows], images=inputs[rows])


def _results(config: dict[str, Any], prepared: Prepared, job: Job, finished: Finished) -> dict[str, Any]:
    clean, train_on = prepared.splits.clean, config["clean"]["train_on"]
    return {
        "method": config["method"]["name"],
        "data": prepared.source.name,
        "model": config["model"]["name"],
        **({"start": job.start} if job.start else {}),
        "seed": config["seed"],
        "noise": prepared.noise,
        "clean_set": {
            "size": len(clean),
            "pseudo": False,
            "trained_on": train_on != "noisy" or bool(config["meta"]),
            "training_rows": train_on,
            "selection_size": len(prepared.splits.selection),
            "selection_labels": config["clean"]["selection_labels"],
            **(_pseudo_clean(finished) if guesses_clean(config) else {}),
        },
        "warnings": finished.warnings,
        "accuracy": _accuracy(finished.history),
        "training_rows": len(prepared.splits.train),
        "steps": job.epochs * job.settings.steps_per_epoch,
        "seconds": round(finished.seconds, 2),
        "step_milliseconds": round(finished.cost.seconds * 1e3, 3),
        "versions": versions(),
    }


def _pseudo_clean(finished: Finished) -> dict[str, Any]:
    """Returns what results.json says of a clean set that was guessed: its size in the last epoch, how much is right."""
    last = finished.history[-1]
    precision = {"precision": last["clean_precision"]} if "clean_precision" in last else {}
    return {"size": round(last["clean_rows"]), "pseudo": True, **precision}


def _accuracy(history: list[dict[str, Any]]) -> dict[str, Any]:
    """Returns last, best, selected and last-ten accuracy on the test rows, else on the selection rows."""
    measured_on = next((name for name in ("test", "selection") if f"{name}_accuracy" in history[-1]), None)
    if measured_on is None:
        return {"last": None, "best": None, "selected": None, "last10": None, "measured_on": None}
    values = [epoch[f"{measured_on}_accuracy"] for epoch in history]
    choices = [epoch.get("selection_accuracy", 0.0) for epoch in history]
    selected = max(range(len(history)), key=lambda i: (choices[i], i))
    further = {
        name: {"last": history[-1][name], "best": max(e[name] for e in history), "selected": history[selected][name]}
        for name in FURTHER
        if name in history[-1]
    }
    return {
        "last": values[-1],
        "best": max(values),
        "selected": values[selected],
        "last10": float(np.mean(values[-LAST:])),
        "measured_on": measured_on,
        "selected_epoch": history[selected]["epoch"],
        **({"further": further} if further else {}),
    }
