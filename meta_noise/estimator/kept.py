"""A fitted estimator in a folder that holds no pickle: JSON, Parquet, arrays, and scikit-learn models by skops.

skops (https://skops.readthedocs.io) writes what an object holds and the name of its class. When it is read, only
classes of scikit-learn, NumPy and SciPy that skops trusts are made, those in `OURS`, and those that the caller allows.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from meta_noise.atomic import atomically
from meta_noise.data.reader import ReaderFile, from_file, to_json
from meta_noise.disk.owned import owned
from meta_noise.disk.sealed import DamageError, read_json, typed, write_json
from meta_noise.errors import InputError
from meta_noise.estimator.models import Final
from meta_noise.estimator.rows import Read
from meta_noise.estimator.stored import StoredNetwork
from meta_noise.runs.trained import ARRAYS, MODEL

KIND, FILE, SKOPS, FINDINGS = "estimator", "estimator.json", "model.skops", "findings"
OURS = (
    "meta_noise.cleaning.views.images.Patches",
    "meta_noise.cleaning.views.texts.words_and_pairs",
    *(
        f"meta_noise.estimator.candidates.{name}"
        for name in ("PictureVectors", "Radial", "Topics", "UnitRows", "_first")
    ),
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
)


class EstimatorFile(msgspec.Struct, forbid_unknown_fields=True):
    """The content of estimator.json.

    Attributes:
        settings: of the constructor that JSON can hold; `model` is null where it was an object.
        classes: the different labels, and `kind` the type of their array.
        name, takes: of the final model.
        rows: kind of the inputs.
        reader: how new rows are read, null for a matrix.
        seen: `n_features_in_` and `feature_names_in_`, where there are such.
        noise: as `noise_`.
        network: the final model is a network, in model.json and model.npz.
        allowed: networks outside this library that it names.
    """

    settings: dict[str, Any]
    classes: list[Any]
    kind: str
    name: str
    takes: str
    rows: str
    reader: ReaderFile | None
    seen: dict[str, Any]
    noise: dict[str, float] | None
    network: bool
    allowed: list[str] = []


class Stored(msgspec.Struct):
    """What was read: the file, `classes` [C] and the final model."""

    file: EstimatorFile
    classes: np.ndarray
    final: Final
    read: Read


def write(folder: str | Path, file: dict[str, Any], final: Final, findings: Any) -> Path:
    """Writes a fitted estimator; `file` is the content of `EstimatorFile` but for what the final model says.

    Raises:
        InputError: the model can only be pickled, or the folder holds something else.
    """
    folder, model = Path(folder), final.model
    is_network = isinstance(model, StoredNetwork)
    content = {} if is_network else {SKOPS: _dumped(model)}
    if isinstance(model, StoredNetwork):
        content = {name: model.files[name] for name in (MODEL, ARRAYS)}
        file = {**file, "allowed": list(model.allow)}
    with owned(folder, KIND, "Choose another folder"):
        for name, data in content.items():
            with atomically(folder / name) as out:
                out.write(data)
        write_json(folder / FILE, {**file, "name": final.name, "takes": final.takes, "network": is_network})
    findings.save(folder / FINDINGS)
    return folder


def read(folder: str | Path, allow: Sequence[str] = ()) -> Stored:
    """Returns what `write` wrote.

    Args:
        folder: where it lies.
        allow: classes and functions outside this library and scikit-learn that a model is made of, such as
            "my_package.MyClassifier", which are then imported.

    Raises:
        InputError: it is none, it is damaged, or it names what is not allowed.
    """
    folder = Path(folder)
    path = _part(folder, FILE)
    try:
        file = typed(read_json(path), EstimatorFile)
        classes = np.array(file.classes, dtype=file.kind)
    except (DamageError, TypeError, ValueError) as error:
        raise InputError(f"{path} is damaged: {error}. Save the estimator anew.") from None
    if file.network:
        files = {name: _part(folder, name).read_bytes() for name in (MODEL, ARRAYS)}
        model: Any = StoredNetwork(files, tuple(name for name in file.allowed if name in allow))
    else:
        model = _loaded(_part(folder, SKOPS), allow)
    reader = None if file.reader is None else from_file(file.reader)
    return Stored(file, classes, Final(model, file.name, file.takes), Read(file.rows, None, None, reader))  # type: ignore[arg-type]


def _part(folder: Path, name: str) -> Path:
    """Returns the path of a file of a saved estimator, or raises `InputError`."""
    path = folder / name
    if not path.is_file():
        advice = "Give the folder that save(folder) wrote."
        if (folder / "results.json").is_file():
            advice = "It is the folder of a run, which meta_noise.load(folder) reads."
        raise InputError(f"{str(folder)!r} holds no saved estimator: {name} is missing. {advice}")
    return path


def plain_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Returns the settings of a constructor that JSON can hold; others, as a model or a mask, are None."""
    return {name: value if _is_plain(value) else None for name, value in settings.items()}


def reader_of(read_: Read) -> dict[str, Any] | None:
    """Returns how new rows are read as JSON holds it."""
    return None if read_.reader is None else to_json(read_.reader)


def _is_plain(value: Any) -> bool:
    try:
        return json.loads(json.dumps(value)) == value
    except (TypeError, ValueError):
        return False


def _skops() -> Any:
    try:
        import skops.io
    except ImportError:
        raise InputError(
            'To save an estimator without pickle takes skops: pip install "meta_noise[save]" (or pip install skops).'
        ) from None
    return skops.io


def _dumped(model: Any) -> bytes:
    if not hasattr(model, "predict_proba"):
        raise InputError("The model is a function, which no file can hold; give it again where it is needed.")
    try:
        return _skops().dumps(model)
    except InputError:
        raise
    except Exception as error:  # of what it cannot write it raises many kinds
        raise InputError(
            f"A {type(model).__name__} cannot be saved without pickle ({str(error).splitlines()[0]:.200}); pickle or "
            "joblib can."
        ) from error


def _loaded(path: Path, allow: Sequence[str]) -> Any:
    io = _skops()
    try:
        names = io.get_untrusted_types(file=path)
        lacking = sorted(set(names).difference(OURS, allow))
        if not lacking:
            return io.load(path, trusted=names)
    except Exception as error:  # a damaged file makes it raise many kinds
        raise InputError(f"{path} is damaged ({str(error).splitlines()[0]:.200}); save the estimator anew.") from error
    raise InputError(
        f"{path} holds {', '.join(lacking)[:300]}, which this library does not know, so nothing of it was made. If you "
        f"trust the file: load_estimator(folder, allow={lacking!r})."
    )
