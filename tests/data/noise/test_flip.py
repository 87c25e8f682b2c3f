import numpy as np
import pytest

from meta_noise.data.noise.flip import flip, pair
from meta_noise.errors import InputError

LABELS = np.repeat(np.arange(6), [1000, 900, 800, 700, 600, 500])


@pytest.mark.parametrize("targets", [1, 2])
def test_fixed_targets_share_the_rate(rng, targets):
    noisy = flip(rng, LABELS, 6, 0.4, targets=targets)
    np.testing.assert_allclose(np.diag(noisy.transition), 0.6)
    beside = noisy.transition - np.diag(np.diag(noisy.transition))
    assert np.all((beside > 0).sum(axis=1) == targets)
    np.testing.assert_allclose(beside[beside > 0], 0.4 / targets)
    for klass in range(6):
        assert len(np.unique(noisy.labels[klass == LABELS])) == 1 + targets


def test_f1_is_the_default_and_its_targets_vary_with_the_generator():
    targets = {
        tuple(np.argmax(flip(np.random.default_rng(seed), LABELS, 6, 0.9).transition, axis=1)) for seed in range(10)
    }
    assert len(targets) == 10
    assert all(target != klass for chosen in targets for klass, target in enumerate(chosen))


def test_f3_has_exact_counts_in_every_class(rng):
    noisy = flip(rng, LABELS, 6, 0.35, targets="any")
    for klass, count in enumerate(np.bincount(LABELS)):
        members = noisy.labels[klass == LABELS]
        assert (members != klass).sum() == round(0.35 * count)
        assert len(np.unique(members)) == 6
    expected = np.where(np.eye(6, dtype=bool), 0.65, 0.07)
    np.testing.assert_allclose(noisy.transition, expected)


@pytest.mark.parametrize("targets", [1, 2])
def test_f4_has_exact_counts_and_fixed_targets(targets):
    labels = np.concatenate([LABELS, np.zeros(7, int)])
    noisy = flip(np.random.default_rng(3), labels, 6, 0.35, targets=targets, exact="class")
    f1 = flip(np.random.default_rng(3), labels, 6, 0.35, targets=targets)
    np.testing.assert_array_equal(noisy.transition, f1.transition)
    for klass, count in enumerate(np.bincount(labels)):
        found = np.bincount(noisy.labels[klass == labels], minlength=6)
        assert found[klass] == count - round(0.35 * count)
        wrong = found[(noisy.transition[klass] > 0) & (np.arange(6) != klass)]
        assert wrong.sum() == round(0.35 * count) and len(wrong) == targets and np.ptp(wrong) <= 1


def test_two_classes_only_swap(rng):
    labels = np.repeat([0, 1], 50)
    for settings in ({"targets": 1}, {"targets": "any"}, {"exact": "class"}):
        noisy = flip(rng, labels, 2, 1.0, **settings)
        np.testing.assert_array_equal(noisy.labels, 1 - labels)


def test_wrong_settings_say_so(rng):
    with pytest.raises(InputError, match="targets=3; choose 1, 2 or 'any'"):
        flip(rng, LABELS, 6, 0.4, targets=3)
    with pytest.raises(InputError, match="value of exact in noise flip: 'set'"):
        flip(rng, LABELS, 6, 0.4, exact="set")
    with pytest.raises(InputError, match="needs 3 or more classes; there are 2"):
        flip(rng, np.array([0, 1]), 2, 0.4, targets=2)
    with pytest.raises(InputError, match="needs 2 or more classes"):
        flip(rng, np.array([0]), 1, 0.4, targets="any")


def test_each_class_becomes_the_next(rng):
    labels = np.repeat(np.arange(3), 100)
    noisy = pair(rng, labels, 3, 0.45)
    np.testing.assert_allclose(noisy.transition, [[0.55, 0.45, 0], [0, 0.55, 0.45], [0.45, 0, 0.55]])
    assert set(np.unique((noisy.labels - labels) % 3)) == {0, 1}
    np.testing.assert_array_equal(pair(rng, labels, 3, 1.0).labels, (labels + 1) % 3)


def test_one_class_has_no_next(rng):
    with pytest.raises(InputError, match="pair needs 2"):
        pair(rng, np.zeros(3, int), 1, 0.1)
