"""The points of the picture of cheaper meta-gradients, and what they cost."""

import pytest

from experiments.benchmark import nearly
from experiments.benchmark.cases import CASES


@pytest.mark.parametrize("steps", nearly.STEPS)
def test_passes_are_counted_as_in_the_benchmark(steps):
    exact = next(case for case in CASES if case.name == f"mw_net steps {steps}").passes / 3
    points = nearly.approximations(steps)
    assert all(point.passes < exact / steps for point in points if point.kind == "truncated")
    whole = [point for point in points if point.kind == "neumann" and point.number == steps]
    assert [point.passes * steps for point in whole] == [exact]


def test_one_term_is_the_last_step_alone():
    for steps in nearly.STEPS:
        one = [point for point in nearly.approximations(steps) if point.number == 1]
        assert len(one) == 2 and one[0].passes == one[1].passes


def test_noise_is_the_same_in_every_draw():
    """A row has the same label wherever it is drawn."""
    seen: dict[int, int] = {}
    for seed in range(3):
        batch, clean = nearly.batches(seed, 2)
        assert batch.labels.shape == (2 * nearly.SIZE,) and clean.index.max() < nearly.CLEAN <= batch.index.min()
        for row, label in zip(batch.index.tolist(), batch.labels.tolist(), strict=True):
            assert seen.setdefault(row, label) == label
