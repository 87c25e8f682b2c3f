"""The trained network of a run folder: `model.json` and `model.npz`, written at the end of a run, enough to predict.

`model.npz` holds parameters and batch statistics of the selected epoch, averaged ones where the optimiser keeps them.
`model.json` says which network they belong to, what the classes are called and how new rows are read. Neither holds
code, and neither needs the data of the run. A network that was trained in bfloat16 predicts in float32 from here.

Both may come from anybody: a network outside this library is not looked for unless the caller allows it by name, and
what the settings promise is compared with the arrays in the file before memory is taken.
"""

import functools
import zlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
from msgspec import Meta

from meta_noise.build.method import make_network
from meta_noise.config.foreign_names import own_section
from meta_noise.config.parse import parse, to_dict
from meta_noise.config.schema import Model
from meta_noise.core.averages import for_evaluation
from meta_noise.core.pair import part, twin
from meta_noise.core.predict import logits
from meta_noise.data.batches import normalise
from meta_noise.data.formats.npz import read_npz, write_npz
from meta_noise.data.new_rows import new_inputs
from meta_noise.data.own.same_kind import column_like, matrix_like
from meta_noise.data.reader import Reader, ReaderFile, from_file, to_json
from meta_noise.disk.arrays import Form, forms
from meta_noise.disk.sealed import DamageError, read_json, typed, write_json
from meta_noise.encoders.own import again, in_blocks
from meta_noise.errors import DataNotFoundError, InputError, place_of, shown
from meta_noise.train import compiler
from meta_noise.types import Learner, Network, PyTree
from meta_noise.visible import visible

MODEL, ARRAYS = "model.json", "model.npz"
FORMAT = 2
PREDICTED = "predicted_label"  # name of a series of predictions
BATCH = 500  # rows of a compiled call
LEAST = 4096  # largest whole number in the settings of a network that is taken without an array that large


class ModelFile(msgspec.Struct, forbid_unknown_fields=True):
    """The content of model.json; `mean` and `std` are [channels], `crc32` is that of the arrays in model.npz."""

    format: Literal[2]
    class_names: Annotated[list[str], Meta(min_length=1)]
    reader: ReaderFile
    mean: Annotated[list[Annotated[float, Meta(ge=-3e38, le=3e38)]], Meta(min_length=1)]
    std: Annotated[list[Annotated[float, Meta(ge=1e-38, le=3e38)]], Meta(min_length=1)]
    model: dict[str, Any]
    copies: Annotated[int, Meta(ge=1, le=2)]
    crc32: str


class Trained(NamedTuple):
    """A trained network.

    Attributes:
        predict: `(new) -> [n] class names`. `new` is a file, folder, frame or array of inputs as those of training. For
            a frame of pandas or Polars it is a series, with the index of a pandas frame; else a NumPy array.
        predict_proba: the same as probabilities [n, C] float32, in the order of `class_names`; for a frame of pandas,
            Polars or pyarrow such a frame with the class names as columns.
        class_names: C names.
        reader: what it takes.
        function: `(inputs [n, ...]) -> probabilities [n, C]`, JAX to build on, of inputs as `reader` gives them.
        starts: (params, batch_stats) of each network, one or two.
        section: `model` of the config.
        compiled: `function` compiled for this machine; it cannot be called inside another compiled function.
        encode: `(texts or images, console=None) -> features [n, D]` by the encoder of the run, which is opened when it
            is first needed; None without one.
    """

    predict: Callable[[Any], Any]
    predict_proba: Callable[[Any], Any]
    class_names: tuple[str, ...]
    reader: Reader
    function: Callable[[Any], jax.Array]
    starts: tuple[PyTree, ...]
    section: Model
    compiled: Callable[[Any], jax.Array]
    encode: Callable[..., np.ndarray] | None = None

    def __repr__(self) -> str:
        names = ", ".join(visible(name) for name in self.class_names[:5]) + (
            ", ..." if len(self.class_names) > 5 else ""
        )
        kind = f"{self.reader.kind} of shape {self.reader.shape}"
        return f"<Trained: {self.section.name} on {kind}, {len(self.class_names):,} classes ({names})>"


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
        "mean": np.atleast_1d(statistics[0]).tolist(),
        "std": np.atleast_1d(statistics[1]).tolist(),
        "model": to_dict(section),
        "copies": copies,
        "crc32": digest(arrays),
    }
    write_npz(folder / ARRAYS, **arrays)
    write_json(folder / MODEL, about)


def load(folder: str | Path, allow: Collection[str] = (), encoder: Any = None) -> Trained:
    """Returns the trained network of a run folder.

    Args:
        folder: the run folder.
        allow: full names of networks outside this library that may be imported, such as "my_package.my_model".
        encoder: where the encoder of the run is now, if no longer at its old place; or the function that it was.

    Raises:
        DataNotFoundError: there is no such folder.
        InputError: it is no run folder, the run has not finished, a file is damaged, or it names a network that is not
            part of this library and not allowed.

    >>> import tempfile
    >>> import numpy as np
    >>> import meta_noise
    >>> folder, rng = tempfile.mkdtemp(), np.random.default_rng(0)
    >>> kinds = np.arange(60) % 3
    >>> points = 4 * np.eye(3)[kinds] + rng.normal(size=(60, 3))
    >>> given = np.where(rng.random(60) < 0.2, (kinds + 1) % 3, kinds)
    >>> lines = [f"r{n},{a:.3f},{b:.3f},{c:.3f},{'xyz'[k]}" for n, ((a, b, c), k) in enumerate(zip(points, given))]
    >>> with open(f"{folder}/data.csv", "w") as file:
    ...     for line in ["id,a,b,c,label", *lines]:
    ...         print(line, file=file)
    ...
    >>> fitted = meta_noise.clean(f"{folder}/data.csv", f"{folder}/run", epochs=2)
    >>> meta_noise.load(f"{folder}/run").predict(points[:2].astype(np.float32)).shape
    (2,)
    """
    folder = Path(folder)
    about, held = _about(folder), _forms(folder)
    reader = from_file(about.reader)
    mean, std = np.asarray(about.mean, np.float32), np.asarray(about.std, np.float32)
    class_names, copies = tuple(about.class_names), about.copies
    checked = own_section("models", about.model, folder / MODEL, allow, 1, _largest(held), ("pretrained",))
    section = parse({"model": checked}).model
    network = make_network(section, len(class_names))
    network = twin(network) if copies == 2 else network
    learner = _restored(folder, _like(folder, network, reader), about.crc32, held)
    variables = (learner.params, learner.batch_stats)

    def function(inputs):
        return jax.nn.softmax(logits(network, learner, normalise(inputs, mean, std)))

    compiled = jax.jit(function, compiler_options=compiler.options())

    encode = None
    if (by := reader.encoded_by) is not None:
        now = functools.cache(lambda: again(by, encoder))
        encode = lambda rows, console=None: in_blocks(rows, now(), console)  # noqa: E731

    def probabilities(new: Any) -> np.ndarray:
        return finite(in_batches(compiled, new_inputs(new, reader, encode)))

    def predict_proba(new: Any) -> Any:
        return matrix_like(new, probabilities(new), class_names)

    def predict(new: Any) -> Any:
        return column_like(new, np.array(class_names)[np.argmax(probabilities(new), axis=1)], PREDICTED)

    starts = (variables,) if copies == 1 else tuple(part(variables, copy) for copy in range(copies))
    function = jax.jit(function)
    return Trained(predict, predict_proba, class_names, reader, function, starts, section, compiled, encode)


def in_batches(function: Callable[[Any], Any], inputs: np.ndarray) -> np.ndarray:
    """Returns `function` over all rows of `inputs` [n, ...], in batches of one shape, the last one filled up."""
    size = min(BATCH, len(inputs))
    found = []
    for start in range(0, len(inputs), size):
        rows = inputs[start : start + size]
        filled = np.concatenate([rows, np.repeat(rows[:1], size - len(rows), axis=0)])
        found.append(np.asarray(function(filled))[: len(rows)])
    return np.concatenate(found)


def finite(probabilities: np.ndarray) -> np.ndarray:
    """Returns probabilities [n, C], or raises InputError where one is not finite."""
    if len(bad := np.flatnonzero(~np.isfinite(probabilities).all(axis=1))):
        raise InputError(
            f"The network gives no finite probabilities for {len(bad):,} of {len(probabilities):,} rows, such as row "
            f"{bad[0]} (from 0). Look at their inputs: numbers far from those of training overflow."
        )
    return probabilities


def digest(tree: PyTree) -> str:
    """Returns a checksum of all arrays of a tree, with their names, in hexadecimal."""
    value = 0
    for name, leaf in _named(tree):
        value = zlib.crc32(name.encode(), value)
        value = zlib.crc32(np.ascontiguousarray(leaf).reshape(-1).view(np.uint8).data, value)
    return f"{value:08x}"


def _about(folder: Path) -> ModelFile:
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
        about = typed(read_json(path), ModelFile)
        for name in ("mean", "std"):
            if (count := len(getattr(about, name))) not in (1, about.reader.shape[-1]):
                raise DamageError(f"{name} has {count} entries for inputs of shape {about.reader.shape}")
    except (OSError, DamageError) as error:
        raise _damaged(path, error) from error
    return about


def _forms(folder: Path) -> dict[str, Form]:
    """Returns shapes and types of the arrays in model.npz; nothing of them is read yet."""
    path = folder / ARRAYS
    if not path.is_file():
        raise DataNotFoundError(f"{path} does not exist. Give the command of the run again; it writes what is missing.")
    try:
        return forms(path)
    except (OSError, DamageError) as error:
        raise _damaged(path, error) from error


def _largest(held: dict[str, Form]) -> int:
    """Returns a bound on the numbers in a network's settings: its sides and layers are those of arrays."""
    return max([LEAST, len(held), *(side for form in held.values() for side in form.shape)])


def _like(folder: Path, network: Network, reader: Reader) -> PyTree:
    """Returns shapes and types of the network's parameters and statistics; nothing is computed."""
    dtype = np.int32 if reader.dtype == "int32" else np.float32
    lead = () if network.copies == 1 else (network.copies,)
    try:
        inputs = jax.ShapeDtypeStruct((*lead, 2, *reader.shape), dtype)
        return jax.eval_shape(network.init, jax.random.key(0), inputs)
    except Exception as error:  # settings that no network can have show here in many ways
        if place_of(error):
            raise
        raise _damaged(folder / MODEL, f"its settings make no network: {shown(error):.200}") from error


def _restored(folder: Path, like: PyTree, expected: str, held: dict[str, Form]) -> Learner:
    """Returns parameters and statistics, shaped as the network's own."""
    path, named = folder / ARRAYS, _named(like)
    for name, leaf in named:
        if name in held and held[name] != (leaf.shape, leaf.dtype):
            found = f"{held[name].dtype}{list(held[name].shape)}"
            raise _damaged(path, f"{name} is {found}, its network wants {leaf.dtype}{list(leaf.shape)}")
    arrays = read_npz(path, [name for name, _ in named], "trained network")
    if digest(arrays) != expected:
        raise _damaged(path, f"it is not the file that {MODEL} was written with")
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise _damaged(path, f"{name} holds numbers that are not finite")
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
