"""What is printed does nothing but be read."""

import ast
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import meta_noise
from meta_noise.cli.run import run
from meta_noise.terminal import open_console, say, say_table

NASTY = "[b]x[/b] :dog: \x1b[31mred \u202egpj"
SHOWN = r"[b]x[/b] :dog: \u001b[31mred \u202egpj"
FILE, FILE_SHOWN = NASTY.replace("/", "\u2044"), SHOWN.replace("/", "\u2044")  # no file name has a slash


@pytest.mark.parametrize("encoding, dog", [("utf-8", "Hündin “犬”"), ("ascii", r"H\xfcndin \u201c\u72ac\u201d")])
def test_text_is_printed_as_it_is(encoding, dog):
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=file, width=30, force_terminal=True)  # markup and emoji are on
    say(console, f"{NASTY}\r\nHündin “犬” {'long ' * 20}\ud800")
    file.seek(0)
    assert file.read() == rf"{SHOWN}\r\n{dog} {'long ' * 20}\ud800" + "\n"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_cells_are_printed_as_they_are(encoding):
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    say_table(
        Console(file=file, width=100), ("[b]Class", "Rows"), [(NASTY, "7"), ("y" * 50, "12,345")], right=("Rows",)
    )
    file.seek(0)
    lines = file.read().splitlines()
    assert "[b]Class" in lines[1] and SHOWN in lines[3] and lines[3].rstrip(" │|").endswith("     7")
    assert "y" * 39 + ("…" if encoding == "utf-8" else r"\u2026") in lines[4] and "y" * 40 not in lines[4]


def test_the_console_takes_text_as_it_is(capsys):
    open_console().print("[b]x[/b] :dog: 17 " + "long " * 40)
    open_console(of_errors=True).print("[b]y[/b]")
    assert tuple(capsys.readouterr()) == ("[b]x[/b] :dog: 17 " + "long " * 40 + "\n", "[b]y[/b]\n")


def test_everything_is_printed_by_say():
    found = set()
    for path in Path(meta_noise.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("print", "Console", "log"):
                found.add((path.name, ast.unparse(node)))
    harmless = {(name, "Console(quiet=True)") for name in ("own.py", "judged.py")}
    helping = {
        call for call in found if call[0] == "main.py" and call[1].startswith("print(f'{__doc__}")
    }  # our own text
    assert len(helping) == 1
    printing = {call for call in found - harmless - helping if not call[1].startswith(("np.", "jnp.", "math."))}
    assert {name for name, _ in printing} == {"terminal.py"}, printing


def write_rows(path):
    """Writes 60 rows of three classes whose names, header and ids hold what a terminal would obey, and a bad row."""
    truth = np.arange(60) % 3
    points = 4 * np.eye(3)[truth] + 0.3 * np.random.default_rng(0).normal(size=(60, 3))
    lines = [f"id,{NASTY},b,c,label"]
    for n, (point, klass) in enumerate(zip(points, truth, strict=True)):
        name = (f"class {NASTY}", "y:cat:é", "[/red]z")[klass if n % 5 else (klass + 1) % 3]
        lines.append(",".join([f"row{n}", *map(str, point), name]))
    lines.append(f"bad {NASTY},[red]much\x1b[2J,0,0,[/red]z")
    Path(os.fsdecode(path)).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def check(text):
    """Checks that nothing in the text is obeyed by a terminal, and that it shows what the names are."""
    assert not any(character in text for character in "\x1b\u202e\ud83d\U0001f436\U0001f408")
    assert f"{FILE_SHOWN}: 60 rows (table), 3 classes" in text
    assert f"Inputs are the numbers in 3 columns: {SHOWN}, b, c." in text
    assert "[red]much" in text


def test_inspect_prints_names_as_they_are(tmp_path, capsys):
    path = write_rows(tmp_path / f"{FILE}.csv")
    assert run(["inspect", str(path), "--no-cost", "--json", str(tmp_path / f"{FILE}.json")]) == 0
    text = capsys.readouterr().out
    check(text)
    assert "y:cat:é" in text and "[/red]z" in text and "class [b]x[/b] :dog:" in text and f"{FILE_SHOWN}.json" in text


@pytest.mark.slow
def test_clean_prints_names_as_they_are(tmp_path, capsys):
    path, out = write_rows(tmp_path / f"{FILE}.csv"), tmp_path / f"out {FILE}"
    command = ["clean", str(path), "--out", str(out), "--skip-bad", "--method", "mw_net", "--epochs", "2"]
    assert run(command) == 0
    text = capsys.readouterr().out
    check(text)
    assert f"out {FILE_SHOWN}/labels.csv" in text and f"out {FILE_SHOWN}/report.html" in text


def test_errors_print_names_as_they_are(tmp_path, capsys):
    assert run(["inspect", str(tmp_path / NASTY)]) == 2
    assert run([NASTY]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 2 and captured.err.count(SHOWN) >= 1
    assert "\x1b" not in captured.err and "\u202e" not in captured.err


@pytest.fixture
def not_utf8(tmp_path):
    """The path of rows whose name is not UTF-8."""
    path = os.fsencode(tmp_path) + f"/{FILE}".encode() + b" caf\xe9.csv"
    try:
        return os.fsdecode(write_rows(path))
    except OSError:
        pytest.skip("this file system has names in UTF-8 only")


def test_a_path_that_is_not_utf8(not_utf8, capsys):
    assert run(["inspect", not_utf8, "--no-cost"]) == 0
    assert rf"{FILE_SHOWN} caf\udce9: 60 rows (table)" in capsys.readouterr().out
    assert run(["inspect", f"{not_utf8}2"]) == 2
    error = capsys.readouterr().err
    assert r"caf\udce9.csv2 does not exist" in error and error.count("\n") == 1


def test_a_terminal_of_ascii(not_utf8):
    root = str(Path(meta_noise.__file__).parents[1])
    command = [sys.executable, "-m", "meta_noise.cli.run", "inspect", not_utf8, "--no-cost"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": root}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0 and done.stderr == b""
    text = done.stdout.decode("ascii")
    assert rf"{SHOWN.replace('/', chr(92) + 'u2044')} caf\udce9: 60 rows (table)" in text and r"y:cat:\xe9" in text


def test_a_run_folder_whose_name_is_not_utf8(tmp_path, capsys):
    path = write_rows(tmp_path / "rows.csv")
    command = [
        "clean",
        str(path),
        "--out",
        os.fsdecode(os.fsencode(tmp_path) + b"/r\xe9"),
        "--skip-bad",
        "--epochs",
        "1",
    ]
    assert run(command) == 2
    assert r"r\udce9 is not a name in UTF-8" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]
