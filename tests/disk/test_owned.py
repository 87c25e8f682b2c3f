"""Whose a folder is, who is in it, and what is left alone."""

import hashlib
import json
import os
import subprocess
import sys
import threading

import pytest

from meta_noise.disk.lock import LOCK
from meta_noise.disk.owned import MARKER, is_ours, owned, remove_owned
from meta_noise.disk.sealed import write_json
from meta_noise.errors import InputError

PARTIAL = f".{MARKER}.0123abcd.partial"


def state(folder):
    """Returns every path below a folder with its content, or where it leads to."""
    return {
        str(path.relative_to(folder)): os.readlink(path)
        if path.is_symlink()
        else path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.name != LOCK or path.is_symlink()
    }


def enter(folder, kind="run"):
    with owned(folder, kind, "Choose another"):
        return True


def test_a_new_folder_becomes_ours_and_stays_ours(tmp_path):
    folder = tmp_path / "a" / "b"
    assert enter(folder) and is_ours(folder, "run") and not is_ours(folder, "queue")
    marker = (folder / MARKER).read_bytes()
    assert len(json.loads(marker)["id"]) == 32
    assert enter(folder) and (folder / MARKER).read_bytes() == marker
    with pytest.raises(InputError, match="another use"):
        enter(folder, "queue")


@pytest.mark.parametrize("name", ["config.json", "labels.csv", ".git", "run.lock", ".x.0123abcd.partial"])
def test_a_folder_with_anything_else_is_left_as_it_is(tmp_path, name):
    (tmp_path / name).write_text("mine")
    before = state(tmp_path)
    with pytest.raises(InputError, match=r"is not empty and was not made by meta_noise"):
        enter(tmp_path)
    assert state(tmp_path) == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 1, "kind": "run", "id": "x"}'])
def test_a_marker_that_is_damaged_or_forged_by_hand(tmp_path, text):
    (tmp_path / MARKER).write_text(text)
    (tmp_path / "labels.csv").write_text("mine")
    before = state(tmp_path)
    with pytest.raises(InputError, match="is damaged"):
        enter(tmp_path)
    assert state(tmp_path) == before


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "a").write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        enter(tmp_path / "a")


def test_what_is_left_of_a_process_killed_at_the_start_is_no_obstacle(tmp_path):
    for names in ((), (LOCK,), (LOCK, PARTIAL), (PARTIAL,)):
        folder = tmp_path / f"after {len(names)} {LOCK in names}"
        folder.mkdir()
        for name in names:
            (folder / name).write_text('{"form')
        assert enter(folder) and sorted(os.listdir(folder)) == [MARKER, LOCK]


def test_what_killed_processes_left_is_removed(tmp_path):
    enter(tmp_path)
    (tmp_path / ".labels.csv.0123abcd.partial").write_text("half")
    (tmp_path / ".mine.partial").write_text("not of that form")
    enter(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [MARKER, LOCK, ".mine.partial"]


@pytest.mark.parametrize(
    "name", ["report.html", "checkpoints", "checkpoints/5/tree", "metrics.jsonl", LOCK, MARKER, PARTIAL]
)
@pytest.mark.parametrize("target", ["folder", "file", "nothing"])
def test_links_are_not_written_through(tmp_path, name, target):
    outside = tmp_path / "outside"
    (outside / "folder").mkdir(parents=True)
    (outside / "file").write_text("mine")
    folder = tmp_path / "run"
    enter(folder)
    path = folder / name
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(outside / target)
    before = state(tmp_path)
    with pytest.raises((InputError, OSError)):
        enter(folder)
    assert state(tmp_path) == before


def test_a_folder_of_ours_is_removed_and_no_other(tmp_path):
    enter(tmp_path / "folds", "folds")
    (tmp_path / "folds" / "more").mkdir()
    remove_owned(tmp_path / "folds", "run")
    assert (tmp_path / "folds").is_dir()
    (tmp_path / "link").symlink_to(tmp_path / "folds")
    remove_owned(tmp_path / "link", "folds")
    assert (tmp_path / "folds").is_dir()
    remove_owned(tmp_path / "folds", "folds")
    assert not (tmp_path / "folds").exists()
    remove_owned(tmp_path / "folds", "folds")


HOLD = """
import sys
from pathlib import Path
from meta_noise.disk.owned import owned
with owned(Path(sys.argv[1]), "run", ""):
    print("in", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_is_in_it(tmp_path):
    folder = tmp_path / "run"
    with subprocess.Popen([sys.executable, "-c", HOLD, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(InputError, match=rf"in use by process {other.pid} on .*, started 2\d\d\d-") as caught:
            enter(folder)
        assert "\n" not in str(caught.value)
        other.kill()
        other.wait()
    assert enter(folder)  # the kernel has lifted the lock


def test_a_thread_may_enter_again_and_another_may_not(tmp_path):
    found = []

    def other():
        try:
            enter(tmp_path)
        except InputError as error:
            found.append(str(error))

    with owned(tmp_path, "run", ""):
        assert enter(tmp_path)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert "another thread" in found[0]
    assert enter(tmp_path)


def test_a_file_system_without_locks_says_so(tmp_path, monkeypatch):
    def refuse(descriptor):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("meta_noise.disk.lock.locked", refuse)
    with owned(tmp_path, "run", "") as note:
        assert "has no locks" in note
    write_json(tmp_path / "a.json", {})
