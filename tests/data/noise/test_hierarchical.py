import numpy as np
import pytest

from meta_noise.data.noise.hierarchical import CIFAR100, find_superclasses, hierarchical, is_cifar100, numbered_groups
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


# Fine label -> coarse label, as in the published archive.
FINE_TO_COARSE = [
    *(4, 1, 14, 8, 0, 6, 7, 7, 18, 3, 3, 14, 9, 18, 7, 11, 3, 9, 7, 11, 6, 11, 5, 10, 7, 6, 13, 15, 3, 15, 0, 11, 1),
    *(10, 12, 14, 16, 9, 11, 5, 5, 19, 8, 8, 15, 13, 14, 17, 18, 10, 16, 4, 17, 4, 2, 0, 17, 4, 18, 17, 10, 3, 2, 12),
    *(12, 16, 12, 1, 9, 19, 2, 10, 0, 1, 16, 12, 9, 13, 15, 13, 16, 19, 2, 4, 6, 19, 5, 5, 8, 19, 18, 1, 2, 15, 6, 0),
    *(17, 8, 14, 13),
]
NAMES = tuple(sorted(name for group in CIFAR100 for name in group))  # the fine classes are numbered by their names


def test_cifar100_has_its_twenty_groups_of_five():
    assert len(NAMES) == len(set(NAMES)) == len(FINE_TO_COARSE) == 100
    for coarse, group in enumerate(find_superclasses((), 100, NAMES, "test")):
        assert group == np.flatnonzero(np.array(FINE_TO_COARSE) == coarse).tolist()


def test_cifar100_is_known_by_its_names_in_any_order():
    assert is_cifar100(NAMES[::-1]) and not is_cifar100(NAMES[:99]) and not is_cifar100(())
    backwards = find_superclasses((), 100, NAMES[::-1], "test")
    assert backwards[0] == [99 - number for number in find_superclasses((), 100, NAMES, "test")[0]]


def test_names_and_numbers_mean_the_same():
    names = ("cat", "dog", "car", "bus")
    assert numbered_groups([["cat", 1], (np.int64(3), "car")], 4, names, "x") == [[0, 1], [3, 2]]


@pytest.mark.parametrize(
    "given, message",
    [
        ([], "this is another data set; list them"),
        ([["cat"]], "two or more classes"),
        (["cat"], "two or more classes"),
        ([3], "two or more classes"),
        ([["cat", "bird"]], r"holds 'bird', which is no class; give 0\.\.3 or a name \(cat, dog, car, bus\)"),
        ([[0, 4]], "holds 4, which is no class"),
        ([[0, -1]], "holds -1, which is no class"),
        ([[0, 1.5]], "holds 1.5, which is no class"),
        ([["cat", 0]], "names a class twice"),
        ([[0, 1], [2, "dog"]], "class 1 is in two superclasses"),
    ],
)
def test_wrong_lists_say_what_is_wrong(given, message):
    with pytest.raises(InputError, match=message):
        find_superclasses(given, 4, ("cat", "dog", "car", "bus"), "test")
