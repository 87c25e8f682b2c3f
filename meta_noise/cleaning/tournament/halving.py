"""Which candidates run how far inside a time budget: successive halving with measured cost."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

SHARES = (1 / 9, 1 / 3, 1.0)  # of a full run: steps of the halving


class Runner(NamedTuple):
    """A candidate as the schedule sees it.

    Attributes:
        run: `share of a full run -> score`, higher is better.
        guess: seconds that a full run is expected to take before any is measured.
        always: it is cheap and runs in full whatever the budget.
    """

    run: Callable[[float], float]
    guess: float
    always: bool = False


class Tried(NamedTuple):
    """What became of a candidate: how far it ran, its score there (None: not run), seconds spent, why it stopped."""

    share: float
    score: float | None
    seconds: float
    why: str


def expected_seconds(runners: Mapping[str, Runner], budget: float) -> float:
    """Returns the seconds that `halve` is expected to take: the cheap ones, and others as far as the budget goes."""
    cheap = sum(runner.guess for runner in runners.values() if runner.always)
    others = sum(runner.guess for runner in runners.values() if not runner.always)
    return cheap + min(others, max(budget - cheap, 0.0))


def halve(runners: Mapping[str, Runner], budget: float, clock: Callable[[], float]) -> dict[str, Tried]:
    """Returns what became of each candidate.

    Cheap candidates run in full. The others run a ninth, the better half of them a third, the better half of these in
    full, as in K. Jamieson and A. Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization",
    AISTATS 2016. What is expected, by its own measured cost, to exceed what is left of the budget is not begun.

    Args:
        runners: by name.
        budget: seconds.
        clock: gives the time in seconds.
    """
    begin = clock()
    found: dict[str, Tried] = {}
    for name, runner in runners.items():
        if runner.always:
            start = clock()
            score = runner.run(1.0)
            found[name] = Tried(1.0, score, clock() - start, "cheap, run in full")
    cost = {name: runner.guess for name, runner in runners.items() if not runner.always}
    alive = sorted(cost, key=lambda name: cost[name])
    for place, share in enumerate(SHARES):
        reached = []
        for name in alive:
            left = budget - (clock() - begin)
            before = found.get(name, Tried(0.0, None, 0.0, ""))
            if cost[name] * share > left:
                why = f"a next step of about {cost[name] * share:.0f} s does not fit into the {max(left, 0):.0f} s left"
                found[name] = before._replace(why=why)
                continue
            start = clock()
            score = runners[name].run(share)
            seconds = clock() - start
            cost[name] = max(seconds / share, 1e-9)
            found[name] = Tried(share, score, before.seconds + seconds, "run in full" if share == 1 else "")
            reached.append(name)
        reached.sort(key=lambda name: -(found[name].score or 0.0))
        kept = reached if place == len(SHARES) - 1 else reached[: -(-len(reached) // 2)]
        for name in reached:
            if name not in kept:
                found[name] = found[name]._replace(why=f"behind the better half after {share:.0%} of a run")
        alive = kept
    return found
