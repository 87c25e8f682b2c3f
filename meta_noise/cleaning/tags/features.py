"""Tokens in their sentence as rows of features, which are looked up by word.

All that is said of a token depends on its word and on those around it, and words are few beside tokens. So there is one
table for words and one for the words around, and a token is a row number in each; a product with weights is made for
words and then handed to tokens. The features are those of taggers without a network (L. Ratinov, D. Roth, "Design
Challenges and Misconceptions in Named Entity Recognition", CoNLL 2009), beside vectors of the words from the sentences
themselves (`meta_noise.cleaning.tags.vectors`).
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import LinearOperator
from sklearn.feature_extraction.text import CountVectorizer

from meta_noise.cleaning.tags.vectors import word_vectors
from meta_noise.cleaning.views import Matrix

MOST_FEATURES, MOST_PAIRS = 30_000, 20_000  # of words, of pairs of neighbours
LONGEST = 100  # characters of a token that are looked at
AFFIXES = (1, 2, 3, 4)  # characters
STEPS = (-2, -1, 1, 2)  # words around
EDGE = " "  # stands for what lies outside of a sentence; no token is one
VECTORS = 0.5  # length of the vector of a word, that of the other features of a token being 1


class Part(NamedTuple):
    """Row `rows[i]` of `table` [V, d] belongs to token i; `rows` is [n] int."""

    table: Matrix
    rows: np.ndarray


class TokenRows(LinearOperator):
    """Rows [n, D] of tokens as a linear operator: `rows @ weights` and `rows.T @ errors` are all that is needed."""

    def __init__(self, parts: Sequence[Part], scales: Sequence[np.ndarray]):
        self.parts, self.scales = parts, scales
        self.gathers = [
            sp.csr_matrix((scale, (part.rows, np.arange(len(part.rows)))), shape=(part.table.shape[0], len(part.rows)))
            for part, scale in zip(parts, scales, strict=True)
        ]
        self.turned = [sp.csr_matrix(part.table.T) if sp.issparse(part.table) else part.table.T for part in parts]
        width = sum(part.table.shape[1] for part in parts)
        super().__init__(np.dtype(np.float32), (len(parts[0].rows), width))

    def __getitem__(self, rows: np.ndarray) -> "TokenRows":
        chosen = [Part(part.table, part.rows[rows]) for part in self.parts]
        return TokenRows(chosen, [scale[rows] for scale in self.scales])

    def _matmat(self, x: np.ndarray) -> np.ndarray:
        found = np.zeros((self.shape[0], x.shape[1]), np.float32)
        begin = 0
        for part, scale in zip(self.parts, self.scales, strict=True):
            end = begin + part.table.shape[1]
            by_word = np.asarray(part.table @ x[begin:end])
            found += by_word[part.rows] * scale[:, None]
            begin = end
        return found

    def _rmatmat(self, x: np.ndarray) -> np.ndarray:
        pairs = zip(self.turned, self.gathers, strict=True)
        return np.concatenate([np.asarray(turned @ (gather @ x)) for turned, gather in pairs])


class TokenViews(NamedTuple):
    """N tokens as classifiers see them.

    Attributes:
        plain: [N, D] words, their beginnings, ends and shapes, and the words around.
        full: the same with vectors of words.
        word: [N] int number of the word, small and capital letters being the same.
        looks: tables of a few numbers of a token's word and of those beside it.
    """

    plain: TokenRows
    full: TokenRows
    word: np.ndarray
    looks: tuple[Part, ...]

    def near(self, rows: np.ndarray) -> np.ndarray:
        """Returns [n, d] float32 short vectors of the tokens numbered so."""
        return np.hstack([part.table[part.rows[rows]] for part in self.looks])


def token_views(tokens: Sequence[str], sentence: np.ndarray, seed: int = 0) -> TokenViews:
    """Returns the views of N tokens whose sentences [N] are numbered from 0.

    Args:
        tokens: the words.
        sentence: [N] int, not falling.
        seed: of what is drawn.
    """
    forms, form = numbered([token[:LONGEST] for token in tokens])
    small, of_form = numbered([one.lower() for one in forms] + [EDGE])
    around = {step: shifted(form, sentence, step, len(forms)) for step in STEPS}
    word, outside = of_form[form], of_form
    counts = np.bincount(form, minlength=len(forms))
    least = 2 if len(tokens) > 100 else 1
    own = Part(_counted(forms, of_itself, counts, least), form)
    beside = _counted([*forms, EDGE], of_neighbour, np.append(counts, len(sentence)), least)
    parts = [own, *(Part(beside, around[step]) for step in STEPS)]
    parts += [_pairs(word, outside[around[step]], len(small), least) for step in (-1, 1)]
    ends = np.append(np.diff(sentence) > 0, True)
    places = 2 * ends + np.append(True, ends[:-1])
    parts.append(Part(np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32), places.astype(int)))
    length = np.sqrt(sum(_squared(part.table)[part.rows] for part in parts))
    scales = [(1 / np.maximum(length, 1e-6)).astype(np.float32)] * len(parts)
    table = VECTORS * word_vectors(form, around[-1], around[1], len(forms) + 1, seed)
    dense = [Part(table, index) for index in (form, around[-1], around[1])]
    ones = [np.ones(len(tokens), np.float32)] * len(dense)
    full = TokenRows([*parts, *dense], [*scales, *ones])
    return TokenViews(TokenRows(parts, scales), full, word, (*dense, Part(_looks(forms), form)))


def of_itself(word: str) -> list[str]:
    """Returns the features of a token by its word."""
    small = word.lower()
    found = [f"as={word}", f"word={small}", f"shape={shape(word)}", f"capital={word[:1].isupper()}"]
    for size in AFFIXES:
        if len(small) > size:
            found += [f"begins={small[:size]}", f"ends={small[-size:]}"]
    return found


def of_neighbour(word: str) -> list[str]:
    """Returns the features that a word lends its neighbours."""
    return [f"word={word.lower()}", f"shape={shape(word)}", f"ends={word.lower()[-3:]}"]


def shape(word: str) -> str:
    """Returns a word with X for capital letters, x for others, 9 for digits, and no more than two alike in a row."""
    letters = re.sub(r"[^\W\d_]", lambda match: "X" if match[0].isupper() else "x", word)
    return re.sub(r"(.)\1{2,}", r"\1\1", re.sub(r"\d", "9", letters))


def numbered(words: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Returns the different words, and the number [n] of each given one among them."""
    numbers: dict[str, int] = {}
    found = np.array([numbers.setdefault(word, len(numbers)) for word in words], int)
    return list(numbers), found


def shifted(values: np.ndarray, sentence: np.ndarray, step: int, outside: int) -> np.ndarray:
    """Returns [N] the value so many tokens further on in the same sentence, `outside` where there is none."""
    there = np.arange(len(values)) + step
    inside = (there >= 0) & (there < len(values))
    inside[inside] = sentence[there[inside]] == sentence[inside]
    return np.where(inside, values[there.clip(0, len(values) - 1)], outside)


def _counted(words: list[str], features: Callable[[str], list[str]], counts: np.ndarray, least: int) -> sp.csr_matrix:
    """Returns [V, d] float32: the features of words that `least` tokens have, the most frequent ones."""
    table = CountVectorizer(analyzer=features, binary=True, dtype=np.float32).fit_transform(words).tocsc()
    tokens = np.asarray(table.T @ counts).ravel()
    kept = np.flatnonzero(tokens >= least)
    if len(kept) > MOST_FEATURES:
        kept = np.sort(kept[np.argsort(-tokens[kept], kind="stable")[:MOST_FEATURES]])
    return table[:, kept].tocsr()


def _pairs(word: np.ndarray, other: np.ndarray, words: int, least: int) -> Part:
    """Returns the pairs of a token and its neighbour as features of their own."""
    _, pair, counts = np.unique(word * words + other, return_inverse=True, return_counts=True)
    kept = np.flatnonzero(counts >= least)
    kept = kept[np.argsort(-counts[kept], kind="stable")[:MOST_PAIRS]]
    place = np.full(len(counts), len(kept))
    place[kept] = np.arange(len(kept))
    return Part(sp.eye(len(kept) + 1, len(kept), dtype=np.float32, format="csr"), place[pair])


def _squared(table: Matrix) -> np.ndarray:
    squares = table.power(2) if isinstance(table, sp.csr_matrix) else table**2
    return np.asarray(squares.sum(axis=1)).ravel()


def _looks(forms: Sequence[str]) -> np.ndarray:
    """Returns [V, 4]: begins with a capital letter, is all capitals, has a digit, has no letter or digit."""
    found = [(f[:1].isupper(), f.isupper(), any(map(str.isdigit, f)), not any(map(str.isalnum, f))) for f in forms]
    return np.array(found, np.float32)
