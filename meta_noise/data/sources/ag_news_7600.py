"""The 7,600 test texts of AG News as a small data set of their own: one file of 2 MB, trained on in seconds.

X. Zhang, J. Zhao, Y. LeCun, "Character-level Convolutional Networks for Text Classification", NIPS 2015,
https://arxiv.org/abs/1509.01626. Of every class, each fifth row of the file is a test row here and the others train,
so figures on these rows do not compare with those on AG News.
"""

import numpy as np

from meta_noise.data.ids import row_ids
from meta_noise.data.parts import check_part
from meta_noise.data.source import Source
from meta_noise.data.sources.ag_news import PUBLISHED
from meta_noise.data.sources.noisy_ag_news import TEST_FILES
from meta_noise.data.text.files import find
from meta_noise.data.text.tokens import tokenise
from meta_noise.data.text.zhang import read_texts

EVERY = 5
ADVICE = "Put https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv/test.csv into a folder"


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
    """
    check_part(part)
    file = find("ag_news_7600", path, ADVICE, *reversed(TEST_FILES))
    texts, labels = read_texts(PUBLISHED, file, "test" if verify else "")
    is_test = _places(labels) % EVERY == EVERY - 1  # [N]
    training = [text for text, apart in zip(texts, is_test, strict=True) if not apart]
    rows = np.flatnonzero(is_test if part == "test" else ~is_test)
    tokens = tokenise([texts[row] for row in rows], lambda: training, vocabulary, length, word_pieces)
    ids = row_ids("ag_news-test", rows.tolist())
    return Source(tokens, labels[rows], ids, PUBLISHED.class_names, labels[rows].copy(), name="ag_news_7600")


def _places(labels: np.ndarray) -> np.ndarray:
    """Returns how many rows of its own class come before each row, [N]."""
    places = np.zeros(len(labels), np.int64)
    for klass in np.unique(labels):
        members = labels == klass
        places[members] = np.arange(members.sum())
    return places
