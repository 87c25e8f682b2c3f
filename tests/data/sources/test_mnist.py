import numpy as np
import pytest

from meta_noise.data.sources.mnist import fashion_mnist, mnist
from meta_noise.errors import InputError
from tests.stand_ins import write_mnist


def test_the_real_files(real_data):
    folder = str(real_data("mnist"))
    train, test = mnist(folder), mnist(folder, "test")
    assert train.inputs.shape == (60000, 28, 28, 1) and test.inputs.shape == (10000, 28, 28, 1)
    assert np.bincount(train.labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert test.class_names == tuple("0123456789") and test.ids[-1] == "mnist-test-09999"


def test_the_real_files_of_fashion(real_data):
    source = fashion_mnist(str(real_data("fashion_mnist")), "test")
    assert source.inputs.shape == (10000, 28, 28, 1)
    assert np.bincount(source.labels).tolist() == [1000] * 10
    assert source.class_names[8] == "Bag" and source.ids[0] == "fashion_mnist-test-00000"


def test_some_classes_alone(tmp_path):
    write_mnist(tmp_path)
    whole = fashion_mnist(str(tmp_path), verify=False)
    pair = fashion_mnist(str(tmp_path), verify=False, classes=["Ankle boot", "Coat"])
    rows = np.flatnonzero((whole.labels == 9) | (whole.labels == 4))
    assert pair.class_names == ("Ankle boot", "Coat") and pair.ids.tolist() == whole.ids[rows].tolist()
    assert pair.labels.tolist() == (whole.labels[rows] == 4).astype(int).tolist() == pair.true_labels.tolist()
    np.testing.assert_array_equal(pair.inputs, whole.inputs[rows])
    assert pair.labels.dtype == pair.true_labels.dtype == np.int32


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (["4"], "classes of mnist are .'4'.; name two or more different ones"),
        (["4", "4"], "name two or more different ones"),
        (["4", "four"], "class of mnist: 'four'"),
    ],
)
def test_classes_that_make_no_sense(tmp_path, classes, message):
    write_mnist(tmp_path)
    with pytest.raises(InputError, match=message):
        mnist(str(tmp_path), verify=False, classes=classes)
