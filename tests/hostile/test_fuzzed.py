"""Any bytes at all give a result or an InputError: readers of tables, answers and the JSON of run folders."""

import gzip
import json
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meta_noise import InputError, load
from meta_noise.cleaning.rounds import _config
from meta_noise.data import own
from meta_noise.data.answers import read_answers
from meta_noise.data.origin import read_origin
from meta_noise.disk.owned import owned
from meta_noise.disk.sealed import DamageError, read_json, write_json
from meta_noise.report.files import read_results
from tests.hostile import tables
from tests.hostile.case import rows

QUICK, LONG = 40, 3000
SOUND = {
    ".csv": rows(count=12).encode(),
    ".tsv": rows(count=12).replace(",", "\t").encode(),
    ".csv.gz": gzip.compress(rows(count=12).encode()),
    ".jsonl": tables._json_lines(tables.LINES[:12]).encode(),
    ".json": json.dumps(tables.LINES[:12]).encode(),
    ".parquet": tables.PARQUET,
    ".feather": tables._arrow(tables.COLUMNS),
    ".npz": tables.NPZ,
    ".npy": tables._npy(tables.X),
}
ANSWERS = b"id,answer,verdict,run,why\nrow2,z,,,\nrow3,=y,,,random\nrow4,,bad,,suspicious\n"
PIECES = (
    b"",
    b"\0",
    b"\xff",
    b'"',
    b"'",
    b",",
    b"\n",
    b"\r",
    b"\t",
    b";",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\xef\xbb\xbf",
    b"nan",
)
MORE = (
    b"inf",
    b"1e999",
    b"-0",
    b"null",
    b"\\u0000",
    b"\\ud800",
    b"=1+1",
    b"id",
    b"label",
    b"trusted",
    b"9" * 30,
    b"\x1b[2J",
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def bent(draw, sound: bytes):
    """Bytes near sound ones: pieces put in, cut out, doubled and overwritten; or any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=300))
    data = sound
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(data)))
        end = min(begin + draw(st.sampled_from((0, 0, 1, 1, 5, 40))), len(data))
        piece = draw(st.sampled_from((*PIECES, *MORE, data[begin : begin + 30])) | st.binary(max_size=6))
        data = data[:begin] + piece + data[end:]
    return data


def fuzz(strategy, examples: int, check) -> None:
    """Calls `check` with examples: the same ones in every quick run, others in every long one."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples == QUICK,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def called(value):
        try:
            check(value)
        except InputError as error:
            assert str(error).strip()

    called()


examples = pytest.mark.parametrize("examples", [QUICK, pytest.param(LONG, marks=pytest.mark.slow)])


@examples
@pytest.mark.parametrize("form", SOUND)
def test_tables(form, examples, tmp_path):
    path = tmp_path / f"rows{form}"

    def check(data):
        path.write_bytes(data)
        found = own.read(path)
        assert len(found.source.labels) == len(found.source.ids) > 0 and found.source.num_classes > 1

    fuzz(bent(SOUND[form]), examples, check)


@examples
def test_answers(examples, world, tmp_path):
    path, data, root = tmp_path / "answers.csv", own.read(world.data), read_origin(world.run).root

    def check(content):
        path.write_bytes(content)
        for answer in read_answers(path, data, (), root):
            assert answer.id in data.source.ids and (answer.is_bad or answer.label in data.class_names)

    fuzz(bent(ANSWERS), examples, check)


def opened(folder):
    """Opens a folder as `clean` does."""
    with owned(folder, "run", "Choose another"):
        pass


READERS = {
    "model.json": load,
    "origin.json": read_origin,
    "config.json": lambda folder: _config(folder, load(folder).section),
    "results.json": read_results,
    ".meta_noise.json": opened,
}


@pytest.fixture
def copy(world, tmp_path):
    shutil.copytree(world.run, tmp_path / "run", ignore=shutil.ignore_patterns("checkpoints"))
    return tmp_path / "run"


@examples
@pytest.mark.parametrize("name", READERS)
def test_files_of_a_run(name, examples, copy):
    path, sound = copy / name, (copy / name).read_bytes()

    def check(content):
        path.write_bytes(content)
        READERS[name](copy)

    fuzz(bent(sound), examples, check)


@examples
@pytest.mark.parametrize("name", READERS)
def test_forged_files_of_a_run(name, examples, copy):
    """Any values in any place, sealed anew by who forges them."""
    path = copy / name
    sound = read_json(path)
    places = [(key,) for key in sound] + [(a, b) for a in sound if isinstance(sound[a], dict) for b in sound[a]]

    def check(forged):
        places_and_values, extra = forged
        value = json.loads(json.dumps(sound))
        for place, put in places_and_values:
            inside = value if len(place) == 1 else value[place[0]]
            if isinstance(inside, dict):
                inside[place[-1]] = put
        value.update(extra)
        try:
            write_json(path, value)
        except ValueError:  # not finite, which no file of ours holds
            return
        READERS[name](copy)

    forged = st.lists(st.tuples(st.sampled_from(places), VALUES), min_size=1, max_size=3)
    fuzz(st.tuples(forged, st.dictionaries(st.text(max_size=6), VALUES, max_size=1)), examples, check)


@examples
def test_sealed_files(examples, tmp_path):
    path = tmp_path / "x.json"

    def check(content):
        path.write_bytes(content)
        try:
            assert isinstance(read_json(path), dict)
        except DamageError as error:
            raise InputError(str(error)) from error

    write_json(path, {"a": 1, "b": [1.5, None], "c": {"d": "x"}})
    fuzz(bent(path.read_bytes()), examples, check)
