"""The fast candidates of the tournament as scikit-learn classifiers that learn all rows and tell of new ones.

`meta_noise.cleaning.tournament` asks its candidates about the rows that it has. Here each has a counterpart of the same
name that can be asked about any row, on the same kind of inputs. One of them, the one that did best, learns the labels
that were found most probable.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler, normalize

from meta_noise.cleaning.views.images import has_patches, learned_patches, patch_vectors, small_and_edges
from meta_noise.cleaning.views.numbers import LANDMARKS, squared_distances
from meta_noise.cleaning.views.texts import LONGEST, NGRAMS, WORDS, decomposition, words_and_pairs

WEAK = 5.0  # inverse of the penalty of linear candidates, on rows whose mean squared length is 1
NEAR, ENOUGH = 10, 100  # neighbours; texts from which a word has to occur twice
TREES, LEAF = 300, 3
MARKED = 200  # rows between which the usual distance is measured


class UnitRows(TransformerMixin, BaseEstimator):
    """Numbers of mean 0 and like variance, the mean squared length of a row being 1, far ones clipped."""

    def fit(self, x: Any, y: Any = None) -> "UnitRows":
        """Measures means and deviations of rows x [N, D]."""
        self.scaler_ = StandardScaler().fit(x)
        scaled = np.clip(self.scaler_.transform(x), -10, 10)
        self.length_ = float(np.sqrt(np.mean(np.einsum("nd,nd->n", scaled, scaled)))) or 1.0
        return self

    def transform(self, x: Any) -> np.ndarray:
        """Returns rows x [n, D] so scaled."""
        return np.clip(self.scaler_.transform(x), -10, 10) / self.length_


class Radial(TransformerMixin, BaseEstimator):
    """A Gaussian of the distance to each of some rows, made independent; its width is the usual distance."""

    def __init__(self, seed: int = 0):
        self.seed = seed

    def fit(self, x: np.ndarray, y: Any = None) -> "Radial":
        """Draws the rows from x [N, D]."""
        drawn = np.random.default_rng(self.seed).permutation(len(x))[:MARKED]
        among = squared_distances(x[drawn], x[drawn])
        width = float(np.median(among[among > 1e-9])) if (among > 1e-9).any() else 1.0
        count = min(LANDMARKS, len(x))
        self.map_ = Nystroem(gamma=1 / width, n_components=count, random_state=self.seed).fit(x)
        return self

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Returns [n, L] for rows x [n, D]."""
        return self.map_.transform(x)


class Topics(TransformerMixin, BaseEstimator):
    """A truncated singular value decomposition of terms, rows of length 1; the terms themselves where they are few."""

    def __init__(self, seed: int = 0):
        self.seed = seed

    def fit(self, terms: Any, y: Any = None) -> "Topics":
        """Learns topics of terms [N, D], sparse."""
        found = decomposition(terms, self.seed)
        self.topics_ = None if found is None else found.fit(terms)
        return self

    def transform(self, terms: Any) -> Any:
        """Returns [n, topics] for rows of terms [n, D]."""
        return normalize(terms if self.topics_ is None else self.topics_.transform(terms))


class PictureVectors(TransformerMixin, BaseEstimator):
    """Images as edges, colours and learned patches."""

    def __init__(self, seed: int = 0):
        self.seed = seed

    def fit(self, images: np.ndarray, y: Any = None) -> "PictureVectors":
        """Learns patches from images [N, H, W, C] uint8."""
        small, _ = small_and_edges(images)
        self.patches_ = learned_patches(small, self.seed) if has_patches(small) else None
        return self

    def transform(self, images: np.ndarray) -> np.ndarray:
        """Returns vectors [n, D] of images [n, H, W, C]."""
        small, edges = small_and_edges(images)
        return edges if self.patches_ is None else np.hstack([edges, patch_vectors(small, self.patches_)])


def candidates(kind: str, rows: int, seed: int) -> Mapping[str, Callable[[], Any]]:
    """Returns name -> maker of a classifier with `fit` and `predict_proba`, the usual one first.

    Args:
        kind: of the inputs: "texts" (a list), "images" [N, H, W, C], "table" or "features" [N, D].
        rows: N.
        seed: of what is drawn.
    """
    if kind == "texts":
        return {
            "linear on terms": lambda: make_pipeline(_terms(rows), _linear()),
            "linear on topics": lambda: make_pipeline(_terms(rows), Topics(seed), _linear()),
            "neighbours": lambda: make_pipeline(_terms(rows), Topics(seed), _neighbours(rows)),
        }
    if kind == "images":
        return {
            "linear on pictures": lambda: make_pipeline(PictureVectors(seed), UnitRows(), _linear()),
            "neighbours": lambda: make_pipeline(PictureVectors(seed), UnitRows(), _neighbours(rows)),
        }
    found: dict[str, Callable[[], Any]] = {
        "linear on numbers": lambda: make_pipeline(UnitRows(), _linear()),
        "linear on radial": lambda: make_pipeline(UnitRows(), Radial(seed), _linear()),
        "neighbours": lambda: make_pipeline(UnitRows(), _neighbours(rows)),
    }
    if kind == "table":
        found["forest"] = lambda: RandomForestClassifier(TREES, min_samples_leaf=LEAF, random_state=seed)
        found["boosted trees"] = lambda: HistGradientBoostingClassifier(
            max_iter=100, max_leaf_nodes=8, min_samples_leaf=10, random_state=seed
        )
    return found


def _linear() -> LogisticRegression:
    return LogisticRegression(C=WEAK, max_iter=500)


def _neighbours(rows: int) -> KNeighborsClassifier:
    return KNeighborsClassifier(min(NEAR, rows), weights="uniform")


def _terms(rows: int) -> FeatureUnion:
    """Returns tf-idf of one and two words beside that of 2 to 4 characters, as the tournament has it."""
    least = 2 if rows > ENOUGH else 1
    usual: dict[str, Any] = {"min_df": least, "sublinear_tf": True, "dtype": np.float32}
    words = TfidfVectorizer(analyzer=words_and_pairs, max_features=WORDS, **usual)
    letters = TfidfVectorizer(
        preprocessor=_first, analyzer="char_wb", ngram_range=(2, 4), max_features=NGRAMS, lowercase=False, **usual
    )
    half = 0.5**0.5
    return FeatureUnion([("words", words), ("letters", letters)], transformer_weights={"words": half, "letters": half})


def _first(text: str) -> str:
    """Returns what is looked at of a text, in lower case."""
    return " ".join(text[:LONGEST].split()).lower()
