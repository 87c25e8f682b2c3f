"""Which labels of trusted rows are counted."""

import numpy as np
import pytest

from meta_noise.cleaning import own_noise
from meta_noise.cleaning.own_noise import labelled
from meta_noise.cleaning.rounds import _drawn
from meta_noise.data.answers import Answer
from tests.cleaning.test_choose import own


def trusted(wrong=()):
    """Returns forty rows, the first eight trusted; `wrong` are those whose given label was another one."""
    data = own(rows=40, trusted=2)
    given = data.source.labels.copy()
    given[list(wrong)] = (given[list(wrong)] + 1) % 4
    return data._replace(given=given)


@pytest.mark.parametrize(("wrong", "counted"), [((), 0), ((3,), 8)])
def test_rows_that_are_trusted_because_they_are_right_are_not_counted(wrong, counted):
    data = trusted(wrong)
    found = labelled(data, np.arange(40))
    assert (found.given[:8] >= 0).sum() == counted and found.is_counted == bool(counted)
    np.testing.assert_array_equal(found.truth[:8], data.source.labels[:8])
    np.testing.assert_array_equal(found.given[8:], data.source.labels[8:])


@pytest.mark.parametrize(("wrong", "counted"), [((), {0, 1}), ((0, 2), {0, 1}), ((5,), {0, 1, 4, 5, 6, 7})])
def test_answers_count_where_they_were_drawn_by_chance(wrong, counted):
    data = trusted(wrong)
    answers = [Answer(f"r{row}", "a", False, "random" if row < 2 else "suspicious") for row in range(4)]
    found = labelled(data, np.arange(40), _drawn(data, answers))
    assert set(np.flatnonzero(found.given[:8] >= 0).tolist()) == counted


def test_a_sample_of_very_many_rows_has_all_trusted_ones(monkeypatch):
    monkeypatch.setattr(own_noise, "SAMPLE", 20)
    data = trusted()
    rows = own_noise.sampled(data)
    assert 20 <= len(rows) < len(data.source.labels)
    assert set(np.flatnonzero(data.source.trusted)) <= set(rows.tolist())
