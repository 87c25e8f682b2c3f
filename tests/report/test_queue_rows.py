"""Which rows are asked about, with numbers worked out by hand."""

import numpy as np
import pyarrow as pa
import pytest

from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.queue_rows import best_spread, interleaved, rows_to_ask, shares_of, spread_values

WORTH = np.array([1.0, 0.5, 0.4, 0.45, 0.1])
CLASSES = np.array([0, 0, 0, 1, 1])
ALL = np.ones(5, bool)


@pytest.mark.parametrize(
    "n, drawn, shares", [(200, 0, (20, 36)), (10, 0, (10, 0)), (50, 15, (5, 9)), (50, 20, (0, 10)), (1, 90, (0, 0))]
)
def test_shares(n, drawn, shares):
    assert shares_of(n, drawn) == shares  # twenty answers by chance, then a fifth


def test_values_fall_with_the_rank_inside_a_class():
    worth, classes = np.array([1.0, 0.6, 0.5, 0.4, 0.3]), np.array([0, 0, 1, 0, 1])
    expected = [1.0, 0.6 / 2**0.5, 0.5, 0.4 / 3**0.5, 0.3 / 2**0.5]  # two of two classes: 1 + r
    assert spread_values(worth, classes, 2) == pytest.approx(expected)
    expected = [1.0, 0.6 / 1.25**0.5, 0.5, 0.4 / 1.5**0.5, 0.3 / 1.25**0.5]  # eight of two: 1 + r / 4
    assert spread_values(worth, classes, 8) == pytest.approx(expected)
    assert spread_values(worth, np.zeros(5, int), 1) == pytest.approx(worth / np.sqrt([1, 2, 3, 4, 5]))
    assert spread_values(worth, np.zeros(5, int), 0) == pytest.approx(worth / np.sqrt([1, 2, 3, 4, 5]))
    assert spread_values(worth, np.arange(5) + 7, 1).tolist() == worth.tolist()


def test_the_best_rows_are_spread_over_classes():
    assert best_spread(WORTH, CLASSES, ALL, 2).tolist() == [0, 3]  # 0.45 before 0.5 / sqrt 2; plain order: 0, 1
    assert best_spread(WORTH, CLASSES, ALL, 4).tolist() == [0, 3, 1, 2]  # 1, 0.45, 0.5 / sqrt 1.5, 0.4 / sqrt 2
    assert best_spread(WORTH, CLASSES, ALL, 1).tolist() == [0]
    assert best_spread(WORTH, CLASSES, ALL, 9).tolist() == [0, 1, 3, 2, 4]  # 0.5 / sqrt(1 + 2/9) is 0.452
    assert best_spread(WORTH, CLASSES, ALL, 0).tolist() == []


def test_only_free_rows_are_taken_and_ranked():
    free = np.array([False, True, True, True, True])
    assert best_spread(WORTH, CLASSES, free, 2).tolist() == [1, 3]  # row 1 is now the best of its class
    assert best_spread(WORTH, CLASSES, free, 3).tolist() == [1, 3, 2]
    assert best_spread(WORTH, CLASSES, ~ALL, 3).tolist() == []


def test_of_equal_rows_the_first_comes_first():
    assert best_spread(np.full(5, 0.5), CLASSES, ALL, 4).tolist() == [0, 3, 1, 4]


def test_groups_are_mixed_in_proportion():
    assert interleaved([3, 1]).tolist() == [0, 1, 3, 2]  # 1/6, 1/2, 5/6 and 1/2
    assert interleaved([4, 2, 1]).tolist() == [0, 4, 1, 6, 2, 5, 3]  # 1/8 3/8 5/8 7/8, 1/4 3/4, 1/2
    assert interleaved([1, 3]).tolist() == [1, 0, 2, 3]  # 1/2 and 1/6, 1/2, 5/6
    assert interleaved([2, 0, 2]).tolist() == [0, 2, 1, 3]


def test_a_whole_queue_by_hand():
    given = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    quality = np.array([0.9, 0.1, 0.2, 0.6, 0.3, 0.7, 0.6, 0.5])
    probability = np.array([0.99, 0.9, 0.8, 0.55, 0.9, 0.6, 0.9, 0.9])
    suggested = np.array([0, 1, 1, 0, 0, 1, 1, 1])
    rows, names = np.arange(8), ("a", "b")
    probabilities = np.where(np.arange(2) == suggested[:, None], probability[:, None], 1 - probability[:, None])
    table = label_table(Evidence(rows, given, names, probabilities, quality))
    assert np.random.default_rng(7).permutation(8)[:2].tolist() == [0, 6]
    # 19 were drawn before, so row 0 comes first; of the other six one by chance, row 6; the order lists 0 (taken), 4,
    # 1; then the least certain of what is left, k 3, C 2: class a: 3 (0.45); b: 5 (0.4), 2 (0.2 / sqrt 1.67), 7
    asked = rows_to_ask(table, 7, seed=7, order=("0", "4", "no such row", "1"), drawn=19)
    assert [(int(row), why) for row, why in zip(*asked, strict=True)] == [
        (0, "random"), (4, "suspicious"), (1, "suspicious"), (3, "uncertain"), (6, "random"), (5, "uncertain"),
        (2, "suspicious"),
    ]  # fmt: skip


def table(n=300, classes=4):
    """Labels of which a tenth is wrong, nearly all of these given as class 0."""
    truth = np.random.default_rng(0).integers(classes, size=n)
    wrong = np.arange(n) < n // 10
    truth[wrong] = np.where(np.arange(n)[wrong] % 5 == 0, 2, 1)
    given = np.where(wrong, 0, truth)
    probabilities = np.full((n, classes), 0.05)
    probabilities[np.arange(n), truth] = 1 - 0.05 * (classes - 1)
    quality = probabilities[np.arange(n), given]
    probabilities[n // 2 : n // 2 + 20] = [0.3, 0.25, 0.25, 0.2]  # the network does not know
    names = [f"class {k}" for k in range(classes)]
    return label_table(Evidence(range(n), given, names, probabilities, quality, true=truth)), wrong


def test_the_first_answers_are_a_random_sample():
    labels, _ = table()
    asked = rows_to_ask(labels, 50)
    assert len(set(asked.rows.tolist())) == 50 and asked.why[:20] == ["random"] * 20
    assert (
        asked.why[20:].count("random") == 6 and asked.why[20:30].count("random") == 2
    )  # who stops early has seen some
    later = rows_to_ask(labels, 50, drawn=20)
    assert later.why.count("random") == 10 and later.why[:10].count("random") == 2


def test_without_an_order_uncertain_rows_come_spread_over_classes():
    labels, _ = table()
    asked = rows_to_ask(labels, 20, drawn=20)
    rows = asked.rows[[why != "random" for why in asked.why]]
    assert np.mean((rows >= 150) & (rows < 170)) > 0.6  # the network does not know these
    more = rows_to_ask(labels, 60, drawn=20).rows  # these are all alike
    assert len({labels["suggested_label"][row].as_py() for row in more.tolist()}) == 4


def test_random_rows_are_a_fair_sample():
    labels, wrong = table()
    shares = []
    for seed in range(60):
        asked = rows_to_ask(labels, 100, seed, drawn=20)
        shares.append(wrong[asked.rows[[why == "random" for why in asked.why]]].mean())
    assert abs(np.mean(shares) - wrong.mean()) < 0.02  # the standard error is 0.008


def test_small_numbers_and_too_many():
    labels, _ = table(n=20)
    assert sorted(rows_to_ask(labels, 500).rows.tolist()) == list(range(20))
    for n in range(1, 8):
        assert len(rows_to_ask(labels, n).rows) == n
    assert rows_to_ask(labels, 9).rows.tolist() == rows_to_ask(labels, 9, seed=0).rows.tolist()
    assert rows_to_ask(labels, 9).rows.tolist() != rows_to_ask(labels, 9, seed=1).rows.tolist()


def test_a_row_without_a_probability_is_the_least_certain():
    labels = table(n=20)[0]
    values = labels["suggested_probability"].to_pylist()
    values[15], values[16] = None, 0.005
    place = labels.column_names.index("suggested_probability")
    labels = labels.set_column(place, "suggested_probability", pa.array(values, pa.float64()))
    asked = rows_to_ask(labels, 10, drawn=20)
    assert next(row for row, why in zip(*asked, strict=True) if why != "random") == 15
