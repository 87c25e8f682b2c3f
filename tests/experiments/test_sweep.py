"""The sweep: cells run once, damaged lines are set aside, one sweep at a time; tables from stored results."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments import budget, ledger, sweep, table
from meta_noise.disk.lock import alone_in
from meta_noise.errors import InputError

CONFIG = Path(__file__).parents[2] / "configs/digits.py"
CELLS = """
SMALL = {{"train": {{"epochs": 1, "devices": 1}}, "model": {{"name": "mlp", "hidden": [8]}}}}
CELLS = tuple((f"{config}:{{method}},seed={{seed}}", SMALL) for method in {methods} for seed in range(2))
"""


def test_sweep(tmp_path, capsys):
    folder = tmp_path / "table"
    folder.mkdir()
    (folder / "README.md").write_text(f"# Title\n\n{sweep.START}\nold\n{sweep.END}\n\nEnd.\n")
    (folder / "cells.py").write_text(CELLS.format(config=CONFIG, methods=["supervised"]))
    command = [str(folder), f"--runs={tmp_path / 'runs'}"]
    assert sweep.main(command) == 0
    first = (folder / "results.jsonl").read_text()
    assert [json.loads(line)["seed"] for line in first.splitlines()] == [0, 1]
    (folder / "results.jsonl").write_text(first + '{"cell": "cut sho')
    (folder / "cells.py").write_text(CELLS.format(config=CONFIG, methods=["supervised", "clean_only"]))
    capsys.readouterr()
    assert sweep.main(command) == 0
    said = capsys.readouterr().out
    assert "supervised,seed" not in said
    assert "results.jsonl: line 3 is no result, now in results.jsonl.damaged; the other 2 are used." in said
    assert (folder / "results.jsonl.damaged").read_text() == '{"cell": "cut sho\n'
    text = (folder / "results.jsonl").read_text()
    assert text.startswith(first) and len(text.splitlines()) == 4
    readme = (folder / "README.md").read_text()
    assert readme.startswith("# Title") and readme.endswith("\n\nEnd.\n") and "old" not in readme
    assert "| clean only |" in readme and "| supervised |" in readme and " ± " in readme
    (folder / "README.md").write_text(f"{table.START}\nold\n{table.END}\n")  # is made by the other command
    assert sweep.main(command) == 0 and (folder / "README.md").read_text() == f"{table.START}\nold\n{table.END}\n"


def test_a_cell_with_a_wrong_name_says_so(tmp_path, capsys):
    (tmp_path / "cells.py").write_text(CELLS.format(config=CONFIG, methods=["supervise"]))
    assert sweep.main([str(tmp_path), f"--runs={tmp_path / 'runs'}"]) == 2
    assert "Did you mean 'supervised'" in " ".join(capsys.readouterr().out.split())


def test_lines_that_are_no_results_are_set_aside(tmp_path):
    path = tmp_path / "results.jsonl"
    assert ledger.read(path) == [] and ledger.mend(path) == ""
    one, two = ({"cell": name, "diverged": "It is not finite."} for name in ("one", "two"))
    bad = b'{"cell": 3}\n\xff\n[]\n{"cell": "three"}\n'  # the last lacks what a result has
    ledger.add(path, one)
    path.write_bytes(path.read_bytes() + bad)
    ledger.add(path, two)
    assert ledger.read(path) == [one, two]
    assert "4 lines are no results" in ledger.mend(path) and ledger.mend(path) == ""
    assert [json.loads(line) for line in path.read_text().splitlines()] == [one, two]
    assert (tmp_path / "results.jsonl.damaged").read_bytes() == bad
    ledger.add(path, {**one, "diverged": "Run again."})  # as two files put together have it
    assert [result["diverged"] for result in ledger.read(path)] == ["Run again.", "It is not finite."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CELLS = ('a.py:x',)", "holds no CELLS"),
        ("CELLS = ((", "fails with SyntaxError"),
        ("CELLS = (('a.py:x', {}),) * 2", "more than once"),
    ],
)
def test_cells_that_make_no_sense(tmp_path, text, said):
    (tmp_path / "cells.py").write_text(text)
    with pytest.raises(InputError, match=said):
        sweep.cells_of(tmp_path)


def test_words_that_no_cell_has_together(tmp_path):
    (tmp_path / "cells.py").write_text(CELLS.format(config=CONFIG, methods=["supervised", "l2r"]))
    assert sweep.main([str(tmp_path), f"--runs={tmp_path / 'runs'}", "--only=supervised,l2r"]) == 2
    assert not (tmp_path / "runs").exists() and not (tmp_path / "README.md").exists()


def test_a_second_sweep_says_that_there_is_a_first(tmp_path):
    (tmp_path / "cells.py").write_text(CELLS.format(config=CONFIG, methods=["supervised"]))
    command = [sys.executable, "-m", "experiments.sweep", str(tmp_path), f"--runs={tmp_path / 'runs'}"]
    with alone_in(tmp_path):
        other = subprocess.run(command, capture_output=True, text=True)
    assert other.returncode == 2 and other.stdout.startswith("error: ") and str(tmp_path) in other.stdout
    assert "Traceback" not in other.stderr and not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("cells", "options", "said"),
    [
        (None, [], "has no cells.py, so there is nothing to run"),
        ("OTHER = 1", [], "holds no CELLS; it must say"),
        (None, ["--at-once=0"], "--at-once is 0; give 1 or more"),
        (CELLS.format(config=CONFIG, methods=["supervised"]), ["--only=supervized"], "Did you mean 'supervised'"),
    ],
)
def test_what_cannot_be_run_is_one_sentence(tmp_path, capsys, cells, options, said):
    if cells is not None:
        (tmp_path / "cells.py").write_text(cells)
    assert sweep.main([str(tmp_path), f"--runs={tmp_path / 'runs'}", *options]) == 2
    assert said in " ".join(capsys.readouterr().out.split())


def test_a_run_that_diverges_is_a_result(tmp_path, capsys):
    broken = (
        'CELLS = (("{config}:supervised", {{"optimizer": {{"lr": 1e30}}, "train": {{"epochs": 2, "devices": 1}}}}),)'
    )
    (tmp_path / "cells.py").write_text(broken.format(config=CONFIG))
    assert sweep.main([str(tmp_path), f"--runs={tmp_path / 'runs'}"]) == 0
    result = ledger.read(tmp_path / "results.jsonl")[0]
    assert result["diverged_step"] >= 0 and "not finite" in result["diverged"]
    assert "Not finite, so in no table" in (tmp_path / "README.md").read_text()
    capsys.readouterr()


@pytest.mark.slow
def test_two_cells_at_once(tmp_path, capsys):
    (tmp_path / "cells.py").write_text(CELLS.format(config=CONFIG, methods=["supervised"]))
    assert sweep.main([str(tmp_path), f"--runs={tmp_path / 'runs'}", "--at-once=2"]) == 0
    assert sorted(line["seed"] for line in ledger.read(tmp_path / "results.jsonl")) == [0, 1]
    (tmp_path / "results.jsonl").unlink()
    (tmp_path / "cells.py").write_text(CELLS.format(config=CONFIG, methods=["supervise"]))
    assert sweep.main([str(tmp_path), f"--runs={tmp_path / 'more'}", "--at-once=2"]) == 2
    assert "Did you mean 'supervised'" in " ".join(capsys.readouterr().out.split())


def test_a_table_has_what_is_stored_and_leaves_the_rest_empty(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "cells.py").write_text('CELLS = tuple((f"a.py:{m},seed={s}", {}) for m in ("x", "y") for s in range(3))')
    (folder / "published.py").write_text('PUBLISHED = {"a.py:x": "91.0"}\n')
    (folder / "README.md").write_text(f"# Small\n\n{table.START}\nold\n{table.END}\n\nEnd.\n")
    clean = {"size": 20, "trained_on": True}
    for seed, last in enumerate((0.9, 0.92)):
        accuracy = {"last": last, "best": 0.95, "selected": None}
        ledger.add(
            folder / "results.jsonl",
            {"cell": f"a.py:x,seed={seed}", "accuracy": accuracy, "clean_set": clean, "noise": {}, "seconds": 120},
        )
    ledger.add(folder / "results.jsonl", {"cell": "a.py:x,seed=2", "diverged": "The training loss is not finite."})
    monkeypatch.setattr(table, "HERE", tmp_path)
    assert table.main(["small", "--write"]) == 0
    printed = capsys.readouterr().out
    assert "| `a.py:x` | 20, trained on | 91.0 | 91.00 ± 1.41 | 95.00 ± 0.00 |  | 2 of 3 | 1 | 2.0 |" in printed
    assert "| `a.py:y` |  |  |  |  |  |  |  |  |" in printed
    readme = (folder / "README.md").read_text()
    assert printed.strip() in readme and "old" not in readme and readme.endswith("\n\nEnd.\n")
    assert table.main(["smal"]) == 2 and "Did you mean 'small'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "readme", [path for path in Path(sweep.__file__).parent.glob("*/README.md") if table.START in path.read_text()]
)
def test_a_readme_has_what_the_command_prints(readme):
    assert f"{table.START}\n\n{table.text_of(readme.parent.name)}\n{table.END}" in readme.read_text()


def test_a_budget_of_what_is_left(tmp_path, monkeypatch, capsys):
    """A dense network of 64-8-10 on batches of 100: forward, and gradients by weights and by hidden units."""
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "cells.py").write_text(CELLS.format(config=CONFIG, methods=["supervised"]))
    ledger.add(folder / "results.jsonl", {"cell": table.cells_of(folder)[0].key, "diverged": "It is not finite."})
    monkeypatch.setattr(budget, "HERE", tmp_path)
    work = budget.work_of(table.cells_of(folder)[1], "")
    assert work.steps == 14  # 1,417 rows in batches of 100
    assert work.flops == 2 * 100 * (2 * 64 * 8 + 3 * 8 * 10)
    assert budget.main(["small", "--tflops=1e-6", "--price=2"]) == 0
    hours = work.steps * work.flops / 1e6 / 3600
    assert f"| 1 cells |  |  | {hours:.3g} | {2 * hours:.2f} |" in capsys.readouterr().out
    assert budget.main(["smal", "--tflops=1"]) == 2 and "Did you mean 'small'" in capsys.readouterr().out
    assert budget.main(["small", "--tflops=0"]) == 2 and "--tflops above 0" in capsys.readouterr().out
