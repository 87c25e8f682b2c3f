"""Suggested tags that keep to the scheme of spans, where given tags do."""

from collections.abc import Sequence

import numpy as np

from meta_noise.data.tagged.scheme import MOST_BREAKS, breaks, follows, parts, suggested_in


def in_scheme(
    names: Sequence[str],
    given: np.ndarray,
    flagged: np.ndarray,
    suggested: np.ndarray,
    posterior: np.ndarray,
    sentence: np.ndarray,
    fixed: np.ndarray,
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Returns [N] suggested tags, changed so that no sentence breaks more rules than it does as given, and notes.

    Args:
        names: [C] tags.
        given, suggested: [N] int tags.
        flagged: [N] bool, the tag looks wrong.
        posterior: [N, C] probability of each tag.
        sentence: [N] int.
        fixed: [N] bool, the suggested tag is known to be right.
    """
    allowed = follows(names)
    if allowed is None:
        return suggested, ()
    suggested, notes = suggested.copy(), []
    kinds = [parts(name)[1] for name in names]
    spans = np.split(np.arange(len(given)), np.flatnonzero(np.diff(sentence)) + 1)
    broken = [breaks(given[rows], allowed) for rows in spans]
    some = sum(count > 0 for count in broken)
    if some:
        notes.append(f"Sentences whose given tags break the scheme, such as I- without its B-: {some:,}.")
    if some > MOST_BREAKS * len(spans):
        return suggested, (*notes, "These are many, so suggestions need not keep to it, either.")
    base = np.where(fixed, suggested, given)
    for rows, count in zip(spans, broken, strict=True):
        if not flagged[rows].any() or breaks(suggested[rows], allowed) <= count:
            continue
        found = suggested_in(base[rows], flagged[rows] & ~fixed[rows], posterior[rows], kinds, allowed, fixed[rows])
        suggested[rows] = found if breaks(found, allowed) <= count else base[rows]
    return suggested, tuple(notes)
