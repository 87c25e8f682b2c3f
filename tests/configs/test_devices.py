"""Every config, and the cleaning of a table, of texts and of photographs, starts on any number of devices."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import pytest

from tests.configs.found import CONFIGS

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("devices", [1, 2, 3, 4, 8])
def test_all_start_without_a_flag(devices):
    environment = {
        **os.environ,
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count={devices}",
        "PYTHONPATH": str(ROOT),
        "JAX_COMPILATION_CACHE_DIR": jax.config.values["jax_compilation_cache_dir"],
    }
    command = [sys.executable, "-m", "tests.configs.devices"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    started = [line.split(" on ")[0] for line in done.stdout.splitlines() if f" on {devices} devices: started" in line]
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert set(started) == {path.stem for path in CONFIGS} | {"clean table", "clean texts", "clean photographs"}
