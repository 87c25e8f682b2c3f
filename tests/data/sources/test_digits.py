import numpy as np
from sklearn.datasets import load_digits

from meta_noise.data.sources.digits import digits


def test_the_parts_are_fixed_stratified_and_whole():
    train, test = digits(), digits(part="test")
    assert train.inputs.shape == (1437, 8, 8, 1) and test.inputs.shape == (360, 8, 8, 1)
    assert train.inputs.dtype == np.uint8 and train.labels.dtype == np.int32
    assert np.bincount(train.labels).tolist() == [142, 145, 142, 146, 145, 146, 145, 143, 139, 144]
    assert np.bincount(test.labels).tolist() == [36, 37, 35, 37, 36, 36, 36, 36, 35, 36]
    assert test.ids[:3].tolist() == ["digits-0000", "digits-0001", "digits-0002"]
    assert sorted([*train.ids, *test.ids]) == [f"digits-{row:04d}" for row in range(1797)]
    assert train.num_classes == 10 and np.array_equal(train.true_labels, train.labels)


def test_ids_are_the_original_row_numbers():
    images, labels = load_digits(return_X_y=True)
    source = digits()
    rows = [int(identifier.split("-")[1]) for identifier in source.ids]
    assert source.labels.tolist() == labels[rows].tolist()
    np.testing.assert_allclose(source.inputs.reshape(-1, 64) / 255, images[rows] / 16, atol=0.5 / 255)
    assert (source.inputs.min(), source.inputs.max()) == (0, 255)
