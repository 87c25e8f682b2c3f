"""The script for an accelerator, tiny and on a CPU: rows are kept one by one, and none is measured twice."""

import json

import pytest

from experiments.benchmark import chip, measure
from experiments.benchmark.cases import CASES


@pytest.mark.slow
def test_what_a_first_run_had_no_time_for_a_second_measures(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(measure, "SHORTEST", 0.0)
    first_two = chip.parts(True)[:2]
    monkeypatch.setattr(chip, "parts", lambda smoke: first_two if smoke else [])
    out = tmp_path / "rows.jsonl"
    words = ["--out", str(out), "--smoke", "--pairs", "1", "--peak", "float32=1"]
    assert chip.main([*words, "--seconds", "0"]) == 0
    assert "The seconds are over" in capsys.readouterr().out
    (first,) = map(json.loads, out.read_text().splitlines())
    assert first["case"] == "supervised" and first["peak"] == 1e12
    assert chip.main(words) == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    ours = [(row["setting"].split(":")[0], row["case"]) for row in rows if row["library"] == "meta_noise"]
    names = ["resnet_cifar, depth=8", "wide_resnet, depth=10, widening=1"]
    assert ours == [(name, case) for name in names for case in ("supervised", *chip.FIRST)]
    assert "share of peak" in capsys.readouterr().out
    monkeypatch.setattr(chip, "measure_cases", None)  # nothing is left to measure
    monkeypatch.setattr(chip.importlib.util, "find_spec", lambda name: None)
    assert chip.main(words) == 0 and [json.loads(line) for line in out.read_text().splitlines()] == rows


def test_the_plan():
    names = {case.name for case in CASES}
    for smoke in (False, True):
        plan = chip.parts(smoke)
        assert {name for part in plan for name in part.cases} <= names
        assert len({(chip.title(part.setting), part.cases) for part in plan}) == len(plan)
    assert chip.parts(False)[0].cases == chip.FIRST and chip.parts(False)[0].peers


@pytest.mark.parametrize("word", ["float32", "float64=3", "bfloat16=-1"])
def test_a_wrong_peak(tmp_path, capsys, word):
    assert chip.main(["--out", str(tmp_path / "rows.jsonl"), "--peak", word]) == 2
    assert "--peak takes float32=TFLOPS and bfloat16=TFLOPS" in capsys.readouterr().out
