"""Encoders of texts against their formula in NumPy, and against the network `bert` of the library."""

import jax
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from meta_noise.encoders import encoder as room
from meta_noise.encoders.encoder import opened
from meta_noise.encoders.text_models import FAMILIES, buckets_of
from meta_noise.errors import InputError
from meta_noise.models.bert import bert
from meta_noise.models.network import to_network
from meta_noise.models.pretrained import published
from tests.encoders.folders import WORDS, as_sentence_encoder, text_folder, write_json
from tests.encoders.plain import bucket, text_states

RNG = np.random.default_rng(1)
TEXTS = [" ".join(RNG.choice(WORDS, size)) for size in (3, 1, 17, 40, 60, 14)] + ["", "unheard of", " w1\n"]
LONGEST = {"bert": 50, "distilbert": 50}  # the others number places from 2 on


def tokens_of(text, kind):
    """Returns the tokens of a text with both ends, cut as the encoder does."""
    first, last, unknown = (2, 3, 1) if kind in LONGEST else (0, 2, 3)
    words = [WORDS.index(word) + 4 if word in WORDS else unknown for word in text.split()]
    return [first, *words[: LONGEST.get(kind, 48) - 2], last]


@pytest.mark.parametrize("kind", ["bert", "roberta", "xlm-roberta", "distilbert", "mpnet"])
def test_formula(tmp_path, kind):
    """Texts of several lengths in padded batches get the mean that each gets alone."""
    path = text_folder(tmp_path / kind, kind)
    found = opened(path)
    assert found.kind == "texts" and kind in found.what and len(found.sha256) == 64
    vectors = found.vectors(TEXTS)
    tensors = load_file(path / "model.safetensors")
    for text, vector in zip(TEXTS, vectors, strict=True):
        expected = text_states(tensors, kind, tokens_of(text, kind)).mean(axis=0)
        np.testing.assert_allclose(vector, expected, rtol=1e-4, atol=1e-5)


def test_our_own_bert_gives_the_same(tmp_path):
    path = text_folder(tmp_path / "bert", prefix="bert.")
    as_sentence_encoder(path, {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})
    sizes = {"vocabulary": 40, "positions": 50, "layers": 2, "width": 8, "heads": 2, "hidden": 12}
    network = to_network(bert(3, **sizes))
    tokens = np.array([tokens_of(text, "bert") for text in TEXTS[:1]], np.int32)
    trees = jax.eval_shape(network.init, jax.random.key(0), tokens)
    weights = published(str(path / "model.safetensors"), "bert", sizes, trees)
    params, stats = jax.tree_util.tree_map_with_path(lambda place, leaf: weights.values.get(place, leaf), trees)
    states, _ = network.apply((params, stats), tokens, False, stop=3)
    np.testing.assert_allclose(opened(path).vectors(TEXTS[:1]), states.states[:, 0], rtol=1e-4, atol=1e-5)


def test_a_row_does_not_depend_on_its_company(tmp_path, monkeypatch):
    """Whatever is in the batch, and however it is padded, a text has one vector; few programs are compiled."""
    found = opened(text_folder(tmp_path / "bert"))
    alone = np.concatenate([found.vectors([text]) for text in TEXTS])
    monkeypatch.setattr(room, "TOKENS", 64)
    shapes = []
    kept = np.full
    monkeypatch.setattr(room.np, "full", lambda shape, *rest: shapes.append(shape) or kept(shape, *rest))
    together = found.vectors(TEXTS * 3)
    monkeypatch.undo()
    assert set(shapes) <= {(4, 16), (2, 32), (1, 50)} and len(shapes) > 5
    np.testing.assert_allclose(together, np.concatenate([alone] * 3), rtol=1e-4, atol=1e-6)


def test_buckets_of_distances():
    found = buckets_of(200, 32)
    expected = [[bucket(there - here) for there in range(200)] for here in range(200)]
    assert found.tolist() == expected and found.min() == 0 and found.max() == 31


def test_old_names_of_norms_and_16_bits(tmp_path):
    path = text_folder(tmp_path / "bert", prefix="bert.")
    before = opened(path)
    tensors = load_file(path / "model.safetensors")
    renamed = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): tensor
        for name, tensor in tensors.items()
    }
    more = {"cls.predictions.bias": np.zeros(40, np.float32), "bert.pooler.dense.bias": np.zeros(8, np.float32)}
    save_file({**renamed, **more}, path / "model.safetensors")
    after = opened(path)
    assert after.sha256 != before.sha256
    np.testing.assert_array_equal(after.vectors(TEXTS), before.vectors(TEXTS))
    save_file({name: tensor.astype(np.float16) for name, tensor in tensors.items()}, path / "model.safetensors")
    np.testing.assert_allclose(opened(path).vectors(TEXTS), before.vectors(TEXTS), atol=0.05)


def test_a_text_with_half_a_character_is_read(tmp_path):
    assert np.isfinite(opened(text_folder(tmp_path / "bert")).vectors(["w1 \ud800 w2"])).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hidden_size": 9}, "hidden_size 9 is no multiple of 2 heads"),
        ({"hidden_act": "gelo"}, "Did you mean 'gelu'"),
        ({"num_hidden_layers": "2"}, "num_hidden_layers is '2'; it must be a whole number"),
        ({"num_hidden_layers": 3}, "8|16 tensors are lacking: encoder.layer.2"),
        ({"num_hidden_layers": 1}, "16 tensors have no place: encoder.layer.1"),
        ({"vocab_size": 41}, r"embeddings.word_embeddings.weight \[40, 8\] instead of \[41, 8\]"),
        ({"vocab_size": None}, "vocab_size is None"),
        ({"position_embedding_type": "alibi"}, "position_embedding_type is 'alibi'"),
        ({"is_decoder": True}, "is_decoder is True"),
        ({"layer_norm_eps": "small"}, "layer_norm_eps is 'small'"),
        ({"max_position_embeddings": True}, "max_position_embeddings is True"),
    ],
)
def test_settings_that_do_not_fit_get_one_sentence(tmp_path, change, said):
    path = text_folder(tmp_path / "bert")
    config = {"model_type": "bert", "num_hidden_layers": 2, "hidden_size": 8, "num_attention_heads": 2}
    config |= {"intermediate_size": 12, "vocab_size": 40, "max_position_embeddings": 50}
    write_json(path / "config.json", {**config, **change})
    with pytest.raises(InputError, match=said) as raised:
        opened(path)
    assert "\n" not in str(raised.value)


def test_all_families_have_a_formula_here():
    assert set(FAMILIES) - {"camembert"} == {"bert", "roberta", "xlm-roberta", "distilbert", "mpnet"}
