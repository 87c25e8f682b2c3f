"""Amazon reviews, full: one to five stars.

X. Zhang, J. Zhao, Y. LeCun, "Character-level Convolutional Networks for Text Classification", NIPS 2015,
https://arxiv.org/abs/1509.01626.
"""

from meta_noise.data.source import Source
from meta_noise.data.text.zhang import Published, zhang_source

PUBLISHED = Published(
    "amazon5",
    "amazon_review_full_csv",
    ("1 star", "2 stars", "3 stars", "4 stars", "5 stars"),
    columns=2,
    per_class={"train": 600_000, "test": 130_000},
)


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
        path: the folder `amazon_review_full_csv` with `train.csv` and `test.csv`.
        part: "train" or "test".
        vocabulary: number of tokens of words; those of both parts are numbered by the training texts.
        length: tokens kept of a text.
        word_pieces: path of the vocab.txt of an uncased BERT network, to have its word pieces in place of words.
        verify: compare the number of rows of each class with the published one.

    Returns:
        inputs [N, length] int32 tokens, 0 = padding; ids such as "amazon5-train-00012" hold the row number in the file.
    """
    return zhang_source(PUBLISHED, path, part, vocabulary, length, word_pieces, verify)
