"""Which candidates run how far inside a time budget: successive halving with measured cost.

K. Jamieson and A. Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from meta_noise.errors import NotFiniteError

SHARES = (1 / 9, 1 / 3, 1.0)  # of a full run: steps of the halving
BEGINNINGS = 0.5  # share of the time in which candidates that can be stopped are begun


class Reached(NamedTuple):
    """How far a candidate came: its score there, higher is better, and the share of a full run; a note on it."""

    score: float
    share: float
    note: str = ""


class Runner(NamedTuple):
    """A candidate as the schedule sees it.

    Attributes:
        run: `(share, until) -> Reached`, to that share of a full run; one that can be stopped goes on from where it
            was, and stops soon after the time `until`, but not before its first result; None where it has no result.
        guess: seconds that a full run is expected to take before any is measured; of one that can be stopped, the
            seconds until its first result.
        always: it is cheap and runs in full whatever the budget.
        stops: it can be stopped.
    """

    run: Callable[[float, float], Reached | None]
    guess: float
    always: bool = False
    stops: bool = False


class Tried(NamedTuple):
    """What became of a candidate: how far it ran, its score there (None: no result), seconds spent, why it stopped."""

    share: float
    score: float | None
    seconds: float
    why: str


def expected_seconds(runners: Mapping[str, Runner], budget: float) -> float:
    """Returns the seconds that `halve` is expected to take: the cheap ones, and others as far as the budget goes."""
    cheap = sum(runner.guess for runner in runners.values() if runner.always)
    others = [runner for runner in runners.values() if not runner.always]
    wanted = float("inf") if any(runner.stops for runner in others) else sum(runner.guess for runner in others)
    return cheap + min(wanted, max(budget - cheap, 0.0))


def halve(runners: Mapping[str, Runner], budget: float, clock: Callable[[], float]) -> dict[str, Tried]:
    """Returns what became of each candidate.

    Cheap candidates run in full. The others run a ninth, the better half of them a third, the better half of these in
    full. What is expected, by its own measured cost, to exceed what is left of the budget is not begun; those that can
    be stopped share the time of a step evenly, and are only begun as long as their first results take half of it.

    Args:
        runners: by name.
        budget: seconds.
        clock: gives the time in seconds.
    """
    end, found = clock() + budget, dict[str, Tried]()
    for name, runner in runners.items():
        if runner.always:
            found[name] = _run(runner, 1.0, clock() + budget, clock, Tried(0.0, None, 0.0, ""))
            found[name] = found[name]._replace(why=found[name].why or "cheap, run in full")
    cost = {name: runner.guess for name, runner in runners.items() if not runner.always}
    first = {name: runner.guess for name, runner in runners.items() if runner.stops}
    alive, beginnings = sorted(cost, key=lambda name: (runners[name].stops, cost[name])), 0.0
    room, slower = BEGINNINGS * (end - clock()), 1.0  # how much slower than guessed first results come
    for place, share in enumerate(SHARES):
        reached = []
        for number, name in enumerate(alive):
            runner, left = runners[name], end - clock()
            before = found.get(name, Tried(0.0, None, 0.0, ""))
            need = cost[name] * share if not runner.stops else first[name] * slower
            is_new = runner.stops and not place
            if need > left or (is_new and beginnings + need > room):
                why = f"a next step of about {need:.0f} s does not fit into the {max(left, 0):.0f} s left"
                others = (
                    f"not begun: the budget is too small for more networks, a first result takes about {need:.0f} s"
                )
                found[name] = before._replace(why=why if need > left else others)
                continue
            part = left / (len(SHARES) - place) / (len(alive) - number)
            now = _run(runner, share, clock() + max(part, need), clock, before)
            spent = now.seconds - before.seconds
            if is_new:
                beginnings += need
                slower = max(slower, spent / runner.guess) if spent > max(part, need) else slower
            cost[name] = max(spent / share, 1e-9)
            first[name] = 0.0  # it has a result, and goes on as long as there is time
            found[name] = now
            if now.score is not None:
                reached.append(name)
        reached.sort(key=lambda name: -(found[name].score or 0.0))
        kept = reached if place == len(SHARES) - 1 else reached[: -(-len(reached) // 2)]
        for name in reached:
            if name not in kept:
                found[name] = found[name]._replace(why=f"behind the better half after {found[name].share:.0%} of a run")
        alive = kept
    return found


def _run(runner: Runner, share: float, until: float, clock: Callable[[], float], before: Tried) -> Tried:
    start = clock()
    try:
        reached = runner.run(share, until)
    except NotFiniteError:
        return Tried(before.share, None, before.seconds + clock() - start, "its loss is not finite")
    seconds = before.seconds + clock() - start
    if reached is None:
        return Tried(0.0, None, seconds, "too few rows for it")
    why = "run in full" if reached.share >= 1 else "stopped when its time was over" if share == 1 else ""
    return Tried(reached.share, reached.score, seconds, ", ".join(part for part in (why, reached.note) if part))
