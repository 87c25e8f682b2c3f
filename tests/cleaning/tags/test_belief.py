"""What trusted sentences tell of the noise."""

import numpy as np
import pytest

from meta_noise.cleaning.tags.belief import worth_of_sentences


def test_wrong_tokens_that_come_together_are_worth_one_each_sentence():
    sentence = np.repeat(np.arange(50), 10)
    together = np.repeat(np.arange(50) % 5 == 0, 10)
    assert worth_of_sentences(together, sentence) == pytest.approx(49, abs=1)
    one_each = np.tile(np.arange(10) == 0, 50)
    assert worth_of_sentences(one_each, sentence) == 500
    assert worth_of_sentences(np.zeros(500, bool), sentence) == 50
