import numpy as np
import pytest

from meta_noise.data.noise import instance as module
from meta_noise.data.noise.instance import instance
from meta_noise.errors import InputError

LABELS = np.repeat(np.arange(4), 6000)
VECTORS = np.random.default_rng(3).normal(size=(len(LABELS), 3)).astype(np.float32)


def test_the_mean_rate_is_that_of_the_truncated_normal(rng):
    # Mean of Normal(rho, 0.1^2) inside [0, 1]: rho + 0.1 (phi(a) - phi(b)) / (Phi(b) - Phi(a)), by tables of both
    for rate, mean in ((0.1, 0.12876), (0.2, 0.20552), (0.5, 0.5)):
        noisy = instance(rng, LABELS, 4, rate, inputs=VECTORS)
        # q is drawn anew for each row, its deviation below 0.1
        np.testing.assert_allclose(1 - np.diag(noisy.transition), mean, atol=3 * 0.1 / np.sqrt(6000))
        sigma = np.sqrt(mean * (1 - mean) / len(LABELS))
        assert abs(np.mean(noisy.labels != LABELS) - mean) < 3 * sigma + 3 * 0.1 / np.sqrt(len(LABELS))


def test_the_wrong_class_follows_the_input(rng):
    inputs = np.zeros((len(LABELS), 2), np.float32)
    inputs[::2, 0], inputs[1::2, 1] = 30.0, 30.0  # two kinds of examples in every class
    noisy = instance(rng, LABELS, 4, 0.5, inputs=inputs)
    differing = 0
    for klass in range(4):
        wrong = (klass == LABELS) & (noisy.labels != klass)
        kinds = [np.bincount(noisy.labels[wrong & (np.arange(len(LABELS)) % 2 == kind)]) for kind in (0, 1)]
        assert all(counts.max() > 0.95 * counts.sum() for counts in kinds)  # one wrong class for each kind
        differing += np.argmax(kinds[0]) != np.argmax(kinds[1])
    assert differing > 0


def test_scores_are_projections_of_the_flat_input():
    images = np.random.default_rng(4).integers(0, 256, (5000, 2, 2, 1), dtype=np.uint8)
    labels = np.zeros(len(images), int)
    noisy = instance(np.random.default_rng(6), labels, 3, 1.0, inputs=images)
    copy = np.random.default_rng(6)  # q is 1, so that the first numbers are the chances
    copy.random(len(images))
    scores = images.reshape(-1, 4) / 255 @ copy.standard_normal((4, 3), np.float32)
    expected = 1 / (1 + np.exp(scores[:, 2] - scores[:, 1]))  # softmax over the two wrong classes
    np.testing.assert_allclose(noisy.transition[0], [0, expected.mean(), 1 - expected.mean()], rtol=1e-5)
    assert np.corrcoef(noisy.labels == 1, expected)[0, 1] > 0.9 * np.std(expected) / np.std(noisy.labels)


def test_chunks_make_no_difference(monkeypatch):
    whole = instance(np.random.default_rng(1), LABELS, 4, 0.4, inputs=VECTORS)
    monkeypatch.setattr(module, "CHUNK", 77)
    parts = instance(np.random.default_rng(1), LABELS, 4, 0.4, inputs=VECTORS)
    np.testing.assert_array_equal(whole.labels, parts.labels)
    np.testing.assert_allclose(whole.transition, parts.transition, rtol=1e-6)


def test_two_classes_only_swap(rng):
    labels = np.array([0, 1, 1, 0])
    noisy = instance(rng, labels, 2, 1.0, inputs=np.ones((4, 2), np.float32))
    np.testing.assert_array_equal(noisy.labels, 1 - labels)
    np.testing.assert_array_equal(noisy.transition, [[0, 1], [1, 0]])


def test_spread_of_zero_is_one_rate_for_all(rng):
    noisy = instance(rng, LABELS, 4, 0.3, spread=0.0, inputs=VECTORS)
    np.testing.assert_allclose(np.diag(noisy.transition), 0.7)


@pytest.mark.parametrize(
    "inputs, settings, message",
    [
        (None, {}, "depends on the inputs and got none"),
        (np.zeros((3, 2), np.int32), {}, "uint8 images or vectors of floats; the inputs are int32"),
        ([[1.0]] * 3, {}, "the inputs are list"),
        (np.zeros((2, 2), np.float32), {}, "2 inputs for 3 labels"),
        (np.full((3, 2), np.nan, np.float32), {}, "not finite"),
        (np.full((3, 2), 3e38, np.float32), {}, "so large"),
        (np.zeros((3, 2), np.float32), {"spread": -0.1}, "spread=-0.1"),
        (np.zeros((3, 2), np.float32), {"spread": 5.0}, "spread=5.0"),
    ],
)
def test_wrong_inputs_say_so(rng, inputs, settings, message):
    with pytest.raises(InputError, match=message):
        instance(rng, np.array([0, 1, 2]), 3, 0.4, inputs=inputs, **settings)


def test_one_class_has_no_other(rng):
    with pytest.raises(InputError, match="instance needs 2"):
        instance(rng, np.zeros(3, int), 1, 0.1, inputs=np.zeros((3, 2), np.float32))
