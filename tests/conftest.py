"""Settings of all tests: eight emulated CPU devices, quick compiling, and a cache of it per jaxlib and processor."""

import hashlib
import os
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["META_NOISE_CACHE"] = "off"  # commands that tests start keep nothing in the home of who runs them
# Compiling is most of what tests cost, and good machine code is worth it to none of them. Of two values the later one
# counts: XLA_FLAGS="--xla_backend_optimization_level=3 --xla_cpu_use_fusion_emitters=true" compiles as for users. A
# jaxlib ends at once where it does not know a flag, as those from 0.11.2 on do not know the emitters.
os.environ["XLA_FLAGS"] = (
    "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true "
    + ("--xla_cpu_use_fusion_emitters=false " if version("jaxlib").startswith("0.10.") else "")
    + os.environ.get("XLA_FLAGS", "")
    + " --xla_force_host_platform_device_count=8"
)

import jax
import pytest

from tests.own_runs import second_round, texts, world  # noqa: F401 (fixtures of several rooms)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return "".join(line for line in lines if line.startswith(("model name", "flags")))


_KEY = hashlib.sha256(f"{version('jaxlib')} {_processor()}".encode()).hexdigest()[:16]
jax.config.update("jax_compilation_cache_dir", str(Path(tempfile.gettempdir()) / f"meta_noise_tests_{_KEY}"))
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)


@pytest.fixture
def float64():
    """Runs a test in double precision."""
    with jax.enable_x64(True):
        yield
