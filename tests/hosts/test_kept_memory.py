"""A command asks for memory that it keeps, where that is heard, and leaves to the environment what that decides."""

import os
import subprocess
import sys

import pytest

from meta_noise.hosts import kept_memory
from meta_noise.hosts.kept_memory import SAID, keep_memory

FAULTS = """
import resource
from meta_noise.hosts.kept_memory import keep_memory
{before}
import numpy as np
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.zeros(2**26, np.uint8)[:] = 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
print(faults())
"""


def faults(before):
    """Returns how many pages Linux hands to a process that takes 64 MiB for the second time."""
    environment = {key: value for key, value in os.environ.items() if key not in SAID}
    environment["NUMPY_MADVISE_HUGEPAGE"] = "0"
    words = [sys.executable, "-c", FAULTS.format(before=before)]
    return int(subprocess.run(words, capture_output=True, text=True, env=environment, timeout=60, check=True).stdout)


@pytest.mark.skipif(not kept_memory._is_glibc(), reason="another C library")
def test_memory_is_taken_once():
    assert faults("assert keep_memory()") < 100 < faults("")


@pytest.mark.parametrize("name", [None, "", "musl 1.2"])
def test_other_libraries_are_left_alone(monkeypatch, name):
    for one in SAID:
        monkeypatch.delenv(one, raising=False)
    monkeypatch.setattr(os, "confstr", lambda key: name, raising=False)
    monkeypatch.setattr(kept_memory.ctypes, "CDLL", None)
    assert not keep_memory()


@pytest.mark.parametrize("name", SAID)
def test_the_environment_decides(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    monkeypatch.setattr(kept_memory.ctypes, "CDLL", None)
    assert not keep_memory()
