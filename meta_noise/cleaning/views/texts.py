"""Texts as tf-idf of words and of character n-grams, in every script, and as topics."""

import itertools
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from meta_noise.data.text.words import split_words

WORDS, NGRAMS, TOPICS = 30_000, 30_000, 200
LONGEST = 2_000  # characters of a text that are looked at for n-grams


def terms(texts: Sequence[str]) -> sp.csr_matrix:
    """Returns [N, D] float32 sparse: tf-idf of one and two words beside that of 2 to 4 characters, each of length 1."""
    words = _tfidf(texts, analyzer=words_and_pairs, max_features=WORDS)
    letters = _tfidf(
        [" ".join(text[:LONGEST].split()) for text in texts],
        analyzer="char_wb",
        ngram_range=(2, 4),
        max_features=NGRAMS,
    )
    found = [part for part in (words, letters) if part is not None]
    if not found:
        return sp.csr_matrix((len(texts), 1), dtype=np.float32)
    return (sp.hstack(found).tocsr() * (1 / len(found)) ** 0.5).astype(np.float32)


def words_and_pairs(text: str) -> list[str]:
    """Returns the tokens of a text and each pair of neighbours."""
    words = split_words(text)
    return words + [f"{first} {second}" for first, second in itertools.pairwise(words)]


def _tfidf(texts: Sequence[str], **settings) -> sp.csr_matrix | None:
    """Returns tf-idf of what occurs in two texts or more; None where nothing does."""
    least = 2 if len(texts) > 100 else 1
    vectorizer = TfidfVectorizer(min_df=least, sublinear_tf=True, dtype=np.float32, **settings)
    try:
        return vectorizer.fit_transform(texts)
    except ValueError:  # an empty vocabulary
        return None


def topics(matrix: sp.csr_matrix, seed: int = 0) -> np.ndarray:
    """Returns [N, d] float32 rows of length 1: a truncated singular value decomposition of [N, D]."""
    found = decomposition(matrix, seed)
    return matrix.toarray() if found is None else normalize(found.fit_transform(matrix)).astype(np.float32)


def decomposition(matrix: sp.csr_matrix, seed: int = 0) -> TruncatedSVD | None:
    """Returns what will learn the topics of [N, D]; None where rows or words are too few for any."""
    size = min(TOPICS, min(matrix.shape) - 1)
    return TruncatedSVD(size, random_state=seed) if size > 0 else None
