"""Two small sets made of AG News: NoisyAG-News, whose labels people gave, and the test texts as a set of their own.

H. Huang, T. Liang, X. Sun, Z. Jin, Y. Yin, "NoisyAG-News: A Benchmark for Addressing Instance-Dependent Noise in Text
Classification", 2024, https://arxiv.org/abs/2407.06579: the 10,000 rows of the middle level of noise, the majority of
three people, of a larger set. 19.75% of the labels are wrong, unevenly: a third of the texts are called World. One of
the texts is in the test part too. The column `group` of the files tells right from wrong labels and is not read.

X. Zhang, J. Zhao, Y. LeCun, "Character-level Convolutional Networks for Text Classification", NIPS 2015,
https://arxiv.org/abs/1509.01626: the 7,600 test texts are one file of 2 MB, trained on in seconds. Of every class, each
fifth row of the file is a test row here and the others train, so figures on these rows do not compare with those on AG
News.
"""

from pathlib import Path

import numpy as np

from meta_noise.data.formats.published import check_part
from meta_noise.data.source import Source, row_ids
from meta_noise.data.sources.zhang import AG_NEWS, read_texts
from meta_noise.data.text.files import class_numbers, find, read_columns
from meta_noise.data.text.tokens import tokenise
from meta_noise.errors import InputError, unknown_name

LABELS = ("human", "clean")
TRAIN_FILES = ("train.csv", "samples10000valMed.csv")
TEST_FILES = ("ag_news_test.csv", "test.csv")
COLUMNS = {"label": ("noisy_label", "label"), "truth": ("true_label", "gt"), "text": ("text",)}
HUMAN_COUNTS = [3337, 2487, 2423, 1753]  # labels of the 10,000 rows
TEST_FILE = "https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv/test.csv"
ADVICE = (
    "Put samples10000valMed.csv of https://github.com/hhf-hd/NoisyAG-News (folder dataset) and test.csv of AG News "
    f"({TEST_FILE}) into one folder"
)
TEST_ADVICE = f"Put {TEST_FILE} into a folder"
EVERY = 5  # of a class, a test row of `ag_news_7600`


def noisy_ag_news(
    path: str = "",
    part: str = "train",
    labels: str = "human",
    vocabulary: int = 20_000,
    length: int = 64,
    word_pieces: str = "",
    verify: bool = True,
) -> Source:
    """Returns 10,000 training texts, or the 7,600 test texts of AG News, which have true labels only.

    Args:
        path: folder with `samples10000valMed.csv` (or the same as `train.csv`) and AG News' `test.csv` (or the same as
            `ag_news_test.csv`), packed by gzip or not.
        part: "train" or "test".
        labels: "human" for those people gave, "clean" for the true ones, to add noise of a known kind.
        vocabulary, length, word_pieces: as in `ag_news`.
        verify: compare the numbers of rows with the published ones.

    Returns:
        inputs [N, length] int32 tokens of title and description; true_labels known; ids such as
        "noisy_ag_news-train-00012" hold the row number in the file.

    >>> from meta_noise.data.sources.small_ag_news import noisy_ag_news
    >>> noisy_ag_news("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set noisy_ag_ne
    """
    check_part(part)
    if labels not in LABELS:
        raise unknown_name("kind of NoisyAG-News labels", str(labels), LABELS)
    train = _read_train(path, verify)
    texts, given, truth = train if part == "train" else _read_test(path, verify)
    tokens = tokenise(texts, lambda: train[0], vocabulary, length, word_pieces)
    observed = given if labels == "human" else truth.copy()
    ids = row_ids(f"noisy_ag_news-{part}", len(truth))
    return Source(tokens, observed, ids, AG_NEWS.class_names, truth, name="noisy_ag_news")


def ag_news_7600(
    path: str = "",
    part: str = "train",
    vocabulary: int = 20_000,
    length: int = 64,
    word_pieces: str = "",
    verify: bool = True,
) -> Source:
    """Returns 6,080 training or 1,520 test texts, the same number of every class; labels are true.

    Args:
        path: folder with the `test.csv` of AG News, or the same as `ag_news_test.csv`, packed by gzip or not.
        part: "train" or "test".
        vocabulary, length, word_pieces: as in `ag_news`.
        verify: compare the numbers of rows with the published ones.

    Returns:
        inputs [N, length] int32 tokens of title and description; ids such as "ag_news-test-00012" hold the row number
        in the file.

    >>> from meta_noise.data.sources.small_ag_news import ag_news_7600
    >>> ag_news_7600("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set ag_news_760
    """
    check_part(part)
    file = find("ag_news_7600", path, TEST_ADVICE, *reversed(TEST_FILES))
    texts, labels = read_texts(AG_NEWS, file, "test" if verify else "")
    is_test = _places(labels) % EVERY == EVERY - 1  # [N]
    training = [text for text, apart in zip(texts, is_test, strict=True) if not apart]
    rows = np.flatnonzero(is_test if part == "test" else ~is_test)
    tokens = tokenise([texts[row] for row in rows], lambda: training, vocabulary, length, word_pieces)
    ids = row_ids("ag_news-test", rows.tolist())
    return Source(tokens, labels[rows], ids, AG_NEWS.class_names, labels[rows].copy(), name="ag_news_7600")


def _read_train(path: str, verify: bool) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Returns texts, human labels [N] int32 and true labels [N] int32."""
    file = find("noisy_ag_news", path, ADVICE, *TRAIN_FILES)
    columns = read_columns(file, COLUMNS)
    given = class_numbers(columns["label"], 0, len(AG_NEWS.class_names), file)
    truth = class_numbers(columns["truth"], 0, len(AG_NEWS.class_names), file)
    _check_counts(given, HUMAN_COUNTS, verify, file)
    return [text.replace("\\", " ") for text in columns["text"]], given, truth


def _read_test(path: str, verify: bool) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Returns texts and, twice, true labels [N] int32."""
    file = find("noisy_ag_news", path, ADVICE, *TEST_FILES)
    texts, truth = read_texts(AG_NEWS, file, "test" if verify else "")
    return texts, truth.copy(), truth


def _check_counts(labels: np.ndarray, expected: list[int], verify: bool, file: Path) -> None:
    """Raises InputError unless the classes have as many rows as published, where this is to be verified."""
    counts = np.bincount(labels, minlength=len(expected)).tolist()
    if verify and counts != expected:
        raise InputError(
            f"{file} has {counts} rows of each class, published are {expected}. It is cut off or another version: get "
            "it again, or pass verify=False to use it as it is."
        )


def _places(labels: np.ndarray) -> np.ndarray:
    """Returns how many rows of its own class come before each row, [N]."""
    places = np.zeros(len(labels), np.int64)
    for klass in np.unique(labels):
        members = labels == klass
        places[members] = np.arange(members.sum())
    return places
