import numpy as np

from meta_noise.data.votes.dawid_skene import dawid_skene
from meta_noise.data.votes.rules import rules_posterior


def one_sided(rows=2000, seed=0):
    """Returns votes of rules each of which ever names one class, and true classes; the rules of class 0 are worse."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(rows) < 0.4).astype(int)
    votes = np.full((rows, 6), -1)
    for rule, (klass, hit, miss) in enumerate([(0, 0.3, 0.1), (0, 0.25, 0.1), (0, 0.2, 0.08), *[(1, 0.4, 0.03)] * 3]):
        speaks = rng.random(rows) < np.where(truth == klass, hit, miss)
        votes[speaks, rule] = klass
    return votes, truth


def test_silence_tells_what_rules_of_one_class_cannot():
    votes, truth = one_sided()
    said = (votes >= 0).any(axis=1)
    found = rules_posterior(votes, 2)
    right = (found.argmax(axis=1) == truth)[said].mean()
    counts = np.stack([(votes == klass).sum(axis=1) for klass in (0, 1)], axis=1)
    assert right > 0.8 and right >= (counts.argmax(axis=1) == truth)[said].mean()
    assert right > (dawid_skene(votes, 2).posterior.argmax(axis=1) == truth)[said].mean()
    assert np.allclose(found.sum(axis=1), 1)


def test_accuracy_of_rules_is_near_the_truth():
    votes, truth = one_sided()
    found = rules_posterior(votes, 2)
    for rule in range(6):
        spoken = votes[:, rule] >= 0
        told = found[spoken, votes[spoken, rule]].mean()
        assert abs(told - (votes[spoken, rule] == truth[spoken]).mean()) < 0.12


def test_silence_alone_is_believed_to_be_the_shares():
    found = rules_posterior(np.full((5, 2), -1), 3)
    assert np.allclose(found, 1 / 3)
