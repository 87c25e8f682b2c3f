import numpy as np

from meta_noise.data.sources.mnist import fashion_mnist, mnist


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
