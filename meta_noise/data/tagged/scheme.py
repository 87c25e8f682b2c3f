"""Schemes of tags for spans: which tag may follow which, and tags that keep to it.

IOB2: L. A. Ramshaw, M. P. Marcus, "Text Chunking using Transformation-Based Learning", 1995, in the form in which each
span begins with B-. IOBES adds E- for the end of a span and S- for a span of one token; BILOU writes L- and U- for
these two.
"""

import re
from collections.abc import Sequence

import numpy as np

_TAG = re.compile(r"([BIESLU])-(.+)")
_SAME = {"L": "E", "U": "S"}
MOST_BREAKS = 0.05  # share of the sentences up to which given tags keep to the scheme
BREAK, RELATED = 50.0, 3.0  # costs of a broken rule, and of another tag of the same kind where none looks wrong


def parts(tag: str) -> tuple[str, str]:
    """Returns the letter and the kind of a tag: ("B", "PER"), or ("O", "")."""
    match = _TAG.fullmatch(tag)
    return (_SAME.get(match[1], match[1]), match[2]) if match else ("O", "")


def follows(names: Sequence[str]) -> np.ndarray | None:
    """Returns [C + 1, C + 1] bool: tag j may follow tag i, C standing for the border of a sentence; None where tags are
    of no scheme."""
    found = [parts(name) for name in names]
    letters = {letter for letter, _ in found}
    if any(letter == "O" and name != "O" for name, (letter, _) in zip(names, found, strict=True)) or "B" not in letters:
        return None
    closes = bool(letters & {"E", "S"})
    found.append(("O", ""))
    allowed = np.ones((len(found), len(found)), bool)
    for i, (before, kind) in enumerate(found):
        for j, (after, other) in enumerate(found):
            goes_on = after in ("I", "E")
            allowed[i, j] = before in ("B", "I") and kind == other if goes_on else not closes or before not in "BI"
    return allowed


def breaks(tags: np.ndarray, allowed: np.ndarray) -> int:
    """Returns how many rules the tags [n] of a sentence break."""
    border = [len(allowed) - 1]
    path = np.concatenate([border, tags, border])
    return int(np.sum(~allowed[path[:-1], path[1:]]))


def repaired(costs: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Returns the tags [n] of least cost in all, a broken rule costing `BREAK` (A. Viterbi, 1967).

    Args:
        costs: [n, C] of each tag of each token of a sentence.
        allowed: of `follows`.
    """
    size, classes = costs.shape
    rules = np.where(allowed, 0.0, BREAK)
    best, came = costs[0] + rules[-1, :-1], np.zeros((size, classes), int)
    for place in range(1, size):
        total = best[:, None] + rules[:-1, :-1]
        came[place] = total.argmin(axis=0)
        best = total[came[place], np.arange(classes)] + costs[place]
    found = np.zeros(size, int)
    found[-1] = int(np.argmin(best + rules[:-1, -1]))
    for place in range(size - 1, 0, -1):
        found[place - 1] = came[place, found[place]]
    return found


def suggested_in(
    given: np.ndarray,
    flagged: np.ndarray,
    p: np.ndarray,
    kinds: Sequence[str],
    allowed: np.ndarray,
    fixed: np.ndarray | None = None,
) -> np.ndarray:
    """Returns the tags [n] of a sentence: where a tag looks wrong the most probable other ones that keep to the scheme
    together; others stay, or change their letter where a neighbour's change asks for it.

    Args:
        given: [n] int tags.
        flagged: [n] bool, the tag looks wrong.
        p: [n, C] probability of each tag.
        kinds: [C] kind of each tag, "" for O.
        allowed: of `follows`.
        fixed: [n] bool, the given tag is known to be right and stays; none is where None.
    """
    rows = np.arange(len(given))
    same = np.array(kinds)[None, :] == np.array(kinds)[given][:, None]
    costs = np.where(same, RELATED, 2 * BREAK * len(given))
    if fixed is not None:
        costs[fixed] = 2 * BREAK * len(given)
    costs[rows, given] = 0.0
    costs[flagged] = -np.log(np.maximum(p[flagged], 1e-9))
    costs[flagged, given[flagged]] = 2 * BREAK * len(given)
    return repaired(costs, allowed)
