"""A command asks once for memory that it keeps, where that is heard, and leaves all else in the environment alone."""

import os
import subprocess
import sys

import pytest

from meta_noise.hosts.kept_memory import KEY, WISHES, with_wishes

ASKED = ":".join(f"glibc.malloc.{name}={value}" for name, value in WISHES.items())
TOLD = """
import os, sys
from meta_noise.hosts.kept_memory import keep_memory
{before}
keep_memory()
print(os.environ.get("GLIBC_TUNABLES", ""), os.getpid(), *sys.argv[1:])
"""


def library(monkeypatch, name):
    monkeypatch.setattr(os, "confstr", lambda key: name, raising=False)


@pytest.mark.parametrize("name", ["glibc 2.35", "glibc 2.36", "glibc 3.0"])
def test_it_is_asked_for_once(monkeypatch, name):
    library(monkeypatch, name)
    asked = with_wishes({"HOME": "/root"})
    assert asked == {"HOME": "/root", KEY: ASKED} and with_wishes(asked) is None
    assert with_wishes({KEY: "glibc.rtld.nns=2"}) == {KEY: f"glibc.rtld.nns=2:{ASKED}"}
    assert with_wishes({KEY: "glibc.malloc.hugetlb=0"}) is None


@pytest.mark.parametrize("name", [None, "", "glibc 2.34", "musl 1.2", "glibc new"])
def test_not_where_nobody_listens(monkeypatch, name):
    library(monkeypatch, name)
    assert with_wishes({}) is None


def said(before, *words):
    """Returns what a process says of itself, and its number."""
    environment = {key: value for key, value in os.environ.items() if key != KEY}
    words = [sys.executable, "-c", TOLD.format(before=before), *words]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        return process.communicate(timeout=60)[0], process.pid


def test_a_process_begins_again_as_it_was():
    found, number = said("", "--x=1", "a b")
    assert found == f"{ASKED if with_wishes({}) else ''} {number} --x=1 a b\n"


def test_a_process_with_other_words_is_left_alone():
    found, number = said("sys.argv = ['magic', '--config=a.py']", "kernel.json")
    assert found == f" {number} --config=a.py\n"
