"""The faults of the experiment do disturb, and its memory does not grow."""

import pytest

from experiments.faults import bench, flips
from experiments.faults.kills import Counted, at_operations, on_full_disks
from experiments.faults.soak import soak


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return bench.make(tmp_path_factory.mktemp("bench"))


@pytest.mark.slow
def test_quick_commands(made):
    trials = bench.trials(made)
    kills, disks, bits = Counted(), Counted(), Counted()
    at_operations(made, trials["queue"], 5, kills)
    on_full_disks(made, trials["predict"], 5, disks, 0)
    flips.looked_at(made, 10, bits, 0)
    assert kills.trials == 5 and disks.trials == 5 and bits.trials == 10
    assert not (kills.failures or disks.failures or bits.failures)
    assert bits.idle < 10 and disks.idle < 5


def test_a_silent_change_is_a_failure(world, tmp_path):
    """Where a damaged file is taken for a sound one, the trials say so."""
    words = ["predict", str(world.run), str(world.data), "--out", str(tmp_path / "at/found.csv")]
    code, files, said = flips._outcome(words, tmp_path / "at")
    assert code == 0 and not said and not flips._problem((0, files), (0, files), "")
    changed = {**files, "found.csv": "else"}
    assert flips._problem((0, changed), (0, files), "") == "changes in silence"
    assert "ends with 1" in flips._problem((1, {}), (0, files), "Traceback")
    assert not flips._problem((2, {}), (0, files), "error: it is damaged.\n")


@pytest.mark.slow
def test_memory_does_not_grow():
    found = soak(20_000)
    first, *_, last = found.values()
    assert len(found) >= 8 and last - first < 20
