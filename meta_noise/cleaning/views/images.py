"""Images as learned patches, edges and colours."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import PCA

from meta_noise.cleaning.views.edges import edges_and_colours
from meta_noise.cleaning.views.numbers import standardised, unit_rows

SIDE, PATCH, STRIDE, CENTRES, CELLS = 32, 6, 2, 256, 2
SAMPLED = 40_000  # patches from which centres are learned
BLOCK, SHORT = 500, 100  # images at a time; dimensions of the short vectors


class Patches(NamedTuple):
    """Learned patches of d numbers: `mean` [d], `whiten` [d, d], `centres` [K, d]."""

    mean: np.ndarray
    whiten: np.ndarray
    centres: np.ndarray


def picture_vectors(images: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Returns vectors [N, D] float32 for linear classifiers and shorter ones [N, d] for neighbours.

    Args:
        images: [N, H, W, C] uint8, one or three channels, in memory or streamed from disk.
        seed: of the patches that are drawn.
    """
    small, edges = small_and_edges(images)
    parts = [standardised(edges)]
    if has_patches(small):
        parts.append(standardised(patch_vectors(small, learned_patches(small, seed))))
    found = unit_rows(np.concatenate(parts, axis=1))
    size = min(SHORT, *found.shape)
    with np.errstate(invalid="ignore"):  # images that are all alike have no variance to explain
        short = unit_rows(PCA(size, svd_solver="randomized", random_state=seed).fit_transform(found))
    return found, short


def small_and_edges(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns images [N, H, W, C] made small, and their edges and colours [N, D]."""
    read = [(_small(block), edges_and_colours(block)) for block in _blocks(images)]
    return np.concatenate([block for block, _ in read]), np.concatenate([edges for _, edges in read])


def has_patches(small: np.ndarray) -> bool:
    """Says whether small images are large enough for patches."""
    return min(small.shape[1:3]) >= PATCH + STRIDE


def _blocks(images: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(images), BLOCK):
        yield images[np.arange(start, min(start + BLOCK, len(images)))]  # row numbers, as streamed images want them


def _small(images: np.ndarray) -> np.ndarray:
    """Returns images of at most 32 pixels a side, made smaller by taking means over a grid."""
    found = images
    for axis in (1, 2):
        if found.shape[axis] > SIDE:
            starts = np.linspace(0, found.shape[axis], SIDE, endpoint=False).astype(int)
            counts = np.diff(np.append(starts, found.shape[axis]))
            shape = [1, 1, 1, 1]
            shape[axis] = -1
            found = np.add.reduceat(found, starts, axis=axis, dtype=np.float32) / counts.reshape(shape)
    return found


def learned_patches(images: np.ndarray, seed: int) -> Patches:
    """Returns patches learned from small images [N, H, W, C].

    A. Coates, H. Lee and A. Y. Ng, "An Analysis of Single-Layer Networks in Unsupervised Feature Learning", AISTATS
    2011: patches of equal contrast, whitened, against the centres of k-means by the "triangle" function; here with
    fewer centres and larger steps.
    """
    rng = np.random.default_rng(seed)
    rows = rng.integers(len(images), size=min(SAMPLED // 4, 4 * len(images)))
    sample = np.concatenate(
        [_windows(images[np.sort(block)]) for block in np.array_split(rows, max(len(rows) // BLOCK, 1))]
    )
    sample = sample.reshape(-1, sample.shape[-1])
    sample = sample[rng.choice(len(sample), min(SAMPLED, len(sample)), replace=False)]
    mean = sample.mean(axis=0)
    eigenvalues, vectors = np.linalg.eigh(np.cov((sample - mean).T))
    whiten = ((vectors / np.sqrt(np.maximum(eigenvalues, 0) + 0.1)) @ vectors.T).astype(np.float32)
    count = min(CENTRES, len(sample))
    means = MiniBatchKMeans(count, batch_size=4096, n_init=1, max_iter=20, random_state=seed)
    return Patches(mean, whiten, means.fit((sample - mean) @ whiten).cluster_centers_.astype(np.float32))


def patch_vectors(images: np.ndarray, patches: Patches) -> np.ndarray:
    """Returns [N, CELLS^2 * K]: how near the patches of each cell of a small image are to the learned centres."""
    mean, whiten, centres = patches
    return np.concatenate([_triangle((_windows(block) - mean) @ whiten, centres) for block in _blocks(images)])


def _windows(images: np.ndarray) -> np.ndarray:
    """Returns [N, h, w, PATCH * PATCH * C] float32 patches, each of mean 0 and like contrast."""
    view = np.lib.stride_tricks.sliding_window_view(images.astype(np.float32), (PATCH, PATCH), axis=(1, 2))
    found = view[:, ::STRIDE, ::STRIDE]
    found = found.reshape(*found.shape[:3], -1)
    found = found - found.mean(axis=-1, keepdims=True)
    return found / np.sqrt(found.var(axis=-1, keepdims=True) + 10)


def _triangle(patches: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Returns [N, CELLS^2 * K]: how much nearer than usual each centre is, summed over the cells of a grid."""
    count, high, wide, size = patches.shape
    flat = patches.reshape(-1, size)
    lengths = np.einsum("nd,nd->n", flat, flat)[:, None] + np.einsum("kd,kd->k", centres, centres)
    squares = lengths - 2 * flat @ centres.T
    distance = np.sqrt(np.where(squares > 1e-5 * lengths, squares, 0))  # less is rounding, which the root enlarges
    near = np.maximum(distance.mean(axis=1, keepdims=True) - distance, 0).reshape(count, high, wide, -1)
    tops = [near[:, rows].sum(axis=1) for rows in np.array_split(np.arange(high), CELLS)]
    cells = [top[:, cols].sum(axis=1) for top in tops for cols in np.array_split(np.arange(wide), CELLS)]
    return np.concatenate(cells, axis=1)
