import numpy as np
import pytest

from meta_noise.data.formats.npz import write_npz
from meta_noise.data.source import row_ids
from meta_noise.data.splits import (
    Splits,
    draw_splits,
    drawn_rows,
    load_splits,
    long_tail_counts,
    long_tail_rows,
    save_splits,
    trusted_splits,
)
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


FACTORS = (100, 50, 20, 10)


def test_counts_of_long_tailed_cifar10():
    assert long_tail_counts(5000, 10, 100).tolist() == [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]


@pytest.mark.parametrize(
    "max_count, num_classes, totals",
    [
        (5000, 10, (12406, 13996, 17023, 20431)),
        (500, 100, (10847, 12608, 15907, 19573)),
        (4990, 10, (12380, 13967, 16989, 20391)),  # ten clean rows of every class taken out before
        (490, 100, (10626, 12354, 15594, 19183)),
    ],
)
def test_published_totals(max_count, num_classes, totals):
    assert tuple(int(long_tail_counts(max_count, num_classes, factor).sum()) for factor in FACTORS) == totals


def test_ends_are_exact():
    assert long_tail_counts(5000, 3, 100).tolist() == [5000, 500, 50]
    assert long_tail_counts(7, 4, 1).tolist() == [7, 7, 7, 7]
    for factor in range(1, 200):
        assert long_tail_counts(10 * factor, 5, factor)[[0, -1]].tolist() == [10 * factor, 10]


def test_rows_have_the_counts_and_are_sorted(rng):
    labels = rng.permutation(np.repeat(np.arange(10), 200))
    rows = long_tail_rows(rng, labels, 10, 20)
    assert rows.dtype == np.int64 and np.all(np.diff(rows) > 0)
    np.testing.assert_array_equal(np.bincount(labels[rows]), long_tail_counts(200, 10, 20))
    fewer = long_tail_rows(rng, labels, 10, 20, max_count=100)
    np.testing.assert_array_equal(np.bincount(labels[fewer]), long_tail_counts(100, 10, 20))


def test_the_generator_decides_about_the_tail():
    labels = np.tile(np.arange(3), 50)
    one, two, other = (long_tail_rows(np.random.default_rng(seed), labels, 3, 5) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_classes_of_unequal_size_give_what_they_can(rng):
    """Counts 90, 100, 3 and factor 10: the last class allows 30 at the head."""
    labels = np.repeat(np.arange(3), [90, 100, 3])
    rows = long_tail_rows(rng, labels, 3, 10)
    assert np.bincount(labels[rows]).tolist() == [30, 9, 3]
    with pytest.raises(InputError, match=r"Class 2 has 3 rows and should keep 9 \(max_count=90, factor=10\)"):
        long_tail_rows(rng, labels, 3, 10, max_count=90)


@pytest.mark.parametrize(
    "max_count, num_classes, factor, message",
    [
        (50, 10, 100, "50 rows thinned by a factor of 100 leave class 9 without a row"),
        (50, 1, 10, "two or more classes; there are 1"),
        (50, 10, 0.01, "factor of a long tail is 0.01; it must be 1 or more"),
        (50, 10, np.inf, "factor of a long tail is inf"),
        (0, 3, 1, "without a row"),
    ],
)
def test_impossible_numbers_say_so(max_count, num_classes, factor, message):
    with pytest.raises(InputError, match=message):
        long_tail_counts(max_count, num_classes, factor)


def test_an_absent_class_says_so(rng):
    with pytest.raises(InputError, match="leave class 2 without a row"):
        long_tail_rows(rng, np.array([0, 0, 2, 2]), 3, 1)


def test_so_many_rows_of_each_class(rng):
    rows = drawn_rows(rng, LABELS, 4, (7, 30, 1, 2))
    assert np.bincount(LABELS[rows]).tolist() == [7, 30, 1, 2] and np.all(np.diff(rows) > 0)
    assert not np.array_equal(rows, drawn_rows(rng, LABELS, 4, (7, 30, 1, 2)))
    with pytest.raises(InputError, match="Class 3 has 3 rows to train on, and 4 of them are asked for"):
        drawn_rows(rng, LABELS, 4, (1, 1, 1, 4))
    with pytest.raises(InputError, match="There are 4 classes and rows for 2 of them; give a number for each"):
        drawn_rows(rng, LABELS, 4, (1, 1))
