"""The project's TFDS builder of image sets, and writing with it; the one module here that knows tensorflow_datasets.

Nothing of it needs TensorFlow. The usual way, `download_and_prepare`, collects all records of a split before it writes
them, in memory and above one gigabyte in files that only TensorFlow can write, and it shuffles. Here records are
appended one after the other by TFDS's sequential writer: any size, and record i is row i.
"""

import dataclasses
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from meta_noise.errors import InputError

VERSION = "1.0.0"
RECORDS_PER_SHARD = 10_000
BLOCK = 256  # records given to the writer at once


class Record(NamedTuple):
    """One stored image: the bytes of its file, and what the distributor says about it."""

    image: bytes
    index: int  # type: ignore[assignment]
    id: str
    label: int
    true_label: int
    verified: int


def write_records(folder: Path, name: str, classes: Sequence[str], splits: Mapping[str, Iterator[Record]]) -> Path:
    """Writes a prepared directory into `folder/name/VERSION`, which must not exist, and returns it.

    Args:
        folder: where; made if it does not exist.
        name: of the data set.
        classes: their C names.
        splits: the records of each; taken one split after the other.
    """
    tfds = _tfds()
    builder = _builder(tfds, folder, name, classes)
    target = Path(builder.data_path)
    target.mkdir(parents=True)
    writer = tfds.core.SequentialWriter(
        builder.info, max_examples_per_shard=RECORDS_PER_SHARD, file_format="array_record"
    )
    writer.initialize_splits(list(splits))
    for split, records in splits.items():
        block: list[dict[str, Any]] = []
        for record in records:
            block.append({**record._asdict(), "image": io.BytesIO(record.image)})
            if len(block) == BLOCK:
                writer.add_examples({split: block})
                block = []
        writer.add_examples({split: block})
        writer.close_splits([split])
    return target


@dataclasses.dataclass(frozen=True)
class Records:
    """One split of a prepared directory.

    Attributes:
        source: TFDS's data source, whose records are left as bytes.
        parse: `bytes -> tf.train.Example`. The features are taken out here, as TFDS makes an array of each first.
    """

    source: Any
    parse: Callable[[bytes], Any]

    def __len__(self) -> int:
        return len(self.source)

    def __call__(self, number: int) -> Record:
        """Returns a record; may be called from several threads."""
        found = self.parse(self.source[number]).features.feature
        image, name = (found[key].bytes_list.value[0] for key in ("image", "id"))
        index, label, true_label, verified = (
            found[key].int64_list.value[0] for key in ("index", "label", "true_label", "verified")
        )
        return Record(image, index, name.decode(), label, true_label, verified)


def read_records(directory: Path, split: str) -> Records:
    """Returns a split of a prepared directory (the one with dataset_info.json)."""
    tfds = _tfds()
    # Part of TFDS, which imports it only where a record is parsed.
    from tensorflow_datasets.proto import tf_example_pb2

    builder = tfds.builder_from_directory(str(directory))
    source = builder.as_data_source(split, deserialize_method=tfds.decode.DeserializeMethod.RAW_BYTES)
    return Records(source, tf_example_pb2.Example.FromString)


def _tfds() -> Any:
    try:
        # Here and not at the top: a large package that only prepared image sets need.
        import tensorflow_datasets
    except ImportError as error:
        raise InputError(f"{error}. Run `pip install tensorflow-datasets importlib_resources`.") from error
    return tensorflow_datasets


def _builder(tfds: Any, folder: Path, set_name: str, classes: Sequence[str]) -> Any:
    class ImageSet(tfds.core.GeneratorBasedBuilder, skip_registration=True):  # type: ignore[call-arg]
        """Image files with labels."""

        name = set_name
        VERSION = tfds.core.Version(VERSION)

        def _info(self) -> Any:
            features = {
                "image": tfds.features.Image(shape=(None, None, 3)),
                "index": np.int64,
                "id": tfds.features.Text(),
                "label": tfds.features.ClassLabel(names=list(classes)),
                "true_label": np.int64,
                "verified": np.int64,
            }
            features = tfds.features.FeaturesDict(features)
            return tfds.core.DatasetInfo(builder=self, disable_shuffling=True, features=features)

        def _split_generators(self, manager: Any) -> Any:
            raise NotImplementedError("prepared by write_records")

        def _generate_examples(self) -> Any:
            raise NotImplementedError("prepared by write_records")

    return ImageSet(data_dir=str(folder), file_format="array_record")
