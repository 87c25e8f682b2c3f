"""Every name of the room is a `name(rng, labels, num_classes, rate) -> Noisy` and keeps what it states."""

import inspect

import numpy as np
import pytest

from meta_noise.config import registry
from meta_noise.data.corruption import Noisy, save_noise
from meta_noise.data.noise.uniform import uniform
from meta_noise.data.source import row_ids
from meta_noise.errors import InputError

NAMES = registry.names("data.noise")
GROUPS = [["a", "c", "e"], [3, 1]]
VARIANTS = {
    "uniform": [{"exclude_true": own, "exact": exact} for own in (False, True) for exact in ("no", "set", "class")],
    "flip": [{"targets": 1}, {"targets": 2}, {"targets": "any"}]
    + [{"targets": number, "exact": "class"} for number in (1, 2)],
    "asymmetric": [{"pairs": [["a", "b"], [1, 0], [4, 2]]}, {"superclasses": GROUPS}],
    "hierarchical": [{"superclasses": GROUPS}],
    "semantic": [{"hidden": []}],
    "open_set": [{"sources": ["tests.foreign.vectors"], "paths": [""]}],
}
CASES = [(name, settings) for name in NAMES for settings in VARIANTS.get(name, [{}])]
RATED = [case for case in CASES if case[0] not in ("from_file", "none")]  # those in which the rate has an effect
WITHOUT_FILE = [case for case in CASES if case[0] != "from_file"]

CLASSES, RATE = 5, 0.4
LABELS = np.repeat(np.arange(CLASSES), [6000, 5000, 4000, 3000, 2000])
INPUTS = (np.eye(CLASSES)[LABELS] + np.random.default_rng(8).normal(0, 0.3, (len(LABELS), CLASSES))).astype(np.float32)


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """Returns `make(name, settings, seed=0, rate=RATE, rows=all) -> Noisy`, with what a kind asks for by name."""
    file, ids = tmp_path_factory.mktemp("noise") / "noise.npz", row_ids("row", len(LABELS))
    stored = uniform(np.random.default_rng(5), LABELS, CLASSES, RATE)
    save_noise(file, ids, stored.labels, LABELS, stored.transition, "uniform", RATE)

    def call(name, settings, seed=0, rate=RATE, rows=slice(None)):
        function = registry.find("data.noise", name)
        known = {"file": file, "ids": ids[rows], "class_names": tuple("abcde"), "inputs": INPUTS[rows]}
        asked = {key: value for key, value in known.items() if key in inspect.signature(function).parameters}
        return function(np.random.default_rng(seed), LABELS[rows], CLASSES, rate, **asked, **settings)

    return call


@pytest.mark.parametrize("name, settings", CASES)
def test_the_result_is_well_formed(make, name, settings):
    noisy = make(name, settings)
    assert isinstance(noisy, Noisy)
    assert noisy.labels.shape == LABELS.shape and noisy.labels.dtype == np.int32
    assert noisy.labels is not LABELS
    assert noisy.transition.shape == (CLASSES, CLASSES) and noisy.transition.dtype == np.float64
    assert np.all(noisy.transition >= 0)
    np.testing.assert_allclose(noisy.transition.sum(axis=1), 1, rtol=1e-12)


def assert_agree(labels, noisy):
    """Compares the labels with the matrix they were drawn from: wrong ones, those of each class, and each cell."""
    per_class = np.bincount(labels, minlength=CLASSES)  # [C]
    counts = np.zeros((CLASSES, CLASSES))
    np.add.at(counts, (labels, noisy.labels), 1)
    assert np.all(counts[noisy.transition == 0] == 0)

    wrong = 1 - np.diag(noisy.transition)  # [C] probability of a wrong label
    differences = counts.sum(axis=1) - np.diag(counts) - per_class * wrong
    variances = per_class * wrong * (1 - wrong)
    assert abs(differences.sum()) <= 3 * np.sqrt(variances.sum()) + 1e-9
    assert np.all(np.abs(differences) <= 3 * np.sqrt(variances.clip(0)) + 1e-9)

    sigmas = np.sqrt(per_class[:, None] * noisy.transition * (1 - noisy.transition))
    # Many cells are compared at once, so one of them leaves 3 sigma now and then; none may leave 4.
    assert np.all(np.abs(counts - per_class[:, None] * noisy.transition) <= 4 * sigmas + 1e-9)


@pytest.mark.parametrize("name, settings", CASES)
def test_the_labels_agree_with_the_stated_matrix(make, name, settings):
    assert_agree(LABELS, make(name, settings))


@pytest.mark.parametrize("name, settings", RATED)
def test_nothing_and_all(make, name, settings):
    noisy = make(name, settings, rate=0)
    np.testing.assert_array_equal(noisy.labels, LABELS)
    np.testing.assert_array_equal(noisy.transition, np.eye(CLASSES))
    if name == "semantic":  # no classifier is always wrong
        with pytest.raises(InputError, match="rate"):
            make(name, settings, rate=1)
        return
    noisy = make(name, settings, rate=1)
    assert_agree(LABELS, noisy)
    changed = noisy.labels != LABELS if noisy.foreign is None else noisy.foreign >= 0
    assert np.mean(changed) > 0.5


@pytest.mark.parametrize("name, settings", WITHOUT_FILE)
def test_a_class_may_have_no_rows(make, name, settings):
    rows = np.flatnonzero(LABELS != 3)
    noisy = make(name, settings, rows=rows)
    assert_agree(LABELS[rows], noisy)
    np.testing.assert_allclose(noisy.transition.sum(axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize("name, settings", CASES)
def test_the_generator_alone_decides(make, name, settings):
    one, two = make(name, settings, seed=3), make(name, settings, seed=3)
    np.testing.assert_array_equal(one.labels, two.labels)
    np.testing.assert_array_equal(one.transition, two.transition)
    np.testing.assert_array_equal(one.foreign, two.foreign)


@pytest.mark.parametrize("name, settings", CASES)
def test_rates_outside_0_and_1_are_refused(make, name, settings):
    for rate in (-0.01, 1.01):
        with pytest.raises(InputError, match="between 0 and 1"):
            make(name, settings, rate=rate)


@pytest.mark.parametrize("name", NAMES)
def test_the_equation_is_stated(name):
    module = registry.module_of("data.noise", name)
    has_own_file = module.__name__.endswith(f".{name}")
    doc = module.__doc__ if has_own_file else registry.find("data.noise", name).__doc__
    assert "R[" in doc or "R =" in doc
