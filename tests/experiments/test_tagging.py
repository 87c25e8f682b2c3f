"""What experiments/own_data/tagging.py measures."""

from experiments.own_data.tagging import measured
from tests import tagged


def test_wrong_tags_are_measured():
    clean = tagged.sentences()
    noisy, wrong = tagged.with_wrong(clean)
    found = measured(noisy, clean)
    assert found["tokens"] == len(wrong) and found["wrong"] == wrong.mean()
    assert found["quality"] > 0.9 and found["right tags after"] > found["right tags before"] == 1 - wrong.mean()
