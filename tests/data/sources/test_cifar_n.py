"""CIFAR-10N and CIFAR-100N: the images of the official archives with labels of people beside them."""

import numpy as np
import pytest

from meta_noise.data.sources.cifar10n import cifar10n
from meta_noise.data.sources.cifar100n import cifar100n
from meta_noise.errors import DataNotFoundError, InputError
from tests.cifar import write_cifar10, write_cifar100


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
