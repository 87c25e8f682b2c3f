"""Every config file with every argument it names, as text, so that a default that changes shows in what depends on it.

After a change that is meant, or for a new file, `python -m tests.configs.test_golden` writes the texts anew.
"""

import re
from pathlib import Path

import pytest

from tests.configs.found import CASES, CONFIGS, name_of, text

FOLDER = Path(__file__).parents[1] / "golden" / "configs"
COMMAND = "python -m tests.configs.test_golden"


@pytest.mark.parametrize("path", CONFIGS, ids=name_of)
def test_settings_are_as_frozen(path):
    frozen = FOLDER / f"{path.stem}.txt"
    assert frozen.exists(), f"There is no frozen text of {path.name}; {COMMAND} writes it. Read it first."
    assert text(path) == frozen.read_text(encoding="utf-8"), (
        f"Settings of {path.name} changed; if meant, run {COMMAND}."
    )


def test_no_text_is_left_of_a_file_that_is_gone():
    assert {file.stem for file in FOLDER.iterdir()} == {path.stem for path in CONFIGS}


@pytest.mark.parametrize("path", CONFIGS, ids=name_of)
def test_a_file_states_its_command_and_what_it_costs(path):
    source = path.read_text(encoding="utf-8")
    docstring = source.split('"""')[1]
    assert f"python -m meta_noise.main --config=configs/{path.name}" in docstring and "--workdir=" in docstring
    assert re.search(r"not\s+measured|second|minute|hour", docstring, re.IGNORECASE), (
        "say what it costs, or: not measured"
    )
    assert len(source.splitlines()) <= 100 and len([case for case in CASES if case[0] == path]) > 1


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file in FOLDER.iterdir():
        file.unlink()
    for config in CONFIGS:
        (FOLDER / f"{config.stem}.txt").write_text(text(config), encoding="utf-8")
