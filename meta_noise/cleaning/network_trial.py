"""Networks as candidates of a trial: trained further when the schedule says so, judged by their best piece."""

import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from rich.console import Console

from meta_noise.cleaning.fold_networks import FEWEST, LED, Best, Kind, Piece, nothing_yet, pieces, with_piece
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.data.own import Own
from meta_noise.terminal import say
from meta_noise.types import Learner

FIRST = {"mw_net": 8.0, "mlc_lcn": 10.0, "ieg": 12.0, "famus": 45.0}  # seconds, most of them of compiling, until a
OTHERS, FIRST_PER_ROW = 5.0, 0.002  # network has a first result, those of other methods, and those that a row adds


class Network(NamedTuple):
    """A network as a candidate.

    Attributes:
        kind: what is trained.
        pieces: still to come.
        best: what the best of the past ones say, in a list of one.
        top: the best one itself, in a list of one; none before the first.
        latest: share of the training and seconds of the last one, in a list of one; none before the first.
    """

    kind: Kind
    pieces: Iterator[Piece]
    best: list[Best]
    top: list[Piece]
    latest: list[tuple[float, float]]


class Further(NamedTuple):
    """A network after more training: what it says [N, C], how far it is (0..1), and a note on its best piece."""

    predicted: np.ndarray
    share: float
    note: str


def kinds_of(data: str, checked: int) -> list[tuple[str, Kind]]:
    """Returns the networks that suit data of a kind with so many trusted rows, the most promising first."""
    led = [(f"network by {method}", Kind(method, "both")) for method in LED]
    alone = [("network on trusted rows", Kind(learns="trusted"))]
    without = [("network by famus", Kind("famus"))] if data != "texts" else []  # it mixes inputs
    return [("network", Kind()), *(led + alone if checked >= FEWEST else []), *without]


def new_network(
    problem: Problem, own: Own, seed: int, kind: Kind, start: tuple[Learner, ...] = ()
) -> tuple[Network, float]:
    """Returns a network that has not begun, and the seconds until its first result."""
    first = FIRST.get(kind.method, OTHERS) + FIRST_PER_ROW * len(problem.given)
    return Network(kind, pieces(problem, own, seed, kind, start), [nothing_yet(problem)], [], []), first


def further(
    network: Network, problem: Problem, name: str, share: float, until: float, console: Console
) -> Further | None:
    """Trains a network on to a share of its training, or as long as one more piece ends before the time `until`, and
    says what its best piece is worth; None where folds have too few rows for it. The first piece is trained anyway."""
    if not network.top:
        say(console, f"- {name}: compiles, then trains on all but a third of the rows, three times.")
    labels = problem.given if network.kind.learns == "given" else problem.truth
    while not network.latest or _goes_on(network, share, until):
        begin = time.monotonic()
        piece = next(network.pieces, None)
        if piece is None:
            break
        network.best[:] = [with_piece(network.best[0], piece.predicted, labels, problem.fold_of)]
        if network.best[0].at == network.best[0].seen:
            network.top[:] = [piece]
        network.latest[:] = [(piece.share, time.monotonic() - begin)]
    if not network.top:
        return None
    best = network.best[0]
    late = best.seen - best.at
    note = f"what it had learned {late} of {best.seen} pieces earlier was better and is taken" if late else ""
    return Further(best.predicted, network.latest[0][0], note)


def _goes_on(network: Network, share: float, until: float) -> bool:
    """Returns whether one more piece is wanted, and ends in time if it takes as long as the one before."""
    reached, seconds = network.latest[0]
    if network.best[0].seen == 1:
        seconds = 0.0  # most of the first was compiling
    return reached < min(share, 1.0) - 1e-9 and time.monotonic() + seconds <= until
