import numpy as np
import pytest

from meta_noise.data.noise.uniform import none, uniform
from meta_noise.errors import InputError

LABELS = np.repeat(np.arange(10), 1000)


def test_u1_is_the_matrix_of_the_papers(rng):
    noisy = uniform(rng, LABELS, 10, 0.4)
    expected = np.full((10, 10), 0.04) + 0.6 * np.eye(10)
    np.testing.assert_allclose(noisy.transition, expected)
    assert abs(np.mean(noisy.labels != LABELS) - 0.36) < 3 * np.sqrt(0.36 * 0.64 / 10000)


def test_u2_leaves_out_the_true_class(rng):
    noisy = uniform(rng, LABELS, 10, 0.9, exclude_true=True)
    np.testing.assert_allclose(noisy.transition, np.full((10, 10), 0.1))
    every = uniform(rng, LABELS, 10, 1.0, exclude_true=True)
    assert np.all(every.labels != LABELS)


def test_nothing_and_all(rng):
    assert np.array_equal(uniform(rng, LABELS, 10, 0).labels, LABELS)
    np.testing.assert_allclose(uniform(rng, LABELS, 10, 1).transition, np.full((10, 10), 0.1))
    with pytest.raises(InputError, match="needs 2 or more classes"):
        uniform(rng, np.zeros(3, int), 1, 0.5, exclude_true=True)


@pytest.mark.parametrize("exclude_true", [False, True])
def test_exact_in_the_whole_set(rng, exclude_true):
    noisy = uniform(rng, LABELS, 10, 0.4, exclude_true, exact="set")
    wrong = (noisy.labels != LABELS).sum()
    if exclude_true:
        assert wrong == 4000
        per_class = [(noisy.labels[klass == LABELS] != klass).sum() for klass in range(10)]
        assert len(set(per_class)) > 1  # the number is fixed for the set, not for a class
    else:
        assert abs(wrong - 3600) < 3 * np.sqrt(4000 * 0.1 * 0.9) and wrong != 4000
    np.testing.assert_array_equal(noisy.transition, uniform(rng, LABELS, 10, 0.4, exclude_true).transition)


def test_exact_in_every_class(rng):
    labels = np.repeat(np.arange(4), [1000, 400, 10, 0])
    noisy = uniform(rng, labels, 4, 0.4, exact="class")
    for klass, count in enumerate([1000, 400, 10]):
        found = np.bincount(noisy.labels[klass == labels], minlength=4)
        shares = np.delete(found, klass)
        assert (found - (count - round(0.4 * count)) * (np.arange(4) == klass)).sum() == round(0.4 * count)
        assert shares.max() - shares.min() <= 1 and abs(shares[0] - 0.1 * count) < 1
    without = uniform(rng, LABELS, 10, 0.9, exclude_true=True, exact="class")
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (LABELS, without.labels), 1)
    np.testing.assert_array_equal(counts, np.full((10, 10), 100))


def test_exact_rows_are_chosen_by_the_generator():
    first, second = (uniform(np.random.default_rng(seed), LABELS, 10, 0.4, exact="class").labels for seed in (1, 2))
    assert 0.3 < np.mean((first != LABELS) & (second != LABELS)) / np.mean(first != LABELS) < 0.42  # as by chance: 0.36


def test_wrong_values_say_so(rng):
    with pytest.raises(InputError, match=r"value of exact in noise uniform: 'classes'\. Did you mean 'class'"):
        uniform(rng, LABELS, 10, 0.4, exact="classes")


def test_labels_stay(rng):
    noisy = none(rng, np.array([1, 0, 2]), 3)
    assert noisy.labels.tolist() == [1, 0, 2]
    np.testing.assert_array_equal(noisy.transition, np.eye(3))
