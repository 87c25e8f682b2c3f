"""Probabilities that a user brings: what is taken, in which order, and the sentence for what is not."""

import numpy as np
import pytest

from meta_noise.cleaning.predictions import read_predictions
from meta_noise.errors import InputError
from tests.cleaning.test_choose import own

RIGHT = np.random.default_rng(0).dirichlet(np.ones(4), 20)


@pytest.fixture
def data():
    return own(rows=20)


def test_an_array_and_a_file_are_taken_in_the_order_of_the_rows(data, tmp_path):
    np.save(tmp_path / "p.npy", RIGHT)
    for given in (RIGHT, tmp_path / "p.npy", str(tmp_path / "p.npy")):
        np.testing.assert_allclose(read_predictions(given, data), RIGHT, rtol=1e-6)


def test_ids_and_class_names_give_the_order(data, tmp_path):
    rows, columns = np.random.default_rng(1).permutation(20), [2, 0, 3, 1]
    names = np.array(data.class_names)[columns]
    np.savez(tmp_path / "p.npz", probs=RIGHT[rows][:, columns], ids=data.source.ids[rows], class_names=names)
    np.testing.assert_allclose(read_predictions(tmp_path / "p.npz", data), RIGHT, rtol=1e-6)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (RIGHT[:, :3], r"has 3 columns; the data have 4 classes \(a, b, c, d\)"),
        (RIGHT[:19], "has 19 rows and the data have 20"),
        (RIGHT[0], r"shape \(4,\); give numbers of shape \(20, 4\)"),
        (np.where(np.arange(20)[:, None] == 7, np.nan, RIGHT), "not finite, first in row 7"),
        (RIGHT - 0.5, "outside of 0..1"),
        (RIGHT * 0.9, "row 0 sums to 0.9; the probabilities of a row sum to 1"),
        (RIGHT.astype(str), "give numbers"),
    ],
)
def test_what_is_wrong_is_said(data, given, sentence):
    with pytest.raises(InputError, match=sentence):
        read_predictions(given, data)


def test_files_that_do_not_fit(data, tmp_path):
    np.savez(tmp_path / "few.npz", probs=RIGHT[:19], ids=data.source.ids[:19])
    np.savez(tmp_path / "other.npz", predictions=RIGHT)
    np.save(tmp_path / "objects.npy", np.array([{}], object), allow_pickle=True)
    (tmp_path / "text.npy").write_text("0.1, 0.9")
    for name, sentence in (
        ("few.npz", "lacks 1 of 20 ids: 'r19'"),
        ("other.npz", "it lacks probs"),
        ("objects.npy", "cannot be read as .npy"),
        ("text.npy", "cannot be read as .npy"),
        ("none.npy", "does not exist"),
    ):
        with pytest.raises(InputError, match=sentence):
            read_predictions(tmp_path / name, data)
