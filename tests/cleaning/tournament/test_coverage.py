"""The order in which people are asked."""

import numpy as np

from meta_noise.cleaning.tournament.coverage import asked_order

NEAR = np.concatenate([np.zeros((30, 2)), np.full((10, 2), 5.0), [[-9.0, 9.0]]])


def test_one_row_of_a_crowd_covers_it():
    doubt = np.full(41, 0.4)
    order = asked_order(doubt, NEAR, 3)
    assert order[0] < 30 <= order[1] < 40 and order[2] == 40  # the large crowd, the small one, the row by itself


def test_doubt_counts_where_places_are_alike():
    doubt = np.where(np.arange(41) >= 30, 0.5, 0.01)
    assert 30 <= asked_order(doubt, NEAR, 1)[0] < 40
    far = np.eye(5)  # each as far from each
    assert asked_order(np.array([0.1, 0.4, 0.2, 0.0, 0.3]), far, 9).tolist() == [1, 4, 2, 0]  # certain rows never


def test_each_row_once_and_all_in_the_end():
    rng = np.random.default_rng(0)
    order = asked_order(rng.random(60), rng.normal(size=(60, 3)), 100)
    assert sorted(order.tolist()) == list(range(60))
    assert asked_order(np.zeros(4), NEAR[:4], 3).tolist() == []
    assert len(asked_order(np.ones(4), np.ones((4, 2)), 3)) == 3  # the same inputs


def test_each_next_row_adds_most():
    rng = np.random.default_rng(1)
    near, doubt = rng.normal(size=(300, 3)), rng.random(300)
    squares = ((near[:, None] - near) ** 2).sum(axis=-1)
    alike = np.exp(-squares / np.median(np.sort(squares, axis=1)[:, 10]))
    covered = np.zeros(300)
    for row in asked_order(doubt, near, 50):
        gains = np.maximum(alike - covered, 0) @ doubt
        np.testing.assert_allclose(gains[row], gains.max(), rtol=1e-4)
        covered = np.maximum(covered, alike[row])
