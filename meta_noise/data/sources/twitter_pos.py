"""Twitter part-of-speech tags: every word of a tweet is a row, with the word before it and the word after it.

K. Gimpel et al., "Part-of-Speech Tagging for Twitter: Annotation, Features, and Experiments", ACL 2011,
https://aclanthology.org/P11-2008; as GLC and MLC-T used it: D. Hendrycks, M. Mazeika, D. Wilson, K. Gimpel, "Using
Trusted Data to Train Deep Networks on Labels Corrupted by Severe Noise", NeurIPS 2018, https://arxiv.org/abs/1802.05300.
Trained on the training and the development part, tested on the other. It differs in the words: GLC takes published
word vectors, here they are numbers whose vectors are learned.
"""

from collections.abc import Sequence

import numpy as np

from meta_noise.data.ids import row_ids
from meta_noise.data.parts import check_part
from meta_noise.data.source import Source
from meta_noise.data.text.files import class_names_to_numbers, find, open_text
from meta_noise.data.text.words import PADDING, build_vocabulary, number_words
from meta_noise.errors import InputError

TAGS = tuple("!#$&,@ADEGLMNOPRSTUVXYZ^~")
FILES = {"train": ("tweets-train.txt", "tweets-dev.txt"), "test": ("tweets-devtest.txt",)}
ADVICE = "Get the files of the folder Twitter/data/Tweets of https://github.com/mmazeika/glc"

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
    """
    tweets = [tweet for file in FILES[check_part(part)] for tweet in _read(path, file)]
    training = tweets if part == "train" else [tweet for file in FILES["train"] for tweet in _read(path, file)]
    words = build_vocabulary(([word.lower() for word, _ in tweet] for tweet in training), vocabulary)
    windows = [_windows(number_words([word.lower() for word, _ in tweet], words)) for tweet in tweets]
    labels = class_names_to_numbers([tag for tweet in tweets for _, tag in tweet], TAGS, path)
    ids = [identifier for number, tweet in enumerate(tweets) for identifier in _ids(f"{part}-{number:04d}", tweet)]
    return Source(np.concatenate(windows), labels, np.array(ids, np.str_), TAGS, labels.copy(), name="twitter_pos")


def _read(path: str, file: str) -> list[Tweet]:
    """Returns the tweets of a file: a line is a word, a tab and its tag, and an empty line ends a tweet."""
    found = find("twitter_pos", path, ADVICE, file)
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
