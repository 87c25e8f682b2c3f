import sys

import numpy as np
import pytest

from meta_noise.data.sources.tfds import tfds
from meta_noise.errors import InputError

tensorflow_datasets = pytest.importorskip("tensorflow_datasets")


class Tiny(tensorflow_datasets.core.GeneratorBasedBuilder):
    """Six training and three test images whose pixels are the index; `kind` says which identifiers are stored."""

    VERSION = tensorflow_datasets.core.Version("1.0.0")

    def __init__(self, kind, **settings):
        self.kind = kind
        super().__init__(**settings)

    def _info(self):
        features = {
            "image": tensorflow_datasets.features.Tensor(shape=(4, 4, 1), dtype=np.uint8, encoding="bytes"),
            "label": tensorflow_datasets.features.ClassLabel(names=["even", "odd"]),
            "count": np.int64,
            "text": tensorflow_datasets.features.Text(),
        }
        features |= {"index": np.int64} if self.kind in ("index", "id") else {}
        features |= {"id": tensorflow_datasets.features.Text()} if self.kind == "id" else {}
        features = tensorflow_datasets.features.FeaturesDict(features)
        return tensorflow_datasets.core.DatasetInfo(builder=self, features=features)

    def _split_generators(self, manager):
        return {"train": self._generate_examples(6), "validation": self._generate_examples(3)}

    def _generate_examples(self, count):
        for i in range(count):
            row = {"image": np.full((4, 4, 1), i, np.uint8), "label": i % 2, "count": i, "text": "words"}
            row |= {"index": i} if self.kind in ("index", "id") else {}
            yield i, row | ({"id": f"row {i}"} if self.kind == "id" else {})


@pytest.fixture(scope="module")
def prepare(tmp_path_factory):
    def call(kind):
        builder = Tiny(kind, data_dir=str(tmp_path_factory.mktemp(kind)), file_format="array_record")
        builder.download_and_prepare()
        return str(builder.data_path)

    return call


@pytest.fixture(scope="module")
def prepared(prepare):
    return prepare("id")


def test_records_come_with_their_ids_and_without_tensorflow(prepared):
    source = tfds(prepared)
    assert "tensorflow" not in sys.modules
    assert source.inputs.shape == (6, 4, 4, 1) and source.inputs.dtype == np.uint8
    assert sorted(source.ids.tolist()) == [f"row {i}" for i in range(6)]
    index = [int(identifier.split()[1]) for identifier in source.ids]
    assert source.inputs[:, 0, 0, 0].tolist() == index  # stored shuffled, yet each id is with its row
    assert source.labels.tolist() == [i % 2 for i in index]
    assert source.class_names == ("even", "odd") and source.true_labels is None and source.name == "tiny"


def test_settings_choose_features_and_splits(prepared):
    source = tfds(prepared, "test", id_key="count", true_label_key="label", test_split="validation")
    assert sorted(source.ids.tolist()) == ["0", "1", "2"]
    assert source.true_labels.tolist() == source.labels.tolist()


def test_ids_fall_back_to_the_index_and_to_the_record_number(prepare):
    assert sorted(tfds(prepare("index")).ids.tolist()) == ["0", "1", "2", "3", "4", "5"]
    assert tfds(prepare("none")).ids.tolist() == [f"train-{i:06d}" for i in range(6)]


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"input_key": "images"}, "Did you mean 'image'"),
        ({"label_key": "count"}, "not a ClassLabel"),
        ({"input_key": "text"}, "is text"),
        ({"part": "test"}, "Choices: train, validation"),
        ({"id_key": "label"}, "occurs in rows"),
    ],
)
def test_wrong_settings_say_so(prepared, settings, message):
    with pytest.raises(InputError, match=message):
        tfds(prepared, **settings)


def test_a_folder_without_a_data_set_says_so(tmp_path):
    with pytest.raises(InputError, match=r"holds no dataset_info.json.*array_record"):
        tfds(str(tmp_path))
