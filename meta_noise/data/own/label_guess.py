"""Which columns may be the labels where none has a usual name: for a question, never taken without being asked for."""

from meta_noise.data.own.forms import CATEGORY, NUMBER, form_of
from meta_noise.data.own.names import ID, IMAGE, PREDICTED, SAMPLE, SPLIT, TEXT, TRUSTED, plain
from meta_noise.data.own.numbers import is_gap
from meta_noise.data.own.table import Column, Table, cells, written

MOST_CLASSES = 100
_HINTS = (  # beginnings of words in names of labels, in several languages
    *("label", "class", "klass", "clase", "target", "categor", "kategor", "etiquet", "etikett", "diagnos", "outcome"),
    *("sentiment", "species", "type", "kind", "topic", "intent", "genre", "result", "status", "grade", "tag", "gold"),
    *("annot", "verdict", "answer", "truth", "emotion", "disease", "survived", "churn", "default"),
)
_OTHERS = (*ID, *SPLIT, *TRUSTED, *TEXT, *IMAGE)


def likely_labels(table: Table, most: int = 3) -> list[str]:
    """Returns the columns that look most like labels: few different values, a telling name, the last place."""
    names = list(table.columns)
    scores: dict[str, float] = {}
    for place, name in enumerate(names):
        different = 0 if plain(name) in _OTHERS else _different(table.columns[name][:SAMPLE])
        if not different:
            continue
        words = plain(name).split("_")
        has_hint = any(word.startswith(_HINTS) for word in words) and plain(name) not in PREDICTED
        scores[name] = 4 * has_hint + 2 * (place == len(names) - 1) + (place == 0) - different / MOST_CLASSES
    best = sorted(scores, key=lambda name: -scores[name])
    return [name for name in best if scores[name] > scores[best[0]] - 3][:most]


def perhaps(names: list[str]) -> str:
    """Returns a question with the words to type, "" without names."""
    options = [f"--label {name!r}" if " " in name else f"--label {name}" for name in names]
    return f" Perhaps {' or '.join(options)}?" if options else ""


def _different(column: Column) -> int:
    """Returns how many values a column has that may be classes, 0 where they are too many, or none."""
    if form_of(column) not in (CATEGORY, NUMBER):
        return 0
    found = [written(value) for value in cells(column) if not is_gap(value)]
    different = set(found)
    is_fraction = any("." in text and text.replace(".", "", 1).lstrip("+-").isdigit() for text in different)
    fits = 2 <= len(different) <= min(MOST_CLASSES, len(found) // 2) and not is_fraction
    return len(different) if fits else 0
