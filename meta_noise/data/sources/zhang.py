"""AG News, Amazon and Yelp reviews, Yahoo! Answers: four text sets in the CSV files of Zhang, Zhao and LeCun.

X. Zhang, J. Zhao, Y. LeCun, "Character-level Convolutional Networks for Text Classification", NIPS 2015,
https://arxiv.org/abs/1509.01626. Each row is `"class","column",...` with classes from 1 and no header; a quote within a
cell is doubled, and a line break is written by other characters, in AG News as a backslash alone. The news: A. Gulli,
"AG's corpus of news articles", http://groups.di.unipi.it/~gulli/AG_corpus_of_news_articles.html.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from meta_noise.data.formats.published import check_part
from meta_noise.data.source import Source, row_ids
from meta_noise.data.text.files import class_numbers, find, read_rows
from meta_noise.data.text.tokens import tokenise
from meta_noise.errors import InputError

MIRROR = "https://s3.amazonaws.com/fast-ai-nlp"
JOINT = " . "  # between the columns of a text


class TextSet(NamedTuple):
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


AG_NEWS = TextSet(
    "ag_news",
    "ag_news_csv",
    ("World", "Sports", "Business", "Sci/Tech"),
    columns=2,
    per_class={"train": 30_000, "test": 1_900},
    escapes=(("\\", " "),),
)
AMAZON5 = TextSet(
    "amazon5",
    "amazon_review_full_csv",
    ("1 star", "2 stars", "3 stars", "4 stars", "5 stars"),
    columns=2,
    per_class={"train": 600_000, "test": 130_000},
)
YAHOO = TextSet(
    "yahoo",
    "yahoo_answers_csv",
    (
        "Society & Culture",
        "Science & Mathematics",
        "Health",
        "Education & Reference",
        "Computers & Internet",
        "Sports",
        "Business & Finance",
        "Entertainment & Music",
        "Family & Relationships",
        "Politics & Government",
    ),
    columns=3,
    per_class={"train": 140_000, "test": 6_000},
)
YELP5 = TextSet(
    "yelp5",
    "yelp_review_full_csv",
    ("1 star", "2 stars", "3 stars", "4 stars", "5 stars"),
    columns=1,
    per_class={"train": 130_000, "test": 10_000},
)


def ag_news(
    path: str = "",
    part: str = "train",
    vocabulary: int = 20_000,
    length: int = 64,
    word_pieces: str = "",
    verify: bool = True,
) -> Source:
    """Returns 120,000 training or 7,600 test texts, title and description.

    Args:
        path: the folder `ag_news_csv` with `train.csv` and `test.csv`.
        part: "train" or "test".
        vocabulary: number of tokens of words; those of both parts are numbered by the training texts.
        length: tokens kept of a text.
        word_pieces: path of the vocab.txt of an uncased BERT network, to have its word pieces in place of words.
        verify: compare the number of rows of each class with the published one.

    Returns:
        inputs [N, length] int32 tokens, 0 = padding; ids such as "ag_news-train-00012" hold the row number in the file.

    >>> from meta_noise.data.sources.zhang import ag_news
    >>> ag_news("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set ag_news. Ge
    """
    return zhang_source(AG_NEWS, path, part, vocabulary, length, word_pieces, verify)


def amazon5(
    path: str = "",
    part: str = "train",
    vocabulary: int = 20_000,
    length: int = 128,
    word_pieces: str = "",
    verify: bool = True,
) -> Source:
    """Returns 3,000,000 training or 650,000 test reviews, title and text.

    Args:
        path: the folder `amazon_review_full_csv`.
        part, vocabulary, length, word_pieces, verify: as in `ag_news`.

    Returns:
        inputs [N, length] int32 tokens, 0 = padding; ids such as "amazon5-train-00012" hold the row number in the file.

    >>> from meta_noise.data.sources.zhang import amazon5
    >>> amazon5("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set amazon5. Ge
    """
    return zhang_source(AMAZON5, path, part, vocabulary, length, word_pieces, verify)


def yahoo(
    path: str = "",
    part: str = "train",
    vocabulary: int = 20_000,
    length: int = 128,
    word_pieces: str = "",
    verify: bool = True,
) -> Source:
    """Returns 1,400,000 training or 60,000 test rows, title, question and best answer.

    Args:
        path: the folder `yahoo_answers_csv`.
        part, vocabulary, length, word_pieces, verify: as in `ag_news`.

    Returns:
        inputs [N, length] int32 tokens, 0 = padding; ids such as "yahoo-train-00012" hold the row number in the file.

    >>> from meta_noise.data.sources.zhang import yahoo
    >>> yahoo("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set yahoo. Get
    """
    return zhang_source(YAHOO, path, part, vocabulary, length, word_pieces, verify)


def yelp5(
    path: str = "",
    part: str = "train",
    vocabulary: int = 20_000,
    length: int = 128,
    word_pieces: str = "",
    verify: bool = True,
) -> Source:
    """Returns 650,000 training or 50,000 test reviews.

    Args:
        path: the folder `yelp_review_full_csv`.
        part, vocabulary, length, word_pieces, verify: as in `ag_news`.

    Returns:
        inputs [N, length] int32 tokens, 0 = padding; ids such as "yelp5-train-00012" hold the row number in the file.

    >>> from meta_noise.data.sources.zhang import yelp5
    >>> yelp5("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set yelp5. Get
    """
    return zhang_source(YELP5, path, part, vocabulary, length, word_pieces, verify)


def zhang_source(
    published: TextSet, path: str, part: str, vocabulary: int, length: int, word_pieces: str, verify: bool
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


def read_texts(published: TextSet, file: Path, part: str = "") -> tuple[list[str], np.ndarray]:
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


def _check_counts(published: TextSet, part: str, labels: np.ndarray, file: Path) -> None:
    """Raises InputError unless every class has as many rows as published."""
    counts = np.bincount(labels, minlength=len(published.class_names)).tolist()
    if set(counts) != {published.per_class[part]}:
        raise InputError(
            f"{file} has {counts} rows of each class; published are {published.per_class[part]} of every class. "
            "It is cut off or another version: get it again, or pass verify=False to use it as it is."
        )
