"""What is known of rows with several labels, for a notebook: short in print, rows in HTML, a folder to keep it in."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from meta_noise.report.html import rendered
from meta_noise.report.multilabel import Label, Row
from meta_noise.report.saved import save, saved

KIND, RESULTS, SHOWN = "multilabel findings", "multilabel_findings.json", 10
LABELS, BY_CLASS, SUGGESTED = "labels.parquet", "labels_by_class.parquet", "suggested.parquet"


class MultilabelFindings(NamedTuple):
    """What is known of the labels of M rows and L classes.

    Attributes:
        labels: M rows, in their order and in the kind of the data (a frame for a frame, else a pyarrow table): id, line
            or row, given_label, suggested_label, suggested_probability, label_quality, is_label_issue, label_source,
            missing, wrong.
        by_class: a pyarrow table of each judged row and class: given, suggested, probability, label_quality,
            is_label_issue.
        results: answer, estimated noise, classes, notes.
        worst: the rows with labels that look wrong as they are shown, worst first.
        classes: [L] names.
        suggested: [M, L] bool, the labels that are probably right.
        name: of the corrected file.
        corrected: its content, the data in their form.
    """

    labels: Any
    by_class: pa.Table
    results: Mapping[str, Any]
    worst: Sequence[Row]
    classes: tuple[str, ...]
    suggested: np.ndarray
    name: str
    corrected: bytes

    @property
    def sets(self) -> list[list[str]]:
        """Returns M lists of suggested labels."""
        return [[self.classes[place] for place in np.flatnonzero(row)] for row in self.suggested]

    def __repr__(self) -> str:
        return f"<MultilabelFindings: {self.results['said'][0]}>"

    def _repr_html_(self) -> str:
        """Returns the answer and the worst rows for a notebook; all that comes from the user is escaped."""
        said = [*self.results["said"], *self.results["notes"]]
        return rendered("multilabel_findings.html.jinja", said=said, rows=self.worst[:SHOWN])

    def save(self, folder: str | Path) -> Path:
        """Writes all of it into a folder, nothing as pickle; returns the folder. A frame is kept as a table.

        Raises:
            InputError: the folder holds something else.
        """
        worst = [[*one[:3], [list(label) for label in one.labels], *one[4:]] for one in self.worst]
        columns = {name: self.suggested[:, place] for place, name in enumerate(self.classes)}
        tables = {LABELS: _as_table(self.labels), BY_CLASS: self.by_class, SUGGESTED: pa.table(columns)}
        return save(folder, KIND, RESULTS, tables, self, worst)


def load_multilabel_findings(folder: str | Path) -> MultilabelFindings:
    """Returns what `MultilabelFindings.save` wrote into a folder; `labels` is a pyarrow table.

    Raises:
        InputError: the folder is none of these, or a file is damaged.

    >>> import tempfile
    >>> import numpy as np
    >>> import meta_noise
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.random((90, 2)) < 0.5
    >>> rows = {"a": truth[:, 0] + 0.1 * rng.normal(size=90), "b": truth[:, 1] + 0.1 * rng.normal(size=90)}
    >>> rows["tags"] = [[tag for tag, has in zip(["sea", "sun"], one) if has] for one in truth]
    >>> found = meta_noise.clean_multilabel(rows, "tags")
    >>> saved = found.save(f"{tempfile.mkdtemp()}/found")
    >>> type(meta_noise.load_multilabel_findings(saved)).__name__
    'MultilabelFindings'
    """
    with saved(folder, RESULTS) as found:
        worst = [Row(*one)._replace(labels=[Label(*label) for label in one[3]]) for one in found["worst"]]
        labels, every, suggested = (pq.read_table(Path(folder) / one) for one in (LABELS, BY_CLASS, SUGGESTED))
        matrix, classes = np.stack([column.to_numpy() for column in suggested.columns], axis=1), suggested.column_names
        said = found["results"], worst, tuple(classes), matrix, found["name"], found["corrected"]
        return MultilabelFindings(labels, every, *said)


def _as_table(labels: Any) -> pa.Table:
    if isinstance(labels, pa.Table):
        return labels
    if isinstance(labels, Mapping):  # parts of a data set
        return pa.concat_tables([_as_table(part) for part in labels.values()])
    if hasattr(labels, "with_format"):  # a data set of Hugging Face
        return labels.with_format("arrow")[:].replace_schema_metadata(None)
    return pa.table(labels) if hasattr(labels, "__arrow_c_stream__") else pa.Table.from_pandas(labels)
