"""The label table of all rows of a user's data, those that nobody judged, too, with where their labels come from."""

import numpy as np
import pyarrow as pa

from meta_noise.cleaning.verdicts import Verdicts
from meta_noise.data.own import Own
from meta_noise.data.whole import Whole
from meta_noise.disk.identifiers import positions
from meta_noise.report.labels import SOURCE


def complete_labels(labels: pa.Table, whole: Whole, found: Verdicts, own: Own) -> pa.Table:
    """Returns the table of judged rows `labels` with all other rows of the data, in the order of the data.

    Rows that only a trusted file holds come at the end. What was not said of a row is empty.
    """
    trusted = np.zeros(len(own.given), bool) if own.source.trusted is None else own.source.trusted
    order = positions(whole.ids, labels["id"])
    rows = np.arange(len(order))
    if not trusted.any() and not whole.is_bad.any() and np.array_equal(order, rows):  # every row was judged
        return labels.append_column(SOURCE, pa.array(found.source, pa.string()))
    order = np.where(whole.places_of(whole.ids) == rows, order, -1)
    of_trusted = np.flatnonzero(trusted)
    only = of_trusted[whole.places_of(own.source.ids[of_trusted]) < 0].tolist()
    sources = [*found.source, *(["trusted"] * len(only))]
    rest = np.flatnonzero(order < 0).tolist()
    names = [own.class_names[own.source.labels[row]] for row in only]
    others = pa.table(
        {
            "id": pa.array([*(whole.ids[place] for place in rest), *map(str, own.source.ids[only])], pa.string()),
            "given_label": pa.array(
                [*(whole.labels[place] or None for place in rest), *(_given(own, row) for row in only)], pa.string()
            ),
            "label_quality": _numbers([*found.quality[rest], *([1.0] * len(only))]),
            "is_label_issue": pa.array(
                [
                    *(bool(found.is_issue[place]) if found.is_known[place] else None for place in rest),
                    *([False] * len(only)),
                ],
                pa.bool_(),
            ),
            "suggested_label": pa.array([*(found.label[place] or None for place in rest), *names], pa.string()),
            "suggested_probability": _numbers([*found.probability[rest], *([1.0] * len(only))]),
        }
    )
    order[rest] = labels.num_rows + np.arange(len(rest))
    taken = np.concatenate([order, labels.num_rows + len(rest) + np.arange(len(only))])
    whole_table = pa.concat_tables([labels, others], promote_options="default").take(pa.array(taken))
    return whole_table.append_column(SOURCE, pa.array(sources, pa.string())).replace_schema_metadata(
        labels.schema.metadata
    )


def _given(own: Own, row: int) -> str | None:
    return own.class_names[own.given[row]] if own.given[row] >= 0 else None


def _numbers(values: list[float]) -> pa.Array:
    array = np.array(values, np.float64)
    return pa.array(array, mask=np.isnan(array))
