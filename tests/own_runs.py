"""Small runs on a user's own data, made once: a table of three groups of points, and a few texts."""

import csv

import numpy as np
import pytest

import meta_noise

NAMES = ("<b>x</b>", "=y", "z")  # of classes: HTML and a formula must do no harm
QUICK = {"method": "mw_net", "epochs": 3}


def write_rows(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


class World:
    """A folder with `points.csv`, a finished run on it, and the truth: id -> class name."""

    def __init__(self, folder):
        truth = np.arange(60) % 3
        points = 4 * np.eye(3)[truth] + 0.3 * np.random.default_rng(0).normal(size=(60, 3))
        given = np.where(np.arange(60) % 5 == 0, (truth + 1) % 3, truth)
        ids = ["=1+1", "<script>alert(1)</script>", *(f"row{n}" for n in range(2, 60))]
        self.points, self.ids = points.astype(np.float32), ids
        self.truth = {identity: NAMES[klass] for identity, klass in zip(ids, truth, strict=True)}
        self.rows = [
            {"id": ids[n], "a": points[n, 0], "b": points[n, 1], "c": points[n, 2], "label": NAMES[given[n]]}
            for n in range(60)
        ]
        self.data = write_rows(folder / "points.csv", self.rows)
        self.run = folder / "mine"
        self.fitted = meta_noise.clean(self.data, self.run, **QUICK)

    def answers(self, path, rows, wrong=()):
        """Writes true answers for rows (of a queue or of the data), other ones for the ids in `wrong`."""
        table = [{"id": row["id"], "answer": self.truth[row["id"]], "verdict": "", "run": ""} for row in rows]
        for row in table:
            if row["id"] in wrong:
                row |= {"answer": "", "verdict": "bad"}
        return write_rows(path, table)


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """A run that tests share and do not change."""
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def second_round(world):
    """The round after 20 answers, the row `row7` called bad; the file of answers."""
    answers = world.answers(world.run.with_name("answers.csv"), world.rows[:20], wrong=("row7",))
    return meta_noise.ingest(world.run, answers, **QUICK), answers


@pytest.fixture(scope="session")
def texts(tmp_path_factory):
    """A run on forty short texts: its folder, and the texts."""
    folder = tmp_path_factory.mktemp("texts")
    kinds = {"fruit": ("apple", "pear", "plum", "fig"), "tool": ("saw", "drill", "hammer", "file")}
    rows = [
        {"text": f"the {words[n % 4]} and a {words[(n + 1) % 4]} <b>no. {n % 3}</b>", "label": kind}
        for n in range(20)
        for kind, words in kinds.items()
    ]
    rows[0]["label"] = "tool"
    data = write_rows(folder / "texts.csv", rows)
    meta_noise.clean(data, folder / "run", **QUICK)
    return folder / "run", [row["text"] for row in rows]
