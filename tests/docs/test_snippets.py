"""The snippets of README.md and of docs/ run as they stand; those under `<!-- slow -->` only with -m slow, and
those under `<!-- elsewhere -->`, which need several machines, never.

The pages on own data are one walk, in the order of their table of contents; every other page stands alone. What a page
shows as the output of a command (a `text` block after it) is what the command prints, figures and tables apart, which
differ between machines.

Commands that are quick run in this process, others in a shell of their own; `python`, `pip` and `meta-noise` there are
this interpreter, nothing, and this tree. Files that the README takes for granted are made small.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from docs.generate.marks import marked_pages
from meta_noise.cli.run import run
from tests.own_runs import write_rows

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^(?:<!-- (slow|elsewhere) -->\n)?```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
README, DOCS = ROOT / "README.md", ROOT / "docs"
OWN_DATA = [
    DOCS / "own_data.md",
    *(DOCS / f"{name}.md" for name in re.findall(r"^own_data/\w+$", (DOCS / "own_data.md").read_text("utf-8"), re.M)),
]
ALONE = sorted(set(marked_pages()) - {README, *OWN_DATA})


class Block(NamedTuple):
    """A fenced block: whether it is slow, "bash" or "python", its lines, and what the page shows as its output."""

    is_slow: bool
    language: str
    text: str
    shown: str = ""


def blocks(path):
    """Returns the blocks of a page that can be run."""
    found = []
    for mark, language, text in FENCED.findall(path.read_text("utf-8")):
        if language in ("bash", "python") and mark != "elsewhere":
            found.append(Block(mark == "slow", language, text))
        elif language == "text":
            found[-1] = found[-1]._replace(shown=text)
    return found


def words(text):
    """Returns what a page or a command says, without tables, and with # for each number."""
    lines = [line for line in text.splitlines() if not re.match("[┏┡│└]", line)]
    return " ".join(re.sub(r"\d+([.,]\d+)*", "#", " ".join(lines)).split())


def check_shown(shown, printed):
    """Fails where a page shows what the command does not print, in this order; `...` stands for anything."""
    rest = words(printed)
    for piece in filter(None, map(str.strip, words(shown).split("..."))):
        assert piece in rest, f"the page shows {piece!r}, printed was:\n{printed[-3000:]}"
        rest = rest.partition(piece)[2]


def run_here(block, names):
    """Runs a quick block; `names` are those that Python knows, and go on to the next one."""
    if block.language == "python":
        exec(compile(block.text, "snippet", "exec"), names)
        return
    for line in block.text.splitlines():
        program, *words = shlex.split(line, comments=True)
        assert program == "meta-noise" and run(words) == 0, line


def run_in_shell(block, folder):
    """Runs a bash block in a folder; returns what it printed."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    python = shlex.quote(sys.executable)
    for name, line in (
        ("pip", "true"),
        ("python", f'{python} "$@"'),
        ("meta-noise", f'{python} -m meta_noise.cli.run "$@"'),
    ):
        (programs / name).write_text(f"#!/bin/sh\nexec {line}\n" if name != "pip" else "#!/bin/sh\n")
        (programs / name).chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    ended = subprocess.run(
        ["bash", "-e", "-c", block.text], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    return ended.stdout


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to work in, which sees the configs of the project."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    for path in (ROOT / "examples" / "extending").glob("[!_]*.py"):  # files of one's own, as the pages on extending say
        shutil.copy(path, tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def run_pages(pages, folder, with_slow=False):
    """Runs the blocks of pages, one after the other; returns the names that Python has then."""
    names = {}
    for page in pages:
        for block in blocks(page):
            if block.is_slow and not with_slow:
                continue
            if with_slow and block.language == "bash":
                check_shown(block.shown, run_in_shell(block, folder))
            else:
                run_here(block, names)
    return names


@pytest.mark.parametrize("path", marked_pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_fence_is_missed(path):
    """The pattern finds as many blocks as there are pairs of fences."""
    text = path.read_text("utf-8")
    assert 2 * len(FENCED.findall(text)) == sum(line.startswith("```") for line in text.splitlines())


def test_what_a_page_shows_is_compared():
    printed = "Read: 400 rows\n┏━━┓\n│ 1│\n└━━┘\n32 of 400 labels look wrong; suggestions in\nlabels.csv.\n"
    check_shown("...\n31 of 400 labels look\nwrong; suggestions in ...\n", printed)
    for wrong in ("32 of 400 labels are wrong", "labels.csv. ... Read: 400 rows"):
        with pytest.raises(AssertionError):
            check_shown(wrong, printed)
    assert sum(bool(block.shown) for page in OWN_DATA for block in blocks(page)) >= 5


def test_all_pages_on_own_data_are_in_the_walk():
    assert sorted(OWN_DATA[1:]) == sorted((DOCS / "own_data").glob("*.md"))
    assert sum(len(blocks(page)) for page in OWN_DATA) > 15


def test_pages_on_own_data(here, capsys):
    run_pages(OWN_DATA, here)
    said = capsys.readouterr().out
    for promised in ("labels look wrong; suggestions in runs/tumours/labels.csv", "of the 10 worst labels are wrong"):
        assert promised in said
    assert {"cleaned.csv", "issues.csv", "report.html", "labels_columns.md"} <= {
        path.name for path in Path("runs/tumours").iterdir()
    }
    assert Path("predicted.csv").is_file()


@pytest.mark.slow
def test_pages_on_own_data_in_a_shell(here):
    """All commands of the pages, those that take longer, too."""
    run_pages(OWN_DATA, here, with_slow=True)
    assert (here / "photos_corrected").is_dir() and (here / "runs/tumours-round2/cleaned.csv").is_file()
    assert (here / "runs/worst/issues.csv").read_text("utf-8").count("\n") == 1 + 25
    assert (here / "runs/crowd/annotators.csv").is_file()


def has_quick(page):
    return any(not block.is_slow for block in blocks(page))


@pytest.mark.parametrize("page", list(filter(has_quick, ALONE)), ids=lambda page: page.relative_to(DOCS).as_posix())
def test_quick_snippets_of_a_page(here, page):
    run_pages([page], here)


@pytest.mark.slow
@pytest.mark.parametrize("page", list(filter(blocks, ALONE)), ids=lambda page: page.relative_to(DOCS).as_posix())
def test_all_snippets_of_a_page(here, page):
    run_pages([page], here, with_slow=True)


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len([block for block in blocks(README) if block.language == "bash"])))
def test_commands_of_the_readme(here, place):
    small_data(here)
    run_in_shell([block for block in blocks(README) if block.language == "bash"][place], here)


@pytest.mark.slow
def test_python_of_the_readme(here):
    truth = np.arange(80) % 4
    images = np.random.default_rng(0).integers(0, 90, (80, 8, 8, 1)).astype(np.uint8)
    images[np.arange(80), 2 * truth] += 150
    wrong = np.arange(80) % 5 == 0
    names = {"images": images, "labels": np.where(wrong, (truth + 1) % 4, truth), "new_images": images[:3]}
    names["is_right"] = np.arange(80) % 5 == 1
    for block in blocks(README):
        if block.language == "python":
            run_here(block, names)
    assert names["fitted"].labels.num_rows == 80 - 16
    flagged, wrong = names["classifier"].label_issues_["flag"], names["given"] != names["y"]
    assert np.mean(wrong[flagged]) > 0.9


def small_data(folder):
    """Writes the files that the README speaks of."""
    truth = np.arange(60) % 3
    points = 4 * np.eye(3)[truth] + 0.3 * np.random.default_rng(0).normal(size=(60, 3))
    given = np.where(np.arange(60) % 5 == 0, (truth + 1) % 3, truth)
    rows = [{"id": f"r{n}", "a": points[n, 0], "b": points[n, 1], "c": points[n, 2]} for n in range(60)]
    write_rows(folder / "my_data.csv", [{**row, "label": "xyz"[one]} for row, one in zip(rows, given, strict=True)])
    write_rows(folder / "new.csv", rows[:10])
    people = [
        {f"ann_{k}": "xyz"[truth[n] if (n + k) % 5 else (truth[n] + 1) % 3] for k in (1, 2, 3)} for n in range(60)
    ]
    write_rows(folder / "crowd.csv", [row | votes for row, votes in zip(rows, people, strict=True)])
    scenes = enumerate(("sea", "sun", "city"))
    flags = {name: [int((truth[n] == k) != (n % 7 == k)) for n in range(60)] for k, name in scenes}
    write_rows(folder / "scenes.csv", [{**rows[n], **{name: flags[name][n] for name in flags}} for n in range(60)])
    words = [("Ada", "B-PER"), ("lives", "O"), ("in", "O"), ("Lagos", "B-LOC"), (".", "O")]
    sentences = ["".join(f"{word} {tag if n % 9 else 'O'}\n" for word, tag in words) for n in range(60)]
    (folder / "names.conll").write_text("\n".join(sentences), encoding="utf-8")
    right = [{"id": f"r{n}", "label": "xyz"[truth[n]]} for n in range(0, 60, 4)]
    write_rows(folder / "checked.csv", right)
    write_rows(folder / "answers.csv", [{"id": row["id"], "answer": row["label"]} for row in right])
    for row in range(60):
        path = folder / "photos" / "xyz"[given[row]] / f"{row}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        shade = np.random.default_rng(row).integers(0, 60, (16, 16, 3)).astype(np.uint8)
        shade[..., truth[row]] += 150
        Image.fromarray(shade).save(path)
