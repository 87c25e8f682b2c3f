"""What was found is kept in `tournament.npz` of the run folder, for the data and settings that it was found with."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from meta_noise.cleaning.wanted import Asked
from meta_noise.data.formats.npz import read_npz, write_npz
from meta_noise.data.own import Own
from meta_noise.errors import InputError
from meta_noise.report.quality import Scores

TOURNAMENT, FORMAT = "tournament.npz", 2


def kept(own: Own, asked: Asked, folder: Path, find: Callable[[Own, Asked], Scores]) -> Scores:
    """Returns what `find` finds; it comes from the run folder where the same was found before."""
    key, path = key_of(own, asked), folder / TOURNAMENT
    names = ("quality", "is_issue", "suggested", "probability", "learned", "found", "ask", "key")
    if path.is_file():
        try:
            stored = read_npz(path, names, "tournament of a run")
            if str(stored["key"]) == key:
                is_issue = stored["is_issue"] if len(stored["is_issue"]) else None
                arrays = stored["suggested"], stored["probability"], stored["learned"]
                return Scores(
                    stored["quality"], is_issue, *arrays, json.loads(str(stored["found"])), _words(stored["ask"])
                )
        except (InputError, ValueError):
            pass  # damaged, or of another version: it is found again
    scores = find(own, asked)
    is_issue = np.zeros(0, bool) if scores.is_issue is None else scores.is_issue
    ask = np.array(scores.ask, np.str_)
    values = (scores.quality, is_issue, *scores[2:5], json.dumps(scores.found), ask, key)
    write_npz(path, **dict(zip(names, map(np.asarray, values), strict=True)))
    return scores._replace(found=json.loads(json.dumps(scores.found)))


def asked_for(folder: Path) -> tuple[str, ...]:
    """Returns ids of rows in the order in which a run would have people look at them; none where it has no order."""
    if not (folder / TOURNAMENT).is_file():
        return ()
    return _words(read_npz(folder / TOURNAMENT, ("ask",), "tournament of a run")["ask"])


def _words(array: np.ndarray) -> tuple[str, ...]:
    return tuple(map(str, array.tolist()))


def key_of(own: Own, asked: Asked) -> str:
    """Returns a digest of the data and of what is asked."""
    return hashlib.sha256(f"{base_key(own, asked)} {asked.threshold}".encode()).hexdigest()


def base_key(own: Own, asked: Asked) -> str:
    """Returns a digest of all but the threshold, which changes flags and no belief."""
    digest = hashlib.sha256(repr((FORMAT, own.source.sha256(), asked.seed, asked.budget)).encode())
    digest.update(np.ascontiguousarray(own.given).data)
    if own.crowd is not None:
        digest.update(repr(own.crowd[:3]).encode())
        for array in (own.crowd.votes, *([] if own.crowd.soft is None else [own.crowd.soft])):
            digest.update(np.ascontiguousarray(array).data)
    for text in own.texts or ():
        digest.update(hashlib.sha256(text.encode("utf-8", "backslashreplace")).digest())
    for name, p in asked.further.items():
        digest.update(repr((name, p.shape, p.dtype.str)).encode())
        digest.update(np.ascontiguousarray(p).data)
    for array in (asked.by_chance, *(asked.before or (None,))):
        digest.update(b"-" if array is None else np.ascontiguousarray(array).data)
    return digest.hexdigest()
