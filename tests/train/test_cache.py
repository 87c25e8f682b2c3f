"""Compiled steps in a folder: a second process finds them, bad folders are left alone, two processes share one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from meta_noise import InputError
from meta_noise.train import cache

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
import jax, jax.numpy as jnp
from jax import monitoring
import meta_noise
folder = meta_noise.compilation_cache(*sys.argv[1:])
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)  # a fast machine would keep nothing of this step
hits = []
monitoring.register_event_listener(lambda name, **_: hits.append(name) if name.endswith("cache_hits") else None)
step = jax.jit(lambda x: jnp.linalg.svd(x @ x)[1] + jnp.sort(x, axis=0).sum())
print(folder, float(step(jnp.eye(16)).sum()), len(hits))
"""


def environment(**changes):
    kept = {name: value for name, value in os.environ.items() if name not in (cache.VARIABLE, "XDG_CACHE_HOME")}
    kept.pop("JAX_COMPILATION_CACHE_DIR", None)
    return {**kept, "JAX_PLATFORMS": "cpu", **changes}


def started(*arguments, **changes):
    words = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    options = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(words, env=environment(**changes), **options)


def ended(process):
    """Returns the folder, the value and the number of hits that a process printed."""
    said, errors = process.communicate(timeout=300)
    assert process.returncode == 0 and not errors, errors
    folder, value, hits = said.split()
    return folder, float(value), int(hits)


def test_a_second_process_finds_what_the_first_compiled(tmp_path):
    folder, value, hits = ended(started(tmp_path / "kept"))
    assert Path(folder).parent == tmp_path / "kept" and not hits
    held = sorted(Path(folder).glob("*-cache"))
    assert held and os.stat(folder).st_mode & 0o777 == 0o700
    again = ended(started(XDG_CACHE_HOME=str(tmp_path / "other"), META_NOISE_CACHE=str(tmp_path / "kept")))
    assert again[:2] == (folder, value) and again[2] == len(held)
    held[0].write_bytes(b"cut short")  # what a killed process leaves: no time beside it
    held[0].with_name(held[0].name.removesuffix("cache") + "atime").unlink()
    assert ended(started(tmp_path / "kept"))[1:] == (value, len(held) - 1)
    held[0].write_bytes(b"nonsense")  # damaged: compiled anew, in silence
    assert ended(started(tmp_path / "kept"))[1] == value


def test_two_processes_share_a_folder(tmp_path):
    both = [started(XDG_CACHE_HOME=str(tmp_path)) for _ in range(2)]
    folders, values, _ = zip(*map(ended, both), strict=True)
    assert len(set(folders)) == len(set(values)) == 1
    assert Path(folders[0]).parent == tmp_path / "meta_noise/compiled"


def test_off_and_folders_that_are_not_used(tmp_path):
    (tmp_path / "file").touch()
    assert ended(started(META_NOISE_CACHE="off"))[0] == "None"
    assert ended(started(META_NOISE_CACHE=str(tmp_path / "file")))[0] == "None"
    (open_to_all := tmp_path / "open" / cache._processor()).mkdir(parents=True)
    open_to_all.chmod(0o777)
    assert ended(started(META_NOISE_CACHE=str(tmp_path / "open")))[0] == "None"
    for folder, why in ((tmp_path / "file", "directory|exists"), (tmp_path / "open", "others can write")):
        with pytest.raises(InputError, match=why):
            cache.compilation_cache(folder)


def test_jax_may_have_been_told_before(tmp_path):
    assert ended(started(JAX_COMPILATION_CACHE_DIR=str(tmp_path)))[0] == str(tmp_path)
