"""What is true, told from votes of weak rules, most of which keep silent in most rows.

The model is that of A. P. Dawid and A. M. Skene (see `meta_noise.data.votes.dawid_skene`) with silence as one more
answer. Without it the model goes astray: most rules have one class that they ever name, so given that they speak they
say the same whatever is true, and nothing ties a class to its rules. Differs by a prior worth `STRENGTH` rows for each
rule and class, under which a rule speaks as often as it does and is right in `RIGHT` of its votes; rules speak of few
rows, and few votes would outweigh any smaller one.
"""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import logsumexp

from meta_noise.data.votes.dawid_skene import counts_of

RIGHT, STRENGTH = 0.9, 1000.0
MOST_SPOKEN = 0.95  # share of rows in which a rule speaks at most, under the prior
STEPS, ENOUGH = 100, 1e-5


def rules_posterior(votes: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns the probability of each class [N, C] given votes [N, A] int of A rules, -1 where one keeps silent."""
    rows, rules = np.nonzero(votes >= 0)
    size, count = votes.shape
    spoken = csr_matrix(
        (np.ones(len(rows)), (rows, rules * num_classes + votes[rows, rules])), (size, count * num_classes)
    )  # [N, A C]
    counts = counts_of(votes, num_classes)
    has_votes = counts.sum(axis=1) > 0
    first = (counts + 1e-3) / (counts + 1e-3).sum(axis=1, keepdims=True)
    share = first[has_votes].mean(axis=0) if has_votes.any() else np.full(num_classes, 1 / num_classes)
    posterior = np.where(has_votes[:, None], first, share)
    says, silent = _prior(np.asarray(spoken.mean(axis=0)).reshape(count, num_classes), share)
    for _ in range(STEPS):
        seen = (spoken.T @ posterior).reshape(count, num_classes, num_classes).transpose(0, 2, 1)  # [A, true, said]
        total = posterior.sum(axis=0)[None, :, None] + STRENGTH
        said = (seen + STRENGTH * says + 1e-9) / total
        none = np.maximum((total[..., 0] - STRENGTH - seen.sum(axis=2) + STRENGTH * silent) / total[..., 0], 1e-9)
        change = (np.log(said) - np.log(none)[:, :, None]).transpose(0, 2, 1).reshape(-1, num_classes)
        scores = spoken @ change + np.log(none).sum(axis=0) + np.log(posterior.mean(axis=0) + 1e-12)
        before, posterior = posterior, np.exp(scores - logsumexp(scores, axis=1, keepdims=True))
        if np.abs(posterior - before).max(initial=0) < ENOUGH:
            break
    return posterior


def _prior(rate: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the probabilities [A, C true, C said] of what a rule says and [A, C] of silence, from how often it says
    each class `rate` [A, C] and the shares of the classes [C]."""
    classes = len(share)
    right = np.eye(classes, dtype=bool)
    per_class = np.where(right, RIGHT / np.maximum(share, 1e-6), (1 - RIGHT) / np.maximum(1 - share, 1e-6))
    says = rate[:, None, :] * per_class[None]
    says /= np.maximum(says.sum(axis=2, keepdims=True) / MOST_SPOKEN, 1)
    return says, 1 - says.sum(axis=2)
