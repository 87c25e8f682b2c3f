"""The sweep: cells run once, an interrupted line is dropped, the table stands between the marks."""

import json
from pathlib import Path

from experiments import sweep

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
    assert "supervised,seed" not in capsys.readouterr().out
    text = (folder / "results.jsonl").read_text()
    assert text.startswith(first) and len(text.splitlines()) == 4
    readme = (folder / "README.md").read_text()
    assert readme.startswith("# Title") and readme.endswith("\n\nEnd.\n") and "old" not in readme
    assert "| clean only |" in readme and "| supervised |" in readme and " ± " in readme


def test_a_cell_with_a_wrong_name_says_so(tmp_path, capsys):
    (tmp_path / "cells.py").write_text(CELLS.format(config=CONFIG, methods=["supervise"]))
    assert sweep.main([str(tmp_path), f"--runs={tmp_path / 'runs'}"]) == 2
    assert "Did you mean 'supervised'" in " ".join(capsys.readouterr().out.split())
