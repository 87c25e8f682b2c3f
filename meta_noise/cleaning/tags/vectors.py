"""Vectors of words by the words that stand beside them, from the sentences themselves.

Positive pointwise mutual information and a truncated singular value decomposition, contexts smoothed by the power 3/4:
O. Levy, Y. Goldberg, I. Dagan, "Improving Distributional Similarity with Lessons Learned from Word Embeddings",
TACL 2015.
"""

import numpy as np
import scipy.sparse as sp
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

SIZE, POWER = 50, 0.75


def word_vectors(word: np.ndarray, before: np.ndarray, after: np.ndarray, words: int, seed: int = 0) -> np.ndarray:
    """Returns [words, d] float32 of length 1, or 0 for words of which nothing is known; d is at most `SIZE`.

    Args:
        word, before, after: [N] int number of a token's word and of those beside it, 0..words - 1.
        words: how many there are.
        seed: of the decomposition.
    """
    ones = np.ones(len(word), np.float32)
    seen = sp.hstack([sp.csr_matrix((ones, (word, side)), shape=(words, words)) for side in (before, after)]).tocoo()
    seen.sum_duplicates()
    rows, columns = (np.asarray(seen.sum(axis=axis)).ravel() for axis in (1, 0))
    smooth = columns**POWER
    surprise = np.log(seen.data * smooth.sum() / (rows[seen.row] * smooth[seen.col]))
    kept = surprise > 0
    table = sp.csr_matrix((surprise[kept], (seen.row[kept], seen.col[kept])), shape=seen.shape, dtype=np.float32)
    size = min(SIZE, words - 1)
    if size < 1 or not table.nnz:
        return np.zeros((words, 1), np.float32)
    found = TruncatedSVD(size, n_iter=3, random_state=seed).fit_transform(table)
    return normalize(found).astype(np.float32)
