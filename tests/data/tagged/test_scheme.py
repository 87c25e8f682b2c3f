"""Tags of spans: what may follow what, and suggestions that keep to it."""

import itertools

import numpy as np
import pytest

from meta_noise.data.tagged.scheme import breaks, follows, parts, repaired, suggested_in

NAMES = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
OUT, B_PER, I_PER, B_LOC, I_LOC = range(5)


def suggested(given, flagged, p):
    kinds = [parts(name)[1] for name in NAMES]
    return suggested_in(np.array(given), np.array(flagged), np.array(p), kinds, follows(NAMES)).tolist()


@pytest.mark.parametrize(("names", "known"), [(("N", "V"), False), (("O", "I-PER"), False), (NAMES, True)])
def test_what_is_a_scheme(names, known):
    assert (follows(names) is not None) == known


def test_what_breaks_it():
    allowed = follows(NAMES)
    assert breaks(np.array([B_PER, I_PER, I_PER, OUT, B_LOC]), allowed) == 0
    assert breaks(np.array([I_PER, OUT, B_LOC, I_PER]), allowed) == 2
    closed = follows(("O", "B-X", "I-X", "L-X", "U-X"))  # BILOU
    assert breaks(np.array([1, 2, 3, 4, 0]), closed) == 0
    assert breaks(np.array([1, 0]), closed) == 1 and breaks(np.array([0, 1]), closed) == 1


def test_the_path_is_the_best_of_all():
    rng = np.random.default_rng(0)
    allowed = follows(NAMES)
    for _ in range(5):
        costs = rng.exponential(size=(4, 5))
        paths = [path for path in itertools.product(range(5), repeat=4) if not breaks(np.array(path), allowed)]
        best = min(paths, key=lambda path: costs[range(4), path].sum())
        assert repaired(costs, allowed).tolist() == list(best)


def test_suggestions_keep_spans_whole():
    certain = [0.96, 0.01, 0.01, 0.01, 0.01]
    assert suggested([B_PER, I_PER], [True, False], [certain, certain]) == [OUT, B_PER]
    middle = [0.1, 0.2, 0.5, 0.1, 0.1]  # I-PER is most probable, and cannot stand behind O
    assert suggested([OUT, OUT, OUT], [False, True, False], [certain, middle, certain]) == [OUT, B_PER, OUT]
    assert suggested([B_PER, OUT, OUT], [False, True, False], [certain, middle, certain]) == [B_PER, I_PER, OUT]
