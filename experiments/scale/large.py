"""Large tables of features through `meta-noise clean --features`: time, memory and files by the number of rows.

The rows are made on the spot: 16 columns, four classes on a curved ground, a fifth of the labels wrong.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sklearn.metrics import average_precision_score

COLUMNS, CLASSES, WRONG = 16, 4, 0.2
CHUNK = 1_000_000


def make(folder: Path, rows: int) -> tuple[Path, Path, np.ndarray]:
    """Writes labels.parquet and features.npy of so many rows; returns both paths and the true classes [N]."""
    rng = np.random.default_rng(rows)
    features = np.lib.format.open_memmap(folder / "features.npy", "w+", np.float32, (rows, COLUMNS))
    directions = np.random.default_rng(0).normal(size=(COLUMNS, CLASSES)).astype(np.float32)
    labels, truth = np.empty(rows, np.int8), np.empty(rows, np.int8)
    for start in range(0, rows, CHUNK):
        part = slice(start, min(start + CHUNK, rows))
        x = rng.standard_normal((part.stop - part.start, COLUMNS), np.float32)
        truth[part] = true = np.argmax(x @ directions + 0.5 * np.sin(3 * x[:, :CLASSES]), axis=1)
        wrong = rng.random(len(x)) < WRONG
        shift = rng.integers(1, CLASSES, len(x))
        labels[part] = np.where(wrong, (true + shift) % CLASSES, true)
        features[part] = x
    features.flush()
    pq.write_table(pa.table({"label": _names(labels)}), folder / "labels.parquet")
    return folder / "labels.parquet", folder / "features.npy", truth


def measure(rows: int, budget: str, keep: Path | None = None) -> dict[str, Any]:
    """Returns what cleaning so many rows took, in a process of its own."""
    with tempfile.TemporaryDirectory(dir=keep) as name:
        folder = Path(name)
        labels, features, truth = make(folder, rows)
        out = folder / "run"
        command = [sys.executable, "-m", "meta_noise.cli.run", "clean", str(labels), "--features", str(features)]
        command += ["--out", str(out), "--budget", budget, "--no-cache"]
        begin = time.monotonic()
        with open(folder / "log", "wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)  # what this one used, and not those before it
        seconds = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError((folder / "log").read_text()[-2000:])
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        return {
            "rows": rows,
            "budget": budget,
            "seconds": round(seconds, 1),
            "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
            "peak_bytes": usage.ru_maxrss * 1024,
            "written_bytes": size,
            "cores": os.cpu_count(),
            **_right(out, truth),
        }


def _right(out: Path, truth: np.ndarray) -> dict[str, float]:
    """Returns how right flags, their order and suggestions are, by the true classes [N]."""
    table = pq.read_table(
        out / "labels.parquet", columns=["given_label", "suggested_label", "is_label_issue", "label_quality"]
    )
    wrong, right = (
        pc.not_equal(table["given_label"], _names(truth)),
        pc.equal(table["suggested_label"], _names(truth)),
    )
    wrong, right = wrong.to_numpy(), right.to_numpy()
    flagged = table["is_label_issue"].to_numpy().astype(bool)
    found = {
        "average_precision": average_precision_score(wrong, -table["label_quality"].to_numpy()),
        "precision": wrong[flagged].mean(),
        "recall": flagged[wrong].mean(),
        "suggestions_right": right[flagged].mean(),
    }
    return {name: round(float(value), 4) for name, value in found.items()}


def _names(classes: np.ndarray) -> pa.Array:
    names = pa.array([f"class {number}" for number in range(CLASSES)])
    return pa.DictionaryArray.from_arrays(pa.array(classes), names).cast(pa.string())


def main(arguments: list[str]) -> None:
    """Appends a line for each number of rows to results: `python -m experiments.scale.large ROWS ... BUDGET`."""
    *rows, budget = arguments
    path = Path(__file__).with_name("large.jsonl")
    for count in rows:
        found = measure(int(float(count)), budget)
        print(json.dumps(found), flush=True)
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
