import numpy as np

from meta_noise.data.votes.dawid_skene import SMOOTHING, counts_of, dawid_skene, majority


def made(key, accuracies, rows=2000, classes=3):
    rng = np.random.default_rng(key)
    truth = rng.integers(0, classes, rows)
    votes = np.stack(
        [np.where(rng.random(rows) < a, truth, (truth + rng.integers(1, classes, rows)) % classes) for a in accuracies],
        axis=1,
    )
    return truth, votes.astype(np.int32)


def test_one_step_is_the_written_equation():
    votes = np.array([[0, 0, 1], [1, 1, 1], [0, -1, -1], [1, 0, -1]])
    found = dawid_skene(votes, 2)
    q = found.posterior
    for a in range(3):
        for c in range(2):
            counts = np.array([SMOOTHING + sum(q[i, c] for i in range(4) if votes[i, a] == v) for v in range(2)])
            np.testing.assert_allclose(found.confusion[a, c], counts / counts.sum(), atol=1e-3)
    for i in range(4):
        parts = [found.confusion[a, :, votes[i, a]] for a in range(3) if votes[i, a] >= 0]
        likely = np.prod(parts, axis=0)
        np.testing.assert_allclose(found.likely[i], likely / likely.max(), rtol=1e-6)


def test_good_annotators_are_told_from_bad_ones_and_outvote_them():
    truth, votes = made(0, (0.95, 0.9, 0.45, 0.4, 0.4))
    found = dawid_skene(votes, 3)
    accuracy = np.einsum("acc,c->a", found.confusion, np.bincount(truth) / len(truth))
    np.testing.assert_allclose(accuracy, (votes == truth[:, None]).mean(axis=0), atol=0.03)
    plain = majority(votes, np.full((len(votes), 3), 1 / 3))
    assert np.mean(found.posterior.argmax(axis=1) == truth) > np.mean(plain == truth) + 0.05


def test_an_annotator_who_always_says_the_opposite_tells_as_much():
    truth, votes = made(1, (0.8, 0.8, 0.8), classes=2)
    votes = np.concatenate([votes, (1 - truth)[:, None].astype(np.int32)], axis=1)
    assert np.mean(dawid_skene(votes, 2).posterior.argmax(axis=1) == truth) > 0.99


def test_to_abstain_can_be_an_answer():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, 1000)
    votes = np.stack([np.where((truth == c) & (rng.random(1000) < 0.7), c, 2) for c in (0, 1)], axis=1)
    spoken = (votes < 2).any(axis=1)
    found = dawid_skene(votes, 2, 3)
    assert found.confusion.shape == (2, 2, 3)
    assert np.mean((found.posterior.argmax(axis=1) == truth)[spoken]) == 1.0


def test_rows_without_votes_say_nothing():
    found = dawid_skene(np.array([[0, 0], [0, 0], [1, 1], [-1, -1]]), 2)
    np.testing.assert_array_equal(found.likely[3], 1.0)
    np.testing.assert_allclose(found.posterior[3], found.posterior.mean(axis=0), atol=1e-3)
    assert np.isfinite(found.confusion).all()


def test_no_votes_at_all_do_no_harm():
    np.testing.assert_allclose(dawid_skene(np.full((3, 2), -1), 2).posterior, 0.5)


def test_the_majority_wins_and_ties_go_by_the_posterior():
    votes = np.array([[0, 0, 1], [0, 1, -1], [-1, -1, -1]])
    posterior = np.array([[0.1, 0.9], [0.3, 0.7], [0.5, 0.5]])
    assert majority(votes, posterior).tolist() == [0, 1, -1]
    assert counts_of(votes, 2).tolist() == [[2, 1], [1, 1], [0, 0]]
