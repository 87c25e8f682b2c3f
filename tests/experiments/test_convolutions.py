"""The command that measures gradients of convolutions, on small images."""

import pytest

from experiments.benchmark import convolutions


def test_one_line_for_each_first_layer_and_number_of_groups(capsys, monkeypatch):
    monkeypatch.setattr(convolutions, "REPEATED", 2)
    monkeypatch.setattr(convolutions, "FIRST", {"small": (4, 1, 2, 3)})
    assert convolutions.main(["--rows", "2", "--image", "4", "--channels", "8"]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("small (4 x 4 x 1 to 2, 3 x 3): ") and "written out" in first
    assert [line.split(":")[0] for line in lines] == ["1 groups", "4 groups", "8 groups"]
    assert all("outside of a loop" in line and "inside one" in line for line in lines)


@pytest.mark.parametrize("wrong", [["--rows", "0"], ["--channels", "6"]])
def test_wrong_numbers_are_refused_in_one_sentence(wrong, capsys):
    with pytest.raises(SystemExit) as stopped:
        convolutions.main(wrong)
    assert stopped.value.code == 2 and "a multiple of four" in capsys.readouterr().err
