"""The cost of a step that is timed before a run."""

from meta_noise.hosts import exchange
from meta_noise.train import cost


class Recorder:
    """Stands for a compiled call and keeps how many steps each call took."""

    def __init__(self):
        self.taken = []

    def __call__(self, steps):
        self.taken.append(steps)

    def cost_analysis(self):
        return {"flops": 12.0}

    def memory_analysis(self):
        return None


def test_several_steps_are_timed_in_one_call_where_they_are_short():
    compiled = Recorder()
    found = cost.estimate(compiled, 1.5, 7, lambda steps: (steps,))
    assert compiled.taken == [1, 1, 7, 7]
    assert found.flops == 12.0 and found.compile_seconds == 1.5 and found.temporary_bytes is None


def test_all_processes_time_as_many_steps_as_the_first_one(monkeypatch):
    """One that takes more than the others waits for them without an end where steps sum over processes."""
    monkeypatch.setattr(exchange, "firsts", lambda name, text: "3")
    compiled = Recorder()
    cost.estimate(compiled, 1.5, 64, lambda steps: (steps,))
    assert compiled.taken == [1, 1, 3, 3]
