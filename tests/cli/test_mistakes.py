"""What a new user gets wrong: one sentence in the words of the command and exit code 2, or it works with a note."""

import numpy as np
import pytest

from meta_noise.cli.run import run

HEAD, KINDS = "id,a,b,label", "xyz"


def rows(change=lambda n, cells: cells, count=60):
    """Returns the lines of a table of three groups of points, each row changed by `change`."""
    points = np.random.default_rng(0).normal(size=(count, 2)) + 3 * (np.arange(count) % 3)[:, None]
    table = [[f"r{n}", f"{a:.3f}", f"{b:.3f}", KINDS[n % 3]] for n, (a, b) in enumerate(points)]
    return [",".join(change(n, cells)) for n, cells in enumerate(table)]


def texts(first="the apple and the pear"):
    """Returns the lines of a file of texts in two classes, with letters beyond A to Z."""
    words = (("pear", "plum", "fig"), ("saw", "drill", "file"))
    return ["id,text,label"] + [
        f"r{n},{first if n == 3 else f'the {words[n % 2][n % 3]} é number {n % 7}'},{('fruit', 'tool')[n % 2]}"
        for n in range(40)
    ]


def put(path, lines, encoding="utf-8"):
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return str(path)


FILES = {
    "good": [HEAD, *rows()],
    "unlabelled": ["id,a,b", *(line.rpartition(",")[0] for line in rows())],
    "foreign": ["task_id,data.a,data.b,annotations.choice", *rows()],
    "commas": [HEAD, *rows(lambda n, cells: [cell.replace(".", ",") for cell in cells])],
    "twice": [HEAD, *rows(lambda n, cells: ["r4", *cells[1:]] if n == 5 else cells)],
    "one": [HEAD, *rows(lambda n, cells: [*cells[:3], "x"])],
    "unclosed": ["id,text,label"] + [f'r{n},"the pear {n}{chr(34) * (n < 9)},a' for n in range(40)],
    "several": [HEAD, *rows(lambda n, cells: [*cells[:3], "x|y" if n % 6 == 0 else cells[3]])],
    "fractions": [HEAD, *rows(lambda n, cells: [*cells[:3], cells[1]])],
    "no_names": ["1,2,3", "4,5,6"],
    "empty": [],
}


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("inspect good --label labl", "Did you mean 'label'?"),
        ("inspect good --text words", "Unknown column of good.csv 'words'"),
        ("inspect unlabelled", "no column of labels by a usual name"),
        ("inspect foreign", "Perhaps --label annotations.choice?"),
        ("inspect commas", "No row of commas.csv can be read. The first, line 2: 6 cells, but the header names 4"),
        (
            "clean twice --out {out}",
            "line 7 (id 'r4'): line 6 has this id too; every row needs its own, or say --id ''",
        ),
        ("inspect one", "has only one class, 'x'"),
        (
            "inspect unclosed",
            "has only one class, 'a'; a classifier needs two or more. Left out: ",
        ),
        ("clean several --out {out} --method l2r", "--method does not go with several labels a row"),
        ("inspect fractions", "a quantity to predict (regression)"),
        ("inspect no_names", "the first line must name the columns"),
        ("inspect empty", "is empty; it must name its columns"),
        ("clean good --out {used}", "is not empty and was not made by meta_noise"),
        ("clean good --out {good}", "is a file, not a folder. Choose another --out."),
        ("clean good --out {out} --trusted cheked.csv", "--trusted 'cheked.csv' is neither a column of good.csv"),
        ("clean good --out {out} --pred-probs {good}", "give a .npy file of an array [N, C], or .npz"),
        ("clean good --out {out} --model bert", "--model is 'bert', which does not take numbers; give mlp"),
        ("clean good --out {out} --model cnn", "--model is 'cnn', which does not take numbers; give mlp"),
        ("clean good --out {out} --epochs -1", "--epochs is -1; give 1 or more"),
        ("inspect good --json {out}/none/found.json", "for --json"),
        ("clean good --out {out} --epochs 0", "0 is given; give 1 or more, or leave it out"),
        ("clean good --out {out} --id label", "is named as the ids and as the labels"),
        ("clean good --out {out} --flag 0.8", "give precision=0.8 or recall=0.9"),
        ("clean good --workdir {out}", "The following arguments are required: --out"),
        ("clean good --out {out} --workdir x", "Unrecognized arguments: --workdir x"),
        ("clean good --out {out} --multihost=auto", "meta-noise clean runs on one host, on all of its devices"),
    ],
)
def test_one_sentence(tmp_path, capsys, command, sentence):
    used = tmp_path / "used"
    used.mkdir()
    (used / "mine.txt").write_text("mine")
    path = tmp_path / f"{command.split()[1]}.csv"
    places = {"out": tmp_path / "out", "used": used, "good": path}
    first, _, *words = command.format(**places).split()
    assert run([first, put(path, FILES[path.stem]), *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and said.count("\n") == 1 and sentence in said
    assert "=..." not in said and "config" not in said and "(--" not in said
    assert not (tmp_path / "out").exists() and sorted(used.iterdir()) == [used / "mine.txt"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--multihost", "auto", "clean", "x.csv", "--out", "y"], "meta-noise clean runs on one host"),
        (["--multihost=auto", "inspect", "x.csv"], "meta-noise inspect runs on one host"),
        (["--multihost=auto"], "meta-noise COMMAND runs on one host"),
        (["--workdir=x", "--config=no.py"], "There is no config file 'no.py'"),
    ],
)
def test_options_before_the_command(capsys, words, sentence):
    assert run(words) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and said.count("\n") == 1 and sentence in said


@pytest.mark.parametrize(
    ("lines", "encoding", "note"),
    [
        (texts(first="long " * 40_000), "utf-8", "40 rows (texts), 2 classes"),
        (texts(), "latin-1", "was read as Windows-1252"),
        (texts(), "utf-16", "is UTF-16 text, and was read as such"),
        (
            [HEAD.replace(",", ";"), *(line.replace(",", ";").replace(".", ",") for line in rows())],
            "utf-8",
            "decimal one",
        ),
        (
            [HEAD, *rows(lambda n, cells: [*cells[:3], ("nan", "inf")[n] if n < 2 else cells[3]])],
            "utf-8",
            "(inf 1, nan 1)",
        ),
        (
            [HEAD, *rows(lambda n, cells: ["r4", *cells[1:]] if n == 5 else cells)],
            "utf-8",
            "Rows left out: 1, the first: ",
        ),
        ([HEAD, *rows(), "r60,0.5,0.5,x", "r61,0.5,0.5,x"], "utf-8", "2 rows have the same inputs: r60, r61"),
    ],
    ids=["long", "latin", "utf-16", "decimal comma", "nan and inf", "id twice", "same inputs"],
)
def test_works_with_a_note_said_once(tmp_path, capsys, lines, encoding, note):
    assert run(["inspect", put(tmp_path / "rows.csv", lines, encoding), "--no-cost"]) == 0
    said = capsys.readouterr().out
    assert said.count(note) == 1 and "=True" not in said


def test_an_empty_path_is_no_folder(capsys):
    assert run(["inspect", ""]) == 2
    assert "An empty path is given" in capsys.readouterr().err
