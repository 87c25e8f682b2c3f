"""Rows as short vectors for a fast classifier: words of texts, edges and colours of images, numbers as they are."""

from collections.abc import Sequence

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import StandardScaler

TERMS, TOPICS = 20_000, 200  # words looked at, dimensions that are left of them
CELLS, ANGLES, COLOURS = 4, 8, 4  # cells a side for edges, directions of edges, cells a side for colours
BLOCK = 2000  # images at a time


def vectors(kind: str, inputs: np.ndarray, texts: Sequence[str] | None) -> tuple[np.ndarray, str]:
    """Returns standardised vectors [N, D] float32, and what they are in words.

    Args:
        kind: "images", "texts", "table" or "features".
        inputs: [N, ...] images uint8 or numbers; not looked at for texts.
        texts: N texts where `kind` says so.
    """
    if kind == "texts":
        values, what = _words(texts or ()), "words (tf-idf)"
    elif kind == "images":
        blocks = [edges_and_colours(inputs[start : start + BLOCK]) for start in range(0, len(inputs), BLOCK)]
        values, what = np.concatenate(blocks), "edges and colours"
    else:
        values, what = inputs, "the numbers as they are"
    return StandardScaler().fit_transform(values).astype(np.float32), what


def _words(texts: Sequence[str]) -> np.ndarray:
    """Returns [N, D]: tf-idf of the words, reduced by a truncated singular value decomposition."""
    try:
        matrix = TfidfVectorizer(max_features=TERMS, sublinear_tf=True, dtype=np.float32).fit_transform(texts)
    except ValueError:  # no word of two letters anywhere
        matrix = TfidfVectorizer(analyzer="char", max_features=TERMS, dtype=np.float32).fit_transform(texts)
    size = min(TOPICS, min(matrix.shape) - 1)
    if size < 1:
        return matrix.toarray()
    return TruncatedSVD(size, random_state=0).fit_transform(matrix)


def edges_and_colours(images: np.ndarray) -> np.ndarray:
    """Returns [N, D] of images [N, H, W, C] uint8: lengths of edges by place and direction, mean colours by place.

    The edges are histograms of oriented gradients: N. Dalal and B. Triggs, "Histograms of Oriented Gradients for Human
    Detection", CVPR 2005, https://doi.org/10.1109/CVPR.2005.177; here without overlapping blocks.
    """
    pixels = images.astype(np.float32) / 255
    grey = pixels.mean(axis=-1)  # [N, H, W]
    if min(grey.shape[1:]) < 2:
        return grey.reshape(len(grey), -1)
    down, across = np.gradient(grey, axis=(1, 2))
    length = np.hypot(down, across)
    angle = ((np.arctan2(down, across) % np.pi) * (ANGLES / np.pi)).astype(int) % ANGLES
    edges = [_means(np.where(angle == number, length, 0)[..., None], CELLS) for number in range(ANGLES)]
    found = np.concatenate(edges, axis=1)
    norm = np.linalg.norm(found, axis=1, keepdims=True)
    return np.concatenate([found / np.maximum(norm, 1e-6), _means(pixels, COLOURS)], axis=1)


def _means(images: np.ndarray, cells: int) -> np.ndarray:
    """Returns the means [N, cells * cells * C] of images [N, H, W, C] over a grid; fewer cells for tiny images."""
    for axis in (1, 2):
        starts = np.unique(np.linspace(0, images.shape[axis], cells, endpoint=False).astype(int))
        counts = np.diff(np.append(starts, images.shape[axis])).astype(np.float32)
        shape = [1, 1, 1, 1]
        shape[axis] = -1
        images = np.add.reduceat(images, starts, axis=axis) / counts.reshape(shape)
    return images.reshape(len(images), -1)
