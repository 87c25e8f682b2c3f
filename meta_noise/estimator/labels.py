"""Labels and trusted rows as a user gives them to `fit`, checked."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import assert_all_finite, column_or_1d

from meta_noise.errors import InputError


class Classes(NamedTuple):
    """Labels of N rows.

    Attributes:
        values: [C] the different labels, sorted, as they were given.
        codes: [N] int32 their places in `values`.
        names: C names, each its own.
    """

    values: np.ndarray
    codes: np.ndarray
    names: tuple[str, ...]


def read_classes(y: Any, rows: int) -> Classes:
    """Returns the classes of labels y [N]: numbers, words, booleans, an array, a list or a series.

    Raises:
        InputError: a row has no label, there is one class only, or another number of rows.
        ValueError: they are no classes, as scikit-learn says it.
    """
    if y is None:
        raise InputError("NoisyLabelClassifier requires y to be passed, but the target y is None.")
    labels = column_or_1d(y if hasattr(y, "dtype") or isinstance(y, list) else np.asarray(y), warn=True)
    if labels.dtype == object:
        _check_known(labels)
        labels = _plain(labels)
    assert_all_finite(labels, input_name="y")
    check_classification_targets(labels)
    if len(labels) != rows:
        raise InputError(f"y has {len(labels):,} labels for {rows:,} rows of X; give one a row.")
    values, codes = np.unique(labels, return_inverse=True)
    if len(values) < 2:
        shown = f", {values.tolist()[0]!r:.60}" if len(values) else ""
        raise InputError(f"y has only one class{shown}; a classifier needs two or more.")
    return Classes(values, codes.astype(np.int32), names_of(values))


def names_of(values: np.ndarray) -> tuple[str, ...]:
    """Returns a name for each class [C], each its own."""
    names = [str(value) for value in values.tolist()]
    if len(set(names)) < len(names):
        names = [f"{name} ({place})" for place, name in enumerate(names)]
    return tuple(names)


def read_trusted(trusted: Any, rows: int) -> np.ndarray:
    """Returns which rows are trusted, [N] bool, none where it is None.

    Raises:
        InputError: it is no yes or no for each row.
    """
    if trusted is None:
        return np.zeros(rows, bool)
    found = np.asarray(trusted)
    if found.dtype == object and all(isinstance(one, bool | np.bool_) for one in found.flat):
        found = found.astype(bool)
    if found.shape != (rows,):
        raise InputError(
            f"trusted has shape {found.shape}, and there are {rows:,} rows; give [{rows}] true or false. In a search "
            "or cross-validation give it to fit, which cuts it as it cuts X: params={'trusted': mask}."
        )
    if found.dtype != bool and not (found.dtype.kind in "iuf" and np.isin(found, (0, 1)).all()):
        raise InputError(
            f"trusted holds {found.dtype} such as {found[0]!r:.40}; give true or false for each row. Of row numbers: "
            "mask = numpy.zeros(len(y), bool); mask[rows] = True."
        )
    return found.astype(bool)


def _check_known(labels: np.ndarray) -> None:
    missing = [row for row, label in enumerate(labels) if label is None or label != label]
    if missing:
        more = f", and {len(missing) - 1:,} more rows have none" if len(missing) > 1 else ""
        raise InputError(f"y holds no label (NaN or None) in row {missing[0]}{more}; leave such rows out.")


def _plain(labels: np.ndarray) -> np.ndarray:
    """Returns labels that are all of one kind as an array of that kind; words stay Python's."""
    kinds = {type(label) for label in labels}
    if len(kinds) > 1 and not kinds <= {int, float, bool, np.int64, np.float64}:
        shown = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise InputError(f"y holds labels of several types ({shown}): Unknown label type. Write all in one way.")
    return labels if kinds == {str} else np.array(labels.tolist())
