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
    """A network as a candidate: its `kind`, the `pieces` still to come, and in lists of one what the `best` of the past
    ones say, and the best one itself, `top` (none before the first)."""

    kind: Kind
    pieces: Iterator[Piece]
    best: list[Best]
    top: list[Piece]


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
    return Network(kind, pieces(problem, own, seed, kind, start), [nothing_yet(problem)], []), first


def further(
    network: Network, problem: Problem, name: str, share: float, until: float, console: Console
) -> Further | None:
    """Trains a network on to a share of its training, or a little beyond the time `until`, and says what its best piece
    is worth; None where folds have too few rows for it."""
    if not network.top:
        say(console, f"- {name}: compiles, then trains on all but a third of the rows, three times.")
    labels = problem.given if network.kind.learns == "given" else problem.truth
    reached = 1.0
    for piece in network.pieces:
        network.best[:] = [with_piece(network.best[0], piece.predicted, labels, problem.fold_of)]
        if network.best[0].at == network.best[0].seen:
            network.top[:] = [piece]
        if piece.share < 1 and (piece.share >= share - 1e-9 or time.monotonic() >= until):
            reached = piece.share
            break
    if not network.top:
        return None
    best = network.best[0]
    late = best.seen - best.at
    note = f"what it had learned {late} of {best.seen} pieces earlier was better and is taken" if late else ""
    return Further(best.predicted, reached, note)
