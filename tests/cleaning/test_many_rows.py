"""200,000 rows through corrected data and the page within 1 GiB of memory, measured in a process of its own."""

import subprocess
import sys

import pyarrow.parquet as pq
import pytest

ROWS, MOST = 200_000, 2**30  # bytes of resident memory

MAKE = """
import sys
from pathlib import Path
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
from meta_noise.disk.sealed import write_json
from meta_noise.report.labels import Evidence, label_table, write_labels
from meta_noise.report.quality import Scores

folder, rows = Path(sys.argv[1]), int(sys.argv[2])
rng = np.random.default_rng(0)
words = np.array([f"word{k}" for k in range(5000)])
texts = [" ".join(line) for line in words[rng.integers(5000, size=(rows, 30))]]
true = rng.integers(20, size=rows)
given = np.where(rng.random(rows) < 0.1, rng.integers(20, size=rows), true)
names = [f"class {k}" for k in range(20)]
pq.write_table(pa.table({"text": texts, "label": [names[k] for k in given]}), folder / "rows.parquet")
quality = np.where(given == true, 0.9, 0.1)
probabilities = np.full((rows, 20), 0.05)
scores = Scores(quality, given != true, true, np.full(rows, 0.9), true)
(folder / "run").mkdir()
ids = [f"rows-{k:05d}" for k in range(rows)]
write_labels(folder / "run", label_table(Evidence(ids, given, names, probabilities, quality, scores=scores)))
rate = {"rate": {"value": 0.1, "low": 0.08, "high": 0.12}, "how": "planted errors"}
results = {"data": "rows", "noise_estimate": rate, "worthless": None}
write_json(folder / "run/results.json", results)
write_json(folder / "run/examples.json", {"rows": {f"rows-{k:05d}": texts[k] for k in np.argsort(quality)[:2000]}})
"""
MEASURE = """
import resource, sys
from pathlib import Path
from rich.console import Console
from meta_noise.cleaning.corrected import corrected_files
from meta_noise.data.own import read
from meta_noise.report.labels import read_labels
from meta_noise.report.page import write_page

folder = Path(sys.argv[1])
data = folder / "rows.parquet"
corrected_files(read(data), data, {}, Console(quiet=True))(folder / "run", read_labels(folder / "run"))
write_page(folder / "run")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.mark.slow
def test_two_hundred_thousand_rows_within_a_gibibyte(tmp_path):
    subprocess.run([sys.executable, "-c", MAKE, str(tmp_path), str(ROWS)], check=True, timeout=600)
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)], check=True, capture_output=True, text=True, timeout=600
    )
    assert int(measured.stdout) < MOST
    table = pq.read_table(tmp_path / "run/cleaned.parquet")
    assert table.num_rows == ROWS and set(table["label_source"].unique().to_pylist()) == {"given", "suggested"}
    assert (tmp_path / "run/report.html").stat().st_size < 10 * 2**20
