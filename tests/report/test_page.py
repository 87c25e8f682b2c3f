"""The page of a run: complete, self-contained, escaped, and sensible when files or columns are missing."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from meta_noise.disk.sealed import write_json
from meta_noise.errors import InputError
from meta_noise.report.page import write_page
from tests.report.fake_run import (
    fake_learned,
    fake_metrics,
    fake_pictures,
    fake_run,
    fake_sampler,
    fake_table,
    uniform_transition,
)

VOID = {"meta", "img", "br", "link", "hr", "input"}
LEARNED = ["Corrected labels", "Transition from true to given labels", "Meta-gradient"]
HEADINGS = [
    "Training",
    "Weights",
    "Which labels would change",
    "The most suspicious rows",
    "Class by class",
    "About this run",
]


class Outline(HTMLParser):
    """Checks that tags are balanced and collects headings, tags and visible text."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.headings, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag == "p" and self.open[-1] != "p":
            raise AssertionError("stray </p>")
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)
        if "style" not in self.open:
            self.text.append(data)


def page(folder):
    path = write_page(folder)
    assert path == Path(folder) / "report.html"
    html = path.read_text(encoding="utf-8")
    outline = Outline()
    outline.feed(html)
    assert not outline.open
    return html, outline, re.sub(r"\s+", " ", " ".join(outline.text))


def test_full_page(tmp_path):
    html, outline, text = page(fake_run(tmp_path / "run"))
    assert outline.headings == HEADINGS
    assert "l2r was trained on digits" in text and "at epoch 17, chosen on the selection rows" in text
    assert len([tag for tag, _ in outline.tags if tag == "img"]) == 48
    assert len([tag for tag, _ in outline.tags if tag == "svg"]) == 7
    assert "optimizer.momentum" in text and "9f2c" in text and "suggested_probability" in text
    assert 'href="labels.csv"' in html
    assert not list((tmp_path / "run").glob(".*"))


@pytest.fixture(scope="module")
def learned_page(tmp_path_factory):
    """The page of a run that left everything that a method can learn."""
    return page(
        fake_run(
            tmp_path_factory.mktemp("learned"),
            fake_table(corrected=True),
            fake_sampler(),
            learned=fake_learned(),
            noise_file={"kind": np.array("uniform"), "transition": uniform_transition()},
        )
    )


def test_what_a_method_learned(learned_page):
    _, outline, text = learned_page
    assert outline.headings == HEADINGS[:2] + LEARNED + HEADINGS[2:]
    assert len([tag for tag, _ in outline.tags if tag == "svg"]) == 7 + 1 + 2 + 3 + 3
    assert "The given label was wrong in 32.7% of the 300 rows whose truth is known" in text
    distance = np.abs(fake_learned()["transition"] - uniform_transition()).sum(axis=1).mean() / 2
    assert f"between its rows and the true ones is {distance:.3f} on average" in text
    assert "its numbers are no probabilities" in text and "averaged over training" in text
    assert "gates were open, in the last epoch" in text and "corrected_label" in text
    assert text.count("averaged parameters") == text.count("raw parameters") == 1


def test_a_matrix_alone_has_the_true_one_beside_it(tmp_path):
    noise = {"kind": np.array("uniform"), "transition": uniform_transition()}
    matrix = {"matrix": fake_learned()["matrix"]}
    _, outline, text = page(fake_run(tmp_path, metrics=[], pictures=False, learned=matrix, noise_file=noise))
    assert LEARNED[1] in outline.headings and LEARNED[0] not in outline.headings
    assert "True transition (%)" in text and "Learned matrix" in text and "total variation" not in text


def test_nothing_true_to_compare_with(tmp_path):
    table = fake_table(truth=False, corrected=True)
    _, outline, text = page(fake_run(tmp_path, table, metrics=[], pictures=False, learned=fake_learned()))
    assert outline.headings == ["Weights", *LEARNED[:2], *HEADINGS[2:]]
    assert "of 300 labels; the truth is unknown" in text and "grey is unchanged" in text
    assert "Learned transition (%)" in text and "total variation" not in text and "None" not in text


def test_no_trusted_rows_and_warnings_come_first(tmp_path):
    clean = {"size": 123, "pseudo": True, "precision": 0.9, "trained_on": True}
    folder = fake_run(tmp_path, clean_set=clean, warnings=["<b>few</b> rows", "odd \x1b[2J"], pictures=False)
    html, outline, text = page(folder)
    first = text.index("NO trusted rows were used: the 123 “clean” rows of the last epoch are pseudo-clean")
    assert first < text.index("l2r was trained without any trusted row on digits") < text.index("Warnings")
    assert text.index("Warnings") < text.index("Training") and "90.0% of them have the right label" in text
    assert "<b>few</b> rows" in text and "<b>" not in html and r"odd \u001b[2J" in text
    assert "123 pseudo-clean rows used in training" in text and "the one on pseudo-clean rows" in text
    assert outline.headings == ["Warnings", *HEADINGS]
    _, outline, text = page(fake_run(tmp_path, pictures=False))
    assert "pseudo-clean" not in text and "trusted" not in text and outline.headings == HEADINGS


def test_hidden_characters_are_shown(tmp_path):
    names = ("gpj\u202eexe", "a\x00b", "same\u200b", "日本語", "كلب", "می\u200cخواهم", *map(str, range(4)))  # noqa: RUF001
    table = fake_table(names=names, corrected=True)
    ids = [f"\u2066{i}\x1b" for i in range(table.num_rows)]
    table = table.set_column(0, "id", pa.array(ids))
    folder = fake_run(tmp_path, table, learned=fake_learned(), method="x\u2067y", data="a\nb")
    write_json(folder / "config.json", {"k\u202d": "v\x9f"})
    html, _, text = page(folder)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]", html)
    for shown in (r"gpj\u202eexe", r"a\u0000b", r"same\u200b", r"\u2066", r"x\u2067y on a\nb", r"k\u202d", r"v\u009f"):
        assert shown in text
    for ordinary in names[3:]:
        assert f"<bdi>{ordinary}</bdi>" in html and f">{ordinary}</text>" in html


def test_rows_without_a_truth_are_not_counted_as_right(tmp_path):
    table = fake_table()
    truth = [None if i % 2 else name for i, name in enumerate(table["true_label"].to_pylist())]
    folder = fake_run(tmp_path, table.set_column(8, "true_label", pa.array(truth)), metrics=[], pictures=False)
    given = table["given_label"].to_pylist()
    right = sum(a == b for a, b in zip(given, truth, strict=True))
    text = page(folder)[2]
    assert f"right labels: {right} rows" in text and f"wrong labels: {150 - right} rows" in text


def test_the_page_needs_nothing_from_outside(learned_page):
    html, outline, _ = learned_page
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in outline.tags}
    for _, attributes in outline.tags:
        for name in ("src", "href", "xlink:href"):
            value = attributes.get(name, "#")
            assert value.startswith(("data:image/png;base64,", "#")) or value == "labels.csv"
    assert "@import" not in html and "url(http" not in html
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_same_folder_gives_the_same_page(tmp_path):
    fake_run(tmp_path, pictures=False)
    assert write_page(tmp_path).read_bytes() == write_page(tmp_path).read_bytes()


def test_strings_of_the_user_are_escaped(tmp_path):
    evil = "<script>alert('x')</script>"
    names = (evil, '"><img src=x onerror=alert(1)>', "</svg></style>&amp;", *map(str, range(7)))
    folder = fake_run(tmp_path, fake_table(names=names), method=evil, data=evil, model=evil, versions={evil: evil})
    write_json(folder / "config.json", {evil: {evil: evil}})
    html, outline, text = page(folder)
    assert "<script" not in html and "<img src=x" not in html
    assert not any("onerror" in attributes for _, attributes in outline.tags)
    assert evil in text


@pytest.mark.parametrize("missing", ["metrics.jsonl", "config.json", "examples.npz", "labels.csv"])
def test_optional_files(tmp_path, missing):
    folder = fake_run(tmp_path)
    (folder / missing).unlink()
    html, outline, _ = page(folder)
    expected = [h for h in HEADINGS if not (missing == "metrics.jsonl" and h == "Training")]
    assert outline.headings == expected
    assert ('href="labels.csv"' in html) == (missing != "labels.csv")


def test_truth_unknown_no_weights_no_pictures_no_metrics(tmp_path):
    table = fake_table(truth=False, weights=False)
    folder = fake_run(tmp_path, table, metrics=[], pictures=False, noise={"kind": None, "rate": None}, accuracy={})
    _, outline, text = page(folder)
    assert outline.headings == [LEARNED[1], *(h for h in HEADINGS if h not in ("Training", "Weights"))]
    assert "truth unknown" in text and "Are wrong" not in text and "Of these right" not in text
    assert "None" not in text and "nan" not in text


def test_only_the_required_files_and_columns(tmp_path):
    columns = ["id", "given_label", "label_quality", "is_label_issue", "suggested_label"]
    folder = fake_run(tmp_path, fake_table().select(columns), metrics=[], pictures=False)
    write_json(folder / "results.json", {})
    (folder / "config.json").unlink()
    _, outline, text = page(folder)
    assert outline.headings == [LEARNED[1], *HEADINGS[2:]] and "A run on labelled rows" in text and "None" not in text


def test_two_classes_and_one_epoch(tmp_path):
    folder = fake_run(tmp_path, fake_table(classes=2, names=("cat", "dog")), metrics=fake_metrics(1), pictures=False)
    _, outline, text = page(folder)
    assert outline.headings == HEADINGS and "cat" in text


def test_fifty_thousand_rows_of_a_hundred_classes(tmp_path):
    folder = fake_run(tmp_path, fake_table(rows=50_000, classes=100))
    html, _, text = page(folder)
    assert len(html) < 600_000 and "of 50,000 rows in all" in text
    assert "The 20 most confused of 100 classes" in text and "40 classes with smaller shares are left out" in text


def test_a_table_without_doubt(tmp_path):
    table = fake_table()
    agreed = table.set_column(table.column_names.index("suggested_label"), "suggested_label", table["given_label"])
    _, _, text = page(fake_run(tmp_path, agreed))
    assert "Every suggested label is the given one." in text


def test_large_colour_pictures(tmp_path):
    table = fake_table()
    folder = fake_run(tmp_path, table)
    ids = np.array(table["id"].to_pylist()[:3])
    np.savez(folder / "examples.npz", ids=ids, images=np.repeat(fake_pictures(np.arange(3), 224), 3, axis=-1))
    html, outline, _ = page(folder)
    pictures = [attributes for tag, attributes in outline.tags if tag == "img"]
    assert len(pictures) == 3 and {picture["class"] for picture in pictures} == {""}
    assert len(html) < 400_000


def test_pictures_of_unknown_rows_are_left_out(tmp_path):
    folder = fake_run(tmp_path)
    np.savez(folder / "examples.npz", ids=np.array(["other"]), images=np.zeros((1, 8, 8, 1), np.uint8))
    _, outline, text = page(folder)
    assert not [tag for tag, _ in outline.tags if tag == "img"] and "The 24 lowest label qualities," in text


def test_weights_from_rows_where_the_table_has_none(tmp_path):
    folder = fake_run(tmp_path, fake_table(weights=False), metrics=[])
    np.savez(folder / "rows.npz", weight_mean=np.linspace(0, 1, 300), weight_last=np.zeros(300))
    assert "mean weight" in page(folder)[2]


def test_accuracy_on_selection_rows_says_so(tmp_path):
    accuracy = {"last": 0.5, "selected": 0.5, "measured_on": "selection"}
    folder = fake_run(tmp_path, accuracy=accuracy, clean_set={"size": 5, "selection_size": 0, "trained_on": False})
    _, _, text = page(folder)
    assert "Selection accuracy" in text and "after the last epoch" in text and "5 clean rows, not used" in text


def test_a_cut_off_last_line_of_metrics_is_dropped(tmp_path):
    folder = fake_run(tmp_path)
    with open(folder / "metrics.jsonl", "a") as file:
        file.write('{"step": 260, "epo')
    assert "Training" in page(folder)[1].headings


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("results.json", None, r"results\.json is missing.*workdir"),
        ("results.json", "{", r"results\.json.*damaged.*Delete"),
        ("results.json", "[1]", r"results\.json.*expected one JSON object"),
        ("labels.parquet", None, r"labels\.parquet is missing"),
        ("labels.parquet", "PAR1", r"labels\.parquet.*damaged"),
        ("config.json", "nothing", r"config\.json.*damaged"),
        ("metrics.jsonl", '{"epoch": 1}\nx\n{"epoch": 2}\n', r"metrics\.jsonl.*line 2"),
        ("metrics.jsonl", "3\n", r"metrics\.jsonl.*line 1"),
        ("examples.npz", "PK", r"examples\.npz.*damaged"),
        ("rows.npz", "", r"rows\.npz.*damaged"),
        ("learned.npz", "x", r"learned\.npz.*damaged"),
        ("noise.npz", "x", r"noise\.npz.*damaged"),
    ],
)
def test_missing_and_damaged_files(tmp_path, name, content, message):
    folder = fake_run(tmp_path)
    (folder / name).unlink(missing_ok=True)
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(InputError, match=message):
        write_page(folder)
    assert not (folder / "report.html").exists() and not list(folder.glob(".*"))


def test_no_folder(tmp_path):
    with pytest.raises(InputError, match="There is no run folder"):
        write_page(tmp_path / "nowhere")


def test_the_page_does_not_grow_with_the_rows(tmp_path):
    sizes = [
        len(write_page(fake_run(tmp_path / str(rows), fake_table(rows, truth=False), pictures=False)).read_text())
        for rows in (4_000, 40_000)
    ]
    assert sizes[1] < 1.05 * sizes[0]
