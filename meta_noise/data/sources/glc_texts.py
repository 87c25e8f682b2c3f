"""Two text sets in the form that GLC used them: Twitter part-of-speech tags, and SST, binary.

D. Hendrycks, M. Mazeika, D. Wilson, K. Gimpel, "Using Trusted Data to Train Deep Networks on Labels Corrupted by Severe
Noise", NeurIPS 2018, https://arxiv.org/abs/1802.05300, and MLC-T after it.

Tags: K. Gimpel et al., "Part-of-Speech Tagging for Twitter: Annotation, Features, and Experiments", ACL 2011,
https://aclanthology.org/P11-2008. Every word of a tweet is a row, with the word before it and the word after it.
Trained on the training and the development part, tested on the other. It differs in the words: GLC takes published word
vectors, here they are numbers whose vectors are learned.

SST: R. Socher et al., "Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank", EMNLP 2013,
https://aclanthology.org/D13-1170: sentences and phrases of film reviews, negative or positive.
"""

from collections.abc import Sequence

import numpy as np

from meta_noise.data.formats.published import check_part
from meta_noise.data.source import Source, row_ids
from meta_noise.data.text.files import class_names_to_numbers, class_numbers, find, open_text, read_rows
from meta_noise.data.text.tokens import tokenise
from meta_noise.data.text.words import PADDING, build_vocabulary, number_words
from meta_noise.errors import InputError

TAGS = tuple("!#$&,@ADEGLMNOPRSTUVXYZ^~")
FILES = {"train": ("tweets-train.txt", "tweets-dev.txt"), "test": ("tweets-devtest.txt",)}
TWITTER_ADVICE = "Get the files of the folder Twitter/data/Tweets of https://github.com/mmazeika/glc"
SENTIMENTS = ("negative", "positive")
SST_ADVICE = "Get the files of the folder SST/data/SST/ of https://github.com/mmazeika/glc"

Tweet = list[tuple[str, str]]  # (word, tag)


def twitter_pos(path: str = "", part: str = "train", vocabulary: int = 5_000) -> Source:
    """Returns 19,442 training or 7,152 test words, with their true tags as labels.

    Args:
        path: folder with `tweets-train.txt`, `tweets-dev.txt` and `tweets-devtest.txt`.
        part: "train" or "test".
        vocabulary: number of tokens, padding and the unknown word among them; words of the test part are numbered by
            the training words.

    Returns:
        inputs [N, 3] int32 tokens of the word before, the word and the word after, 0 where the tweet ends; 25 classes;
        ids such as "twitter_pos-train-0012-03" hold the number of the tweet and of the word in it.

    >>> from meta_noise.data.sources.glc_texts import twitter_pos
    >>> twitter_pos("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set twitter_pos
    """
    tweets = [tweet for file in FILES[check_part(part)] for tweet in _read_tweets(path, file)]
    training = tweets if part == "train" else [tweet for file in FILES["train"] for tweet in _read_tweets(path, file)]
    words = build_vocabulary(([word.lower() for word, _ in tweet] for tweet in training), vocabulary)
    windows = [_windows(number_words([word.lower() for word, _ in tweet], words)) for tweet in tweets]
    labels = class_names_to_numbers([tag for tweet in tweets for _, tag in tweet], TAGS, path)
    ids = [identifier for number, tweet in enumerate(tweets) for identifier in _ids(f"{part}-{number:04d}", tweet)]
    return Source(np.concatenate(windows), labels, np.array(ids, np.str_), TAGS, labels.copy(), name="twitter_pos")


def sst2(
    path: str = "", part: str = "train", vocabulary: int = 20_000, length: int = 48, word_pieces: str = ""
) -> Source:
    """Returns 67,349 training phrases or 1,821 test sentences, with their true labels.

    Args:
        path: folder with `senti.binary.train` and `senti.binary.test`, also with `.tsv` and `.gz` behind the names.
        part: "train" or "test"; the published development part is not read.
        vocabulary, length, word_pieces: as in `ag_news`.

    Returns:
        inputs [N, length] int32 tokens; ids such as "sst2-train-00012" hold the row number in the file.

    >>> from meta_noise.data.sources.glc_texts import sst2
    >>> sst2("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set sst2. Get t
    """
    texts, labels = _read_phrases(path, check_part(part))
    tokens = tokenise(texts, lambda: _read_phrases(path, "train")[0], vocabulary, length, word_pieces)
    return Source(tokens, labels, row_ids(f"sst2-{part}", len(labels)), SENTIMENTS, labels.copy(), name="sst2")


def _read_tweets(path: str, file: str) -> list[Tweet]:
    """Returns the tweets of a file: a line is a word, a tab and its tag, and an empty line ends a tweet."""
    found = find("twitter_pos", path, TWITTER_ADVICE, file)
    tweets: list[Tweet] = [[]]
    with open_text(found) as stream:
        for number, line in enumerate(stream, start=1):
            cells = line.strip("\r\n").split("\t")
            if cells == [""]:
                tweets.append([])
            elif len(cells) == 2:
                tweets[-1].append((cells[0], cells[1]))
            else:
                raise InputError(f"{found}, line {number} is {line!r}; a line is a word, a tab and its tag.")
    return [tweet for tweet in tweets if tweet]


def _windows(tokens: Sequence[int]) -> np.ndarray:
    """Returns [n, 3] int32: each token between its neighbours."""
    around = np.array([PADDING, *tokens, PADDING], np.int32)
    return np.stack([around[:-2], around[1:-1], around[2:]], axis=1)


def _ids(prefix: str, tweet: Tweet) -> list[str]:
    return row_ids(f"twitter_pos-{prefix}", len(tweet), digits=2).tolist()


def _read_phrases(path: str, part: str):
    """Returns texts and classes [N] int32."""
    file = find("sst2", path, SST_ADVICE, f"senti.binary.{part}", f"senti.binary.{part}.tsv")
    rows = list(read_rows(file, "\t", quotes=False))
    if any(len(row) != 2 for row in rows):
        raise InputError(f"{file} is not a file of SST, whose lines are a text, a tab and a label.")
    return [row[0] for row in rows], class_numbers([row[1] for row in rows], 0, len(SENTIMENTS), file)
