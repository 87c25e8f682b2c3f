import pickle

import numpy as np
import pytest

from meta_noise.data.sources.cifar import cifar10, cifar10n, cifar100, cifar100n
from meta_noise.errors import DataNotFoundError, InputError
from tests.cifar import write_cifar10, write_cifar100

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


@pytest.fixture
def folder100(tmp_path, pickled):
    def batch(fine):
        data = np.zeros((len(fine), 3072), np.uint8)
        return {b"data": data, b"fine_labels": fine, b"coarse_labels": [label // 2 for label in fine]}

    meta = {b"fine_label_names": [b"apple", b"pear", b"bear", b"fox"], b"coarse_label_names": [b"fruit", b"animal"]}
    for name, content in {"train": batch([0, 1, 2, 3]), "test": batch([3, 0]), "meta": meta}.items():
        (tmp_path / name).write_bytes(pickled(content))
    return tmp_path


def test_fine_and_coarse_labels(folder100):
    fine = cifar100(str(folder100), verify=False)
    assert fine.labels.tolist() == [0, 1, 2, 3] and fine.class_names == ("apple", "pear", "bear", "fox")
    assert fine.ids[0] == "cifar100-train-00000" and fine.inputs.shape == (4, 32, 32, 3)
    coarse = cifar100(str(folder100), "test", labels="coarse", verify=False)
    assert coarse.labels.tolist() == [1, 0] and coarse.class_names == ("fruit", "animal")
    assert coarse.true_labels.tolist() == [1, 0]


def test_wrong_settings_and_files(folder100, pickled):
    with pytest.raises(InputError, match="Did you mean 'coarse'"):
        cifar100(str(folder100), labels="course")
    with pytest.raises(InputError, match="expected md5 16019d7e"):
        cifar100(str(folder100))
    (folder100 / "meta").write_bytes(pickled({}))
    with pytest.raises(InputError, match="lacks the list of fine class names"):
        cifar100(str(folder100), verify=False)


def test_cifar10n(tmp_path):
    human = write_cifar10(tmp_path, human=True)
    source = cifar10n(str(tmp_path), labels="aggre", verify=False)
    np.testing.assert_array_equal(source.labels, human["aggre_label"])
    np.testing.assert_array_equal(source.true_labels, human["clean_label"])
    assert source.name == "cifar10n" and source.ids[3] == "cifar10-train-00003"
    clean, test = (
        cifar10n(str(tmp_path), part, kind, verify=False) for part, kind in (("train", "clean"), ("test", "worst"))
    )
    np.testing.assert_array_equal(clean.labels, human["clean_label"])
    np.testing.assert_array_equal(test.labels, test.true_labels)
    with pytest.raises(InputError, match=r"data_batch_1 is not the published"):
        cifar10n(str(tmp_path))
    with pytest.raises(InputError, match=r"'worse_label'. Did you mean|Choices: aggre, clean"):
        cifar10n(str(tmp_path), labels="worse_label")


def test_labels_that_are_elsewhere_or_lacking(tmp_path):
    (tmp_path / "images").mkdir()
    write_cifar10(tmp_path / "images", human=True)
    moved = (tmp_path / "images" / "CIFAR-10_human.pt").rename(tmp_path / "CIFAR-10_human.pt")
    with pytest.raises(DataNotFoundError, match=r"does not hold CIFAR-10_human.pt or .*UCSC-REAL/cifar-10-100n"):
        cifar10n(str(tmp_path / "images"), verify=False)
    assert len(cifar10n(str(tmp_path / "images"), file=str(moved), verify=False).labels) == 50


def test_labels_beside_the_archive(tmp_path, write_tar):
    (tmp_path / "files").mkdir()
    human = write_cifar10(tmp_path / "files", human=True)
    batches = (tmp_path / "files" / "cifar-10-batches-py").iterdir()
    archive = tmp_path / "files" / "cifar-10-python.tar.gz"
    write_tar(archive, {f"cifar-10-batches-py/{file.name}": file.read_bytes() for file in batches})
    np.testing.assert_array_equal(cifar10n(str(archive), verify=False).labels, human["worse_label"])


def test_cifar100n(tmp_path):
    human = write_cifar100(tmp_path, human=True)
    source = cifar100n(str(tmp_path), verify=False)
    np.testing.assert_array_equal(source.labels, human["noisy_label"])
    np.testing.assert_array_equal(source.true_labels, human["clean_label"])
    assert source.num_classes == 100 and source.ids[3] == "cifar100-train-00003"
    with pytest.raises(InputError, match="Choices: clean, noisy"):
        cifar100n(str(tmp_path), labels="coarse")
