import hashlib

import numpy as np
import pytest

from meta_noise.data.corruption import (
    check_classes,
    check_inputs,
    check_labels,
    check_rate,
    count_transition,
    draw,
    flat_rows,
    load_noise,
    relabel_exactly,
    save_noise,
    sha256_of,
)
from meta_noise.data.formats.npz import read_npz, write_npz
from meta_noise.errors import DataNotFoundError, InputError

IDS = np.array(["a", "b", "c", "d"])
TRUE = np.array([0, 1, 2, 1])
NOISY = np.array([0, 2, 2, 1])
TRANSITION = np.array([[1, 0, 0], [0, 0.5, 0.5], [0, 0, 1.0]])


@pytest.fixture
def path(tmp_path):
    save_noise(tmp_path / "noise.npz", IDS, NOISY, TRUE, TRANSITION, "flip", 0.5)
    return tmp_path / "noise.npz"


def test_the_hash_is_that_of_little_endian_integers():
    expected = hashlib.sha256(bytes([1, 0, 0, 0, 2, 1, 0, 0])).hexdigest()
    for dtype in (np.int32, np.int64, ">i4", np.uint16):
        assert sha256_of(np.array([1, 258], dtype)) == expected


def test_draw_follows_the_matrix_and_never_leaves_its_support(rng):
    transition = np.array(
        [[0.0, 0.3, 0.0, 0.7, 0.0], [0, 0, 1, 0, 0], [0.1] * 4 + [0.6], [0, 0, 0, 0, 1], [1, 0, 0, 0, 0]]
    )
    labels = np.repeat(np.arange(5), 4000)
    drawn = draw(rng, labels, transition)
    counts = np.zeros((5, 5))
    np.add.at(counts, (labels, drawn), 1)
    assert np.all((counts > 0) == (transition > 0))
    np.testing.assert_allclose(counts / 4000, transition, atol=0.03)


def test_draw_does_not_depend_on_other_rows():
    transition = np.full((3, 3), 1 / 3)
    one = draw(np.random.default_rng(1), np.array([0, 1, 2, 0]), transition)
    two = draw(np.random.default_rng(1), np.array([0, 2, 1, 0]), transition)
    np.testing.assert_array_equal(one, two)


def test_relabelling_counts_exactly_and_has_no_favourites():
    labels = np.array([0] * 5 + [1] * 3, np.int32)
    targets = [np.array([1, 2, 3]), np.array([0])]
    given = np.zeros((5, 4), int)
    for seed in range(300):
        noisy = relabel_exactly(np.random.default_rng(seed), labels, 0.4, targets)
        changed = noisy[:5] != 0
        assert changed.sum() == 2 and len(set(noisy[:5][changed])) == 2  # two of three classes, each once
        assert np.sum(noisy[5:] == 0) == 1
        given[changed, noisy[:5][changed]] += 1
    assert np.all(np.abs(given[:, 1:] - 40) < 4 * np.sqrt(40))  # every row and every class is as likely
    assert labels.tolist() == [0] * 5 + [1] * 3


def test_fractions_are_counted_per_true_class():
    counted = count_transition(np.array([0, 0, 0, 0, 2]), np.array([0, 1, 1, 1, 2]), 3)
    np.testing.assert_array_equal(counted, [[0.25, 0.75, 0], [0, 1, 0], [0, 0, 1]])


def test_inputs_become_vectors():
    images = np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3)
    flat = flat_rows(images, np.array([1]))
    assert flat.dtype == np.float32
    np.testing.assert_allclose(flat, np.arange(12, 24)[None] / 255, rtol=1e-6)
    vectors = np.array([[0.5, 300.0]])
    np.testing.assert_array_equal(flat_rows(vectors, slice(None)), vectors.astype(np.float32))
    assert check_inputs(images, 2, "own") is images
    for inputs, message in [
        (None, "Noise own depends on the inputs"),
        (images, "got 2 inputs for 3 labels"),
        (images.astype(np.int32), "inputs are int32"),
    ]:
        with pytest.raises(InputError, match=message):
            check_inputs(inputs, 3, "own")


def test_checks_name_the_first_offender():
    assert check_labels(np.array([0, 1], np.uint8), 2).dtype == np.int32
    for labels, message in [
        (np.array([0, 5, 9]), r"labels\[1\] is 5; classes are 0\.\.2"),
        (np.array([0, -1]), r"labels\[1\] is -1"),
        (np.array([0.5]), "integers; got shape .* of float64"),
        (np.zeros((2, 2), int), r"shape \(2, 2\)"),
    ]:
        with pytest.raises(InputError, match=message):
            check_labels(labels, 3)
    for rate in (-0.1, 1.1, 40, float("nan")):
        with pytest.raises(InputError, match="between 0 and 1"):
            check_rate(rate)
    with pytest.raises(InputError, match="pair needs 2 or more classes; there are 1"):
        check_classes(1, 2, "pair")


def test_a_noise_file_comes_back(path):
    stored = load_noise(path)
    assert stored.ids.tolist() == IDS.tolist()
    assert stored.labels.tolist() == NOISY.tolist() and stored.true_labels.tolist() == TRUE.tolist()
    np.testing.assert_array_equal(stored.transition, TRANSITION)
    assert (stored.kind, stored.rate, stored.realised) == ("flip", 0.5, 0.25)
    assert stored.sha256 == sha256_of(NOISY)


def test_rows_are_matched_by_id(path):
    stored = load_noise(path, np.array(["d", "b"]))
    assert stored.labels.tolist() == [1, 2] and stored.true_labels.tolist() == [1, 1]
    assert stored.sha256 == sha256_of(NOISY)
    with pytest.raises(InputError, match="lacks 1 of 2 ids: 'e'"):
        load_noise(path, np.array(["a", "e"]))


def test_a_changed_file_is_refused(path):
    stored = read_npz(path, ("ids", "labels", "true_labels", "transition", "kind", "rate", "realised", "sha256"), "")
    for change, message in [
        ({"labels": np.array([0, 1, 2, 1], np.int32)}, "do not have the stored sha256"),
        ({"labels": np.array([0, 7, 2, 1], np.int32)}, r"labels\[1\] is 7"),
        ({"labels": stored["labels"][:3]}, "must be equal"),
        ({"transition": np.ones((3, 2))}, r"must be \[C, C\]"),
    ]:
        write_npz(path, **(stored | change))
        with pytest.raises(InputError, match=message):
            load_noise(path)
    write_npz(path, ids=IDS)
    with pytest.raises(InputError, match="not a noise file: it lacks labels"):
        load_noise(path)
    with pytest.raises(DataNotFoundError, match="does not exist"):
        load_noise(path.with_name("gone.npz"))


def test_what_cannot_be_saved_says_why(tmp_path):
    path = tmp_path / "noise.npz"
    with pytest.raises(InputError, match="must be equal"):
        save_noise(path, IDS, NOISY[:3], TRUE, TRANSITION, "flip", 0.5)
    with pytest.raises(InputError, match="'a' occurs in rows 0 and 3"):
        save_noise(path, np.array(["a", "b", "c", "a"]), NOISY, TRUE, TRANSITION, "flip", 0.5)
    with pytest.raises(InputError, match="classes are"):
        save_noise(path, IDS, NOISY + 1, TRUE, TRANSITION, "flip", 0.5)
    assert not path.exists()


def test_the_truth_may_be_unknown(tmp_path):
    save_noise(tmp_path / "noise.npz", IDS, NOISY, None, TRANSITION, "none", 0)
    stored = load_noise(tmp_path / "noise.npz", IDS)
    assert stored.true_labels is None and stored.realised is None and stored.labels.tolist() == NOISY.tolist()


def test_ids_of_python_strings_are_saved_without_pickling(tmp_path):
    save_noise(tmp_path / "noise.npz", IDS.astype(object), NOISY, TRUE, TRANSITION, "flip", 0.5)
    assert load_noise(tmp_path / "noise.npz", IDS).labels.tolist() == NOISY.tolist()
