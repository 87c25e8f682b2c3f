"""The four text sets in the CSV files of Zhang, Zhao and LeCun.

X. Zhang, J. Zhao, Y. LeCun, "Character-level Convolutional Networks for Text Classification", NIPS 2015,
https://arxiv.org/abs/1509.01626. Each row is `"class","column",...` with classes from 1 and no header; a quote within a
cell is doubled, and a line break is written by other characters.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from meta_noise.data.ids import row_ids
from meta_noise.data.parts import check_part
from meta_noise.data.source import Source
from meta_noise.data.text.files import class_numbers, find, read_rows
from meta_noise.data.text.tokens import tokenise
from meta_noise.errors import InputError

MIRROR = "https://s3.amazonaws.com/fast-ai-nlp"
JOINT = " . "  # between the columns of a text


class Published(NamedTuple):
    """A set as it was published.

    Attributes:
        name: of the data set here.
        archive: file name of the archive, without `.tgz`; also the folder in it.
        class_names: of class 1 and so on.
        columns: columns of text.
        per_class: rows of each class by part.
        escapes: (how it is written, what it stands for) for line breaks and further characters.
    """

    name: str
    archive: str
    class_names: tuple[str, ...]
    columns: int
    per_class: dict[str, int]
    escapes: tuple[tuple[str, str], ...] = (("\\n", "\n"), ('\\"', '"'))

    @property
    def advice(self) -> str:
        return (
            f"Get {MIRROR}/{self.archive}.tgz and unpack it with `tar xzf {self.archive}.tgz` into the folder "
            f"{self.archive}, which holds train.csv and test.csv"
        )


def zhang_source(
    published: Published, path: str, part: str, vocabulary: int, length: int, word_pieces: str, verify: bool
) -> Source:
    """Returns one part of a set; labels are true.

    Args:
        published: which set.
        path: the folder with `train.csv` and `test.csv`, packed by gzip or not.
        part: "train" or "test".
        vocabulary, length, word_pieces: see `tokenise`.
        verify: compare the number of rows of each class with the published one.

    Returns:
        inputs [N, length] int32 tokens of all columns, joined by " . "; ids such as "ag_news-train-00012" hold the row
        number in the file.
    """
    file = find(published.name, path, published.advice, f"{check_part(part)}.csv")
    texts, labels = read_texts(published, file, part if verify else "")

    def training() -> list[str]:
        if part == "train":
            return texts
        return read_texts(published, find(published.name, path, published.advice, "train.csv"))[0]

    tokens = tokenise(texts, training, vocabulary, length, word_pieces)
    ids = row_ids(f"{published.name}-{part}", len(labels))
    return Source(tokens, labels, ids, published.class_names, labels.copy(), name=published.name)


def read_texts(published: Published, file: Path, part: str = "") -> tuple[list[str], np.ndarray]:
    """Returns texts and classes [N] int32 of a file.

    Args:
        published: the set that the file belongs to.
        file: its path.
        part: "train" or "test" to compare the number of rows of each class with that of the published part.

    Raises:
        InputError: a row has another number of cells, or the numbers of rows differ.
    """
    cells, texts = [], []
    for number, row in enumerate(read_rows(file)):
        if len(row) != 1 + published.columns:
            raise InputError(
                f"{file}: row {number} has {len(row)} cells; {published.name} has one of class, "
                f"{published.columns} of text."
            )
        cells.append(row[0])
        text = JOINT.join(row[1:])
        for written, meant in published.escapes:
            text = text.replace(written, meant)
        texts.append(text)
    labels = class_numbers(cells, 1, len(published.class_names), file)
    if part:
        _check_counts(published, part, labels, file)
    return texts, labels


def _check_counts(published: Published, part: str, labels: np.ndarray, file: Path) -> None:
    """Raises InputError unless every class has as many rows as published."""
    counts = np.bincount(labels, minlength=len(published.class_names)).tolist()
    if set(counts) != {published.per_class[part]}:
        raise InputError(
            f"{file} has {counts} rows of each class; published are {published.per_class[part]} of every class. "
            "It is cut off or another version: get it again, or pass verify=False to use it as it is."
        )
