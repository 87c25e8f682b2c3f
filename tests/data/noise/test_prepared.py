"""What a noise is given by the program, and what the program says about it afterwards."""

import sys
import types

import numpy as np
import pytest

from meta_noise.build.defaults import resolved
from meta_noise.config.parse import parse
from meta_noise.data.corruption import Noisy, load_noise
from meta_noise.data.prepare import prepare
from meta_noise.data.sources.arrays import arrays
from meta_noise.errors import InputError

LABELS = np.repeat(np.arange(3), 400)
VECTORS = (3 * np.eye(3)[LABELS] + np.random.default_rng(0).normal(size=(1200, 3))).astype(np.float32)
SOURCE = arrays(VECTORS, LABELS, class_names=("cat", "dog", "car"), true_labels=LABELS)


def prepared(folder, name, rate=0.3, **settings):
    config = {"data": {"name": "arrays"}, "noise": {"name": name, "rate": rate, **settings}, "clean": {"size": 30}}
    return prepare(SOURCE, resolved(parse(config)), folder)


@pytest.mark.parametrize(
    "name, settings",
    [
        ("instance", {"spread": 0.0}),
        ("semantic", {"hidden": [], "part": 0.1}),
        ("hierarchical", {"superclasses": [["cat", "dog", "car"]]}),
        ("asymmetric", {"superclasses": [[0, 1, 2]]}),
        ("flip", {"exact": "class"}),
        ("uniform", {"exclude_true": True, "exact": "set"}),
    ],
)
def test_rate_and_realised_share_are_stated(tmp_path, name, settings):
    made = prepared(tmp_path, name, **settings)
    train = made.splits.train
    share = np.mean(made.given[train] != LABELS[train])
    assert (made.noise["kind"], made.noise["rate"], made.noise["realised"]) == (name, 0.3, share)
    assert abs(share - 0.3) < 3 * np.sqrt(0.3 * 0.7 / 1200) + 0.01
    stored = load_noise(tmp_path / "noise.npz")
    assert (stored.kind, stored.rate, stored.realised) == (name, 0.3, np.mean(stored.labels != LABELS))
    np.testing.assert_array_equal(made.labels[made.splits.clean], LABELS[made.splits.clean])
    again = prepared(tmp_path, name, **settings)
    np.testing.assert_array_equal(again.given, made.given)


@pytest.fixture
def own_noise(monkeypatch):
    """Makes a noise of the user's own, `own_noise.shift`, which notes what it was given."""
    module = types.ModuleType("own_noise")
    module.given = {}

    def shift(rng, labels, num_classes, rate, inputs, step: int = 1, ids=None):
        module.given = {"inputs": inputs, "step": step, "ids": ids}
        return Noisy((labels + step) % num_classes, np.roll(np.eye(num_classes), step, axis=1))

    module.shift = shift
    monkeypatch.setitem(sys.modules, "own_noise", module)
    return module


def test_a_noise_gets_what_its_signature_names(tmp_path, own_noise):
    made = prepared(tmp_path, "own_noise.shift", step=2)
    assert own_noise.given["inputs"] is SOURCE.inputs and own_noise.given["ids"] is SOURCE.ids
    assert own_noise.given["step"] == 2 and made.noise["realised"] == 1.0


def test_what_is_given_is_no_setting():
    for name in ("instance", "semantic", "hierarchical", "from_file"):
        section = resolved(parse({"noise": {"name": name, "rate": 0.4}})).noise
        assert not {"inputs", "ids", "class_names"} & set(section.settings)


@pytest.mark.usefixtures("own_noise")
@pytest.mark.parametrize(
    "name, settings, message",
    [
        ("own_noise.shift", {"stop": 2}, "Unknown setting of noise 'own_noise.shift': 'stop'. Did you mean 'step'"),
        ("own_noise.shift", {"step": "far"}, "Setting 'step' of noise 'own_noise.shift' must be int, got 'far'"),
        ("instance", {"inputs": "mine"}, "'inputs' is no setting of instance"),
        ("hierarchical", {"superclasses": "cat"}, "Setting 'superclasses' of noise 'hierarchical' must be"),
        ("hierarchical", {}, "this is another data set; list them"),
        ("asymmetric", {"pairs": [["cat", "cow"]]}, "holds 'cow', which is no class"),
        ("semantic", {"hidden": 64}, "Setting 'hidden' of noise 'semantic' must be"),
    ],
)
def test_wrong_settings_are_one_sentence(tmp_path, name, settings, message):
    with pytest.raises(InputError, match=message):
        prepared(tmp_path, name, **settings)
    assert not (tmp_path / "noise.npz").exists()
