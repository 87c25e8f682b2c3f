"""Files of answers that contradict themselves, the run or the data, or are no such files."""

import numpy as np

from tests.hostile.case import Case, Place

HEAD = "id,answer,verdict,run,why\n"
BAD = {
    "empty": b"",
    "header only": HEAD,
    "zero bytes": b"\0" * 500,
    "random": np.random.default_rng(0).bytes(3000),
    "an image": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "no column id": "row,answer\nrow2,z\n",
    "no column answer": "id,label\nrow2,z\n",
    "columns twice": "id,answer,answer\nrow2,z,z\n",
    "nothing answered": HEAD + "row2,,,,\nrow3,,,,\n",
    "unknown id": HEAD + "row999,z,,,\n",
    "no id": HEAD + ",z,,,\n",
    "unknown class": HEAD + "row2,zebra,,,\n",
    "a class in capitals": HEAD + "row2,Z,,,\n",
    "unknown verdict": HEAD + "row2,z,good,,\n",
    "bad and a class": HEAD + "row2,z,bad,,\n",
    "two answers": HEAD + "row2,z,,,\nrow2,=y,,,\n",
    "an answer and bad": HEAD + "row2,z,,,\nrow2,,bad,,\n",
    "of another run": HEAD + "row2,z,,0123456789abcdef,\n",
    "ragged": HEAD + "row2,z\nrow3,z,,,,,,,\n",
    "open quote": HEAD + '"row2,z,,,\nrow3,z,,,\n',
    "escapes": HEAD + "row2,\x1b[2Jz,,,\n",
    "a formula": HEAD + "row2,=HYPERLINK(1),,,\n",
    "reversed": HEAD + "row2,\u202ez,,,\n",
    "a zero byte inside": HEAD + "row2,z\0,,,\n",
    "utf16 without mark": (HEAD + "row2,z,,,\n").encode("utf-16-le"),
    "very long": HEAD + f"row2,{'z' * 1_000_000},,,\n",
    "very many columns": "id,answer" + ",x" * 5000 + "\nrow2,z\n",
    "json": '[{"id": "row2", "answer": "z"}]',
    "html": "<html><body>404</body></html>",
    "all bad": HEAD + "".join(f"row{n},,bad,,\n" for n in range(2, 60)),
    "markup": HEAD + "row2,[bold]z[/],,,\n",
    "html as class": HEAD + "row2,<script>alert(1)</script>,,,\n",
    "number as id": HEAD + "2,z,,,\n",
    "a path as id": HEAD + "../../etc/passwd,z,,,\n",
}


def _ingest(content, name="answers.csv"):
    return lambda p: ["ingest", p.world.run, p.file(name, content), "--epochs", "1", "--out", p.here / "new"]


def _into(target):
    def words(place: Place):
        answers = place.file("answers.csv", HEAD + "row2,z,,,\n")
        place.file("mine/config.json", '{"model_type": "bert"}')
        return [
            "ingest",
            place.world.run,
            answers,
            "--epochs",
            "1",
            "--out",
            str(target).format(here=place.here, run=place.world.run),
        ]

    return words


CASES = [
    *(Case(name, _ingest(content)) for name, content in BAD.items()),
    *(
        Case(f"into {target}", _into(target))
        for target in ("{run}", "{here}/mine", "{here}/answers.csv", "{here}", "/dev/null/x")
    ),
    Case("a folder", lambda p: ["ingest", p.world.run, p.here, "--out", p.here / "new"]),
    Case("the data themselves", lambda p: ["ingest", p.world.run, p.world.data, "--out", p.here / "new"]),
    Case("a parquet", _ingest(b"PAR1" + bytes(300), "answers.parquet")),
]
