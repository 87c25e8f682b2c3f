import numpy as np
import pytest

from meta_noise.data.noise.semantic import semantic
from meta_noise.errors import InputError

COUNTS = (900, 600, 300)
LABELS = np.repeat(np.arange(3), COUNTS)
CENTRES = np.array([[0.0, 0.0], [2.0, 0.0], [20.0, 0.0]])  # 0 and 1 overlap, 2 is far from both
VECTORS = (CENTRES[LABELS] + np.random.default_rng(2).normal(size=(len(LABELS), 2))).astype(np.float32)


@pytest.mark.parametrize("hidden", [(), (16,)])
def test_the_share_of_wrong_labels_is_near_the_rate(hidden):
    noisy = semantic(np.random.default_rng(1), LABELS, 3, 0.3, part=0.1, hidden=hidden, inputs=VECTORS)
    assert abs(np.mean(noisy.labels != LABELS) - 0.3) < 0.02
    counts = np.zeros((3, 3))
    np.add.at(counts, (LABELS, noisy.labels), 1)
    np.testing.assert_allclose(noisy.transition, counts / np.array(COUNTS)[:, None])


def test_a_step_that_goes_too_far_is_halved(monkeypatch):
    monkeypatch.setattr("meta_noise.data.noise.semantic.LEARNING_RATE", 0.3)
    for seed, rate in enumerate((0.2, 0.3, 0.4, 0.5)):
        noisy = semantic(np.random.default_rng(seed), LABELS, 3, rate, part=0.1, hidden=(), inputs=VECTORS)
        assert abs(np.mean(noisy.labels != LABELS) - rate) < 0.02


def test_mistakes_are_between_classes_that_look_alike():
    noisy = semantic(np.random.default_rng(1), LABELS, 3, 0.15, part=0.3, hidden=(32,), inputs=VECTORS)
    wrong = noisy.labels != LABELS
    alike = wrong & (LABELS < 2) & (noisy.labels < 2)
    assert alike.sum() > 0.9 * wrong.sum() > 100


def test_the_part_keeps_its_labels_and_the_rest_follows_the_input():
    rng = np.random.default_rng(4)
    inputs = rng.integers(0, 2, (2000, 1)).astype(np.float32)
    labels = rng.integers(0, 2, 2000)  # nothing to do with the inputs
    noisy = semantic(rng, labels, 2, 0.4, part=0.2, hidden=(), inputs=inputs)
    predicted = np.array([np.bincount(noisy.labels[inputs[:, 0] == kind]).argmax() for kind in (0, 1)])
    strays = noisy.labels != predicted[inputs[:, 0].astype(int)]  # rows of the part whose true label is another
    assert 150 < strays.sum() < 250 and np.all(noisy.labels[strays] == labels[strays])


def test_images_and_two_classes():
    labels = np.repeat([0, 1], 300)
    images = np.random.default_rng(0).integers(0, 200, (600, 3, 3, 1), dtype=np.uint8)
    images[labels == 1] += 40
    noisy = semantic(np.random.default_rng(0), labels, 2, 0.3, part=0.1, hidden=(), inputs=images)
    assert abs(np.mean(noisy.labels != labels) - 0.3) < 0.02


@pytest.mark.parametrize(
    "rate, settings, message",
    [
        (0.95, {}, r"asked for a rate of 95\.0%, but a classifier .* from 3 rows has only \d+\.\d% wrong labels"),
        (0.4, {"part": 0.0}, "part=0.0; give a share"),
        (0.4, {"part": 1.0}, "part=1.0; give a share"),
        (0.4, {"part": 0.9999}, "rows besides the part"),
        (0.4, {"hidden": [8, 0]}, r"hidden=\[8, 0\]"),
        (0.4, {"inputs": None}, "depends on the inputs"),
        (0.4, {"inputs": np.zeros((3, 4), np.int32)}, "the inputs are int32"),
    ],
)
def test_what_cannot_be_done_says_so(rng, rate, settings, message):
    labels, inputs = np.repeat(np.arange(3), 20), VECTORS[::30]
    with pytest.raises(InputError, match=message):
        semantic(rng, labels, 3, rate, **{"inputs": inputs, "hidden": (), **settings})


def test_one_class_cannot_be_learnt(rng):
    with pytest.raises(InputError, match="needs 2 or more classes"):
        semantic(rng, np.zeros(60, int), 1, 0.4, inputs=VECTORS[:60])
    with pytest.raises(InputError, match="in 1 classes are its small part; it needs two classes"):
        semantic(rng, np.zeros(60, int), 2, 0.4, inputs=VECTORS[:60])


def test_a_rate_out_of_reach_says_what_is_in_reach(rng, monkeypatch):
    monkeypatch.setattr("meta_noise.data.noise.semantic.STEPS", 30)
    noise = rng.normal(size=(900, 4)).astype(np.float32)  # says nothing about the classes
    with pytest.raises(InputError, match=r"a rate of 5\.0%, but .* from 45 rows does not come below \d+\.\d% wrong"):
        semantic(rng, np.arange(900) % 3, 3, 0.05, hidden=(), inputs=noise)
