"""A trained network as one function that needs JAX and nothing of this library: `jax.export`, with a JSON beside it.

The function takes raw inputs [n, ...] for any n and returns probabilities [n, C]; normalisation and softmax are inside
it. It is compiled on the machine that calls it, for CPU, CUDA and TPU.
"""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax import export as jax_export

from meta_noise.atomic import atomically
from meta_noise.data.reader import FIRST_WORD, to_json
from meta_noise.disk.owned import owned
from meta_noise.errors import InputError
from meta_noise.runs.trained import Trained, load

FUNCTION, ABOUT = "function.jax", "function.json"
PLATFORMS = ("cpu", "cuda", "tpu")
_CALL = """\
import json, jax, jax.export, numpy
about = json.load(open("function.json"))
function = jax.export.deserialize(bytearray(open("function.jax", "rb").read()))
inputs = numpy.zeros([1, *about["inputs"]["shape"]], about["inputs"]["dtype"])  # your rows
probabilities = function.call(inputs)
names = [about["class_names"][k] for k in probabilities.argmax(axis=1)]"""
_PREPARE = {
    "images": "Pixels as they are, not normalised: uint8 0..255 (float32 0..1 where dtype says so), resized to height "
    "and width, grey images with 1 channel, colours as red, green, blue.",
    "table": "The cells of the columns named in `columns`, as numbers by `encoders`, one for each; not normalised "
    "beyond that. First the numbers: of a number or a date (days since 1970-01-01) (cell - mean) / scale, with `fill` "
    "in place of a gap; of a category with `shares` (share - mean) / scale, 0 being the share of a gap or an unknown "
    "one. Then, of each number or date with `has_gaps`, 1 where there is a gap. Then, of each category, 1 where it "
    "is the one of `values` at each place in `apart`; 1 for a gap, if `has_gaps`; 1 where none of these is 1, if "
    "`has_others`. What an encoder does not name is 0, `scale` 1.",
    "features": "Vectors as those of training, not normalised.",
    "tokens": "Tokens as those of training, 0 is padding.",
    "texts": "Unicode NFC, lower case; the words are the matches of `word`; each word becomes its number in "
    "`words`, whose first word is number 2, or 1 if it is not there; the first `shape` words count, filled up with 0.",
}


def export_function(run: str | Path, out: str | Path | None = None, allow: Collection[str] = ()) -> Path:
    """Writes `function.jax` and `function.json` for the network of a run, and returns their folder.

    The JSON is written last, so a folder that has it is complete.

    Args:
        run: folder of a finished run.
        out: `exported` in the run folder if None.
        allow: see `meta_noise.runs.trained.load`.

    Raises:
        InputError: the run is not usable, or the folder holds such files already, or others.
    """
    folder = Path(run) / "exported" if out is None else Path(out)
    trained = load(run, allow)
    with owned(folder, "function", "Choose another --out"):
        if (folder / ABOUT).exists():
            raise InputError(f"{folder / ABOUT} exists and is not overwritten. Give another --out, or move it away.")
        rows, dtype = trained.reader.shape, np.dtype(trained.reader.dtype)
        (n,) = jax_export.symbolic_shape("n")
        exported = jax_export.export(jax.jit(trained.function), platforms=PLATFORMS)
        packed = exported(jax.ShapeDtypeStruct((n, *rows), dtype)).serialize()
        with atomically(folder / FUNCTION) as file:
            file.write(packed)
        with atomically(folder / ABOUT) as file:
            file.write((json.dumps(_about(trained), indent=2, ensure_ascii=False) + "\n").encode())
    return folder


def _about(trained: Trained) -> dict[str, Any]:
    """Returns what a program must know to call the function."""
    reader = trained.reader
    about: dict[str, Any] = {
        "class_names": list(trained.class_names),
        "inputs": {"shape": list(reader.shape), "dtype": reader.dtype, "kind": reader.kind},
        "outputs": {"shape": [len(trained.class_names)], "dtype": "float32", "meaning": "probability of each class"},
        "prepare": _PREPARE[reader.kind],
        "platforms": list(PLATFORMS),
        "jax_version": jax.__version__,
        "how_to_call": _CALL.splitlines(),
    }
    if reader.encoded_by is not None:
        about |= {"encoder": reader.encoded_by._asdict()}
        about["prepare"] = f"Vectors that `encoder` gives for {reader.encoded_by.kind}, not normalised."
    if reader.kind == "table":
        about |= {"columns": list(reader.columns), "encoders": to_json(reader)["encoders"]}
    if reader.kind == "texts":
        about |= {"word": r"(?:[^\W_]|[\u0300-\u036f])+", "first_word": FIRST_WORD, "words": list(reader.words)}
    return about
