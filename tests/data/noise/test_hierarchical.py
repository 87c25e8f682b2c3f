import numpy as np
import pytest

from meta_noise.data.noise.hierarchical import hierarchical
from meta_noise.data.superclasses import CIFAR100
from meta_noise.errors import InputError


def test_the_other_classes_of_the_superclass_share_the_rate(rng):
    noisy = hierarchical(rng, np.arange(6), 6, 0.6, superclasses=[[0, 2, 5, 4], [3, 1]])
    expected = np.diag([0.4, 0.4, 0.4, 0.4, 0.4, 0.4])
    expected[np.ix_([0, 2, 4, 5], [0, 2, 4, 5])] += 0.2 * (1 - np.eye(4))
    expected[1, 3] = expected[3, 1] = 0.6
    np.testing.assert_allclose(noisy.transition, expected)


def test_a_class_without_superclass_keeps_its_labels(rng):
    labels = np.repeat(np.arange(3), 500)
    noisy = hierarchical(rng, labels, 3, 1.0, superclasses=[[0, 2]])
    np.testing.assert_array_equal(noisy.labels, 2 - labels)


def test_cifar100_stays_inside_its_superclasses(rng):
    names = tuple(sorted(name for group in CIFAR100 for name in group))
    group_of = {name: number for number, group in enumerate(CIFAR100) for name in group}
    labels = np.repeat(np.arange(100), 250)
    noisy = hierarchical(rng, labels, 100, 0.5, class_names=names)
    groups = np.array([group_of[name] for name in names])
    np.testing.assert_array_equal(groups[noisy.labels], groups[labels])
    np.testing.assert_allclose(np.sort(noisy.transition, axis=1)[:, -5:], np.tile([0.125] * 4 + [0.5], (100, 1)))
    assert abs(np.mean(noisy.labels != labels) - 0.5) < 3 * 0.5 / np.sqrt(25000)


def test_other_data_sets_need_a_list(rng):
    with pytest.raises(InputError, match=r"hierarchical knows the superclasses of CIFAR-100 .* another data set; list"):
        hierarchical(rng, np.arange(3), 3, 0.4, class_names=("x", "y", "z"))
    with pytest.raises(InputError, match="class 1 is in two superclasses"):
        hierarchical(rng, np.arange(3), 3, 0.4, superclasses=[[0, 1], [1, 2]])
