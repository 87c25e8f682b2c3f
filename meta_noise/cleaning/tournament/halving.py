"""Which candidates run how far inside a time budget: successive halving with measured cost.

K. Jamieson and A. Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from meta_noise.errors import NotFiniteError

SHARES = (1 / 9, 1 / 3, 1.0)  # of a full run: steps of the halving
BEGINNINGS = 0.5  # share of the time in which candidates that can be stopped are begun
OVER, UNSURE = 0.25, 1.5  # share of the budget that may be exceeded where a first result takes so many times the guess


class Reached(NamedTuple):
    """How far a candidate came: its score there, higher is better, and the share of a full run; a note on it."""

    score: float
    share: float
    note: str = ""


class Runner(NamedTuple):
    """A candidate as the schedule sees it.

    Attributes:
        run: `(share, until) -> Reached`, to that share of a full run; one that can be stopped goes on from where it
            was, and stops before or at the time `until`, but not before its first result, where it stops if the share
            is 0; None where it has no result.
        guess: seconds that a full run is expected to take before any is measured; of one that can be stopped, the
            seconds until its first result.
        always: it is cheap and runs in full as long as there is time.
        stops: it can be stopped.
    """

    run: Callable[[float, float], Reached | None]
    guess: float
    always: bool = False
    stops: bool = False


class Tried(NamedTuple):
    """What became of a candidate: how far it ran, its score there (None: no result), seconds spent, why it stopped, and
    the seconds until its first result, of one that can be stopped."""

    share: float
    score: float | None
    seconds: float
    why: str
    first: float = 0.0


NOTHING = Tried(0.0, None, 0.0, "")


def expected_seconds(runners: Mapping[str, Runner], budget: float) -> float:
    """Returns the seconds that `halve` is expected to take: the cheap ones, and others as far as the budget goes."""
    cheap = sum(runner.guess for runner in runners.values() if runner.always)
    others = [runner for runner in runners.values() if not runner.always]
    wanted = float("inf") if any(runner.stops for runner in others) else sum(runner.guess for runner in others)
    return cheap + min(wanted, max(budget - cheap, 0.0))


def halve(
    runners: Mapping[str, Runner],
    budget: float,
    clock: Callable[[], float],
    worked: Callable[[], float] | None = None,
) -> dict[str, Tried]:
    """Returns what became of each candidate.

    Cheap candidates run in full. The others run a ninth, the better half of them a third, the better half of these in
    full. What is expected, by its own measured cost, to exceed what is left of the budget is not begun; those that can
    be stopped share the time of a step evenly, and are only begun as long as their first results take half of it, and
    in the end where there is time left for them. A first result, which cannot be stopped, is expected to take longer
    than guessed by as much as one before it did, and as much as the cheap ones waited for the processor.

    Args:
        runners: by name.
        budget: seconds; may be infinite.
        clock: gives the time in seconds.
        worked: gives the seconds that processors worked for this process; None where that is not known.
    """
    begin, before = clock(), worked() if worked else 0.0
    end, found = begin + budget, dict[str, Tried]()
    for name, runner in runners.items():
        if runner.always and found and clock() > end:
            found[name] = NOTHING._replace(why="the time was over before it began")
        elif runner.always:
            found[name] = _run(runner, 1.0, end, clock, NOTHING)
            found[name] = found[name]._replace(why=found[name].why or "cheap, run in full")
    slower = 1.0  # than guessed
    if worked and found:
        slower = max((clock() - begin) / max(worked() - before, 1e-9), 1.0)
    cost = {name: runner.guess for name, runner in runners.items() if not runner.always}
    alive = sorted(cost, key=lambda name: (runners[name].stops, cost[name]))
    can_stop = [name for name in alive if runners[name].stops]
    room = (BEGINNINGS if len(can_stop) > 1 else 1.0) * (end - clock())
    waiting: list[str] = []

    def begun(name: str) -> bool:
        """Returns whether a candidate that can be stopped has its first result, for which it is begun where time is
        left."""
        nonlocal slower
        need, left = slower * runners[name].guess, end - clock()
        if need > left or UNSURE * need > left + OVER * budget:
            why = f"not begun: a first result of about {need:.0f} s does not fit into the {max(left, 0):.0f} s left"
            found[name] = NOTHING._replace(why=why)
            return False
        now = _run(runners[name], 0.0, clock(), clock, NOTHING)
        found[name] = now._replace(first=now.seconds)
        slower = max(slower, now.seconds / max(runners[name].guess, 1e-9))
        return now.score is not None

    for place, share in enumerate(SHARES):
        reached = []
        for number, name in enumerate(alive):
            runner = runners[name]
            if runner.stops and name not in found:
                if slower * runner.guess > room:
                    waiting.append(name)
                    continue
                room -= slower * runner.guess
                if not begun(name):
                    continue
            left, need = end - clock(), 0.0 if runner.stops else cost[name] * share
            if need > left:
                why = f"a next step of about {need:.0f} s does not fit into the {max(left, 0):.0f} s left"
                found[name] = found.get(name, NOTHING)._replace(why=why)
                continue
            part = left / (len(SHARES) - place) / (len(alive) - number)
            spent = found.get(name, NOTHING).seconds
            found[name] = _run(runner, share, clock() + part, clock, found.get(name, NOTHING))
            cost[name] = max((found[name].seconds - spent) / share, 1e-9)
            if found[name].score is not None:
                reached.append(name)
        reached.sort(key=lambda name: -(found[name].score or 0.0))
        kept = reached if place == len(SHARES) - 1 else reached[: -(-len(reached) // 2)]
        for name in reached:
            if name not in kept:
                found[name] = found[name]._replace(why=f"behind the better half after {found[name].share:.0%} of a run")
        alive = kept
    for number, name in enumerate(waiting):
        if begun(name):
            until = clock() + (end - clock()) / (len(waiting) - number)
            found[name] = _run(runners[name], 1.0, until, clock, found[name])
    return found


def _run(runner: Runner, share: float, until: float, clock: Callable[[], float], before: Tried) -> Tried:
    start = clock()
    try:
        reached = runner.run(share, until)
    except NotFiniteError:
        return before._replace(score=None, seconds=before.seconds + clock() - start, why="its loss is not finite")
    seconds = before.seconds + clock() - start
    if reached is None:
        return Tried(0.0, None, seconds, "too few rows for it")
    why = "run in full" if reached.share >= 1 else "stopped when its time was over" if share == 1 else ""
    why = ", ".join(part for part in (why, reached.note) if part)
    return before._replace(share=reached.share, score=reached.score, seconds=seconds, why=why)
