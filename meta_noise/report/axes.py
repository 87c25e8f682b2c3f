"""Figures of findings as Matplotlib axes, to show, change and save in a notebook."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes

from meta_noise.report.drawing import BLUE, INK, MUTED, ORANGE, passage, shorten
from meta_noise.report.labels import Columns, columns

NAME, WORDS = 24, 70  # characters of a class name and of a text
BINS = 20


class Plots(NamedTuple):
    """What can be drawn of labels, results, pictures and texts of `Findings`; every function returns the axes.

    `ax` is where to draw; a new figure where none is given.
    """

    labels: pa.Table
    results: Mapping[str, Any]
    pictures: Mapping[str, np.ndarray]
    texts: Mapping[str, str]

    def confusion(self, ax: Axes | None = None, most: int = 12) -> Axes:
        """Draws how many labels of a class look wrong, by what they should perhaps be; the `most` confused classes."""
        found = columns(self.labels)
        counts = np.zeros((len(found.class_names),) * 2, int)
        np.add.at(counts, (found.given[found.is_issue], found.suggested[found.is_issue]), 1)
        chosen = np.sort(np.argsort(-(counts.sum(axis=0) + counts.sum(axis=1)), kind="stable")[: max(most, 1)])
        counts = counts[np.ix_(chosen, chosen)]
        ax = _axes(ax, max(2 + 0.42 * len(chosen), 4), 1.6 + 0.42 * len(chosen))
        ax.imshow(counts, cmap="Oranges", vmin=0, vmax=max(1.6 * counts.max(), 1))
        for row, column in np.argwhere(counts):
            ax.text(column, row, f"{counts[row, column]:,}", ha="center", va="center", color=INK)
        names = [shorten(found.class_names[place], NAME) for place in chosen]
        ax.set_xticks(range(len(names)), names, rotation=90 if max(map(len, names)) > 3 else 0, parse_math=False)
        ax.set_yticks(range(len(names)), names, parse_math=False)
        return _named(ax, "Labels that look wrong", "suggested", "given")

    def quality(self, ax: Axes | None = None) -> Axes:
        """Draws how many labels can be believed how far, those that look wrong apart."""
        found = columns(self.labels)
        ax = _axes(ax, 6, 3.5)
        parts = [found.quality[~found.is_issue], found.quality[found.is_issue]]
        words = ["looks right", "looks wrong"]
        ax.hist(parts, bins=np.linspace(0, 1, BINS + 1).tolist(), stacked=True, color=[BLUE, ORANGE], label=words)
        ax.legend(frameon=False)
        return _named(ax, "How far labels can be believed", "quality of the label", "rows")

    def worst(self, n: int = 12, ax: Axes | None = None) -> Any:
        """Draws the n labels that can be believed least: pictures as an array of axes, else words with bars of
        doubt, 1 - quality."""
        found = columns(self.labels)
        ids = self.labels["id"].to_pylist()
        order = np.argsort(found.quality, kind="stable").tolist()
        pictured = [row for row in order if ids[row] in self.pictures][:n]
        if pictured and ax is None:
            return self._pictures(found, [(row, ids[row]) for row in pictured])
        rows = order[:n]
        ax = _axes(ax, 8, 0.8 + 0.32 * len(rows))
        ax.barh(range(len(rows)), 1 - found.quality[rows], color=ORANGE)
        words = [self._words(found, row, ids[row]) for row in rows]
        ax.set_yticks(range(len(rows)), words, parse_math=False)
        ax.set_xlim(0, 1)
        ax.invert_yaxis()
        return _named(ax, "The labels to look at first", "doubt: 1 - quality of the label", "")

    def tried(self, ax: Axes | None = None) -> Axes:
        """Draws the scores of the candidates with intervals of 95%; nearer to 0 is better."""
        board = self.results.get("tournament") or {}
        each = sorted(board.get("candidates", []), key=lambda one: one["score"])
        ax = _axes(ax, 7, 1 + 0.32 * max(len(each), 1))
        score = np.array([one["score"] for one in each])
        spread = np.array([[one["score"] - one["low"], one["high"] - one["score"]] for one in each]).reshape(-1, 2).T
        ax.errorbar(score, range(len(each)), xerr=spread, fmt="o", color=BLUE)
        ax.set_ylim(-0.6, len(each) - 0.4)
        ax.set_yticks(range(len(each)), [shorten(one["name"], WORDS) for one in each], parse_math=False)
        return _named(ax, "What was tried", "log-likelihood of labels that were not seen", "")

    def classes(self, ax: Axes | None = None, most: int = 30) -> Axes:
        """Draws which share of the labels of each class look wrong, the `most` noisy classes first."""
        found = columns(self.labels)
        rows = np.bincount(found.given, minlength=len(found.class_names))
        share = np.bincount(found.given[found.is_issue], minlength=len(rows)) / np.maximum(rows, 1)
        order = np.argsort(-share, kind="stable")[: max(most, 1)]
        ax = _axes(ax, 6, 0.9 + 0.28 * len(order))
        ax.barh(range(len(order)), 100 * share[order], color=ORANGE)
        names = [f"{shorten(found.class_names[place], NAME)} ({rows[place]:,})" for place in order]
        ax.set_yticks(range(len(order)), names, parse_math=False)
        ax.invert_yaxis()
        return _named(ax, "Labels that look wrong, by given class", "per cent of the rows", "")

    def _words(self, found: Columns, row: int, identity: str) -> str:
        given, suggested = (shorten(found.class_names[place[row]], NAME) for place in (found.given, found.suggested))
        change = given if given == suggested else f"{given} → {suggested}"
        return f"{passage(self.texts.get(identity, identity), WORDS)}   {change}"

    def _pictures(self, found: Columns, rows: list[tuple[int, str]]) -> np.ndarray:
        from matplotlib import pyplot  # it looks for a screen when it is imported

        wide = min(6, len(rows))
        high = -(-len(rows) // wide)
        _, grid = pyplot.subplots(high, wide, figsize=(1.7 * wide, 2.0 * high), squeeze=False, layout="constrained")
        for ax in grid.flat:
            ax.set_axis_off()
        for ax, (row, identity) in zip(grid.flat, rows, strict=False):
            image = self.pictures[identity]
            ax.imshow(image[..., 0] if image.shape[-1] == 1 else image, cmap="gray")
            names = [shorten(found.class_names[place[row]], NAME) for place in (found.given, found.suggested)]
            ax.set_title(" → ".join(dict.fromkeys(names)), fontsize=9, color=INK, parse_math=False)
        return grid


def _axes(ax: Axes | None, width: float, height: float) -> Axes:
    if ax is not None:
        return ax
    from matplotlib import pyplot  # it looks for a screen when it is imported

    return pyplot.subplots(figsize=(width, height), layout="constrained")[1]


def _named(ax: Axes, title: str, across: str, down: str) -> Axes:
    ax.set_title(title, loc="left", color=INK)
    ax.set_xlabel(across, color=MUTED)
    ax.set_ylabel(down, color=MUTED)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return ax
