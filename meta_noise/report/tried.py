"""The candidates that were tried on own data, as the page shows them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from meta_noise.report.files import number


class Candidate(NamedTuple):
    """A line of the table, all as text."""

    name: str
    score: str
    interval: str
    precision: str
    share: str


class Tried(NamedTuple):
    """What was tried: by what it was `judged`, `candidates`, the best first, and lines on those `cut_short`."""

    judged: str
    candidates: list[Candidate]
    cut_short: list[str]


def tried(results: Mapping[str, Any]) -> Tried | None:
    """Returns the table of candidates, None for a run without one."""
    board = results.get("tournament")
    entries = board.get("candidates") if isinstance(board, Mapping) else None
    if not isinstance(board, Mapping) or not isinstance(entries, list):
        return None
    found = [entry for entry in entries if isinstance(entry, Mapping) and number(entry, "score") is not None]
    if not found:
        return None
    found.sort(key=lambda entry: -(number(entry, "score") or 0))
    return Tried(str(board.get("judged_by") or ""), [_candidate(entry) for entry in found], cut_short(board))


def cut_short(board: Mapping[str, Any]) -> list[str]:
    """Returns a line on each candidate of the section `tournament` that did not run in full, with the reason."""
    entries = board.get("tried")
    entries = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    shares = ((entry, number(entry, "share")) for entry in entries)
    return [f"{entry.get('name')}: {entry.get('why')}" for entry, share in shares if share is not None and share < 1]


def _candidate(entry: Mapping[str, Any]) -> Candidate:
    def shown(name: str, digits: int) -> str:
        value = number(entry, name)
        return "-" if value is None else f"{value:.{digits}f}"

    interval = f"{shown('low', 3)} to {shown('high', 3)}"
    return Candidate(
        str(entry.get("name") or ""), shown("score", 3), interval, shown("average_precision", 2), shown("weight", 2)
    )
