"""What is known of every label, for a notebook: short in print, a table in HTML, figures, a folder to keep it in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from meta_noise.disk.arrays import write_arrays
from meta_noise.disk.owned import owned
from meta_noise.disk.sealed import write_json
from meta_noise.report.axes import Plots
from meta_noise.report.files import existing, read_object
from meta_noise.report.html import rendered
from meta_noise.report.labels import columns, read_labels, write_labels
from meta_noise.report.notices import look_wrong, trust, worthless
from meta_noise.report.summary import how_sure
from meta_noise.report.suspects import read_pictures, read_texts, suspicious_rows

KIND, RESULTS, OF_A_RUN = "findings", "findings.json", "results.json"
PICTURES, TEXTS = "examples.npz", "examples.json"
KEPT, SHOWN = 48, 10  # of the rows of least quality: pictures or words that are kept, rows in a notebook


class Findings(NamedTuple):
    """What is known of N labels.

    Attributes:
        labels: N rows with the columns of `labels.parquet`: id, given_label, label_quality, is_label_issue,
            suggested_label, suggested_probability, and in a run what training saw.
        results: `noise_estimate`, `tournament`, `worthless` and `flags`, as `results.json` has them.
        pictures: id -> [H, W, C] uint8 of rows of least quality, where they are pictures.
        texts: id -> words of rows of least quality, where there are any.
    """

    labels: pa.Table
    results: Mapping[str, Any]
    pictures: Mapping[str, np.ndarray] = {}
    texts: Mapping[str, str] = {}

    @property
    def plot(self) -> Plots:
        """Figures as Matplotlib axes: `confusion()`, `worst()`, `quality()`, `tried()`, `classes()`."""
        return Plots(self.labels, self.results, self.pictures, self.texts)

    def worst(self, n: int = SHOWN) -> pa.Table:
        """Returns the n rows whose labels can be believed least, the worst first."""
        order = np.argsort(columns(self.labels).quality, kind="stable")[: max(n, 0)]
        return self.labels.take(pa.array(order))

    def sentences(self) -> list[str]:
        """Returns what was found, the answer first."""
        found = columns(self.labels)
        if (nothing := worthless(self.results)) is not None:
            return [nothing]
        count, issues = len(found.given), int(found.is_issue.sum())
        said = [f"{look_wrong(issues, count, self.results)} ({len(found.class_names)} classes)."]
        section = self.results.get("noise_estimate")
        rate = section.get("rate") if isinstance(section, Mapping) else None
        if rate:
            interval = f"{rate['low']:.1%} to {rate['high']:.1%} {how_sure(self.results)}"
            said.append(f"About {rate['value']:.1%} of the labels are wrong ({interval}).")
        return [*said, *([sentence] if (sentence := trust(self.results)) else [])]

    def __repr__(self) -> str:
        return f"<Findings: {' '.join(self.sentences()[:2])}>"

    def _repr_html_(self) -> str:
        """Returns the answer and the worst rows for a notebook; all that comes from the user is escaped."""
        rows = suspicious_rows(self.worst(SHOWN), self.pictures, self.texts)[:SHOWN]
        has_words = any(row.text for row in rows)
        return rendered("findings.html.jinja", sentences=self.sentences(), rows=rows, has_words=has_words)

    def save(self, folder: str | Path) -> Path:
        """Writes all of it into a folder, nothing as pickle; returns the folder.

        Raises:
            InputError: the folder holds something else.
        """
        folder = Path(folder)
        with owned(folder, KIND, "Choose another folder"):
            write_labels(folder, self.labels)
            write_json(folder / TEXTS, {"rows": dict(self.texts)})
            if self.pictures:
                images = np.stack([*self.pictures.values()])
                write_arrays(folder / PICTURES, {"ids": np.array(list(self.pictures)), "images": images})
            write_json(folder / RESULTS, self.results)
        return folder


def load_findings(folder: str | Path) -> Findings:
    """Returns what `Findings.save` wrote, or what the run in a run folder found.

    Raises:
        InputError: it is neither, or a file is damaged.

    >>> import tempfile
    >>> import numpy as np
    >>> import meta_noise
    >>> folder, rng = tempfile.mkdtemp(), np.random.default_rng(0)
    >>> kinds = np.arange(60) % 3
    >>> points = 4 * np.eye(3)[kinds] + rng.normal(size=(60, 3))
    >>> given = np.where(rng.random(60) < 0.2, (kinds + 1) % 3, kinds)
    >>> classifier = meta_noise.NoisyLabelClassifier().fit(points, given)
    >>> saved = classifier.findings_.save(f"{folder}/found")
    >>> type(meta_noise.load_findings(f"{folder}/found")).__name__
    'Findings'
    """
    folder = Path(folder)
    name = RESULTS if (folder / RESULTS).is_file() else OF_A_RUN
    results = read_object(existing(folder, name))
    return Findings(read_labels(folder), results, read_pictures(folder / PICTURES), read_texts(folder / TEXTS))


def findings_of(labels: Any, results: Mapping[str, Any], folder: Path | None) -> Findings:
    """Returns the findings of a run whose results are in memory; pictures and words come from its folder, if any.

    `labels` is the label table, or a frame of it, which is then read from the folder again.
    """
    if folder is None:
        return Findings(labels, results)
    table = labels if isinstance(labels, pa.Table) else read_labels(folder)
    return Findings(table, results, read_pictures(folder / PICTURES), read_texts(folder / TEXTS))
