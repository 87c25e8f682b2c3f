"""Findings in a notebook: short in print, escaped in HTML, drawn, saved and read again."""

import matplotlib
import numpy as np
import pyarrow as pa
import pytest

from meta_noise.errors import InputError
from meta_noise.report.findings import Findings, load_findings

matplotlib.use("Agg")
from matplotlib import pyplot

EVIL = "<script>alert(1)</script> $a_1$ \u202e"
RESULTS = {
    "noise_estimate": {"rate": {"value": 0.25, "low": 0.2, "high": 0.3}, "how": "counted"},
    "tournament": {
        "candidates": [
            {"name": "linear", "score": -0.5, "low": -0.6, "high": -0.4},
            {"name": "combination", "score": -0.4, "low": -0.5, "high": -0.3},
        ]
    },
    "worthless": None,
    "flags": {"known": False, "why": "no row is trusted"},
}


def findings(texts=None, pictures=None, results=RESULTS):
    labels = pa.table(
        {
            "id": [f"row-{row}" for row in range(6)],
            "given_label": [EVIL, "b", "b", EVIL, "b", "b"],
            "label_quality": [0.9, 0.1, 0.8, 0.3, 1.0, 0.95],
            "is_label_issue": [False, True, False, True, False, False],
            "suggested_label": [EVIL, EVIL, "b", "b", "b", "b"],
            "suggested_probability": [0.9, 0.9, 0.8, 0.7, 1.0, 0.95],
        }
    )
    return Findings(labels, results, pictures or {}, texts or {})


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def test_print_is_short_and_begins_with_the_answer():
    assert repr(findings()) == (
        "<Findings: 2 of 6 labels look wrong (2 classes). About 25.0% of the labels are wrong (20.0% to 30.0% as a "
        "rough range, as no row drawn by chance is trusted).>"
    )
    nothing = {**RESULTS, "worthless": {"reason": "All rows are the same.", "help": "Give others."}}
    said = "<Findings: Nothing was found out about these labels. All rows are the same. Give others.>"
    assert repr(findings(results=nothing)) == said


def test_html_is_escaped():
    page = findings({"row-1": f"a text {EVIL}"})._repr_html_()
    assert "<script" not in page and "\u202e" not in page and r"\u202e" in page and "a text &lt;script&gt;" in page
    assert "<img" in findings(pictures={"row-1": np.zeros((4, 4, 1), np.uint8)})._repr_html_()


def test_the_worst_come_first():
    assert findings().worst(2)["id"].to_pylist() == ["row-1", "row-3"]
    assert findings().worst(0).num_rows == 0 and findings().worst(99).num_rows == 6


def test_figures_are_axes_with_the_numbers():
    plot = findings({"row-1": EVIL}).plot
    confusion = plot.confusion()
    assert sorted(text.get_text() for text in confusion.texts) == ["1", "1"]
    quality = plot.quality()
    heights = [bar.get_height() for container in quality.containers for bar in container]
    assert sum(heights) == 6 and quality.get_xlabel() == "quality of the label"
    worst = plot.worst(3)
    assert [round(bar.get_width(), 6) for bar in worst.patches] == [0.9, 0.7, 0.2]
    assert "<script>" in worst.get_yticklabels()[0].get_text() and "\u202e" not in worst.get_yticklabels()[0].get_text()
    assert [text.get_text() for text in plot.tried().get_yticklabels()] == ["linear", "combination"]
    assert sorted(bar.get_width() for bar in plot.classes().patches) == [25.0, 50.0]
    for number in pyplot.get_fignums():
        pyplot.figure(number).canvas.draw()  # formulas in names are text


def test_figures_go_where_they_are_told():
    ax = pyplot.subplots()[1]
    for name in ("confusion", "quality", "worst", "tried", "classes"):
        assert getattr(findings().plot, name)(ax=ax) is ax
    assert len(pyplot.get_fignums()) == 1


def test_pictures_of_the_worst():
    grid = findings(pictures={f"row-{row}": np.full((4, 4, 3), row, np.uint8) for row in (1, 3)}).plot.worst()
    assert [ax.images[0].get_array()[0, 0, 0] for ax in grid.flat] == [1, 3]
    assert grid[0, 1].get_title().endswith("→ b")


@pytest.mark.parametrize("pictures", [{}, {"row-1": np.ones((4, 4, 1), np.uint8)}])
def test_saved_and_read_again(tmp_path, pictures):
    before = findings({"row-1": EVIL}, pictures)
    after = load_findings(before.save(tmp_path / "kept"))
    assert after.labels.equals(before.labels) and after.texts == before.texts and after.results == before.results
    assert after.pictures.keys() == pictures.keys() and after._repr_html_() == before._repr_html_()
    before.save(tmp_path / "kept")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine")
    with pytest.raises(InputError, match="Choose another folder"):
        before.save(tmp_path / "mine")
    with pytest.raises(InputError):
        load_findings(tmp_path / "mine")
