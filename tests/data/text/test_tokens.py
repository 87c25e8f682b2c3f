import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.data.batches import Store, gather, normalise, statistics
from meta_noise.data.text.tokens import check_tokens, is_tokens, padded, tokenise
from meta_noise.errors import InputError
from tests.texts import write_pieces

TRAINING = ["the oil price", "the price of oil", "the end"]


def test_words_are_numbered_by_the_training_texts_alone():
    train = tokenise(TRAINING, lambda: TRAINING, 10, 4)
    other = tokenise(["END of the oil oil oil", "new new new"], lambda: TRAINING, 10, 4)
    # the: 2, oil: 3, price: 4; of and end occur once
    np.testing.assert_array_equal(train, [[2, 3, 4, 0], [2, 4, 1, 3], [2, 1, 0, 0]])
    np.testing.assert_array_equal(other, [[1, 1, 2, 3], [1, 1, 1, 0]])
    assert train.dtype == np.int32 and is_tokens(train) and not is_tokens(train.astype(np.float32))


def test_word_pieces_need_no_training_texts(tmp_path):
    def training():
        raise AssertionError("not wanted")

    tokens = tokenise(["Playing news", ""], training, 10, 6, write_pieces(tmp_path))
    np.testing.assert_array_equal(tokens, [[2, 5, 6, 8, 3, 0], [2, 3, 0, 0, 0, 0]])


def test_padding():
    np.testing.assert_array_equal(padded([[5], [], [7, 8]], 2), [[5, 0], [0, 0], [7, 8]])
    assert padded([], 3).shape == (0, 3)
    with pytest.raises(InputError, match="at least 1 token, got 0"):
        tokenise([], list, 10, 0)


def test_many_texts_take_seconds():
    texts = [f"the quick brown fox {row % 977} jumps over a lazy dog and {row % 31} others" for row in range(20_000)]
    start = time.process_time()
    tokenise(texts, lambda: texts, 1000, 32)
    assert time.process_time() - start < 5


def test_tokens_are_never_normalised():
    tokens = np.array([[1, 300], [7, 0]], np.int32)
    mean, std = statistics(tokens)
    assert mean.tolist() == [0, 0] and std.tolist() == [1, 1] and mean.dtype == np.float32
    same = jax.jit(normalise)(tokens, 5.0, 2.0)
    assert same.dtype == jnp.int32
    np.testing.assert_array_equal(same, tokens)
    store = Store(jnp.asarray(tokens), jnp.array([0, 1]), jnp.asarray(mean), jnp.asarray(std))
    np.testing.assert_array_equal(gather(store, jnp.array([1])), tokens[1:])


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([[0, 10]], "from 0 to 10, but the network knows 0 to 9"),
        ([[-1, 2]], "from -1 to 2"),
        ([[0.5, 2.0]], "float64 of shape"),
        ([1, 2], r"shape \(2,\)"),
        (np.zeros((0, 4), int), r"one row or more; got int64 of shape \(0, 4\)"),
        (["a text"], "one row or more"),
    ],
)
def test_wrong_tokens(tokens, message):
    with pytest.raises(InputError, match=message):
        check_tokens(tokens, 10)


def test_right_tokens():
    tokens = check_tokens([[0, 9]], 10)
    assert tokens.dtype == np.int32 and tokens.tolist() == [[0, 9]]
