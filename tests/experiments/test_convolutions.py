"""The command that measures gradients of convolutions, on small images."""

from experiments.benchmark import convolutions


def test_one_line_for_each_number_of_groups(capsys, monkeypatch):
    monkeypatch.setattr(convolutions, "REPEATED", 2)
    assert convolutions.main(["--rows", "2", "--image", "4", "--channels", "8"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["1 groups", "4 groups", "8 groups"]
    assert all("outside of a loop" in line and "inside one" in line for line in lines)
