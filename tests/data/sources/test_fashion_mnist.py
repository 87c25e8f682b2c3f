import numpy as np

from meta_noise.data.sources.fashion_mnist import fashion_mnist


def test_the_real_files(real_data):
    source = fashion_mnist(str(real_data("fashion_mnist")), "test")
    assert source.inputs.shape == (10000, 28, 28, 1)
    assert np.bincount(source.labels).tolist() == [1000] * 10
    assert source.class_names[8] == "Bag" and source.ids[0] == "fashion_mnist-test-00000"
