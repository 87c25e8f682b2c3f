import io

import numpy as np
import pytest
from PIL import Image

from meta_noise.data.formats.human_labels import CIFAR10N
from meta_noise.data.sources.cifar10_compact import cifar10_compact
from meta_noise.errors import DataNotFoundError, InputError

COLOURS = np.array([[200, 30, 30], [30, 200, 30], [30, 30, 200]])


@pytest.fixture
def folder(tmp_path):
    """A tiny set in the same form: images of one colour each, header cut off; the true label is the colour."""
    labels = {"train": np.array([0, 1, 2, 1], np.uint8), "test": np.array([2, 0], np.uint8)}
    index = {"class_names": np.array(["red", "green", "blue"])}
    for part, classes in labels.items():
        files = []
        for klass in classes:
            file = io.BytesIO()
            Image.fromarray(np.full((32, 32, 3), COLOURS[klass], np.uint8)).save(
                file, "JPEG", quality=95, subsampling=0
            )
            files.append(file.getvalue())
        cut = 623
        assert len({file[:cut] for file in files}) == 1
        index["header"] = np.frombuffer(files[0][:cut], np.uint8)
        index[f"{part}_offsets"] = np.cumsum([0] + [len(file) - cut for file in files]).astype(np.uint32)
        index[f"{part}_labels"] = classes
        (tmp_path / f"{part}_scans.bin").write_bytes(b"".join(file[cut:] for file in files))
    np.savez(tmp_path / "index.npz", **index)
    human = {name: np.roll(labels["train"], shift) for shift, name in enumerate(CIFAR10N, start=1)}
    np.savez(tmp_path / "cifar10n.npz", clean=labels["train"], **human)
    return tmp_path


def test_images_and_labels(folder):
    source = cifar10_compact(str(folder), verify=False)
    assert source.inputs.shape == (4, 32, 32, 3) and source.inputs.dtype == np.uint8
    assert np.abs(source.inputs.astype(int) - COLOURS[source.labels][:, None, None]).max() <= 3
    assert source.labels.tolist() == source.true_labels.tolist() == [0, 1, 2, 1]
    assert source.ids[1] == "cifar10-train-00001" and source.class_names == ("red", "green", "blue")


def test_human_labels_are_observed_and_the_truth_stays(folder):
    source = cifar10_compact(str(folder), labels="aggre", verify=False)
    assert source.labels.tolist() == [1, 0, 1, 2] and source.true_labels.tolist() == [0, 1, 2, 1]
    test = cifar10_compact(str(folder), "test", labels="aggre", verify=False)
    assert test.labels.tolist() == test.true_labels.tolist() == [2, 0]


def test_wrong_files_say_so(folder):
    with pytest.raises(InputError, match="Choices: aggre, clean, random1"):
        cifar10_compact(str(folder), labels="worse_label")
    with pytest.raises(InputError, match=r"index.npz is not the published.*verify=False"):
        cifar10_compact(str(folder))
    scans = folder / "train_scans.bin"
    whole = scans.read_bytes()
    scans.write_bytes(whole[:-1])
    with pytest.raises(InputError, match=r"does not belong to train_scans.bin"):
        cifar10_compact(str(folder), verify=False)
    scans.write_bytes(bytes(len(whole)))
    with pytest.raises(InputError, match="image 0 is not a JPEG"):
        cifar10_compact(str(folder), verify=False)
    np.savez(folder / "cifar10n.npz", clean=np.zeros(4, np.uint8), worst=np.zeros(4, np.uint8))
    with pytest.raises(DataNotFoundError, match=r"true labels in .* are not those of the images"):
        cifar10_compact(str(folder), labels="worst", verify=False)
    scans.unlink()
    with pytest.raises(DataNotFoundError, match=r"train_scans.bin of data set cifar10_compact"):
        cifar10_compact(str(folder), verify=False)


def test_the_real_test_part(real_data):
    source = cifar10_compact(str(real_data("cifar10")), "test")
    assert source.inputs.shape == (10000, 32, 32, 3)
    assert np.bincount(source.labels).tolist() == [1000] * 10
    assert source.labels[:4].tolist() == [3, 8, 8, 0] and source.class_names[3] == "cat"
    np.testing.assert_allclose(source.inputs.mean((0, 1, 2)) / 255, [0.494, 0.485, 0.450], atol=0.001)


def test_the_real_human_labels(real_data):
    human = np.load(real_data("cifar10") / "cifar10n.npz", allow_pickle=False)
    wrong = {name: round(100 * float(np.mean(human[name] != human["clean"])), 2) for name in CIFAR10N}
    assert wrong == {"aggre": 9.01, "random1": 17.23, "random2": 18.12, "random3": 17.64, "worst": 40.21}
