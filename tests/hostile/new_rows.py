"""New rows for a trained network: not of its kind, damaged, or of another size; and rows that are sound though odd."""

import numpy as np

from tests.hostile.case import Case, Place, rows
from tests.hostile.tables import BAD, _npy, _npz, _parquet

TABLE = "id,a,b,c\n" + "".join(f"n{n},{n % 3 * 4},{n * 0.1},1\n" for n in range(9))
REFUSED = {
    "no columns of training.csv": rows("id,p,q,label"),
    "one column is missing.csv": rows("id,a,b,label"),
    "words for numbers.csv": TABLE.replace("0.1", "zero"),
    "infinite.csv": TABLE.replace("0.1,", "inf,"),
    "beyond float.csv": TABLE.replace("0.1,", "1e999,"),
    "beyond float32.csv": TABLE.replace("0.1,", "1e300,"),
    "header only.csv": "id,a,b,c\n",
    "twice the column.csv": TABLE.replace("id,a,b,c", "id,a,a,b"),
    "other width.npy": _npy(np.zeros((4, 7), np.float32)),
    "no rows.npy": _npy(np.zeros((0, 3), np.float32)),
    "not finite.npy": _npy(np.full((4, 3), np.nan, np.float32)),
    "three axes.npy": _npy(np.zeros((4, 3, 2), np.float32)),
    "texts.npy": _npy(np.array(["a", "b"])),
    "no columns.parquet": _parquet({"p": [1.0, 2.0]}),
    "no columns.npz": _npz(p=np.zeros(3)),
}
SOUND = {
    "plain.csv": TABLE,
    "twice the id.csv": TABLE.replace("n1,", "n0,"),
    "other order.csv": "c,b,a\n1,2,3\n",
    "gaps.csv": TABLE.replace("0.1,", ","),
    "more columns.csv": "id,a,b,c,label,x\nn0,1,2,3,?,7\n",
    "formula as id.csv": TABLE.replace("n0,", "=1+1,"),
    "escapes as id.csv": TABLE.replace("n0,", "\x1b[2J,"),
    "plain.parquet": _parquet({"a": [1.0], "b": [2.0], "c": [3.0]}),
}
DAMAGED = tuple(
    name for name in BAD if name.split()[0] in ("empty", "random.csv", "random.npz", "60", "objects.npy", "cut")
)


def _predicted(name, content):
    return lambda place: ["predict", place.world.run, place.file(name, content), "--out", place.here / "new.csv"]


def _of_pictures(name, content):
    def words(place: Place):
        place.file(f"in/{name}", content)
        return ["predict", place.pictures.run, place.here / "in", "--out", place.here / "new.csv"]

    return words


CASES = [
    *(Case(name, _predicted(name, content)) for name, content in REFUSED.items()),
    *(Case(f"damaged: {name}", _predicted(name, BAD[name])) for name in DAMAGED),
    *(Case(f"sound: {name}", _predicted(name, content), 0) for name, content in SOUND.items()),
    Case("a table for images", _of_pictures("rows.csv", TABLE)),
    Case("no image at all", _of_pictures("x.png", b"hello")),
    Case("an empty image", _of_pictures("x.png", b"")),
    Case(
        "images for a table",
        lambda place: ["predict", place.world.run, place.pictures.data, "--out", place.here / "new.csv"],
    ),
    Case(
        "the images of training",
        lambda place: ["predict", place.pictures.run, place.pictures.data, "--out", place.here / "new.csv"],
        0,
    ),
]
