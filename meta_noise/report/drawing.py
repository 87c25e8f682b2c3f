"""How every figure of the report looks: colours, panels, labels at the ends of lines, and figure to SVG.

A figure stands on a white card with dark ink. In the page its background is left out and each colour becomes a
CSS variable, so that the page can switch to its dark colours. Right rows are blue and wrong rows orange everywhere.
"""

import io
import re
import warnings
from collections.abc import Sequence
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from meta_noise.visible import visible

INK, MUTED, GRID = "#1f2328", "#59636e", "#d8dee4"
BLUE, ORANGE, PURPLE = "#0069a8", "#b84a00", "#8d3f86"
VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    BLUE: "--blue",
    ORANGE: "--orange",
    PURPLE: "--purple",
}
WIDTH, HEIGHT = 346.0, 226.0  # points
SMALL, NORMAL, LARGE = 8.5, 9.0, 11.0
CHARACTER = 4.9  # width of an average character at SMALL, generous
MAX_POINTS = 400
READABLE = 0.85  # of its own size a wide figure is not made smaller than this, it scrolls


class Line(NamedTuple):
    """One line of a panel: label, colour, dash pattern, `x` [P] and `y` [P]."""

    label: str
    colour: str
    dashes: str
    x: np.ndarray
    y: np.ndarray


def panel(
    title: str,
    xlabel: str,
    ylabel: str,
    right: float = 12.0,
    subtitles: Sequence[tuple[str, str]] = (),
) -> tuple[Figure, Axes]:
    """Returns a figure with one dressed pair of axes; `right` is the margin in points, subtitles (text, colour)."""
    left, bottom, top = 46.0, 38.0, 30.0 + 13.0 * len(subtitles)
    figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), facecolor="white")
    axes = figure.add_axes(
        (left / WIDTH, bottom / HEIGHT, (WIDTH - left - right) / WIDTH, (HEIGHT - bottom - top) / HEIGHT)
    )
    axes.set_facecolor("none")
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    heading(figure, title, HEIGHT)
    for position, (text, colour) in enumerate(subtitles):
        figure.text(4 / WIDTH, 1 - (28 + 13 * position) / HEIGHT, text, color=colour, fontsize=SMALL, va="center")
    axes.set_xlabel(xlabel, color=MUTED, fontsize=NORMAL, labelpad=5)
    axes.set_ylabel(ylabel, color=MUTED, fontsize=NORMAL, labelpad=5)
    axes.tick_params(length=0, pad=5, labelsize=SMALL, labelcolor=MUTED)
    axes.grid(axis="y", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(MUTED)
        spine.set_linewidth(0.8)
    return figure, axes


def heading(figure: Figure, title: str, height: float) -> None:
    """Writes the title at the top left of a figure `height` points high."""
    width = figure.get_figwidth() * 72
    figure.text(4 / width, 1 - 11 / height, title, color=INK, fontsize=LARGE, weight="bold", va="center")


def line_panel(
    title: str,
    ylabel: str,
    lines: Sequence[Line],
    unit: str,
    limits: tuple[float, float],
    log: bool = False,
) -> Figure | None:
    """Returns a panel of lines over epochs, each named at its end; None where there is no line to draw."""
    lines = [line for line in lines if len(line.x)]
    if not lines:
        return None
    texts = [f"{line.label} {_short(line.y[-1], unit)}" for line in lines]
    figure, axes = panel(title, "epoch", ylabel, right=16 + CHARACTER * max(map(len, texts)))
    for line in lines:
        axes.plot(line.x, line.y, color=line.colour, linestyle=line.dashes, linewidth=1.8, solid_capstyle="round")
        axes.plot(line.x[-1:], line.y[-1:], "o", color=line.colour, markersize=4)
    first, last = min(line.x.min() for line in lines), max(line.x.max() for line in lines)
    axes.set_xlim((first, last + 0.015 * (last - first)) if last > first else (first - 0.5, last + 0.5))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    if log:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(_decade))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(which="minor", length=0)
    axes.set_ylim(*limits)
    label_ends(axes, lines, texts)
    return figure


def label_ends(axes: Axes, lines: Sequence[Line], texts: Sequence[str]) -> None:
    """Writes each text beside the end of its line, pushed apart where they would touch."""
    ends = [axes.transAxes.inverted().transform(axes.transData.transform((line.x[-1], line.y[-1]))) for line in lines]
    height = axes.get_position().height * axes.figure.get_figheight() * 72  # type: ignore[union-attr]
    places = spread([y for _, y in ends], gap=12.0 / height)
    width = axes.get_position().width * axes.figure.get_figwidth() * 72  # type: ignore[union-attr]
    for line, text, (x, y), place in zip(lines, texts, ends, places, strict=True):
        if abs(place - y) > 0.01 or x < 0.97:
            leader = Line2D([x, 1 + 8 / width], [y, place], color=line.colour, linewidth=0.7, alpha=0.6, clip_on=False)
            axes.add_artist(leader).set_transform(axes.transAxes)
        axes.text(1 + 10 / width, place, text, transform=axes.transAxes, color=line.colour, fontsize=SMALL, va="center")


def spread(places: Sequence[float], gap: float, low: float = 0.0, high: float = 1.0) -> list[float]:
    """Returns places moved as little as needed so that neighbours are `gap` apart, within low..high if they fit."""
    order = np.argsort(np.asarray(places), kind="stable")
    moved = np.asarray(places, dtype=float)[order]
    for _ in range(50):
        close = False
        for i in range(len(moved) - 1):
            overlap = gap - (moved[i + 1] - moved[i])
            if overlap > 1e-6:
                moved[i] -= overlap / 2
                moved[i + 1] += overlap / 2
                close = True
        moved += max(0.0, low - moved[0]) if moved[0] < low else min(0.0, high - moved[-1])
        if not close:
            break
    result = np.empty_like(moved)
    result[order] = moved
    return result.tolist()


def thin(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns at most `MAX_POINTS` of the points, the last one among them."""
    step = -(-len(x) // MAX_POINTS) or 1
    return x[::-1][::step][::-1], y[::-1][::step][::-1]


def shorten(text: str, length: int) -> str:
    """Returns the text in one line of at most `length` characters, hidden characters as escapes."""
    text = " ".join(visible(text).split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def passage(text: str, length: int) -> str:
    """Returns words in one line of at most `length` characters; ends of lines are spaces there, unlike in a name."""
    return shorten(" ".join(text.split()), length)


def to_svg(figure: Figure, name: str) -> str:
    """Returns the figure as an `<svg>` element for a page: no background, colours as CSS variables, own ids."""
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing", category=UserWarning)  # the browser has it
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    width = 72 * figure.get_figwidth()
    if width > WIDTH + 1:
        svg = svg.replace("<svg", f'<svg style="min-width: {READABLE * width:.0f}pt"', 1)
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: var(--sans)", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    return re.sub(r"\n\s*\n+", "\n", svg)


def _short(value: float, unit: str) -> str:
    if unit or abs(value) >= 10:
        return f"{value:.1f}{unit}"
    return f"{value:.2f}" if value == 0 or abs(value) >= 0.005 else _small(value, 1)


def _decade(value: float, position: int | None) -> str:
    return f"{value:g}" if value > 0.005 else _small(value, 0)


def _small(value: float, digits: int) -> str:
    return f"{value:.{digits}e}".replace("e-0", "e-")
