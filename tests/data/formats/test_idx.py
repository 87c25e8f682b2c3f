import gzip

import numpy as np
import pytest

from meta_noise.data.formats.idx import parse_idx
from meta_noise.data.sources.mnist import idx_source
from meta_noise.errors import DataNotFoundError, InputError

IMAGES = np.arange(3 * 4 * 5).reshape(3, 4, 5).astype(np.uint8)


@pytest.fixture
def folder(tmp_path, idx_bytes):
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx_bytes(IMAGES)))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx_bytes(np.array([2, 0, 1]))))
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx_bytes(IMAGES[:2]))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx_bytes(np.array([1, 1])))
    return tmp_path


def load(folder, part="train", verify=False):
    return idx_source("mnist", folder, part, ("a", "b", "c"), verify)


def test_packed_and_unpacked_files_are_read(folder):
    train, test = load(folder), load(folder, "test")
    np.testing.assert_array_equal(train.inputs, IMAGES[..., None])
    assert train.labels.tolist() == [2, 0, 1] and train.labels.dtype == np.int32
    assert train.true_labels.tolist() == [2, 0, 1] and train.true_labels is not train.labels
    assert train.ids.tolist() == ["mnist-train-00000", "mnist-train-00001", "mnist-train-00002"]
    assert test.inputs.shape == (2, 4, 5, 1) and test.ids[0] == "mnist-test-00000"


def test_checksums_are_compared(folder):
    with pytest.raises(InputError, match="expected sha256 440fcabf"):
        load(folder, verify=True)
    with pytest.raises(InputError, match="expected sha256 0fa7898d"):
        load(folder, "test", verify=True)


def test_a_missing_file_is_named(folder):
    (folder / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataNotFoundError, match=r"train-labels-idx1-ubyte.gz of data set mnist.*download mnist"):
        load(folder)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda data: data[:2], "2 bytes"),
        (lambda data: b"\1" + data[1:], "magic number 0x01000803"),
        (lambda data: data[:2] + b"\x0d" + data[3:], "begins with 0x00000803"),
        (lambda data: data[:3] + b"\1" + data[4:], "begins with 0x00000803"),
        (lambda data: data[:9], "within its header of 16"),
        (lambda data: data[:-1], "cut off: 60 values"),
        (lambda data: data + b"\0", "too long: 60 values"),
    ],
)
def test_damaged_files_say_how(idx_bytes, change, message):
    with pytest.raises(InputError, match=message):
        parse_idx(change(idx_bytes(IMAGES)), 3, "file")


def test_a_cut_gzip_file_is_refused(folder):
    path = folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(InputError, match="not a whole gzip file"):
        load(folder)


def test_labels_must_fit_images_and_classes(folder, idx_bytes):
    path = folder / "t10k-labels-idx1-ubyte"
    path.write_bytes(idx_bytes(np.array([1, 3])))
    with pytest.raises(InputError, match=r"label 3 in row 1; mnist has classes 0\.\.2"):
        load(folder, "test")
    path.write_bytes(idx_bytes(np.array([1])))
    with pytest.raises(InputError, match="2 images but 1 labels"):
        load(folder, "test")
