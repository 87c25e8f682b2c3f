"""Files of rows: cut, damaged, forged, enormous by their own account, or merely odd."""

import gzip
import io
import json
import struct
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

from tests.hostile.case import Case, rows

LINES = [{"id": f"r{n}", "a": n % 2 * 5 + n * 0.01, "b": float(n), "label": "xy"[n % 2]} for n in range(18)]
SOUND = rows(count=18)


def _json_lines(lines) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def _parquet(table: dict, **settings) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(table), file, **settings)
    return file.getvalue()


def _arrow(table: dict) -> bytes:
    file = io.BytesIO()
    feather.write_feather(pa.table(table), file)
    return file.getvalue()


def _npy(array) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def _npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _header(shape: str, descr: str = "'<f4'") -> bytes:
    """Returns a .npy of this header and 16 bytes."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + b"\0" * 16


def _zip(entries: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


class Runs:
    """An object whose unpickling would write a file."""

    def __reduce__(self):
        return (open, ("PWNED", "w"))


COLUMNS = {key: [line[key] for line in LINES] for key in LINES[0]}
X = np.random.default_rng(0).normal(size=(18, 3)).astype(np.float32) + np.arange(18)[:, None] % 2 * 5
Y = np.arange(18) % 2
PARQUET, NPZ = _parquet(COLUMNS), _npz(x=X, y=Y)
HEAD = "id,a,b,label\n"

# name of the file -> content; the exit code is that of `clean`, and 0 of `inspect`
BAD = {
    "empty.csv": b"",
    "blank.csv": b"\n\n\n",
    "header only.csv": HEAD,
    "zero bytes.csv": b"\0" * 1000,
    "zeros inside.csv": SOUND.replace("r3,", "r3\0,"),
    "random.csv": np.random.default_rng(1).bytes(5000),
    "an image.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10,
    "a pickle.csv": b"\x80\x04\x95(\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.",
    "a parquet.csv": PARQUET,
    "an archive.csv": NPZ,
    "utf16 without mark.csv": SOUND.encode("utf-16-le"),
    "utf32.csv": SOUND.encode("utf-32"),
    "open quote.csv": HEAD + '"r0,1,2,x\n' + "r1,1,2,y\n" * 40,
    "one column.csv": "label\n" + "x\ny\n" * 15,
    "one class.csv": HEAD + "".join(f"r{n},{n},{n},x\n" for n in range(30)),
    "one row.csv": HEAD + "r0,1,2,x\n",
    "no label.csv": "id,a,b\n" + "".join(f"r{n},{n},{n}\n" for n in range(30)),
    "ragged.csv": HEAD + "".join(f"r{n}{',1' * (n % 9)},x\n" for n in range(30)),
    "twice the column.csv": "id,a,a,label\n" + "".join(f"r{n},{n},{n},{'xy'[n % 2]}\n" for n in range(30)),
    "twice the id.csv": HEAD + "".join(f"r{n // 2},{n},{n},{'xy'[n % 2]}\n" for n in range(30)),
    "every class once.csv": HEAD + "".join(f"r{n},{n},{n},class{n}\n" for n in range(30)),
    "all labels missing.csv": HEAD + "".join(f"r{n},{n},{n},\n" for n in range(30)),
    "infinite.csv": HEAD + "".join(f"r{n},{'inf' if n == 7 else n},{n},{'xy'[n % 2]}\n" for n in range(30)),
    "beyond float.csv": HEAD + "".join(f"r{n},{'1e400' if n == 7 else n},{n},{'xy'[n % 2]}\n" for n in range(30)),
    "not gzip.csv.gz": SOUND,
    "cut.csv.gz": gzip.compress(SOUND.encode())[:-20],
    "flipped.csv.gz": bytes(byte ^ (place == 60) for place, byte in enumerate(gzip.compress(SOUND.encode()))),
    "bomb.csv.gz": gzip.compress(HEAD.encode() + b"a" * 50_000_000),
    "packed.parquet.gz": gzip.compress(PARQUET),
    "empty.tsv": b"",
    "random.tsv": np.random.default_rng(2).bytes(5000),
    "empty.jsonl": b"",
    "blank.jsonl": b"\n\n",
    "csv.jsonl": SOUND,
    "cut.jsonl": _json_lines(LINES)[:-20],
    "arrays.jsonl": "[1, 2]\n" * 30,
    "numbers.jsonl": "1\n" * 30,
    "nulls.jsonl": "null\n" * 30,
    "empty objects.jsonl": "{}\n" * 30,
    "nested.jsonl": _json_lines([{**line, "label": {"x": 1}} for line in LINES]),
    "lists as labels.jsonl": _json_lines([{**line, "label": ["x"]} for line in LINES]),
    "very deep.jsonl": _json_lines(LINES) + '{"id": ' + "[" * 100_000 + "]" * 100_000 + "}\n",
    "random.jsonl": np.random.default_rng(3).bytes(5000),
    "zero bytes.jsonl": b"\0" * 100,
    "empty.json": b"",
    "a number.json": "3",
    "a text.json": '"x"',
    "null.json": "null",
    "an empty list.json": "[]",
    "an empty object.json": "{}",
    "deep.json": "[" * 100_000 + "]" * 100_000,
    "cut.json": json.dumps(LINES)[:-9],
    "uneven columns.json": json.dumps({"a": [1, 2, 3], "label": ["x"]}),
    "columns.json": json.dumps(COLUMNS),
    "mixed list.json": json.dumps([*LINES, 3, None, "x"]),
    "random.json": np.random.default_rng(4).bytes(3000),
    "empty.parquet": b"",
    "only magic.parquet": b"PAR1PAR1",
    "cut head.parquet": PARQUET[50:],
    "cut tail.parquet": PARQUET[:-30],
    "cut half.parquet": PARQUET[: len(PARQUET) // 2],
    "random.parquet": np.random.default_rng(5).bytes(5000),
    "footer of 4 GiB.parquet": PARQUET[:-8] + b"\xff\xff\xff\xff" + b"PAR1",
    "footer of nothing.parquet": PARQUET[:-8] + b"\0\0\0\0" + b"PAR1",
    "flipped footer.parquet": bytes(
        byte ^ (255 if place == len(PARQUET) - 60 else 0) for place, byte in enumerate(PARQUET)
    ),
    "no rows.parquet": _parquet({"id": pa.array([], pa.string()), "a": pa.array([], pa.float64()), "label": []}),
    "no columns.parquet": _parquet({}),
    "nested labels.parquet": _parquet({**COLUMNS, "label": [["x"]] * 18}),
    "structs.parquet": _parquet({**COLUMNS, "label": [{"x": 1}] * 18}),
    "a csv.parquet": SOUND,
    "empty.arrow": b"",
    "only magic.arrow": b"ARROW1\0\0ARROW1",
    "cut.arrow": _arrow(COLUMNS)[:-40],
    "random.feather": np.random.default_rng(6).bytes(5000),
    "empty.npz": b"",
    "no arrays.npz": _zip({}),
    "a text inside.npz": _zip({"readme.txt": b"hello"}),
    "empty entry.npz": _zip({"x.npy": b"", "y.npy": b""}),
    "60 TiB.npz": _zip({"x.npy": _header("(4000000000, 4000)"), "y.npy": _npy(Y)}),
    "negative.npz": _zip({"x.npy": _header("(-1, 4)"), "y.npy": _npy(Y)}),
    "a million axes.npz": _zip({"x.npy": _header("(" + "1, " * 5000 + ")"), "y.npy": _npy(Y)}),
    "objects.npz": _npz(x=X, y=np.array([Runs()] * 18, object)),
    "code as type.npz": _zip({"x.npy": _header("(4,)", "__import__('os').system('id')"), "y.npy": _npy(Y)}),
    "a bomb.npz": _zip({"x.npy": _header("(50000000,)")[:-16] + bytes(200_000_000), "y.npy": _npy(Y)}),
    "cut.npz": NPZ[:-50],
    "cut middle.npz": NPZ[:200] + NPZ[300:],
    "random.npz": np.random.default_rng(7).bytes(5000),
    "unequal.npz": _npz(x=X, y=Y[:7]),
    "no labels.npz": _npz(x=X),
    "nan.npz": _npz(x=np.where(X > 5, np.nan, X), y=Y),
    "infinite.npz": _npz(x=np.where(X > 5, np.inf, X), y=Y),
    "complex.npz": _npz(x=X * 1j, y=Y),
    "one-hot.npz": _npz(x=X, y=np.eye(2)[Y]),
    "scalar.npz": _npz(x=np.float32(3), y=np.int64(1)),
    "no rows.npz": _npz(x=X[:0], y=Y[:0]),
    "dates.npz": _npz(x=X.astype("M8[s]"), y=Y),
    "an axis of 0.npz": _npz(x=X[:, :0], y=Y),
    "six axes.npz": _npz(x=np.zeros((18, 2, 2, 2, 2, 2)), y=Y),
    "structured.npz": _npz(x=np.zeros(18, [("a", "f4"), ("b", "i4")]), y=Y),
    "void.npz": _npz(x=np.zeros(18, "V7"), y=Y),
    "empty.npy": b"",
    "alone.npy": _npy(X),
    "60 TiB.npy": _header("(4000000000, 4000)"),
    "objects.npy": _npy(np.array([Runs()], object)),
    "random.npy": np.random.default_rng(8).bytes(500),
    "a pickle.pkl": b"\x80\x04K\x01.",
    "a model.pt": b"PK\x03\x04" + bytes(100),
    "a sheet.xlsx": b"PK\x03\x04" + bytes(100),
    "an archive.zip": _zip({"rows.csv": SOUND.encode()}),
    "no ending": SOUND,
    "a script.py": "raise SystemExit(7)\n",
    "a page.html": "<table><tr><td>1</td></tr></table>",
}
GOOD = {
    "constant input.csv": HEAD + "".join(f"r{n},1,1,{'xy'[n % 2]}\n" for n in range(30)),
    "commas.tsv": SOUND.replace("\n", ";\n").replace(",", ";"),
    "bad utf-8.jsonl": _json_lines(LINES).encode() + b'{"id": "\xff\xfe", "a": 1, "b": 2, "label": "x"}\n',
    "path inside.npz": _zip({"../../x.npy": _npy(X), "y.npy": _npy(Y)}),
    "half labels.npz": _npz(x=X, y=Y + 0.5),
    "plain.csv": SOUND,
    "with a mark.csv": b"\xef\xbb\xbf" + SOUND.encode(),
    "utf16.csv": SOUND.encode("utf-16"),
    "latin.csv": SOUND.replace("r3,", "r\xe93,").encode("latin-1"),
    "windows.csv": SOUND.replace("\n", "\r\n"),
    "old mac.csv": SOUND.replace("\n", "\r"),
    "semicolons.csv": SOUND.replace(",", ";"),
    "tabs.tsv": SOUND.replace(",", "\t"),
    "bars.txt": SOUND.replace(",", "|"),
    "no last end.csv": SOUND[:-1],
    "formula.csv": SOUND.replace("r3,", "=cmd|' /C calc'!A0,"),
    "escape codes.csv": SOUND.replace("b,label", "\x1b[31mb\x07,label").replace("r3,", "\x1b]0;pwned\x07,"),
    "markup.csv": SOUND.replace("x\n", "[bold red]:dog:[/]\n"),
    "reversed.csv": SOUND.replace("x\n", "\u202egnp.x\n"),
    "html.csv": SOUND.replace("x\n", "<script>alert(1)</script>\n"),
    "a number as class.csv": SOUND.replace("x\n", "0\n").replace("y\n", "1\n"),
    "gaps.csv": SOUND.replace("r3,5.03", "r3,"),
    "long cell.csv": SOUND.replace("r3,", f"{'r' * 100_000},"),
    "packed.csv.gz": gzip.compress(SOUND.encode()),
    "plain.jsonl": _json_lines(LINES),
    "packed.jsonl.gz": gzip.compress(_json_lines(LINES).encode()),
    "nan.jsonl": _json_lines([{**line, "b": float("nan") if n == 3 else n} for n, line in enumerate(LINES)]),
    "a list.json": json.dumps(LINES),
    "plain.parquet": PARQUET,
    "zstd.parquet": _parquet(COLUMNS, compression="zstd"),
    "dictionary.parquet": _parquet({**COLUMNS, "label": pa.array(COLUMNS["label"]).dictionary_encode()}),
    "plain.feather": _arrow(COLUMNS),
    "plain.npz": NPZ,
    "fortran.npz": _npz(x=np.asfortranarray(X), y=Y),
    "big end.npz": _npz(x=X.astype(">f8"), y=Y.astype(">i4")),
    "bool labels.npz": _npz(x=X, y=Y.astype(bool)),
    "names as labels.npz": _npz(x=X, y=np.array(["x", "y"])[Y]),
    "signed zero.npz": _npz(x=-X * 0 + np.arange(18)[:, None], y=Y),
}


def _bad(name, content):
    return lambda place: ["clean", place.file(name, content), "--out", place.here / "new"]


def _good(name, content):
    return lambda place: ["inspect", place.file(name, content), "--no-cost"]


CASES = [
    *(Case(name, _bad(name, content)) for name, content in BAD.items()),
    *(Case(f"sound: {name}", _good(name, content), 0) for name, content in GOOD.items()),
]
