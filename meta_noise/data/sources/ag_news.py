"""AG News: topics of news by title and first sentences, four classes.

X. Zhang, J. Zhao, Y. LeCun, "Character-level Convolutional Networks for Text Classification", NIPS 2015,
https://arxiv.org/abs/1509.01626. The news: A. Gulli, "AG's corpus of news articles",
http://groups.di.unipi.it/~gulli/AG_corpus_of_news_articles.html. Line breaks are written as a backslash alone here.
"""

from meta_noise.data.source import Source
from meta_noise.data.text.zhang import Published, zhang_source

PUBLISHED = Published(
    "ag_news",
    "ag_news_csv",
    ("World", "Sports", "Business", "Sci/Tech"),
    columns=2,
    per_class={"train": 30_000, "test": 1_900},
    escapes=(("\\", " "),),
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
    """
    return zhang_source(PUBLISHED, path, part, vocabulary, length, word_pieces, verify)
