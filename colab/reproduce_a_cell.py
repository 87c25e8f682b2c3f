# ---
# jupyter:
#   runtime: T4
# ---

# %% [markdown]
# # Reproduce a cell of a paper's table
#
# One cell of a published table, with its number beside the one found here. The run folder lies on your Drive: when the
# session ends, open the notebook again and run all cells, and training goes on where it was, to the last bit.
#
# **Runtime:** T4 or better for CIFAR-10. Without an accelerator the same way is shown on 1,797 digits, for which no
# paper has a number.

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

# %% [markdown]
# ## Which cell
#
# Arguments pick method, noise and seed as on the command line; the published figure is test accuracy in per cent.

# %%
CELLS = {
    # name: (config and arguments, published, where)
    "mlc_lcn": (
        "configs/cifar10.py:mlc_lcn,uniform=0.4",
        None,
        "Zheng et al., AAAI 2021, Table 2: 86.81 over 20 settings",
    ),
    "mw_net flip": ("configs/cifar10.py:mw_net,flip2,flip=0.4", 87.54, "Shu et al., NeurIPS 2019, ResNet-32"),
    "mw_net": ("configs/cifar10.py:mw_net,wide,uniform=0.4", 89.27, "Shu et al., NeurIPS 2019, WRN-28-10"),
    "l2r": ("configs/cifar10.py:l2r,wide,uniform=0.4", 86.92, "Ren et al., ICML 2018, WRN-28-10"),
    "ieg": ("configs/cifar10.py:ieg,uniform=0.8", 93.7, "Zhang et al., CVPR 2020, Table 1, WRN-28-10"),
    "famus": ("configs/cifar10.py:famus,uniform=0.4", 95.37, "Xu et al., CVPR 2021, Table 5, PreActResNet-18"),
    "digits": (
        "configs/digits.py:mw_net,uniform=0.4,clean=100",
        None,
        "no paper; this library's table: see its README",
    ),
}
CELL, SEED = "mw_net flip", 0

if SHORT or CHIP == "cpu":
    print("No accelerator here, on which CIFAR-10 would take days: digits take the place of the cell.")
    CELL = "digits"
config, published, where = CELLS[CELL]
config = f"{config},seed={SEED}"
print(config, "|", published or "no figure", "|", where)

# %% [markdown]
# ## Where it is kept

# %%
from pathlib import Path

FOLDER = Path("runs")
if importlib.util.find_spec("google.colab"):
    from google.colab import drive

    drive.mount("/content/drive")
    FOLDER = Path("/content/drive/MyDrive/meta_noise")
workdir = FOLDER / config.rpartition("/")[2].replace(":", "_").replace(",", "_")
print(workdir)

# %% [markdown]
# ## Data
#
# The official file, whose checksum is compared.

# %%
settings = {}
if CELL != "digits":
    data = Path("data/cifar10")
    command = [sys.executable, "-m", "meta_noise.data.download", "cifar10", str(data)]
    if not data.exists() and subprocess.run(command, check=False).returncode:
        raise SystemExit(f"{' '.join(command)} failed; put the official files into {data} and run this cell again.")
    settings["data"] = {"path": str(data)}

# %% [markdown]
# ## Train
#
# The second line says how long a step takes and how long all of them will. Stop the cell and run it again when you
# like. Reduced precision (`bfloat16`) is several times faster on newer chips and not what the papers used.

# %%
from meta_noise.config.argument import merge
from meta_noise.config.file import load

chosen = merge(load(config), settings)
if SHORT:
    chosen = merge(chosen, {"train": {"epochs": 3}})
fitted = meta_noise.run(chosen, workdir)

# %% [markdown]
# ## Published and found

# %%
accuracy = fitted.results["accuracy"]
print(f"published  {published or 'no figure'}   ({where})")
for name in ("last", "best", "selected"):
    print(f"{name:10} {100 * accuracy[name]:.2f}")
found = fitted.results
print(f"One seed; {found['steps']:,} steps, {found['seconds']:,} s on {found['versions']['device']}.")

# %% [markdown]
# One seed is no reproduction: change `SEED`, run again, and compare the mean of several with the published one, which
# is often that of the best epoch. Curves while it trained:

# %%
import matplotlib.pyplot as plt

epochs = [line["epoch"] for line in fitted.history]
figure, ax = plt.subplots(figsize=(7, 3.5))
for key, label in (
    ("test_accuracy", "test"),
    ("given_accuracy", "given labels"),
    ("memorised", "wrong labels learned"),
):
    if key in fitted.history[-1]:
        ax.plot(epochs, [100 * line[key] for line in fitted.history], label=label)
if published:
    ax.axhline(published, linestyle="--", color="grey", label="published")
ax.set(xlabel="epoch", ylabel="per cent")
ax.legend()
plt.show()

# %%
fitted
