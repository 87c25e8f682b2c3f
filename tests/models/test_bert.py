"""BERT against its formula in NumPy."""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.models.bert import bert
from meta_noise.models.network import to_network
from tests.models.compiled import compiled

TINY = dict(vocabulary=12, positions=8, layers=2, width=8, heads=2, hidden=12)
TOKENS = jnp.array([[2, 5, 7, 3, 0, 0], [2, 9, 3, 0, 0, 0], [2, 4, 8, 11, 10, 3]], jnp.int32)


@pytest.fixture(scope="module")
def tiny():
    """Returns (network, variables), with drawn parameters, so that norms and biases matter."""
    network = compiled(to_network(bert(3, **TINY)))
    rng = np.random.default_rng(0)
    shapes, stats = jax.eval_shape(network.init, jax.random.key(0), TOKENS)
    return network, (jax.tree.map(lambda x: jnp.asarray(rng.normal(size=x.shape), x.dtype) / 2, shapes), stats)


def normalised(x, norm):
    deviation = np.sqrt(x.var(-1, keepdims=True) + 1e-12)
    return (x - x.mean(-1, keepdims=True)) / deviation * norm["scale"] + norm["bias"]


def gelu(x):
    return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2


def plain_bert(params, text):
    """Returns (pooled vector, logits) of one text without padding, token by token and head by head."""
    words = params["embeddings"]
    x = (
        words["word"]["embedding"][text]
        + words["position"]["embedding"][: len(text)]
        + words["segment"]["embedding"][0]
    )
    x = normalised(x, words["norm"])
    for number in range(TINY["layers"]):
        layer = params[f"layer{number:02d}"]
        attention, heads = layer["attention"], []
        for head in range(TINY["heads"]):
            query, key, value = (
                x @ attention[name]["kernel"][:, head] + attention[name]["bias"][head]
                for name in ("query", "key", "value")
            )
            scores = np.exp(query @ key.T / math.sqrt(query.shape[1]))
            heads.append(scores / scores.sum(-1, keepdims=True) @ value @ attention["out"]["kernel"][head])
        x = normalised(x + sum(heads) + attention["out"]["bias"], layer["attention_norm"])
        hidden = gelu(x @ layer["hidden"]["kernel"] + layer["hidden"]["bias"])
        x = normalised(x + hidden @ layer["output"]["kernel"] + layer["output"]["bias"], layer["output_norm"])
    pooled = np.tanh(x[0] @ params["pooler"]["dense"]["kernel"] + params["pooler"]["dense"]["bias"])
    head = params["head"]["linear"]["dense"]
    return pooled, pooled @ head["kernel"] + head["bias"]


def test_formula_and_padding(tiny):
    """Texts of several lengths in one padded batch get what each gets alone, without padding."""
    network, variables = tiny
    outputs, _ = network.apply(variables, TOKENS, False)
    params = jax.tree.map(lambda x: np.asarray(x, np.float64), variables[0])
    for row, text in enumerate(np.asarray(TOKENS)):
        pooled, logits = plain_bert(params, text[text > 0])
        np.testing.assert_allclose(outputs.features[row], pooled, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(outputs.logits[row], logits, rtol=1e-4, atol=1e-5)


def test_features_are_the_pooled_vector_before_its_dropout(tiny):
    _, variables = tiny
    network = to_network(bert(3, **TINY, dropout=0.5))
    pooled = jax.random.normal(jax.random.key(1), (4, 8))
    outputs, _ = network.apply(variables, pooled, True, jax.random.key(2), start=len(network.stages) - 1)
    np.testing.assert_array_equal(outputs.features, pooled)
    dense = variables[0]["head"]["linear"]["dense"]
    assert not np.allclose(outputs.logits, pooled @ dense["kernel"] + dense["bias"])


def test_an_empty_text_is_finite(tiny):
    network, variables = tiny
    outputs, _ = network.apply(variables, jnp.zeros((1, 4), jnp.int32), False)
    assert np.isfinite(outputs.logits).all()


def test_base_is_the_published_size():
    """The published encoder with its pooler has 109,482,240 parameters."""
    shapes, stats = jax.eval_shape(
        to_network(bert(2)).init, jax.random.key(0), jax.ShapeDtypeStruct((2, 512), jnp.int32)
    )
    sizes = {stage: sum(x.size for x in jax.tree.leaves(tree)) for stage, tree in shapes.items()}
    assert sum(sizes.values()) - sizes["head"] == 109_482_240 and stats == {}
    assert sizes["layer00"] == sizes["layer11"] == 7_087_872 and sizes["embeddings"] == 23_837_184


def test_wrong_sizes_get_one_sentence():
    init = partial(jax.eval_shape, to_network(bert(3, **TINY)).init, jax.random.key(0))
    with pytest.raises(InputError, match="bert of 8 positions takes texts"):
        init(jax.ShapeDtypeStruct((2, 9), jnp.int32))
    with pytest.raises(InputError, match="bert of 8 positions takes texts"):
        init(jax.ShapeDtypeStruct((2, 4, 4, 3), jnp.float32))
    with pytest.raises(InputError, match="multiple of its heads; got 8 and 3"):
        bert(3, **{**TINY, "heads": 3})
    with pytest.raises(InputError, match="layers of bert has to be above 0"):
        bert(3, **{**TINY, "layers": 0})
    with pytest.raises(InputError, match="dropout of bert"):
        bert(3, dropout=1.0)
