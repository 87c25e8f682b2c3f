"""Hundreds of hostile cases: each ends with the right code and one sentence, and changes nothing of the user's."""

import importlib

import pytest

from tests.hostile.case import Place, state, tried
from tests.hostile.worlds import pictures

GROUPS = (
    *("flags", "configs", "tables", "images", "paths", "run_folders", "answers", "new_rows", "own_code", "environment"),
)
CASES = {group: importlib.import_module(f"tests.hostile.{group}").CASES for group in GROUPS}
PARTS = [(group, start) for group in GROUPS for start in range(0, len(CASES[group]), 40)]


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return pictures(tmp_path_factory.mktemp("seen"))


@pytest.mark.parametrize(("group", "start"), PARTS)
def test_hostile(group, start, world, seen, tmp_path, monkeypatch):
    shared = (world.run, world.data.parent, seen.run, seen.data)
    before = list(map(state, shared))
    wrong = []
    for number, case in enumerate(CASES[group][start : start + 40]):
        here = tmp_path / str(number)
        here.mkdir()
        monkeypatch.chdir(here)
        code, said, complaint, broken = tried(case, Place(here, world, seen))
        if broken or code != case.code or case.says not in said + complaint:
            wrong.append(f"{case.name}: code {code}, not {case.code}; {broken}; {(complaint or said)[:300]!r}")
    assert not wrong, "\n".join(wrong)
    assert list(map(state, shared)) == before


def test_there_are_hundreds_of_them():
    assert sum(map(len, CASES.values())) >= 800
    for group, cases in CASES.items():
        names = [case.name for case in cases]
        assert len(set(names)) == len(names) >= 30, group
