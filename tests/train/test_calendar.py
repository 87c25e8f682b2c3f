"""Epochs of a run: a warm-up first, in epochs of its own, the last epoch of each phase cut where the phase ends."""

import jax
import numpy as np
import pytest

from meta_noise.train.calendar import Calendar

WHOLE = Calendar(epoch=5, steps=20)
CUT = Calendar(epoch=5, steps=24, warm=10, warm_epoch=4)  # epochs begin at 0, 4, 8, 10, 15, 20
TUNED = Calendar(epoch=5, steps=30, warm=10, warm_epoch=4, tune=6, tune_epoch=4)  # and at 24, 28


def test_without_a_warm_up_epochs_are_equal():
    assert [WHOLE.number(step) for step in range(20)] == [step // 5 for step in range(20)]
    assert (WHOLE.epochs, WHOLE.warm_epochs) == (4, 0)
    assert [WHOLE.position(step) for step in range(20)] == [step / 5 for step in range(20)]


def test_a_warm_up_comes_before_the_epochs():
    begins = [0, 4, 8, 10, 15, 20]
    assert (CUT.warm_epochs, CUT.epochs) == (3, 6)
    for step in range(24):
        number = max(i for i, begin in enumerate(begins) if begin <= step)
        assert (CUT.number(step), CUT.begin(step), CUT.end(step)) == (number, begins[number], [*begins, 24][number + 1])


def test_a_fine_tuning_comes_after_the_epochs():
    begins = [0, 4, 8, 10, 15, 20, 24, 28]
    assert (TUNED.tuned, TUNED.epochs) == (24, 8)
    for step in range(30):
        number = max(i for i, begin in enumerate(begins) if begin <= step)
        assert (TUNED.number(step), TUNED.begin(step)) == (number, begins[number])
        assert TUNED.end(step) == [*begins, 30][number + 1]


@pytest.mark.parametrize("calendar", [WHOLE, CUT, TUNED, TUNED._replace(warm=0)])
def test_a_position_is_in_its_epoch(calendar):
    steps = np.arange(calendar.steps, dtype=np.int32)
    found = np.asarray(jax.jit(calendar.position)(steps))
    np.testing.assert_array_equal(np.floor(found), [calendar.number(int(step)) for step in steps])
    assert (np.diff(found) > 0).all()
