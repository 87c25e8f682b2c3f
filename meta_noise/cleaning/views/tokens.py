"""Tokens in their sentence as matrices: the word, its beginning, end and shape, and the words around it.

The features are those of taggers without a network: L. Ratinov, D. Roth, "Design Challenges and Misconceptions in Named
Entity Recognition", CoNLL 2009.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from meta_noise.cleaning.views.texts import topics
from meta_noise.cleaning.views.views import Views

FEATURES = 60_000
LONGEST = 100  # characters of a token that are looked at
AFFIXES = (1, 2, 3, 4)  # characters
BEGIN, END = "<", ">"
WHAT = "words, their beginnings, ends and shapes, and the words around"


def token_views(sentences: Sequence[Sequence[str]], seed: int = 0) -> Views:
    """Returns the views of all tokens of the sentences, in their order.

    Args:
        sentences: each a sequence of tokens.
        seed: of what is drawn.
    """
    rows = (features for words in sentences for features in sentence_features(words))
    least = 2 if sum(map(len, sentences)) > 100 else 1
    settings = {"min_df": least, "max_features": FEATURES, "sublinear_tf": True, "use_idf": False}
    sparse = TfidfVectorizer(analyzer=list, dtype=np.float32, **settings).fit_transform(rows).tocsr()
    near = topics(sparse, seed)
    return Views({"tokens": sparse, "topics": near}, near, None, WHAT)


def sentence_features(words: Sequence[str]) -> Iterator[list[str]]:
    """Yields the features of each token of a sentence, as words of their own."""
    cut = [BEGIN, BEGIN, *(word[:LONGEST] for word in words), END, END]
    small, shapes = [word.lower() for word in cut], [shape(word) for word in cut]
    for here in range(2, len(cut) - 2):
        word = small[here]
        found = [f"as={cut[here]}", f"word={word}", f"shape={shapes[here]}", f"first={here == 2}"]
        for size in AFFIXES:
            if len(word) > size:
                found += [f"begins={word[:size]}", f"ends={word[-size:]}"]
        for step in (-2, -1, 1, 2):
            found += [f"{step}word={small[here + step]}", f"{step}shape={shapes[here + step]}"]
        found += [f"{step}ends={small[here + step][-3:]}" for step in (-1, 1)]
        found += [f"before={small[here - 1]} {word}", f"after={word} {small[here + 1]}"]
        yield found


def shape(word: str) -> str:
    """Returns a word with X for capital letters, x for others, 9 for digits, and no more than two alike in a row."""
    letters = re.sub(r"[^\W\d_]", lambda match: "X" if match[0].isupper() else "x", word)
    return re.sub(r"(.)\1{2,}", r"\1\1", re.sub(r"\d", "9", letters))
