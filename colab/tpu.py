# ---
# jupyter:
#   runtime: TPU
# ---

# %% [markdown]
# # All cores of a TPU
#
# A mesh over all cores, a step of every method on it, throughput against one core, bfloat16, a profile, and what
# happens when the machine is taken away.
#
# **Runtime:** TPU v5e-1 (one core) or v5e-8 (eight). A GPU or a CPU will do: the notebook takes what is there.

# %%
# Installs the library where it is missing, without TensorFlow or PyTorch; then looks at what this runtime has.
import importlib.metadata
import importlib.util
import os
import subprocess
import sys

SOURCE = "meta_noise"  # what pip installs: a name, the path of a wheel or of a checkout, or an address
SHORT = bool(os.environ.get("META_NOISE_SHORT"))  # a few steps in place of many, to try that all cells run

if importlib.util.find_spec("meta_noise") is None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", SOURCE]
    if subprocess.run(command, check=False).returncode:
        raise SystemExit(
            f"{' '.join(command)} failed. Upload a wheel or a checkout, name it in SOURCE, run this again."
        )

import jax
from packaging.requirements import Requirement

NEEDED = next(r for r in map(Requirement, importlib.metadata.requires("meta_noise")) if r.name == "jax")
if not NEEDED.specifier.contains(jax.__version__, prereleases=True):
    raise SystemExit(
        f"This session runs JAX {jax.__version__}, meta_noise needs {NEEDED}. Install it by "
        f'pip install "{NEEDED}", choose Runtime > Restart session, and run the cells again from the first.'
    )

import meta_noise

CHIP = jax.devices()[0].platform
print(f"meta_noise {meta_noise.__version__}, JAX {jax.__version__}, {jax.device_count()} x {CHIP}")

# %%
if CHIP != "tpu":
    print(f"No TPU here (Runtime > Change runtime type); going on with {jax.device_count()} x {CHIP}.")
for device in jax.devices():
    print(device)

# %% [markdown]
# ## A step of every method, on one core and on all
#
# Rows are divided over the cores, and the numbers stay those of one core up to the order of sums. A run takes all cores
# unless `train.devices` says how many; a batch that does not divide is no reason to change it.

# %%
from meta_noise.config.argument import merge
from meta_noise.config.file import load

METHODS = ("mw_net",) if SHORT else ("supervised", "l2r", "mw_net", "mlc_t", "mlc_lcn", "ieg", "famus")
ON_CHIP = CHIP != "cpu"
ROWS = 1024 if ON_CHIP else 100  # a batch
NETWORK = {"name": "resnet_cifar"} if ON_CHIP else {"name": "mlp"}


def run(method, devices, precision="float32", folder="runs/tpu", **more):
    """Trains for a few epochs on digits and returns the results."""
    clean = "" if method in ("supervised", "famus") else ",clean=100"
    train = {
        "epochs": 2 if SHORT or not ON_CHIP else 20,
        "batch_size": ROWS,
        "devices": devices,
        "precision": precision,
    }
    config = merge(load(f"configs/digits.py:{method}{clean}"), {"model": NETWORK, "train": {**train, **more}})
    return meta_noise.run(config, f"{folder}/{method}_{devices}_{precision}").results


def throughput(results):
    """Returns rows a second and device-filling batch, as the step was measured before training."""
    return 1000 * ROWS / results["step_milliseconds"]


cores = jax.device_count()
table = {}
for method in METHODS:
    table[method] = [throughput(run(method, devices)) for devices in sorted({1, cores})]
print(f"\nRows a second\n{'method':12} {'1 core':>14} {f'all {cores}':>14}")
for method, rates in table.items():
    print(f"{method:12} {rates[0]:14,.0f} {rates[-1]:14,.0f}   x {rates[-1] / rates[0]:.2f}")

# %%
import matplotlib.pyplot as plt
import numpy as np

figure, ax = plt.subplots(figsize=(8, 3.5))
places = np.arange(len(table))
ax.bar(places - 0.2, [rates[0] for rates in table.values()], 0.4, label="1 core")
if cores > 1:
    ax.bar(places + 0.2, [rates[-1] for rates in table.values()], 0.4, label=f"{cores} cores")
ax.set(xticks=places, xticklabels=list(table), ylabel="rows a second", yscale="log")
ax.legend()
plt.show()

# %% [markdown]
# ## bfloat16
#
# Layers compute in bfloat16; parameters, statistics and losses stay float32.

# %%
for precision in ("float32", "bfloat16"):
    found = run("mw_net", cores, precision)
    print(f"{precision}: {throughput(found):,.0f} rows/s, test accuracy {found['accuracy']['last']:.1%}")

# %% [markdown]
# ## A profile
#
# Steps of the first epoch are traced into `profile/` of the run folder; open the file ending in `.trace.json.gz` at
# ui.perfetto.dev.

# %%
from pathlib import Path

run("mw_net", cores, folder="runs/profiled", profile_steps=5)
for path in Path("runs/profiled").rglob("*.trace.json.gz"):
    print(path, f"{path.stat().st_size:,} bytes")

# %% [markdown]
# ## When the machine is taken away
#
# A cloud machine that is reclaimed gets SIGTERM. The run then saves and ends with the exit code 143; the same
# command goes on where it was, to the last bit. Here a run is started as a command, told to end, and started again.

# %%
import signal
import time

command = [sys.executable, "-m", "meta_noise.main", "--config=configs/digits.py:mw_net", "--workdir=runs/reclaimed"]
command += ["--config.train.epochs=" + ("40" if SHORT else "300")]
# A chip belongs to one process, and this notebook has it, so the command computes on the CPU; and it prints no bar.
around = {**os.environ, "JAX_PLATFORMS": "cpu", "FORCE_COLOR": ""}
started = subprocess.Popen(command, env=around, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
metrics = Path("runs/reclaimed/metrics.jsonl")
while started.poll() is None and not (metrics.is_file() and metrics.read_text().count("\n") > 1):
    time.sleep(0.1)
started.send_signal(signal.SIGTERM)
print(started.communicate()[0][-600:])
print(f"exit code {started.returncode}; {metrics.read_text().count(chr(10))} epochs are done\n")

again = subprocess.run(command, env=around, capture_output=True, text=True, check=False)
print(again.stdout[-700:])
