import numpy as np

from meta_noise.data.noise.none import none


def test_labels_stay(rng):
    noisy = none(rng, np.array([1, 0, 2]), 3)
    assert noisy.labels.tolist() == [1, 0, 2]
    np.testing.assert_array_equal(noisy.transition, np.eye(3))
