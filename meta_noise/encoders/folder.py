"""A local folder of a published model as Hugging Face lays it out: which files count, and what its settings say.

Read are JSON, text and .safetensors files. Nothing is unpickled, imported, executed or downloaded; a folder that asks
for code of its own is refused.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from meta_noise.disk.digest import sha256_of
from meta_noise.errors import DataNotFoundError, InputError, absent
from meta_noise.models.weight_files import PICKLED

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
MODULES = "modules.json"  # of sentence-transformers
LARGEST = 2**26  # bytes of a JSON file
TOKENS = ("tokenizer.json", "vocab.txt", "tokenizer_config.json")


class Folder(NamedTuple):
    """A folder of a model.

    Attributes:
        path: where it is.
        body: the folder in it with config.json and weights; `path` itself, but for older sentence-transformers.
        config: content of config.json.
        modules: content of modules.json, () without one.
        weights: tensor name -> file, () where one file holds all.
    """

    path: Path
    body: Path
    config: Mapping[str, Any]
    modules: tuple[Mapping[str, Any], ...]
    weights: tuple[Path, ...]


def open_folder(path: str | Path) -> Folder:
    """Returns what a folder holds; weights are not read yet.

    Raises:
        DataNotFoundError: there is no such folder.
        InputError: it holds no model that is read here; the sentence says why.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise absent(path)
    if not path.is_dir():
        raise InputError(f"The encoder {path} is a file; give the folder that holds {CONFIG} and {WEIGHTS}.")
    modules = _modules(path)
    body = path
    if modules and _kind(modules[0]) == "Transformer" and (name := modules[0].get("path")):
        body = inside(path, name)
    if not (body / CONFIG).is_file():
        advice = "give a folder that `save_pretrained` wrote, or that was downloaded whole"
        if snapshots := sorted((path / "snapshots").glob(f"*/{CONFIG}")):  # the cache of Hugging Face
            advice = f"give {snapshots[-1].parent}"
        raise InputError(f"The encoder folder {path} holds no {CONFIG}, which says what model it is; {advice}.")
    config = read_object(body / CONFIG)
    if "auto_map" in config:
        raise InputError(
            f"{body / CONFIG} asks for code of its own (auto_map), and nothing in the folder is executed; give an "
            "encoder of a known architecture."
        )
    return Folder(path, body, config, modules, weight_files(body))


def weight_files(folder: Path) -> tuple[Path, ...]:
    """Returns the .safetensors files of a folder, one or, by its index, several.

    Raises:
        InputError: it has none, or only those that may hold code; or the index names a file that is not there.
    """
    if (folder / WEIGHTS).is_file():
        return (folder / WEIGHTS,)
    if (folder / INDEX).is_file():
        names = read_object(folder / INDEX).get("weight_map")
        if not isinstance(names, dict) or not names:
            raise InputError(f"{folder / INDEX} names no files of weights (weight_map); get the folder again.")
        files = tuple(inside(folder, name) for name in sorted({str(name) for name in names.values()}))
        for file in files:
            if not file.is_file():
                raise DataNotFoundError(f"{file} does not exist, but {INDEX} names it; get the folder again.")
        return files
    pickled = sorted(file.name for file in folder.iterdir() if file.suffix in PICKLED)
    if pickled:
        raise InputError(
            f"The encoder folder {folder} holds its weights only as {pickled[0]}, which may hold code and is not read. "
            "Convert it where you trust it: `from transformers import AutoModel; "
            f"AutoModel.from_pretrained({str(folder)!r}).save_pretrained(NEW)`, and copy the tokenizer's files."
        )
    raise InputError(f"The encoder folder {folder} holds no weights; it must have {WEIGHTS}, or {INDEX} and its parts.")


def read_object(path: Path) -> dict[str, Any]:
    """Returns the object in a JSON file.

    Raises:
        InputError: there is no such file, or it holds something else.
    """
    found = _json(path)
    if not isinstance(found, dict):
        raise InputError(f"{path} holds no JSON object; get the folder again.")
    return found


def inside(folder: Path, name: Any) -> Path:
    """Returns a path in a folder; InputError where the name leads out of it."""
    parts = Path(name).parts if isinstance(name, str) else ("..",)
    if ".." in parts or Path(str(name)).is_absolute():
        raise InputError(f"{folder} names {name!r:.80}, which leads out of it; get the folder again.")
    return folder / name


def digest(folder: Folder) -> str:
    """Returns the SHA-256, in hexadecimal, of all files of a folder that vectors can depend on, and their names."""
    places = {folder.path, folder.body, *(inside(folder.path, module.get("path", "")) for module in folder.modules)}
    files = set(folder.weights)
    for place in places:
        if place.is_dir():
            files |= {file for file in place.iterdir() if file.suffix in (".json", ".txt") and file.is_file()}
            files |= {place / WEIGHTS} if (place / WEIGHTS).is_file() else set()
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(
            f"{file.relative_to(folder.path).as_posix()}\0{sha256_of(file)}\0".encode("utf-8", "backslashreplace")
        )
    return total.hexdigest()


def module_kinds(folder: Folder) -> tuple[tuple[str, Path], ...]:
    """Returns kind ("Pooling", "Normalize", ...) and folder of what follows the transformer, in order."""
    return tuple((_kind(module), inside(folder.path, module.get("path", ""))) for module in folder.modules[1:])


def _kind(module: Mapping[str, Any]) -> str:
    """Returns the last part of the full name of a class; it is compared, never imported."""
    return str(module.get("type", "")).rpartition(".")[2]


def _modules(path: Path) -> tuple[Mapping[str, Any], ...]:
    if not (path / MODULES).is_file():
        return ()
    found = _json(path / MODULES)
    if not isinstance(found, list) or not found or not all(isinstance(module, dict) for module in found):
        raise InputError(f"{path / MODULES} is no list of modules; get the folder again.")
    if _kind(found[0]) != "Transformer":
        raise InputError(
            f"{path / MODULES} begins with {_kind(found[0])!r:.60}; encoders that begin with a Transformer are read."
        )
    return tuple(found)


def _json(path: Path) -> Any:
    if not path.is_file():
        raise DataNotFoundError(f"{path} does not exist; the folder is not whole, get it again.")
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it has more than {LARGEST:,} bytes")
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read as JSON ({error!s:.100}); get the folder again.") from error
