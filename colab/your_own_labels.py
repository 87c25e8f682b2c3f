# ---
# jupyter:
#   runtime: CPU
# ---

# %% [markdown]
# # Your own labels
#
# A table, then a folder of images, of which some labels are wrong: which ones, what they should be, how far that can be
# trusted, a page to show around, a queue of rows for a person to look at, and the corrected data.
#
# **Runtime:** CPU is enough (*Runtime > Change runtime type*). Run the cells from the first to the last: about three
# minutes.

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
# ## A table
#
# Name your file in `FILE` (CSV, TSV, JSON lines, Parquet; in Colab drag it into the panel *Files*), its column of
# labels, and, where you have one, its column of ids. Left empty, a table is made to follow along: 400 real tumours,
# 15% of whose labels are turned, with gaps, and 40 rows that somebody checked.

# %%
import csv
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer

FILE, LABEL, ID, TRUSTED = "", "", "", ""

if not FILE:
    FILE, LABEL, ID, TRUSTED = "tumours.csv", "diagnosis", "patient", "checked.csv"
    rng, cancer = np.random.default_rng(0), load_breast_cancer()
    kinds = np.array(["malignant", "benign"])
    truth = {f"p{row:03d}": str(kinds[kind]) for row, kind in enumerate(cancer.target[:400])}
    given = {who: str(kinds[kinds != kind][0]) if rng.random() < 0.15 else kind for who, kind in truth.items()}
    with open(FILE, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["patient", "size", *cancer.feature_names[1:8], "diagnosis"])
        for (who, label), cells in zip(given.items(), cancer.data, strict=False):
            size = "small" if cells[0] < 12 else "middle" if cells[0] < 16 else "large"
            shown = ["" if rng.random() < 0.05 else f"{cell:g}" for cell in cells[1:8]]
            writer.writerow([who, size, *shown, label])
    with open(TRUSTED, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["patient", "diagnosis"])
        writer.writerows([who, truth[who]] for who in sorted(rng.choice(list(truth), 40, replace=False)))

COLUMNS = {"label": LABEL, "id": ID} if ID else {"label": LABEL}

# %% [markdown]
# `inspect` trains nothing but a fast classifier, and says how the file was read.

# %%
meta_noise.inspect(FILE, trusted=TRUSTED or None, **COLUMNS)

# %% [markdown]
# `clean` lets candidates compete, judges every label by predictions that have not learned it, and trains a network on
# what was found. The run folder keeps everything; the same cell again reads it in place of computing it.

# %%
found = meta_noise.clean(FILE, out="runs/table", trusted=TRUSTED or None, epochs=3 if SHORT else 0, **COLUMNS)
found

# %% [markdown]
# Which classes are taken for which, and how quality is spread over the rows, as Matplotlib axes:

# %%
import matplotlib.pyplot as plt

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
found.plot.confusion(ax=left)
found.plot.quality(ax=right)
figure.tight_layout()

# %% [markdown]
# The report is one file without a server, made to be shown to others. Here it is, in a frame:

# %%
import html


class Page:
    """A page in a frame of its own, so that its style stays in there."""

    def __init__(self, path, height=600):
        self.text, self.height = html.escape(Path(path).read_text(encoding="utf-8")), height

    def _repr_html_(self):
        return (
            f'<iframe srcdoc="{self.text}" width="100%" height="{self.height}" style="border:1px solid #888"></iframe>'
        )


Page(found.folder / "report.html")

# %% [markdown]
# ## The queue
#
# The rows most worth a look, some of them drawn by chance, as a page to click in. It ends in a file `answers.csv`
# that you download from it.

# %%
queue = meta_noise.queue("runs/table", n=40)
Page(queue / "queue.html", height=450)

# %% [markdown]
# Put your `answers.csv` beside this notebook and name it below. For the table made above the answers are known, and
# are written in your place. `ingest` judges everything anew with them, compares both rounds on the rows drawn by
# chance, and keeps the better one.

# %%
ANSWERS = ""

if not ANSWERS and FILE == "tumours.csv":
    ANSWERS = "answers.csv"
    with open(queue / "queue.csv", newline="", encoding="utf-8") as file:
        asked = [row["id"] for row in csv.DictReader(file)]
    with open(ANSWERS, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "answer"])
        writer.writerows([who, truth[who]] for who in asked)

if ANSWERS:
    found = meta_noise.ingest("runs/table", ANSWERS, epochs=3 if SHORT else 0)
found

# %% [markdown]
# ## The corrected file
#
# All your rows and columns in their order, the label replaced where it looks wrong, and six columns on what was found.

# %%
import pyarrow.csv

corrected = pyarrow.csv.read_csv(found.folder / "cleaned.csv")
for row in corrected.slice(0, 8).select([LABEL, *corrected.column_names[-6:]]).to_pylist():
    print(*(f"{value:.3f}" if isinstance(value, float) else value for value in row.values()), sep="  ")

if FILE == "tumours.csv":
    right = [
        truth[who] == label
        for who, label in zip(corrected["patient"].to_pylist(), corrected[LABEL].to_pylist(), strict=True)
    ]
    before = np.mean([truth[who] == label for who, label in given.items()])
    print(f"\nRight labels: {before:.1%} as given, {np.mean(right):.1%} in cleaned.csv")

# %% [markdown]
# ## A folder of images
#
# One folder for each class. Name yours in `PHOTOS`; left empty, 300 small pictures of digits are written, every fifth
# into a wrong folder.

# %%
from PIL import Image
from sklearn.datasets import load_digits

PHOTOS = ""

if not PHOTOS:
    PHOTOS, digits = "photos", load_digits()
    for row in range(100 if SHORT else 300):
        place = digits.target[row] if row % 5 else (digits.target[row] + 1) % 10
        Path(f"photos/digit {place}").mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray((digits.images[row] * 15).astype(np.uint8))
        picture.save(f"photos/digit {place}/{row:03d}.png")

photos = meta_noise.clean(PHOTOS, out="runs/photos", epochs=1 if SHORT else 0)
photos

# %%
photos.plot.worst()
plt.show()

# %% [markdown]
# `moves.csv` says which file should go where, and `copy_corrected` makes a corrected copy of the folder; your files
# stay where they are.

# %%
print((photos.folder / "moves.csv").read_text()[:400])
print(meta_noise.copy_corrected("runs/photos", "photos_corrected"), "images copied")

# %% [markdown]
# ## Take it with you

# %%
if importlib.util.find_spec("google.colab"):
    from google.colab import files

    files.download(str(found.folder / "cleaned.csv"))
    files.download(str(found.folder / "report.html"))
else:
    print(f"Everything is in {found.folder.resolve()} and {photos.folder.resolve()}.")
