import numpy as np
import pytest

from meta_noise.data.noise.asymmetric import asymmetric
from meta_noise.data.noise.hierarchical import CIFAR100
from meta_noise.data.sources.cifar import CLASS_NAMES
from meta_noise.errors import InputError

FINE = tuple(sorted(name for group in CIFAR100 for name in group))


def successors(transition, rate):
    """Returns {class: class that it becomes}, after checking the two values in each row that has one."""
    found = {}
    for klass, row in enumerate(transition):
        others = np.flatnonzero(np.delete(row, klass))
        if len(others):
            target = int(others[0] + (others[0] >= klass))
            assert len(others) == 1
            np.testing.assert_allclose([row[klass], row[target]], [1 - rate, rate])
            found[klass] = target
    return found


def test_cifar10_confuses_what_looks_alike(rng):
    labels = np.repeat(np.arange(10), 3000)
    noisy = asymmetric(rng, labels, 10, 0.4, class_names=CLASS_NAMES)
    assert successors(noisy.transition, 0.4) == {9: 1, 2: 0, 3: 5, 5: 3, 4: 7}
    sigma = np.sqrt(0.4 * 0.6 * 15000) / 30000
    assert abs(np.mean(noisy.labels != labels) - 0.2) < 3 * sigma
    for klass in (0, 1, 6, 7, 8):
        assert np.all(noisy.labels[labels == klass] == klass)


def test_cifar10_is_known_whatever_the_order_of_its_classes(rng):
    noisy = asymmetric(rng, np.arange(10), 10, 1.0, class_names=CLASS_NAMES[::-1])
    assert successors(noisy.transition, 1.0) == {0: 8, 7: 9, 6: 4, 4: 6, 5: 2}


def test_cifar100_goes_round_in_the_true_superclasses(rng):
    noisy = asymmetric(rng, np.arange(100), 100, 0.3, class_names=FINE)
    found = successors(noisy.transition, 0.3)
    assert len(found) == 100 and sorted(found.values()) == list(range(100))
    assert FINE[found[FINE.index("beaver")]] == "dolphin" and FINE[found[FINE.index("whale")]] == "beaver"
    assert found[0] == 51 and found[51] == 53  # apple, mushroom, orange: not the next class number
    for klass in range(100):
        round_trip = klass
        for _ in range(5):
            round_trip = found[round_trip]
        assert round_trip == klass


def test_own_pairs_and_superclasses(rng):
    names = ("cat", "dog", "car", "bus")
    pairs = asymmetric(rng, np.arange(4), 4, 0.5, pairs=[["cat", "dog"], [3, "car"]], class_names=names)
    assert successors(pairs.transition, 0.5) == {0: 1, 3: 2}
    circles = asymmetric(rng, np.arange(4), 4, 0.5, superclasses=[[2, 0, 3]], class_names=names)
    assert successors(circles.transition, 0.5) == {2: 0, 0: 3, 3: 2}
    two = asymmetric(rng, np.array([0, 1, 1]), 2, 1.0, superclasses=[[0, 1]])
    assert two.labels.tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    "settings, message",
    [
        ({}, "knows CIFAR-10 and CIFAR-100 by their class names, and this is another data set; give pairs"),
        ({"pairs": [[0, 1]], "superclasses": [[0, 1]]}, "not both"),
        ({"pairs": [[0, 1, 2]]}, r"has 3 classes; give \[from, to\]"),
        ({"pairs": [[0, 1], [0, 2]]}, "class 0 has two successors"),
        ({"pairs": [[0, 0]]}, "names a class twice"),
        ({"pairs": [[0, 7]]}, "pair holds 7, which is no class"),
        ({"superclasses": [[0]]}, "two or more classes"),
    ],
)
def test_wrong_settings_say_so(rng, settings, message):
    with pytest.raises(InputError, match=message):
        asymmetric(rng, np.arange(3), 3, 0.4, class_names=("x", "y", "z"), **settings)
