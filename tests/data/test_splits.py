import numpy as np
import pytest

from meta_noise.data.ids import row_ids
from meta_noise.data.npz import write_npz
from meta_noise.data.splits import Splits, draw_splits, load_splits, save_splits, trusted_splits
from meta_noise.errors import InputError

LABELS = np.repeat(np.arange(4), [50, 30, 20, 3])


def test_parts_are_disjoint_whole_and_of_the_sizes_asked_for(rng):
    splits = draw_splits(rng, LABELS, 4, clean=8, selection=15)
    assert [len(rows) for rows in splits] == [103 - 23, 8, 15]
    np.testing.assert_array_equal(np.sort(np.concatenate(splits)), np.arange(103))
    for rows in splits:
        assert rows.dtype == np.int64 and np.all(np.diff(rows) > 0)


@pytest.mark.parametrize(
    "clean, sizes",
    [(8, [2, 2, 2, 2]), (12, [3, 3, 3, 3]), (18, [5, 5, 5, 3]), (39, [12, 12, 12, 3]), (83, [30, 30, 20, 3])],
)
def test_the_clean_set_is_as_balanced_as_the_classes_allow(rng, clean, sizes):
    splits = draw_splits(rng, LABELS, 4, clean, selection=0)
    assert np.bincount(LABELS[splits.clean]).tolist() == sizes


def test_what_is_left_over_goes_to_random_classes():
    seen = set()
    for seed in range(20):
        splits = draw_splits(np.random.default_rng(seed), LABELS, 4, clean=5, selection=0)
        counts = np.bincount(LABELS[splits.clean], minlength=4)
        assert sorted(counts.tolist()) == [1, 1, 1, 2]
        seen.add(int(np.argmax(counts)))
    assert len(seen) > 1


def test_the_generator_decides():
    def drawn(seed):
        return draw_splits(np.random.default_rng(seed), LABELS, 4, 8, 8)

    assert all(np.array_equal(*pair) for pair in zip(drawn(1), drawn(1), strict=True))
    assert not np.array_equal(drawn(1).clean, drawn(2).clean)


def test_nothing_clean_is_allowed(rng):
    splits = draw_splits(rng, np.array([0, 0, 2]), 3, clean=0, selection=1)
    assert [len(rows) for rows in splits] == [2, 0, 1]


@pytest.mark.parametrize(
    "clean, selection, message",
    [
        (3, 0, "3 clean rows cannot cover 4 classes"),
        (100, 3, "100 clean and 3 selection rows of 103 leave no row"),
        (0, 200, "leave no row"),
        (-1, 0, "clean set has size -1"),
        (4, -2, "selection set has size -2"),
    ],
)
def test_impossible_sizes_say_so(rng, clean, selection, message):
    with pytest.raises(InputError, match=message):
        draw_splits(rng, LABELS, 4, clean, selection)


def test_a_missing_class_is_named(rng):
    with pytest.raises(InputError, match="Class 1 has no row"):
        draw_splits(rng, np.array([0, 2, 2, 0, 0, 2]), 3, clean=3, selection=0)
    with pytest.raises(InputError, match=r"labels\[0\] is 4"):
        draw_splits(rng, np.array([4, 0]), 3, clean=0, selection=0)


def test_rows_known_to_be_right_become_the_clean_set(rng):
    trusted = np.isin(np.arange(103), [1, 60, 85, 86, 101])
    splits = trusted_splits(rng, trusted, LABELS, 4, selection=10)
    assert splits.clean.tolist() == [1, 60, 85, 86, 101]
    assert [len(rows) for rows in splits] == [88, 5, 10] and all(rows.dtype == np.int64 for rows in splits)
    np.testing.assert_array_equal(np.sort(np.concatenate(splits)), np.arange(103))
    trusted[101] = False
    assert trusted_splits(rng, trusted, LABELS, 4, selection=0).clean.tolist() == [1, 60, 85, 86]  # class 3 has none
    with pytest.raises(InputError, match="one entry for each row"):
        trusted_splits(rng, trusted[1:], LABELS, 4, selection=0)
    for size in (-1, 98):
        with pytest.raises(InputError, match=f"{size} selection rows cannot come from the 98 rows"):
            trusted_splits(rng, np.isin(np.arange(103), [1, 60, 85, 86, 101]), LABELS, 4, size)


@pytest.fixture
def stored(tmp_path, rng):
    ids = row_ids("row", len(LABELS))
    splits = draw_splits(rng, LABELS, 4, 8, 15)
    assert len(save_splits(tmp_path / "splits.npz", splits, ids)) == 64
    return tmp_path / "splits.npz", splits, ids


def test_splits_come_back_matched_by_id(stored, rng):
    path, splits, ids = stored
    assert all(np.array_equal(*pair) for pair in zip(load_splits(path, ids), splits, strict=True))
    order = rng.permutation(len(ids))
    for before, after in zip(splits, load_splits(path, ids[order]), strict=True):
        assert np.all(np.diff(after) > 0)
        assert set(ids[order][after]) == set(ids[before])


def test_other_rows_than_those_stored_are_refused(stored):
    path, _, ids = stored
    with pytest.raises(InputError, match="lacks 1 of 104 ids: 'new'"):
        load_splits(path, np.append(ids, "new"))
    with pytest.raises(InputError, match="The data set lacks 1 of 103 ids"):
        load_splits(path, ids[1:])


def test_a_changed_file_is_refused(stored):
    path, splits, ids = stored
    moved = splits._replace(clean=splits.clean[1:], train=np.append(splits.train, splits.clean[0]))
    write_npz(path, ids=ids, sha256=np.asarray("0" * 64), **moved._asdict())
    with pytest.raises(InputError, match="does not have its stored sha256"):
        load_splits(path, ids)
    overlapping = Splits(np.arange(103), np.array([0]), np.array([], np.int64))
    with pytest.raises(InputError, match="not a division"):
        save_splits(path, overlapping, ids)
