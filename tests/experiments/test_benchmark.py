"""The benchmark as a command, and the costs that steps must keep: the compiler's counts, never time."""

import json

import pytest
from rich.console import Console

from experiments.benchmark import __main__ as benchmark
from experiments.benchmark import beside, compared, measure, predicted, table
from experiments.benchmark.cases import CASES, PLAIN, Case, counted
from experiments.benchmark.rows import title
from experiments.benchmark.steps import Setting, make_step, shapes_of

SMALL = Setting({"name": "resnet_cifar", "depth": 8}, 16, 16, 10, {})
SMALLEST = ["--model-settings", "depth=8", "--batch", "4", "--image", "8", "--pairs", "1"]


def costs(case: Case) -> measure.Counts:
    step = make_step(SMALL, case)
    return measure.counts(step, measure.compile_step(step))


@pytest.fixture(scope="module")
def plain():
    return costs(PLAIN)


# FLOPs and working memory in units of a plain step: what was reached, and a few percent.
@pytest.mark.parametrize(
    ("name", "flops", "memory"),
    [
        pytest.param("l2r", 2.72, 2.4, marks=pytest.mark.slow),
        ("mw_net", 3.4, 2.4),
        pytest.param("mw_net layer_sampler", 2.85, 1.9, marks=pytest.mark.slow),
        pytest.param("mw_net remat", 4.1, 1.3, marks=pytest.mark.slow),
        pytest.param("mlc_lcn all clean rows", 2.75, 2.0, marks=pytest.mark.slow),
        pytest.param("mw_net layer_sampler kept", 2.5, 1.95, marks=pytest.mark.slow),
        pytest.param("mw_net keep_last 2", 2.05, 1.35, marks=pytest.mark.slow),
    ],
)
def test_costs_do_not_grow(plain, name, flops, memory):
    found = costs(next(case for case in CASES if case.name == name))
    assert found.flops / plain.flops <= flops
    assert found.temporary_bytes / plain.temporary_bytes <= memory


def test_counted_passes():
    step = make_step(SMALL, PLAIN)
    params, stages = shapes_of(step).learner.params, step.network.stages
    by_name = {case.name: counted(case, params, stages) for case in CASES}
    assert by_name["mw_net"] == 10 / 3 and by_name["l2r"] == 8 / 3
    assert 2 < by_name["mw_net layer_sampler"] < 10 / 3


def test_predictions_of_stored_rows_are_made_anew(monkeypatch):
    monkeypatch.setattr(predicted, "SETTINGS", (SMALL,))
    step, stale = make_step(SMALL, PLAIN), {"work": 0.0}
    passes = counted(PLAIN, shapes_of(step).learner.params, step.network.stages)
    row = {"library": "meta_noise", "setting": title(SMALL), "case": PLAIN.name, "counted": passes, "predicted": stale}
    others = [{**row, "library": "PyTorch"}, {**row, "setting": "another"}, {**row, "counted": 2 * passes}]
    made, *kept = predicted.predict([row, *others])
    assert made["predicted"] == {"work": 1.0, "time": 1.0, "memory": 1.0, "compiling": 1.0}
    assert kept == others


@pytest.mark.slow
def test_command(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(measure, "SHORTEST", 0.0)
    path = tmp_path / "rows.jsonl"
    assert benchmark.main([*SMALLEST, "--cases", "l2r,mw_net interval 4", "--json", str(path)]) == 0
    text = capsys.readouterr().out
    assert "| supervised |" in text and "| mw_net interval 4 |" in text and "8x8" in text
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["case"] for row in rows] == ["supervised", "l2r", "mw_net interval 4"]
    assert rows[0]["flops"] == rows[0]["plain"]["flops"] and rows[1]["seconds"] > 0
    assert benchmark.main([*SMALLEST, "--cases", "l2r", "--json", str(path)]) == 2
    assert "would be overwritten" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--cases", "l2rr"], "l2r"),
        (["--set", "depth"], "is not a setting"),
        (["--model", "resnet_cifer"], "resnet_cifar"),
    ],
)
def test_wrong_words(words, says, capsys):
    assert benchmark.main([*SMALLEST, *words]) == 2
    assert says in capsys.readouterr().out


def test_two_commits_side_by_side():
    """The page has what the command prints of the stored rows; a case is listed where both sides have it."""
    before, after = (table.read_lines(compared.FOLDER / name) for name in ("before.jsonl", "after.jsonl"))
    text = compared.compared(before, after)
    assert text in (compared.FOLDER / "README.md").read_text()
    fewer = [{**row, "seconds": 2.0} for row in after if row["case"] == "mw_net"]
    (line,) = compared.compared(before, fewer).splitlines()[2:]
    assert line.startswith("| mw_net | ") and " | 2.00 | " in line


def test_steps_in_turn(capsys):
    """Every round takes one step of each and every other runs backwards; a ratio is that of a round."""
    calls = []
    seconds = {"ours plain": 3.0, "ours exact": 8.0, "pytorch plain": 4.0, "pytorch exact": 10.0}
    seconds["pytorch plain, channels_last"] = 2.0

    def run_of(name):
        return lambda number: calls.append(name) or number * seconds[name]

    rounds = beside.take_turns({name: run_of(name) for name in seconds}, 2, Console(quiet=True))
    assert calls[5:10] == calls[:5][::-1] and calls[10:] == calls[:5]
    assert rounds == [seconds] * 2
    assert beside.said(rounds)[-2:] == [
        "plain, ours / PyTorch's: 1.50 (1.50 to 1.50)",
        "exact, ours / PyTorch's: 0.80 (0.80 to 0.80)",
    ]
    assert beside.main(["--rounds", "1"]) == 2 and "at least 2" in capsys.readouterr().out


def test_page(tmp_path):
    page = tmp_path / "README.md"
    page.write_text(f"# Title\n\n{table.START}\nold\n{table.END}\n\nEnd.\n")
    row = {
        "setting": "s",
        "library": "pytorch",
        "case": "mw_net",
        "seconds": 1.0,
        "plain_seconds": 0.5,
        "ratio": 2.0,
        "low": 1.9,
        "high": 2.1,
        "images": 4,
        "pairs": 1,
        "machine": "m",
    }
    table.write_page(page, [row])
    text = page.read_text()
    assert "| pytorch | mw_net | 1000 | 4 | 2.00 (1.90 to 2.10) |" in text
    assert text.startswith("# Title") and text.endswith("End.\n") and "old" not in text
