import pickle

import numpy as np
import pytest

from meta_noise.data.sources.cifar10 import cifar10
from meta_noise.errors import DataNotFoundError, InputError

FOLDER = "cifar-10-batches-py"


def batch(number, count=2, **changes):
    data = np.random.default_rng(number).integers(0, 256, (count, 3072)).astype(np.uint8)
    return {b"batch_label": b"a batch", b"labels": [number] * count, b"data": data, b"filenames": [b"x"] * count} | {
        key.encode(): value for key, value in changes.items()
    }


@pytest.fixture
def files(pickled):
    return {f"data_batch_{number}": pickled(batch(number)) for number in range(1, 6)} | {
        "test_batch": pickled(batch(9, count=3))
    }


@pytest.fixture
def folder(tmp_path, files):
    (tmp_path / FOLDER).mkdir()
    for name, content in files.items():
        (tmp_path / FOLDER / name).write_bytes(content)
    return tmp_path


def test_archive_and_folder_give_the_same(tmp_path_factory, folder, files, write_tar):
    other = tmp_path_factory.mktemp("archive")
    write_tar(other / "cifar-10-python.tar.gz", {f"{FOLDER}/{name}": content for name, content in files.items()})
    for path in (folder, folder / FOLDER, other, other / "cifar-10-python.tar.gz"):
        source = cifar10(str(path), verify=False)
        assert source.inputs.shape == (10, 32, 32, 3) and source.inputs.dtype == np.uint8
        assert source.labels.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5] and source.labels.dtype == np.int32
        assert source.ids[9] == "cifar10-train-00009"
        planes = batch(1)[b"data"][1].reshape(3, 32, 32)
        np.testing.assert_array_equal(source.inputs[1].transpose(2, 0, 1), planes)
        assert len(cifar10(str(path), "test", verify=False).inputs) == 3


def test_checksums_come_before_unpickling(folder):
    (folder / FOLDER / "test_batch").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(InputError, match=r"test_batch is not the published.*expected md5 40351d58"):
        cifar10(str(folder), "test")
    with pytest.raises(InputError, match=r"test_batch is refused: it asks for os.system"):
        cifar10(str(folder), "test", verify=False)


def test_missing_members_are_named(folder, files, write_tar):
    (folder / FOLDER / "data_batch_3").unlink()
    with pytest.raises(DataNotFoundError, match=r"data_batch_3 of data set cifar10.*download cifar10"):
        cifar10(str(folder), verify=False)
    write_tar(folder / "cut.tar.gz", {f"{FOLDER}/data_batch_1": files["data_batch_1"]})
    with pytest.raises(InputError, match="lacks cifar-10-batches-py/data_batch_2"):
        cifar10(str(folder / "cut.tar.gz"), verify=False)


def test_a_damaged_archive_is_refused(folder, files, write_tar):
    path = folder / "cifar-10-python.tar.gz"
    write_tar(path, {f"{FOLDER}/{name}": content for name, content in files.items()})
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(InputError, match="not a whole tar archive"):
        cifar10(str(path), verify=False)


@pytest.mark.parametrize(
    "content, message",
    [
        (batch(9, data=np.zeros((2, 10), np.uint8)), r"'data' is uint8 \(2, 10\)"),
        (batch(9, data=np.zeros((2, 3072))), "'data' is float64"),
        (batch(9, data=3), "'data' is int"),
        (batch(9, labels=[1]), "1 labels for 2 images"),
        (batch(9, labels=[1, 10]), r"label 10 in row 1; classes are 0\.\.9"),
        (batch(9, labels=3), "'labels' is not a list"),
        ([1, 2], "holds a list"),
    ],
)
def test_wrong_contents_say_what_is_wrong(folder, content, message):
    (folder / FOLDER / "test_batch").write_bytes(pickle.dumps(content, protocol=2))
    with pytest.raises(InputError, match=message):
        cifar10(str(folder), "test", verify=False)
