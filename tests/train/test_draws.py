"""Which rows a step takes, as NumPy arrays."""

import jax
import numpy as np
import pytest

from meta_noise.data.batches import CLEAN, TRAIN, Walk
from meta_noise.train.draws import Ahead, Place, Sizes, at, first_split, fixed_draws, split_draws
from meta_noise.train.sharding import placement
from meta_noise.types import Split

SIZES = Sizes(train=8, clean=3)
TRUSTED, UNTRUSTED, OUT = np.arange(3, 18, 3), np.setdiff1d(np.arange(25), np.arange(3, 18, 3)), np.arange(25, 30)
CLEAN_ROWS = np.array([1, 4, 9, 17])


def split_of(trusted=TRUSTED, untrusted=UNTRUSTED):
    """Returns a split of 30 rows, 5 of them trusted, 20 not, 5 not used."""
    train, clean = np.zeros(30, np.int8), np.zeros(30, bool)
    train[untrusted], train[trusted], clean[CLEAN_ROWS] = 1, 2, True
    return Split(train, clean)


def paired(first, second):
    return Split(*(np.stack(pair) for pair in zip(first, second, strict=True)))


def epoch_of(split, epoch=3, seed=7, sizes=SIZES, devices=1):
    draws = split_draws(seed, split, Place(epoch, 5 * epoch), sizes, placement(devices))(5 * epoch, 5)
    return draws._replace(**{name: np.asarray(value) for name, value in draws._asdict().items()})


def rounds(rows, size):
    """Returns the rows in the order they came, `size` in a line."""
    return np.reshape(rows, -1)[: np.size(rows) // size * size].reshape(-1, size)


def test_first_half_is_trusted():
    draws = epoch_of(split_of())
    assert draws.step.tolist() == [15, 16, 17, 18, 19]
    assert draws.train.shape == draws.trusted.shape == (5, 8) and draws.clean.shape == (5, 3)
    assert draws.train.dtype == draws.clean.dtype == np.int32
    assert np.isin(draws.train[:, :4], TRUSTED).all() and np.isin(draws.train[:, 4:], UNTRUSTED).all()
    assert (draws.trusted == ([True] * 4 + [False] * 4)).all()


def test_every_row_of_a_side_comes_once_before_any_comes_again():
    """The 20 untrusted rows fill an epoch once; the 5 trusted ones, fewer than a half wants in two steps, repeat."""
    draws = epoch_of(split_of())
    assert sorted(draws.train[:, 4:].ravel()) == UNTRUSTED.tolist()
    for line in rounds(draws.train[:, :4], len(TRUSTED)):
        assert sorted(line) == TRUSTED.tolist()
    for line in rounds(draws.clean, len(CLEAN_ROWS)):
        assert sorted(line) == CLEAN_ROWS.tolist()
    orders = {tuple(line) for line in rounds(draws.train[:, :4], len(TRUSTED))}
    assert len(orders) > 1  # each time in another order


def test_a_side_smaller_than_its_half_repeats_within_a_batch():
    draws = epoch_of(split_of(trusted=np.array([2, 5]), untrusted=np.arange(6, 25)))
    assert (np.sort(draws.train[:, :4], axis=1) == [2, 2, 5, 5]).all()
    assert sorted(draws.train[:, 4:].ravel()[:19]) == list(range(6, 25))  # each epoch begins a permutation
    odd = epoch_of(split_of(), sizes=Sizes(7, 3))
    assert np.isin(odd.train[:, :3], TRUSTED).all() and np.isin(odd.train[:, 3:], UNTRUSTED).all()
    assert (odd.trusted.sum(axis=1) == 3).all()


def test_rows_that_are_not_used_never_come():
    for split in (split_of(), split_of(trusted=[]), split_of(untrusted=[])):
        for epoch in range(3):
            assert not np.isin(epoch_of(split, epoch).train, OUT).any()


@pytest.mark.parametrize("sides", [{"trusted": []}, {"untrusted": []}])
@pytest.mark.parametrize("epoch", [0, 2])
def test_without_two_sides_the_walk_is_the_ordinary_one(sides, epoch):
    """It goes on over the epochs, as if nothing had looked at the rows; no row of a batch counts as trusted."""
    split = split_of(**sides)
    rows = np.flatnonzero(split.train)
    draws = epoch_of(split, epoch)
    fixed = fixed_draws(7, rows, CLEAN_ROWS, SIZES, placement(1))(5 * epoch, 5)
    np.testing.assert_array_equal(draws.train, np.asarray(fixed.train))
    assert not draws.trusted.any() and fixed.trusted is None


def test_fixed_draws_are_two_walks():
    draws = fixed_draws(7, UNTRUSTED, CLEAN_ROWS, SIZES, placement(1))(3, 4)
    train, clean = Walk((7, TRAIN), UNTRUSTED, 8), Walk((7, CLEAN), CLEAN_ROWS, 3)
    for position, step in enumerate(range(3, 7)):
        np.testing.assert_array_equal(draws.train[position], train(step))
        np.testing.assert_array_equal(draws.clean[position], clean(step))


@pytest.mark.parametrize("pair", [False, True])
def test_draws_depend_on_seed_step_and_split_only(pair):
    split = paired(split_of(), split_of(trusted=UNTRUSTED, untrusted=TRUSTED)) if pair else split_of()
    whole = epoch_of(split)
    again = split_draws(7, split, Place(3, 15), SIZES, placement(1))
    for start, count in ((18, 2), (15, 1), (16, 2)):  # in any order and in calls of any size
        part = again(start, count)
        for name in ("step", "train", "clean", "trusted"):
            np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[start - 15 : start - 15 + count])
    for other in (epoch_of(split, seed=8), epoch_of(split, epoch=4)):
        assert (other.train != whole.train).any() and (other.clean != whole.clean).any()
    moved = Split(split.train, np.roll(split.clean, 1, axis=-1))
    np.testing.assert_array_equal(epoch_of(moved).train, whole.train)
    assert (epoch_of(moved).clean != whole.clean).any()


def test_a_pair_draws_different_rows_for_each_network():
    for split in (paired(split_of(), split_of()), paired(split_of(trusted=[]), split_of(trusted=[]))):
        draws = epoch_of(split)
        assert draws.train.shape == draws.trusted.shape == (5, 2, 8) and draws.clean.shape == (5, 2, 3)
        assert (draws.train[:, 0] != draws.train[:, 1]).any() and (draws.clean[:, 0] != draws.clean[:, 1]).any()


def test_each_network_of_a_pair_has_its_own_split():
    first, second = split_of(), split_of(trusted=[])
    draws = epoch_of(paired(first, second))
    alone = epoch_of(first)
    np.testing.assert_array_equal(draws.train[:, 0], alone.train)
    np.testing.assert_array_equal(draws.clean[:, 0], alone.clean)
    assert draws.trusted[:, 0, :4].all() and not draws.trusted[:, 0, 4:].any() and not draws.trusted[:, 1].any()
    assert np.isin(draws.train[:, 1], UNTRUSTED).all()


def test_devices_change_no_row():
    split = paired(split_of(), split_of(trusted=UNTRUSTED, untrusted=TRUSTED))
    sizes = Sizes(8, 8)
    one, eight = epoch_of(split, sizes=sizes), epoch_of(split, sizes=sizes, devices=8)
    for name in ("train", "clean", "trusted"):
        np.testing.assert_array_equal(getattr(one, name), getattr(eight, name))
    placed = split_draws(7, split, Place(3, 15), sizes, placement(8))(15, 5)
    assert placed.train.sharding.is_fully_replicated


@pytest.mark.parametrize("sides", [{}, {"trusted": []}])
def test_balanced_sides_hold_all_classes_equally_often(sides):
    """Rows 0 and 1 modulo 3 are of class 0, the others of class 1, so that no plain walk does."""
    labels = (np.arange(30) % 3 == 2).astype(np.int32)
    split = split_of(trusted=sides.get("trusted", np.arange(8)), untrusted=np.arange(8, 25))
    sizes = Sizes(8, 2, labels, labels)
    for draws in (epoch_of(split, sizes=sizes), fixed_draws(7, np.arange(25), CLEAN_ROWS, sizes, placement(1))(15, 5)):
        train = labels[np.asarray(draws.train)]
        assert (train.mean(axis=1) == 0.5).all() and (train[:, :4].mean(axis=1) == 0.5).all()
        assert (labels[CLEAN_ROWS] == 1).any()
        assert (labels[np.asarray(draws.clean)].mean(axis=1) == 0.5).all()
    plain = epoch_of(split, sizes=sizes._replace(train_labels=None))
    assert not (labels[plain.train].mean(axis=1) == 0.5).all()


def test_first_split_trusts_nothing():
    split = first_split(6, np.array([0, 2, 5]), np.array([1, 2]), copies=1)
    assert split.train.tolist() == [1, 0, 1, 0, 0, 1] and np.flatnonzero(split.clean).tolist() == [1, 2]
    pair = first_split(6, np.array([0, 2, 5]), np.array([1, 2]), copies=2)
    assert (pair.train == split.train).all() and pair.train.shape == pair.clean.shape == (2, 6)


@pytest.mark.parametrize("labels", [None, np.arange(30) % 3])
def test_rows_drawn_ahead_are_those_of_their_step(labels):
    """In blocks of 4 steps, which begin anew where a step is asked for that the last one does not hold."""
    draw = fixed_draws(7, UNTRUSTED, CLEAN_ROWS, Sizes(8, 3, labels, labels), placement(1))
    rows = Ahead(draw, 4)
    for step, place in ((2, 0), (3, 1), (5, 3), (6, 0), (4, 0), (7, 3)):
        assert rows.left(step) == 4 - place
        draws, found = rows.of(step)
        assert found == place and len(draws.step) == 4
        for one, other in zip(jax.tree.leaves(at(draws, found)), jax.tree.leaves(at(draw(step, 1), 0)), strict=True):
            np.testing.assert_array_equal(one, other)
