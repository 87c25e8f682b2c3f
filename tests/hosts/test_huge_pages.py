"""A command asks for huge pages once, where that helps, and keeps all else that the environment says."""

import os
import subprocess
import sys

import pytest

from meta_noise.hosts import huge_pages
from meta_noise.hosts.huge_pages import KEY, asking

ASKED = "glibc.malloc.hugetlb=1"
TOLD = """
import os, sys
from meta_noise.hosts.huge_pages import begin_again
{before}
begin_again()
print(os.environ.get("GLIBC_TUNABLES", ""), os.getpid(), *sys.argv[1:])
"""


@pytest.fixture
def policy(tmp_path, monkeypatch):
    """Linux with glibc, and the file in which it says who gets huge pages."""
    path = tmp_path / "enabled"
    path.write_text("always [madvise] never\n")
    monkeypatch.setattr(huge_pages, "POLICY", path)
    monkeypatch.setattr(os, "confstr", lambda name: "glibc 2.36", raising=False)
    return path


def test_they_are_asked_for_once(policy):
    asked = asking({"HOME": "/root"})
    assert asked == {"HOME": "/root", KEY: ASKED} and asking(asked) is None
    assert asking({KEY: "glibc.malloc.perturb=3"}) == {KEY: f"glibc.malloc.perturb=3:{ASKED}"}
    assert asking({KEY: "glibc.malloc.hugetlb=0"}) is None


@pytest.mark.parametrize("said", ["[always] madvise never", "always madvise [never]"])
def test_not_where_all_get_them_or_nobody(policy, said):
    policy.write_text(said)
    assert asking({}) is None
    policy.unlink()
    assert asking({}) is None


@pytest.mark.parametrize("library", [None, "", "glibc 2.34", "musl 1.2"])
def test_not_where_the_library_does_not_listen(policy, monkeypatch, library):
    monkeypatch.setattr(os, "confstr", lambda name: library, raising=False)
    assert asking({}) is None


def said(before, *words):
    """Returns what a process says of itself, and its number."""
    environment = {key: value for key, value in os.environ.items() if key != KEY}
    words = [sys.executable, "-c", TOLD.format(before=before), *words]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        return process.communicate(timeout=60)[0], process.pid


def test_a_process_begins_again_as_it_was():
    found, number = said("", "--x=1", "a b")
    expected = ASKED if asking({}) else ""
    assert found == f"{expected} {number} --x=1 a b\n"


def test_a_process_with_other_words_is_left_alone():
    found, number = said("sys.argv = ['magic', '--config=a.py']", "kernel.json")
    assert found == f" {number} --config=a.py\n"
