import numpy as np
import pytest

from meta_noise.data.long_tail import long_tail_counts, long_tail_rows
from meta_noise.errors import InputError

FACTORS = (100, 50, 20, 10)


def test_counts_of_long_tailed_cifar10():
    assert long_tail_counts(5000, 10, 100).tolist() == [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]


@pytest.mark.parametrize(
    "max_count, num_classes, totals",
    [
        (5000, 10, (12406, 13996, 17023, 20431)),
        (500, 100, (10847, 12608, 15907, 19573)),
        (4990, 10, (12380, 13967, 16989, 20391)),  # ten clean rows of every class taken out before
        (490, 100, (10626, 12354, 15594, 19183)),
    ],
)
def test_published_totals(max_count, num_classes, totals):
    assert tuple(int(long_tail_counts(max_count, num_classes, factor).sum()) for factor in FACTORS) == totals


def test_ends_are_exact():
    assert long_tail_counts(5000, 3, 100).tolist() == [5000, 500, 50]
    assert long_tail_counts(7, 4, 1).tolist() == [7, 7, 7, 7]
    for factor in range(1, 200):
        assert long_tail_counts(10 * factor, 5, factor)[[0, -1]].tolist() == [10 * factor, 10]


def test_rows_have_the_counts_and_are_sorted(rng):
    labels = rng.permutation(np.repeat(np.arange(10), 200))
    rows = long_tail_rows(rng, labels, 10, 20)
    assert rows.dtype == np.int64 and np.all(np.diff(rows) > 0)
    np.testing.assert_array_equal(np.bincount(labels[rows]), long_tail_counts(200, 10, 20))
    fewer = long_tail_rows(rng, labels, 10, 20, max_count=100)
    np.testing.assert_array_equal(np.bincount(labels[fewer]), long_tail_counts(100, 10, 20))


def test_the_generator_decides():
    labels = np.tile(np.arange(3), 50)
    one, two, other = (long_tail_rows(np.random.default_rng(seed), labels, 3, 5) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_classes_of_unequal_size_give_what_they_can(rng):
    """Counts 90, 100, 3 and factor 10: the last class allows 30 at the head."""
    labels = np.repeat(np.arange(3), [90, 100, 3])
    rows = long_tail_rows(rng, labels, 3, 10)
    assert np.bincount(labels[rows]).tolist() == [30, 9, 3]
    with pytest.raises(InputError, match=r"Class 2 has 3 rows and should keep 9 \(max_count=90, factor=10\)"):
        long_tail_rows(rng, labels, 3, 10, max_count=90)


@pytest.mark.parametrize(
    "max_count, num_classes, factor, message",
    [
        (50, 10, 100, "50 rows thinned by a factor of 100 leave class 9 without a row"),
        (50, 1, 10, "two or more classes; there are 1"),
        (50, 10, 0.01, "factor of a long tail is 0.01; it must be 1 or more"),
        (50, 10, np.inf, "factor of a long tail is inf"),
        (0, 3, 1, "without a row"),
    ],
)
def test_impossible_numbers_say_so(max_count, num_classes, factor, message):
    with pytest.raises(InputError, match=message):
        long_tail_counts(max_count, num_classes, factor)


def test_an_absent_class_says_so(rng):
    with pytest.raises(InputError, match="leave class 2 without a row"):
        long_tail_rows(rng, np.array([0, 0, 2, 2]), 3, 1)
