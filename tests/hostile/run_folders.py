"""Run folders from somebody else, damaged ones, edited ones, and ones that were sealed anew by who forged them."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from meta_noise.disk import tables
from meta_noise.disk.arrays import read_arrays, write_arrays
from meta_noise.disk.sealed import read_json, write_json
from meta_noise.runs.trained import digest
from tests.hostile.case import Case, Place
from tests.hostile.tables import _header, _npy, _zip

PREDICT = lambda place, run: ["predict", run, place.world.data, "--out", place.here / "new.csv"]  # noqa: E731
QUEUE = lambda place, run: ["queue", run, "--out", place.here / "new"]  # noqa: E731
EXPORT = lambda place, run: ["export", run, "--out", place.here / "new"]  # noqa: E731
AGAIN = lambda place, run: ["clean", place.world.data, "--out", run, "--method", "mw_net", "--epochs", "3"]  # noqa: E731


def INGEST(place: Place, run: Path):  # noqa: N802
    answers = place.world.answers(place.here / "answers.csv", place.world.rows[:3])
    return ["ingest", run, answers, "--epochs", "1", "--out", place.here / "new"]


READS = {"model.json": PREDICT, "config.json": INGEST, "origin.json": QUEUE}  # file -> command that reads it
WRONG: dict[str, Any] = {
    "nothing": None,
    "a word": "x",
    "a number": -7,
    "a fraction": 1e300,
    "a list": [[]],
    "a section": {"x": {"y": 1}},
}


def case(name: str, change: Callable[[Path], object], command=PREDICT, code: int = 2, says: str = "") -> Case:
    """Returns a case in which a copy of the run is changed, then looked at by a command."""

    def words(place: Place):
        run = place.here / "run"
        shutil.copytree(place.world.run, run)
        change(run)
        return command(place, run)

    return Case(name, words, code, says)


def put(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda run: (run / name).write_bytes(content)


def bent(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda run: (run / name).write_bytes(change((run / name).read_bytes()))


def resealed(name: str, change: Callable[[dict], object]) -> Callable[[Path], object]:
    """Changes a sealed file as a forger does, who seals it anew."""

    def changed(run: Path):
        value = read_json(run / name)
        change(value)
        write_json(run / name, value)

    return changed


def flip(share: float) -> Callable[[bytes], bytes]:
    def flipped(data: bytes) -> bytes:
        place = int(share * (len(data) - 1))
        return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]

    return flipped


def edit(data: bytes) -> bytes:
    """Changes the first letter of a value, as a hand would."""
    value = json.loads(data)
    key = next(key for key in value if key != "sha256")
    return json.dumps({**value, key: "edited"}).encode()


RAW: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "zero bytes": lambda data: bytes(len(data)),
    "cut": lambda data: data[: len(data) // 2],
    "a list": lambda data: b"[]",
    "null": lambda data: b"null",
    "no object": lambda data: b"3",
    "no text": lambda data: b"\xff\xfe" + data,
    "deep": lambda data: b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a number of a million digits": lambda data: b'{"a":' + b"9" * 1_000_000 + b"}",
    "not a number": lambda data: b'{"mean": [NaN], "sha256": {}}',
    "a key twice": lambda data: data.replace(b"{", b'{"sha256": {}, ', 1),
    "edited": edit,
    "without seal": lambda data: json.dumps({k: v for k, v in json.loads(data).items() if k != "sha256"}).encode(),
    "a seal that is a list": lambda data: json.dumps({**json.loads(data), "sha256": []}).encode(),
    **{f"a bit at {share:.0%}": flip(share) for share in (0.03, 0.3, 0.5, 0.8, 0.97)},
}
MODEL_KEYS = ("format", "class_names", "reader", "mean", "std", "model", "copies", "crc32")
ORIGIN_KEYS = ("data", "settings", "lost", "asked", "root", "answers")


def _keys(name: str, keys, fits: set[tuple[str, str]] = frozenset()) -> Iterator[Case]:
    """Yields a case for each key that is missing or of another kind; `fits` are (key, kind) that are right."""
    for key in keys:
        yield case(f"{name} lacks {key}", resealed(name, lambda v, key=key: v.pop(key)), READS[name])
        for kind, value in WRONG.items():
            if (key, kind) not in fits:
                change = resealed(name, lambda v, key=key, value=value: v.update({key: value}))
                yield case(f"{name}: {key} is {kind}", change, READS[name])


def model(**settings: Any) -> Callable[[Path], object]:
    return resealed("model.json", lambda value: value["model"].update(settings))


def reader(**settings: Any) -> Callable[[Path], object]:
    return resealed("model.json", lambda value: value["reader"].update(settings))


def _weights(change: Callable[[dict], object]) -> Callable[[Path], object]:
    """Changes arrays, and seals them and model.json anew."""

    def changed(run: Path):
        arrays = read_arrays(run / "model.npz")
        change(arrays)
        write_arrays(run / "model.npz", arrays)
        flat = {name: np.asarray(array) for name, array in arrays.items()}
        resealed("model.json", lambda value: value.update(crc32=digest(flat)))(run)

    return changed


def _labels(change: Callable) -> Callable[[Path], object]:
    def changed(run: Path):
        table = tables.sealed(change(pq.read_table(run / "labels.parquet")))
        pq.write_table(table, run / "labels.parquet", write_page_checksum=True)

    return changed


def _instead(name: str, make: Callable[[Path], object]) -> Callable[[Path], object]:
    def changed(run: Path):
        (run / name).unlink()
        make(run / name)

    return changed


def _mine(run: Path) -> None:
    """Puts a file of the user's in place of our marker."""
    (run / ".meta_noise.json").unlink()
    (run / "mine.txt").write_text("mine")


FORGED = {
    "model.json runs a command": model(name="pydoc.pipepager", cmd="touch PWNED", hidden=None),
    "model.json names a module here": model(name="evil.model"),
    "model.json names os.system": model(name="os.system"),
    "model.json names a path": model(name="../../evil"),
    "model.json names nothing": model(name=""),
    "model.json names a list": model(name=["mlp"]),
    "model.json names another network": model(name="resnet"),
    "model.json names ours by path": model(name="meta_noise.models.mlp.mlp"),
    "a setting unknown": model(nope=1),
    "a setting of another type": model(hidden="x"),
    "a layer of 10^12": model(hidden=[10**12]),
    "a layer of none": model(hidden=[0]),
    "a layer below none": model(hidden=[-4]),
    "a million layers": model(hidden=[4] * 10**6),
    "layers in layers": model(hidden=[[[[[[4]]]]]]),
    "another layer": model(hidden=[5]),
    "reader of another kind": reader(kind="images"),
    "reader of no kind": reader(kind="nope"),
    "reader of 10^9": reader(shape=[10**9]),
    "reader of less": reader(shape=[-3]),
    "reader of many axes": reader(shape=[1, 1, 1, 1, 1, 1]),
    "reader of objects": reader(dtype="object"),
    "reader with odd encoders": reader(encoders=[{"name": "a"}] * 3),
    "reader with words as encoders": reader(encoders=["a", "b", "c"]),
    "reader with other columns": reader(columns=["a", "b"]),
    "reader with columns twice": reader(columns=["a", "a", "a"]),
    "no classes": resealed("model.json", lambda v: v.update(class_names=[])),
    "one class more": resealed("model.json", lambda v: v["class_names"].append("w")),
    "a mean too many": resealed("model.json", lambda v: v.update(mean=[0.0] * 99)),
    "a deviation of 0": resealed("model.json", lambda v: v.update(std=[0.0] * 3)),
    "a deviation below 0": resealed("model.json", lambda v: v.update(std=[-1.0] * 3)),
    "three networks": resealed("model.json", lambda v: v.update(copies=3)),
    "two networks": resealed("model.json", lambda v: v.update(copies=2)),
    "another checksum": resealed("model.json", lambda v: v.update(crc32="00000000")),
    "a key more": resealed("model.json", lambda v: v.update(nope=1)),
    "weights empty": put("model.npz", b""),
    "weights cut": bent("model.npz", lambda data: data[:-100]),
    "weights of zeros": bent("model.npz", lambda data: bytes(len(data))),
    "weights a pickle": put("model.npz", b"\x80\x04K\x01."),
    "weights of 60 TiB": put("model.npz", _zip({"0/x.npy": _header("(4000000000, 4000)")})),
    "weights of objects": put("model.npz", _zip({"0/x.npy": _npy(np.array([print], object)[:0])})),
    "weights not finite": _weights(lambda arrays: [array.fill(np.nan) for array in arrays.values()]),
    "weights infinite": _weights(lambda arrays: [array.fill(np.inf) for array in arrays.values()]),
    "weights too large": _weights(lambda arrays: [array.fill(3e38) for array in arrays.values()]),
    "a weight is missing": _weights(lambda arrays: arrays.pop(sorted(arrays)[0])),
    "weights of another type": _weights(lambda a: a.update({key: value.astype("f8") for key, value in a.items()})),
    "weights of another shape": _weights(lambda a: a.update({key: value[None] for key, value in a.items()})),
    "weights of words": _weights(lambda a: a.update({key: np.array("x") for key in a})),
    **{f"weights with a bit at {share:.0%}": bent("model.npz", flip(share)) for share in (0.1, 0.35, 0.6, 0.9)},
    "no model.json": lambda run: (run / "model.json").unlink(),
    "no model.npz": lambda run: (run / "model.npz").unlink(),
    "model.json is a folder": _instead("model.json", Path.mkdir),
    "model.json is a pipe": _instead("model.json", os.mkfifo),
    "model.npz is a pipe": _instead("model.npz", os.mkfifo),
    "model.json leads in a circle": _instead("model.json", lambda path: path.symlink_to(path)),
    "model.npz leads to a device": _instead("model.npz", lambda path: path.symlink_to("/dev/zero")),
    "model.json leads elsewhere": _instead("model.json", lambda path: path.symlink_to("/etc/passwd")),
    "nothing in it": lambda run: [entry.unlink() for entry in run.iterdir() if entry.is_file()],
}
ORIGIN = {
    "data of none": lambda v: v.update(data="/none.csv"),
    "data a device": lambda v: v.update(data="/dev/zero"),
    "data with a zero byte": lambda v: v.update(data="/a\0b"),
    "data that are none": lambda v: v.update(data="/etc/passwd"),
    "a setting unknown": lambda v: v["settings"].update(nope=1),
    "a setting of another type": lambda v: v["settings"].update(label=[1]),
    "a folder that is not there": lambda v: v["settings"].update(folder="/none"),
    "no such label": lambda v: v["settings"].update(label="nope"),
    "a method by path": lambda v: v["asked"].update(method="os.system", nope=1),
    "epochs below 0": lambda v: v["asked"].update(epochs=-1),
    "an answer that is none": lambda v: v["answers"].append({"id": 1}),
    "an answer of round 0": lambda v: v["answers"].append(
        {"id": "row2", "label": "z", "is_bad": False, "why": "", "given": "z", "round": 0}
    ),
    "something lost": lambda v: v.update(lost=["features"]),
}
LABELS = {
    "empty": put("labels.parquet", b""),
    "cut": bent("labels.parquet", lambda data: data[:-100]),
    "of zeros": bent("labels.parquet", lambda data: bytes(len(data))),
    "without seal": lambda run: pq.write_table(
        pq.read_table(run / "labels.parquet").replace_schema_metadata(None), run / "labels.parquet"
    ),
    "without rows": _labels(lambda table: table.slice(0, 0)),
    "without a column": _labels(lambda table: table.drop_columns(["given_label"])),
    "with words for numbers": _labels(
        lambda table: table.set_column(table.column_names.index("label_quality"), "label_quality", table["given_label"])
    ),
    "missing": lambda run: (run / "labels.parquet").unlink(),
    **{
        f"with a bit at {share:.0%}": bent("labels.parquet", flip(share)) for share in (0.05, 0.1, 0.2)
    },  # later are statistics, which nobody reads
}
OURS = {
    "a marker edited": bent(".meta_noise.json", edit),
    "a marker empty": put(".meta_noise.json", b""),
    "a marker of another kind": resealed(".meta_noise.json", lambda v: v.update(kind="queue")),
    "a marker of the future": resealed(".meta_noise.json", lambda v: v.update(format=2)),
    "no marker, but a file of mine": _mine,
    "a marker that is a link": _instead(".meta_noise.json", lambda path: path.symlink_to("/etc/passwd")),
    "a link in it": lambda run: (run / "labels.csv.bak").symlink_to("/etc/passwd"),
    "config.json edited": bent("config.json", edit),
    "config.json empty": put("config.json", b""),
    "config.json missing": lambda run: (run / "config.json").unlink(),
    "config.json of another run": resealed("config.json", lambda v: v.update(seed=7)),
    "config.json without seed": resealed("config.json", lambda v: v.pop("seed")),
    "origin.json is a folder": _instead("origin.json", Path.mkdir),
}
CASES = [
    *(
        case(f"{file} {what}", bent(file, change), command)
        for file, command in READS.items()
        for what, change in RAW.items()
    ),
    *_keys("model.json", MODEL_KEYS),
    *_keys("origin.json", ORIGIN_KEYS, {("data", "a word"), ("root", "a word")}),
    *_keys("config.json", ("clean", "data", "model")),
    *(case(name, change) for name, change in FORGED.items()),
    *(case(f"origin: {name}", resealed("origin.json", change), QUEUE) for name, change in ORIGIN.items()),
    *(case(f"labels.parquet {name}", change, QUEUE) for name, change in LABELS.items()),
    *(case(f"again: {name}", change, AGAIN) for name, change in OURS.items()),
    case("export of a forged one", FORGED["model.json runs a command"], EXPORT),
    case("ingest of a forged one", FORGED["model.json runs a command"], INGEST),
    case(
        "ingest where config.json names another",
        resealed("config.json", lambda v: v["model"].update(name="os.system")),
        INGEST,
    ),
    case(
        "ingest where origin.json names a method",
        resealed("origin.json", lambda v: v["asked"].update(method="os.system")),
        INGEST,
    ),
    case(
        "files that predict does not read",
        lambda run: [(run / n).write_bytes(b"x") for n in ("results.json", "rows.npz")],
        code=0,
    ),
    case("weights named from a file", model(pretrained="/etc/passwd"), code=0),
    case("sound", lambda run: None, code=0),
    case("sound, exported", lambda run: None, EXPORT, 0),
    case("sound, queue", lambda run: None, QUEUE, 0),
    case("sound, again", lambda run: None, AGAIN, 0, "has finished already"),
]
