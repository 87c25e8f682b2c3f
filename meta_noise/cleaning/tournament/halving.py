"""Which candidates run how far inside a time budget: successive halving with measured cost.

K. Jamieson and A. Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016.
"""

from collections.abc import Callable, Mapping, Sequence
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
    halving = _Halving(runners, budget, clock)
    halving.run_cheap()
    if worked and halving.found:
        halving.slower = max((clock() - begin) / max(worked() - before, 1e-9), 1.0)
    alive = sorted(halving.cost, key=lambda name: (runners[name].stops, halving.cost[name]))
    can_stop = sum(runners[name].stops for name in alive)
    halving.room = (BEGINNINGS if can_stop > 1 else 1.0) * halving.left()
    for place in range(len(SHARES)):
        alive = halving.better_half(place, halving.step(place, alive))
    halving.run_waiting()
    return halving.found


class _Halving:
    """Where a halving stands.

    Attributes:
        found: what became of each candidate so far.
        cost: seconds that a full run takes, guessed or measured, of all but the cheap ones.
        slower: how many times longer than guessed a first result is expected to take.
        room: seconds that are left for first results of candidates that can be stopped.
        waiting: those of them for which there was no room.
    """

    def __init__(self, runners: Mapping[str, Runner], budget: float, clock: Callable[[], float]):
        self._runners, self._budget, self._clock = runners, budget, clock
        self._end = clock() + budget
        self.found: dict[str, Tried] = {}
        self.cost = {name: runner.guess for name, runner in runners.items() if not runner.always}
        self.slower, self.room = 1.0, 0.0
        self.waiting: list[str] = []

    def left(self) -> float:
        """Returns the seconds left; negative where the time is over."""
        return self._end - self._clock()

    def run_cheap(self) -> None:
        """Runs the cheap candidates in full, the first one in any case."""
        for name, runner in self._runners.items():
            if runner.always and self.found and self.left() < 0:
                self._leave(name, "the time was over before it began")
            elif runner.always:
                tried = self._run(name, 1.0, self._end)
                self.found[name] = tried._replace(why=tried.why or "cheap, run in full")

    def step(self, place: int, alive: Sequence[str]) -> list[str]:
        """Runs candidates to the share of a step; returns those that have a result there."""
        share, reached = SHARES[place], []
        for number, name in enumerate(alive):
            stops = self._runners[name].stops
            if stops and name not in self.found and not (self._has_room(name) and self._begin(name)):
                continue
            left, need = self.left(), 0.0 if stops else self.cost[name] * share
            if need > left:
                self._leave(name, f"a next step of about {need:.0f} s does not fit into the {max(left, 0):.0f} s left")
                continue
            spent = self.found.get(name, NOTHING).seconds
            tried = self._run(name, share, self._clock() + left / (len(SHARES) - place) / (len(alive) - number))
            self.cost[name] = max((tried.seconds - spent) / share, 1e-9)
            if tried.score is not None:
                reached.append(name)
        return reached

    def better_half(self, place: int, reached: Sequence[str]) -> list[str]:
        """Returns the candidates of the next step, the best first; all of them after the last one."""
        best_first = sorted(reached, key=lambda name: -(self.found[name].score or 0.0))
        kept = len(best_first) if place == len(SHARES) - 1 else -(-len(best_first) // 2)
        for name in best_first[kept:]:
            self._leave(name, f"behind the better half after {self.found[name].share:.0%} of a run")
        return best_first[:kept]

    def run_waiting(self) -> None:
        """Runs those that waited for room, where time is left; they share it evenly."""
        for number, name in enumerate(self.waiting):
            if self._begin(name):
                self._run(name, 1.0, self._clock() + self.left() / (len(self.waiting) - number))

    def _has_room(self, name: str) -> bool:
        need = self.slower * self._runners[name].guess
        if need > self.room:
            self.waiting.append(name)
            return False
        self.room -= need
        return True

    def _begin(self, name: str) -> bool:
        """Says whether a candidate that can be stopped has its first result, for which it runs where time is left."""
        guess, left = self._runners[name].guess, self.left()
        need = self.slower * guess
        if need > left or UNSURE * need > left + OVER * self._budget:
            self._leave(
                name, f"not begun: a first result of about {need:.0f} s does not fit into the {max(left, 0):.0f} s left"
            )
            return False
        tried = self._run(name, 0.0, self._clock())
        self.found[name] = tried._replace(first=tried.seconds)
        self.slower = max(self.slower, tried.seconds / max(guess, 1e-9))
        return tried.score is not None

    def _run(self, name: str, share: float, until: float) -> Tried:
        tried = _run(self._runners[name], share, until, self._clock, self.found.get(name, NOTHING))
        self.found[name] = tried
        return tried

    def _leave(self, name: str, why: str) -> None:
        self.found[name] = self.found.get(name, NOTHING)._replace(why=why)


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
