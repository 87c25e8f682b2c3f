"""Any data set prepared by tensorflow_datasets, read without TensorFlow.

TensorFlow Datasets, "a collection of ready-to-use datasets", https://www.tensorflow.org/datasets.
"""

from typing import Any

import numpy as np

from meta_noise.data.formats.published import check_part, existing_path
from meta_noise.data.source import Source, row_ids
from meta_noise.data.sources.arrays import arrays
from meta_noise.errors import InputError, unknown_name

CHUNK = 1024
ADVICE = (
    "Prepare it with tensorflow_datasets, `builder.download_and_prepare()` with file_format='array_record', and look "
    "for the folder with dataset_info.json (DIR/NAME/VERSION)"
)


def tfds(
    path: str = "",
    part: str = "train",
    input_key: str = "image",
    label_key: str = "label",
    id_key: str = "",
    true_label_key: str = "",
    train_split: str = "train",
    test_split: str = "test",
) -> Source:
    """Returns one part of a prepared data set, whole in memory.

    Records are stored shuffled, so a record number is not the row number of the original. Where the records hold an
    identifier, it is used.

    Args:
        path: the prepared folder, which holds dataset_info.json; its files must be array_record.
        part: "train" or "test".
        input_key: feature with the image (all of one size) or the vector.
        label_key: feature with the observed class, a ClassLabel.
        id_key: feature with a unique identifier; where not given, `id` or else `index` if there is one, else the
            part and the record number in this folder.
        true_label_key: feature with the true class, where there is one; where the set has no label noise, the same
            as `label_key`. Not given: the truth is unknown.
        train_split: the split that part "train" stands for.
        test_split: the split that part "test" stands for.

    >>> from meta_noise.data.sources.tfds import tfds
    >>> tfds("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set tfds. Prepa
    """
    split = {"train": train_split, "test": test_split}[check_part(part)]
    folder = existing_path("tfds", path, ADVICE)
    try:
        # Here and not at the top: a large package that only this source needs.
        import tensorflow_datasets
    except ImportError as error:
        raise InputError(f"{error}. Run `pip install tensorflow-datasets importlib_resources`.") from error
    if not (folder / "dataset_info.json").is_file():
        raise InputError(f"{folder} holds no dataset_info.json. {ADVICE}.")
    builder = tensorflow_datasets.builder_from_directory(str(folder))
    features = dict(builder.info.features)
    id_key = id_key or next((key for key in ("id", "index") if key in features), "")
    for key in (input_key, label_key, id_key, true_label_key):
        if key and key not in features:
            raise unknown_name(f"feature of {folder}", key, features)
    if split not in builder.info.splits:
        raise unknown_name(f"split of {folder}", split, builder.info.splits)
    class_names = getattr(features[label_key], "names", None)
    if not class_names:
        raise InputError(f"Feature {label_key!r} of {folder} is not a ClassLabel with a number of classes.")
    try:
        records = builder.as_data_source(split)
    except NotImplementedError as error:
        raise InputError(f"{folder} cannot be read record by record: {error}. {ADVICE}.") from error
    columns = _columns(records, [key for key in dict.fromkeys((input_key, label_key, id_key, true_label_key)) if key])
    inputs = _stack(columns[input_key], input_key)
    ids = [_text(value) for value in columns[id_key]] if id_key else row_ids(part, len(inputs), digits=6)
    truth = np.asarray(columns[true_label_key]) if true_label_key else None
    return arrays(inputs, np.asarray(columns[label_key]), ids, class_names, truth, name=builder.info.name)


def _columns(records: Any, keys: list[str]) -> dict[str, list[Any]]:
    """Returns the values of each key over all records, in their order."""
    columns: dict[str, list[Any]] = {key: [] for key in keys}
    for start in range(0, len(records), CHUNK):
        for record in records.__getitems__(list(range(start, min(start + CHUNK, len(records))))):
            for key in keys:
                columns[key].append(record[key])
    return columns


def _stack(values: list[Any], key: str) -> np.ndarray:
    """Returns the inputs as one array [N, ...]; a record of another shape is an error that names it."""
    if not values:
        raise InputError("The split holds no records.")
    if isinstance(values[0], (bytes, str)):
        raise InputError(f"Feature {key!r} is text; turn it into vectors or token numbers first and use `arrays`.")
    first = np.asarray(values[0])
    for number, value in enumerate(values):
        if np.shape(value) != first.shape:
            raise InputError(
                f"Feature {key!r} has shape {np.shape(value)} in record {number} and {first.shape} in record 0; "
                "prepare the images in one size."
            )
    return np.stack(values)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
