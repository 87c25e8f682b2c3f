"""Two rounds compared on fresh answers: the better one stays."""

from typing import Any

import numpy as np

from meta_noise.cleaning.tournament.answer import Answer
from meta_noise.cleaning.wanted import Before
from meta_noise.report.quality import Scores


def better_of(before: Before, now: Scores, truth: np.ndarray, found: Answer) -> Scores:
    """Returns the scores of the round that has more fresh answers right, the new ones of a tie; `found` has `round`.

    `round` is {rows, before, now, stays, changed}: how many rows neither round had the true class of, how many each had
    right, which one stays ("before" or "now"), and how many suggestions for other rows differ from those before.
    """
    trusted, open_rows = np.flatnonzero(truth >= 0), (truth < 0) & (before.suggested >= 0)
    fresh = before.fresh[trusted]
    right, said = truth[trusted][fresh], found.held.argmax(axis=1)[fresh]
    hits, now_hits = int(np.sum(before.suggested[trusted][fresh] == right)), int(np.sum(said == right))
    about: dict[str, Any] = {"rows": int(fresh.sum()), "before": hits, "now": now_hits, "stays": "now"}
    if now_hits < hits:
        is_issue = np.zeros(len(truth), bool) if now.is_issue is None else now.is_issue
        flags = {"known": False, "why": "they are those of the round before, which had more fresh answers right"}
        now = Scores(
            np.where(open_rows, before.quality, now.quality),
            np.where(open_rows, before.is_issue, is_issue),
            np.where(open_rows, before.suggested, now.suggested),
            np.where(open_rows, before.probability, now.probability),
            np.where(open_rows, before.suggested, now.learned),
            {**now.found, "flags": flags},
            now.ask,
        )
        about["stays"] = "before"
    about["changed"] = int(np.sum(now.suggested[open_rows] != before.suggested[open_rows]))
    return now._replace(found={**now.found, "round": about})
