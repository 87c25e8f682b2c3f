"""Yahoo! Answers: topics of questions with their best answers, ten classes.

X. Zhang, J. Zhao, Y. LeCun, "Character-level Convolutional Networks for Text Classification", NIPS 2015,
https://arxiv.org/abs/1509.01626.
"""

from meta_noise.data.source import Source
from meta_noise.data.text.zhang import Published, zhang_source

PUBLISHED = Published(
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
        path: the folder `yahoo_answers_csv` with `train.csv` and `test.csv`.
        part: "train" or "test".
        vocabulary: number of tokens of words; those of both parts are numbered by the training texts.
        length: tokens kept of a text.
        word_pieces: path of the vocab.txt of an uncased BERT network, to have its word pieces in place of words.
        verify: compare the number of rows of each class with the published one.

    Returns:
        inputs [N, length] int32 tokens, 0 = padding; ids such as "yahoo-train-00012" hold the row number in the file.
    """
    return zhang_source(PUBLISHED, path, part, vocabulary, length, word_pieces, verify)
