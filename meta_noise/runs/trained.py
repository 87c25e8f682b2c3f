"""The trained network of a run folder: `model.json` and `model.npz`, written at the end of a run, enough to predict.

`model.npz` holds parameters and batch statistics of the selected epoch, averaged ones where the optimiser keeps them.
`model.json` says which network they belong to, what the classes are called and how new rows are read. Neither holds
code, and neither needs the data of the run. A network that was trained in bfloat16 predicts in float32 from here.
"""

import json
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.build.method import make_network
from meta_noise.config.parse import parse, to_dict
from meta_noise.config.schema import Model
from meta_noise.core.averages import for_evaluation
from meta_noise.core.pair import part, twin
from meta_noise.core.predict import logits
from meta_noise.data.batches import normalise
from meta_noise.data.formats.npz import read_npz, write_npz
from meta_noise.data.new_rows import new_inputs
from meta_noise.data.reader import Reader, from_json, to_json
from meta_noise.errors import DataNotFoundError, InputError
from meta_noise.runs.folder import write_json
from meta_noise.train import compiler
from meta_noise.types import Learner, Network, PyTree

MODEL, ARRAYS = "model.json", "model.npz"
FORMAT = 1
BATCH = 500  # rows of a compiled call


class Trained(NamedTuple):
    """A trained network.

    Attributes:
        predict: `(new) -> [n] class names`. `new` is a file, folder, frame or array of inputs as those of training.
        predict_proba: the same as probabilities [n, C] float32, in the order of `class_names`.
        class_names: C names.
        reader: what it takes.
        function: `(inputs [n, ...]) -> probabilities [n, C]`, JAX to build on, of inputs as `reader` gives them.
        starts: (params, batch_stats) of each network, one or two.
        compiled: `function` compiled for this machine; it cannot be called inside another compiled function.
    """

    predict: Callable[[Any], np.ndarray]
    predict_proba: Callable[[Any], np.ndarray]
    class_names: tuple[str, ...]
    reader: Reader
    function: Callable[[Any], jax.Array]
    starts: tuple[PyTree, ...]
    compiled: Callable[[Any], jax.Array]


def save_model(
    folder: Path,
    section: Model,
    class_names: tuple[str, ...],
    reader: Reader,
    statistics: tuple[Any, Any],
    learner: Learner,
    copies: int,
) -> None:
    """Writes the trained network into a run folder, each file whole or not at all.

    Args:
        folder: the run folder.
        section: `model` of the config.
        class_names: C names.
        reader: how new rows are read.
        statistics: mean and deviation [channels] of the training inputs.
        learner: of the selected epoch.
        copies: 2 for a pair of networks.
    """
    learner = for_evaluation(learner)
    arrays = {name: np.asarray(leaf) for name, leaf in _named((learner.params, learner.batch_stats))}
    about = {
        "format": FORMAT,
        "class_names": list(class_names),
        "reader": to_json(reader),
        "mean": np.asarray(statistics[0]).tolist(),
        "std": np.asarray(statistics[1]).tolist(),
        "model": to_dict(section),
        "copies": copies,
        "crc32": digest(arrays),
    }
    write_npz(folder / ARRAYS, **arrays)
    write_json(folder / MODEL, about)


def load(folder: str | Path) -> Trained:
    """Returns the trained network of a run folder.

    Raises:
        DataNotFoundError: there is no such folder.
        InputError: it is no run folder, the run has not finished, or a file is damaged.
    """
    folder = Path(folder)
    about = _about(folder)
    try:
        class_names, reader = tuple(map(str, about["class_names"])), from_json(about["reader"])
        mean, std = (np.asarray(about[name], np.float32) for name in ("mean", "std"))
        copies, section = int(about["copies"]), parse({"model": about["model"]}).model
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']}, and this version reads format {FORMAT}")
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(folder / MODEL, error) from error
    _check_known(section.name, folder)
    network = make_network(section, len(class_names))
    network = twin(network) if copies == 2 else network
    learner = _restored(folder, network, reader, about.get("crc32"))
    variables = (learner.params, learner.batch_stats)

    def function(inputs):
        return jax.nn.softmax(logits(network, learner, normalise(inputs, mean, std)))

    compiled = jax.jit(function, compiler_options=compiler.options())

    def predict_proba(new: Any) -> np.ndarray:
        return in_batches(compiled, new_inputs(new, reader))

    def predict(new: Any) -> np.ndarray:
        return np.array(class_names)[np.argmax(predict_proba(new), axis=1)]

    starts = (variables,) if copies == 1 else tuple(part(variables, copy) for copy in range(copies))
    return Trained(predict, predict_proba, class_names, reader, jax.jit(function), starts, compiled)


def in_batches(function: Callable[[Any], Any], inputs: np.ndarray) -> np.ndarray:
    """Returns `function` over all rows of `inputs` [n, ...], in batches of one shape, the last one filled up."""
    size = min(BATCH, len(inputs))
    found = []
    for start in range(0, len(inputs), size):
        rows = inputs[start : start + size]
        filled = np.concatenate([rows, np.repeat(rows[:1], size - len(rows), axis=0)])
        found.append(np.asarray(function(filled))[: len(rows)])
    return np.concatenate(found)


def digest(tree: PyTree) -> str:
    """Returns a checksum of all arrays of a tree, with their names, in hexadecimal."""
    value = 0
    for name, leaf in _named(tree):
        value = zlib.crc32(name.encode(), value)
        value = zlib.crc32(np.ascontiguousarray(leaf).reshape(-1).view(np.uint8).data, value)
    return f"{value:08x}"


def _about(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise DataNotFoundError(f"There is no run folder {folder}. Give the --out of `meta-noise clean`.")
    path = folder / MODEL
    if not path.is_file():
        if not (folder / "config.json").is_file():
            raise InputError(f"{folder} is no run folder: it holds no config.json. Give the --out of a run.")
        raise InputError(
            f"The run in {folder} has not finished: {MODEL} is missing. Give the command of the run again; it resumes "
            "and writes what is missing."
        )
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(about, dict):
            raise ValueError("not one JSON object")
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    return about


def _check_known(name: str, folder: Path) -> None:
    """Raises InputError for a network outside this library that the program has not imported itself.

    A run folder may come from anybody, and what it says is not run.
    """
    module = name.rpartition(".")[0]
    if module and module not in sys.modules:
        raise InputError(
            f"The network of {folder} is {name}, which is not part of this library. If you trust it, import it first "
            f"(import {module}), then load it in the same program."
        )


def _restored(folder: Path, network: Network, reader: Reader, expected: Any) -> Learner:
    """Returns parameters and statistics, shaped as the network's own."""
    dtype = np.int32 if reader.dtype == "int32" else np.float32
    lead = () if network.copies == 1 else (network.copies,)
    like = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((*lead, 2, *reader.shape), dtype))
    named = _named(like)
    arrays = read_npz(folder / ARRAYS, [name for name, _ in named], "trained network")
    for name, leaf in named:
        if (arrays[name].shape, arrays[name].dtype) != (leaf.shape, leaf.dtype):
            raise _damaged(folder / ARRAYS, f"{name} has shape {arrays[name].shape}, its network wants {leaf.shape}")
    if digest(arrays) != expected:
        raise _damaged(folder / ARRAYS, f"it is not the file that {MODEL} was written with")
    leaves = [jnp.asarray(arrays[name]) for name, _ in named]
    params, batch_stats = jax.tree.unflatten(jax.tree.structure(like), leaves)
    return Learner(params, batch_stats, ())


def _named(tree: PyTree) -> list[tuple[str, Any]]:
    """Returns the leaves with their names, such as 0/dense/kernel, sorted."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return [(jax.tree_util.keystr(path, simple=True, separator="/"), leaf) for path, leaf in leaves]


def _damaged(path: Path, problem: object) -> InputError:
    return InputError(
        f"{path} is damaged ({problem}). Delete it and give the command of the run again; it writes it anew."
    )
