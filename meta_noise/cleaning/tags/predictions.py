"""What tag a token gets from models that did not learn it: by its sentence, and by what its word is elsewhere.

Two kinds of folds. A model that saw no tag of the sentence still knows how the word is tagged elsewhere; a tag that is
wrong wherever the word stands, as by a list of names, looks right to it. A model that saw no tag of the word has to go
by the words around, by endings and by shapes; its mean over all places of a word tells what the word is by where it
stands.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from meta_noise.cleaning.tags.features import TokenRows
from meta_noise.cleaning.tournament.softmax import fit_softmax, one_hot, scores_of, softmax

STRENGTH, STEPS = 0.5, 40  # of the penalty, of L-BFGS
AT_ONCE = 2  # folds
FAMILIAR = 4  # tokens from which a word shows how it is tagged
RULED = 0.25  # share of what predictions contradict that words have everywhere, from which errors follow words
ELSEWHERE = 0.9  # weight of what a word is elsewhere, where errors follow words
LEAST = 1e-5  # probability


def out_of_fold(
    x: TokenRows, evidence: Callable[[int], np.ndarray], fold_of: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Returns [n, C] float32 probabilities of tokens by models that learned from tokens of other folds.

    Args:
        x: [n, D] the tokens.
        evidence: `fold -> [n, C]` how likely what is known of a token, but for those of the fold, is under each tag.
        fold_of: [n] int.
        weights: [n] of the tokens; all one where None.
    """

    def run(fold: int) -> tuple[np.ndarray, np.ndarray]:
        train, rest = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        weight = None if weights is None else weights[train]
        head = fit_softmax(x[train], evidence(fold)[train], STRENGTH, weight, steps=STEPS)
        return rest, softmax(scores_of(head, x[rest]))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = list(pool.map(run, np.unique(fold_of).tolist()))
    found = np.empty((len(fold_of), parts[0][1].shape[1]), np.float32)
    for rest, p in parts:
        found[rest] = p
    return found


def by_sentence(plain: TokenRows, full: TokenRows, given: np.ndarray, classes: int, fold_of: np.ndarray) -> np.ndarray:
    """Returns p(given | x) [n, C]: the mean, of logarithms, of two models, one of which knows vectors of words."""
    evidence = one_hot(given, classes)
    first, second = (out_of_fold(x, lambda fold: evidence, fold_of) for x in (plain, full))
    return mixed(first, second, 0.5)


def by_word(full: TokenRows, given: np.ndarray, classes: int, word: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Returns [n, C]: the mean over all places of a word of what models say that learned no tag of the word."""
    fold_of = np.random.default_rng(seed).permutation(np.arange(int(word.max()) + 1) % folds)[word]
    evidence = one_hot(given, classes)
    p = out_of_fold(full, lambda fold: evidence, fold_of)
    sums = np.stack([np.bincount(word, column) for column in p.T], axis=1)
    return (sums[word] / np.bincount(word)[word][:, None]).astype(np.float32)


def follows_words(p: np.ndarray, given: np.ndarray, word: np.ndarray) -> float:
    """Returns 0..1: of the given tags that predictions p [n, C] contradict, how many are what the word mostly has at
    its other places. Errors drawn by chance are hardly ever that; those by a list of words are."""
    rows, classes = np.arange(len(given)), p.shape[1]
    counts = np.zeros((int(word.max()) + 1, classes), np.float32)
    np.add.at(counts, (word, given), 1)
    others = counts[word]
    others[rows, given] -= 1
    odd = (p.argmax(axis=1) != given) & (others.sum(axis=1) + 1 >= FAMILIAR)
    return float(np.mean(others[odd].argmax(axis=1) == given[odd])) if odd.any() else 0.0


def mixed(p: np.ndarray, q: np.ndarray, weight: float) -> np.ndarray:
    """Returns [n, C] the mean of the logarithms of p and q, q with a weight in 0..1, as probabilities."""
    logs = [share * np.log(np.maximum(one, LEAST)) for share, one in ((1 - weight, p), (weight, q))]
    return softmax(logs[0] + logs[1]).astype(np.float32)
