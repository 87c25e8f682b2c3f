"""Open-set noise: images of other sets, which rows get them, and what is said about them."""

import numpy as np
import pytest

from meta_noise.build.defaults import resolved
from meta_noise.config.parse import parse, to_dict
from meta_noise.data.corruption import load_noise
from meta_noise.data.noise.from_file import from_file
from meta_noise.data.noise.open_set import open_set
from meta_noise.data.prepare import prepare
from meta_noise.data.sources.arrays import arrays
from meta_noise.errors import InputError
from meta_noise.report.labels import NO_CLASS, columns
from meta_noise.report.summary import precision_at
from meta_noise.runs.run import fit

SET = "tests.foreign.few_images"
LABELS = np.arange(60) % 3
IMAGES = np.zeros((60, 8, 8, 1), np.uint8)
IMAGES[:, :, :4] = 40 * LABELS[:, None, None, None]
SOURCE = arrays(IMAGES, LABELS, class_names=("cat", "dog", "car"), true_labels=LABELS)


def noisy(rate=0.4, seed=0, sources=(SET,), paths=("200",), inputs=IMAGES):
    return open_set(np.random.default_rng(seed), LABELS, 3, rate, sources, paths, inputs=inputs)


def config(**changes):
    noise = {"name": "open_set", "rate": 0.4, "sources": [SET], "paths": ["200"], **changes}
    given = {"data": {"name": "arrays"}, "noise": noise, "clean": {"size": 15}}
    return resolved(parse(given))


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.4, 0.5])
def test_the_share_of_every_class_is_exact(rate):
    made = noisy(rate)
    np.testing.assert_array_equal(made.labels, LABELS)
    np.testing.assert_array_equal(made.transition, np.eye(3))
    replaced = made.foreign >= 0
    assert np.bincount(LABELS[replaced], minlength=3).tolist() == [round(20 * rate)] * 3
    taken = made.foreign[replaced]
    assert len(set(taken)) == len(taken) and (taken < 30).all()


def test_every_row_and_every_image_is_as_likely():
    rows, images = np.zeros(60), np.zeros(30)
    for seed in range(400):
        foreign = noisy(0.2, seed).foreign
        rows += foreign >= 0
        np.add.at(images, foreign[foreign >= 0], 1)
    assert np.all(np.abs(rows - 80) < 4 * np.sqrt(80 * 0.8))
    assert np.all(np.abs(images - 160) < 4 * np.sqrt(160 * 0.6))


def test_several_sets_give_the_same_number():
    made = noisy(0.6, sources=(SET, SET), paths=("1", "2"))
    taken = made.foreign[made.foreign >= 0]
    assert np.sum(taken < 30) == np.sum(taken >= 30) == 18
    assert {0, 1, 2} == set(LABELS[(made.foreign >= 0) & (made.foreign < 30)])


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"rate": 0.6}, "needs 36 images of tests.foreign.few_images, which has 30"),
        ({"paths": ()}, r"1 data sets \(tests.foreign.few_images\) and 0 paths"),
        ({"sources": (), "paths": ()}, r"0 data sets \(none\)"),
        ({"sources": ("digit",)}, "Did you mean 'digits'"),
        ({"sources": ("tests.foreign.vectors",)}, r"float32 of shape \(5,\) and cannot take the place of uint8 of"),
        ({"inputs": None}, "depends on the inputs and got none"),
    ],
)
def test_wrong_settings_are_one_sentence(changes, message):
    with pytest.raises(InputError, match=message) as caught:
        noisy(**changes)
    assert "\n" not in str(caught.value)


def test_trusted_rows_keep_their_images(tmp_path):
    made = prepare(SOURCE, config(), tmp_path)
    foreign = load_noise(tmp_path / "noise.npz").foreign
    replaced = (made.source.inputs == 200).all((1, 2, 3))
    assert not replaced[made.splits.clean].any() and (foreign[made.splits.clean] >= 0).any()
    train = made.splits.train
    np.testing.assert_array_equal(replaced[train], foreign[train] >= 0)
    np.testing.assert_array_equal(made.source.inputs[~replaced], IMAGES[~replaced])
    np.testing.assert_array_equal(made.source.true_labels, np.where(replaced, 3, LABELS))
    np.testing.assert_array_equal(made.labels, LABELS)
    assert made.noise["realised"] == np.mean(replaced[train]) and SOURCE.inputs.max() == 80
    again = prepare(SOURCE, config(), tmp_path)
    np.testing.assert_array_equal(again.source.inputs, made.source.inputs)
    assert load_noise(tmp_path / "noise.npz").realised == pytest.approx(0.4)
    with pytest.raises(InputError, match="noise that changes images"):
        from_file(np.random.default_rng(0), LABELS, 3, file=tmp_path / "noise.npz", ids=SOURCE.ids)


@pytest.mark.slow
def test_a_run_says_which_rows_belong_nowhere(tmp_path):
    changes = {"noise": to_dict(config().noise), "optimizer": {"lr": 0.02}}
    trusted = np.arange(60) < 15
    fitted = fit(
        IMAGES,
        LABELS,
        true_labels=LABELS,
        trusted=trusted,
        workdir=tmp_path,
        config={**changes, "train": {"epochs": 8, "batch_size": 9, "devices": 1}},
    )
    truth = fitted.labels["true_label"].to_pylist()
    assert 0 < truth.count(NO_CLASS) < len(truth) == 45
    table = columns(fitted.labels)
    assert table.class_names == ("0", "1", "2") and set(table.true) == {0, 1, 2, 3}
    assert fitted.results["noise"]["realised"] == truth.count(NO_CLASS) / 45
    assert precision_at(fitted.labels, 5) is not None
    assert "open_set noise" in (tmp_path / "report.html").read_text()
