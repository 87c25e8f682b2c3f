"""A run folder as training would leave it, made of random numbers in a fraction of a second."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from meta_noise.disk.sealed import write_json
from meta_noise.report.labels import Evidence, label_table, write_labels
from meta_noise.report.quality import Targets

DIGIT_STROKES = {  # seven segments: top, upper left, upper right, middle, lower left, lower right, bottom
    0: "1110111", 1: "0010010", 2: "1011101", 3: "1011011", 4: "0111010",
    5: "1101011", 6: "1101111", 7: "1010010", 8: "1111111", 9: "1111011",
}  # fmt: skip


def fake_table(
    rows: int = 300,
    classes: int = 10,
    noise: float = 0.4,
    truth: bool = True,
    weights: bool = True,
    corrected: bool = False,
    names: tuple[str, ...] | None = None,
    seed: int = 0,
) -> pa.Table:
    """Returns a label table of a method that finds most of the wrong labels; with `corrected` it also corrects them."""
    rng = np.random.default_rng(seed)
    true = rng.integers(classes, size=rows)
    given = np.where(rng.random(rows) < noise, rng.integers(classes, size=rows), true)
    logits = 1.4 * rng.normal(size=(rows, classes)) + 4.2 * np.eye(classes)[true] + 1.6 * np.eye(classes)[given]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    quality = probabilities[np.arange(rows), given]
    weight = np.clip(quality + rng.normal(scale=0.12, size=rows), 0, 1)
    targets = None
    if corrected:
        targets = Targets((logits + 1.2 * rng.normal(size=logits.shape)).argmax(axis=1), np.full(rows, 0.5))
    return label_table(
        Evidence(
            ids=[f"train-{i:05d}" for i in range(rows)],
            given=given,
            class_names=names or tuple(map(str, range(classes))),
            probabilities=probabilities,
            quality=quality,
            weights=weight if weights else None,
            targets=targets,
            true=true if truth else None,
        )
    )


def fake_metrics(epochs: int = 20, truth: bool = True, noise: float = 0.36) -> list[dict[str, float]]:
    """Returns one line per epoch; accuracies and weights that move as in a good run."""
    rng = np.random.default_rng(1)
    lines = []
    for epoch in range(1, epochs + 1):
        grown = 1 - np.exp(-epoch / 4)
        learned, memorised, recovered = 0.1 + 0.87 * grown, 0.1 + 0.005 * epoch, 0.1 + 0.68 * grown
        line = {
            "step": epoch * 12,
            "epoch": epoch,
            "loss": 2.3 - 1.5 * grown + rng.normal(scale=0.03),
            "outer_loss": 2.3 - 2.1 * grown + rng.normal(scale=0.03),
            "given_accuracy": (1 - noise) * learned + noise * memorised,
            "selection_accuracy": 0.1 + 0.83 * grown + rng.normal(scale=0.012),
            "test_accuracy": 0.1 + 0.85 * grown + rng.normal(scale=0.006),
        }
        if truth:
            line |= {
                "true_accuracy": (1 - noise) * learned + noise * recovered,
                "learned": learned,
                "memorised": memorised,
                "recovered": recovered,
                "weight_right": 0.5 + 0.35 * grown,
                "weight_wrong": 0.5 - 0.38 * grown,
                "target_accuracy": 0.64 + 0.22 * grown,
            }
        lines.append(line)
    return lines


def fake_sampler(epochs: int = 20, tensors: int = 13) -> list[dict[str, float]]:
    """Returns lines of a run with averaged parameters, a layer sampler and a measured variance of the meta-gradient."""
    rng = np.random.default_rng(3)
    lines = fake_metrics(epochs)
    for line in lines:
        for i in range(tensors):
            name = f"stage{i // 4 + 1}/block{i // 2 % 2}/conv{i % 2}/kernel"
            line[f"gate/{name}"] = float(np.clip(i / tensors + 0.02 * line["epoch"] - 0.5 + 0.1 * rng.normal(), 0, 1))
        line["test_raw_accuracy"] = line["test_accuracy"] - 0.05 / line["epoch"] - 0.01 * rng.random()
        line["meta_gradient_variance"] = 3e-4 * float(np.exp(-line["epoch"] / 6 + 0.2 * rng.normal()))
    return lines


def fake_learned(classes: int = 10, rate: float = 0.4) -> dict[str, np.ndarray]:
    """Returns the arrays of learned.npz: a transition matrix near that of uniform noise, signed scores, a curve."""
    rng = np.random.default_rng(4)
    transition = uniform_transition(classes, rate) + 0.05 * rng.random((classes, classes))
    losses = np.linspace(0, 6, 101)
    return {
        "transition": (transition / transition.sum(axis=1, keepdims=True)).astype(np.float32),
        "matrix": (4 * np.eye(classes) + rng.normal(size=(classes, classes))).astype(np.float32),
        "weight_curve": np.array([losses, 1 / (1 + np.exp(2 * losses - 5))], np.float32),
    }


def uniform_transition(classes: int = 10, rate: float = 0.4) -> np.ndarray:
    """Returns [C, C] of noise that keeps a label or draws any class, itself among them."""
    return (1 - rate) * np.eye(classes) + rate / classes


def fake_pictures(classes: np.ndarray, side: int = 8, seed: int = 2) -> np.ndarray:
    """Returns [K, side, side, 1] uint8 pictures of digits as on a pocket calculator, with noise."""
    rng = np.random.default_rng(seed)
    pictures = np.zeros((len(classes), 8, 8))
    strokes = [np.s_[0, 2:6], np.s_[1:4, 1], np.s_[1:4, 6], np.s_[3, 2:6], np.s_[4:7, 1], np.s_[4:7, 6], np.s_[7, 2:6]]
    for picture, label in zip(pictures, classes, strict=True):
        for stroke, on in zip(strokes, DIGIT_STROKES[int(label) % 10], strict=True):
            picture[stroke] = on == "1"
    pictures = np.clip(215 * pictures + rng.normal(scale=28, size=pictures.shape), 0, 255).astype(np.uint8)
    return np.kron(pictures, np.ones((1, side // 8, side // 8), np.uint8))[..., None]


def fake_results(**changes: Any) -> dict[str, Any]:
    """Returns the contents of results.json."""
    return {
        "method": "l2r",
        "data": "digits",
        "model": "mlp",
        "seed": 0,
        "noise": {"kind": "uniform", "rate": 0.4, "realised": 0.3633, "sha256": "9f2c" * 16},
        "clean_set": {"size": 50, "trained_on": True, "selection_size": 100},
        "accuracy": {"last": 0.9417, "best": 0.9556, "selected": 0.95, "last10": 0.9431, "selected_epoch": 17},
        "seconds": 83.4,
        "versions": {"meta_noise": "0.1.0", "jax": "0.10.2", "numpy": np.__version__},
    } | changes


def fake_run(
    folder: Path,
    table: pa.Table | None = None,
    metrics: list[dict[str, float]] | None = None,
    pictures: bool = True,
    learned: dict[str, np.ndarray] | None = None,
    noise_file: dict[str, Any] | None = None,
    **changes: Any,
) -> Path:
    """Fills a run folder and returns it; `changes` replace entries of results.json.

    `learned` and `noise_file` are the arrays of learned.npz and noise.npz, which are left out otherwise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = fake_table() if table is None else table
    write_labels(folder, table)
    lines = fake_metrics() if metrics is None else metrics
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    write_json(folder / "results.json", fake_results(**changes))
    config = {
        "data": {"name": "digits", "path": ""},
        "noise": {"kind": "uniform", "rate": 0.4},
        "method": {"name": "l2r"},
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9},
        "train": {"epochs": 20, "batch_size": 100, "seed": 0, "eval_every": None, "milestones": [10, 15]},
    }
    write_json(folder / "config.json", config)
    for name, arrays in (("learned", learned), ("noise", noise_file)):
        if arrays is not None:
            np.savez(folder / f"{name}.npz", **arrays)
    if pictures:
        order = np.argsort(table["label_quality"].to_numpy())[:64]
        shown = table.take(pa.array(order))
        truth = shown["true_label" if "true_label" in table.column_names else "suggested_label"].to_pylist()
        digits = np.array([int(name) if name.isdecimal() else len(name) for name in truth])
        np.savez(folder / "examples.npz", ids=np.array(shown["id"].to_pylist()), images=fake_pictures(digits))
    return folder
