"""The table of candidates, from what results.json holds."""

from meta_noise.report.tried import Candidate, tried


def entry(name, score, **more):
    return {"name": name, "score": score, "low": score - 1, "high": score + 1, **more}


def test_the_best_comes_first():
    board = {
        "judged_by": "coin",
        "candidates": [entry("a", -2.0, weight=0.25), entry("b", -1.0, average_precision=0.5)],
        "tried": [{"name": "a", "share": 1, "why": "run in full"}, {"name": "c", "share": 0.0, "why": "not begun"}, 3],
    }
    found = tried({"tournament": board})
    assert found.judged == "coin" and found.cut_short == ["c: not begun"]
    assert found.candidates == [
        Candidate("b", "-1.000", "-2.000 to 0.000", "0.50", "-"),
        Candidate("a", "-2.000", "-3.000 to -1.000", "-", "0.25"),
    ]


def test_runs_without_a_table():
    for board in (None, 3, {}, {"candidates": None}, {"candidates": []}, {"candidates": [3, {"name": "a"}]}):
        assert tried({"tournament": board}) is None
    assert tried({}) is None
