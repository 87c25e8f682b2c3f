"""Every file of the room offers `name(rng, labels, num_classes, rate) -> Noisy` and keeps what it states."""

import importlib
import inspect
import pkgutil

import numpy as np
import pytest

from meta_noise.data import noise
from meta_noise.data.corruption import Noisy, save_noise
from meta_noise.data.ids import row_ids
from meta_noise.data.noise.uniform import uniform
from meta_noise.errors import InputError

NAMES = [module.name for module in pkgutil.iter_modules(noise.__path__)]
VARIANTS = {"uniform": [{}, {"exclude_true": True}], "flip": [{"targets": 1}, {"targets": 2}, {"targets": "any"}]}
CASES = [(name, settings) for name in NAMES for settings in VARIANTS.get(name, [{}])]

CLASSES, RATE = 5, 0.4
LABELS = np.repeat(np.arange(CLASSES), [6000, 5000, 4000, 3000, 2000])


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """Returns `make(name, settings, seed=0, rate=RATE) -> Noisy`, with a file for a kind that reads one."""
    file, ids = tmp_path_factory.mktemp("noise") / "noise.npz", row_ids("row", len(LABELS))
    stored = uniform(np.random.default_rng(5), LABELS, CLASSES, RATE)
    save_noise(file, ids, stored.labels, LABELS, stored.transition, "uniform", RATE)

    def call(name, settings, seed=0, rate=RATE):
        function = getattr(importlib.import_module(f"{noise.__name__}.{name}"), name)
        known = {"file": file, "ids": ids}
        asked = {key: value for key, value in known.items() if key in inspect.signature(function).parameters}
        return function(np.random.default_rng(seed), LABELS, CLASSES, rate, **asked, **settings)

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


@pytest.mark.parametrize("name, settings", CASES)
def test_the_labels_agree_with_the_stated_matrix(make, name, settings):
    noisy = make(name, settings)
    per_class = np.bincount(LABELS)  # [C]
    counts = np.zeros((CLASSES, CLASSES))
    np.add.at(counts, (LABELS, noisy.labels), 1)
    assert np.all(counts[noisy.transition == 0] == 0)

    wrong = 1 - np.diag(noisy.transition)  # [C] probability of a wrong label
    sigma = np.sqrt((per_class * wrong * (1 - wrong)).sum())
    assert abs((noisy.labels != LABELS).sum() - (per_class * wrong).sum()) <= 3 * sigma

    sigmas = np.sqrt(per_class[:, None] * noisy.transition * (1 - noisy.transition))
    # Many cells are compared at once, so one of them leaves 3 sigma now and then; none may leave 4.
    assert np.all(np.abs(counts - per_class[:, None] * noisy.transition) <= 4 * sigmas + 1e-9)


@pytest.mark.parametrize("name, settings", CASES)
def test_the_generator_alone_decides(make, name, settings):
    one, two = make(name, settings, seed=3), make(name, settings, seed=3)
    np.testing.assert_array_equal(one.labels, two.labels)
    np.testing.assert_array_equal(one.transition, two.transition)


@pytest.mark.parametrize("name, settings", CASES)
def test_rates_outside_0_and_1_are_refused(make, name, settings):
    for rate in (-0.01, 1.01):
        with pytest.raises(InputError, match="between 0 and 1"):
            make(name, settings, rate=rate)


@pytest.mark.parametrize("name", NAMES)
def test_the_module_states_its_equation(name):
    module = importlib.import_module(f"{noise.__name__}.{name}")
    assert "R[" in module.__doc__ or "R =" in module.__doc__
