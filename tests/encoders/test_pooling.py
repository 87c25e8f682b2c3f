"""From the states of tokens to one vector."""

import json

import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from meta_noise.encoders.encoder import opened
from meta_noise.encoders.folder import open_folder
from meta_noise.encoders.pooling import pooling_of
from meta_noise.errors import InputError
from tests.encoders.folders import as_sentence_encoder, text_folder, write_json

RNG = np.random.default_rng(0)
STATES = RNG.normal(size=(3, 5, 8)).astype(np.float32)
LENGTHS = (5, 2, 1)
IS_TEXT = np.arange(5) < np.array(LENGTHS)[:, None]
TEXTS = [states[:length] for states, length in zip(STATES, LENGTHS, strict=True)]


@pytest.fixture
def folder(tmp_path):
    return text_folder(tmp_path / "model")


def pooled(folder):
    found = pooling_of(open_folder(folder), 8)
    return np.asarray(found.pool(found.weights, jnp.asarray(STATES), jnp.asarray(IS_TEXT))), found.what


@pytest.mark.parametrize(
    ("config", "one"),
    [
        (None, lambda text: text.mean(0)),
        ({"pooling_mode": "mean"}, lambda text: text.mean(0)),
        ({"pooling_mode": ["cls", "max"]}, lambda text: np.concatenate([text[0], text.max(0)])),
        ({"pooling_mode_mean_sqrt_len_tokens": True}, lambda text: text.sum(0) / len(text) ** 0.5),
        (
            {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True, "pooling_mode_max_tokens": False},
            lambda text: np.concatenate([text[0], text.mean(0)]),
        ),
    ],
)
def test_ways_of_pooling(folder, config, one):
    if config is not None:
        as_sentence_encoder(folder, config)
    np.testing.assert_allclose(pooled(folder)[0], [one(text) for text in TEXTS], rtol=1e-5, atol=1e-6)


def test_normalised_and_dense_layers(folder):
    as_sentence_encoder(folder, {"pooling_mode": "mean"}, "Dense", "Normalize")
    kernel, bias = RNG.normal(size=(6, 8)).astype(np.float32), RNG.normal(size=6).astype(np.float32)
    write_json(
        folder / "2_Dense" / "config.json", {"in_features": 8, "out_features": 6, "activation_function": "a.Tanh"}
    )
    save_file({"linear.weight": kernel, "linear.bias": bias}, folder / "2_Dense" / "model.safetensors")
    found, what = pooled(folder)
    expected = np.tanh([kernel @ text.mean(0) + bias for text in TEXTS])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert what == "the mean of the tokens, a dense layer, length 1"
    before = opened(folder).sha256
    save_file({"linear.weight": kernel, "linear.bias": bias + 1}, folder / "2_Dense" / "model.safetensors")
    assert opened(folder).sha256 != before
    write_json(folder / "2_Dense" / "config.json", {"in_features": 7, "out_features": 6})
    with pytest.raises(InputError, match="in_features is 7, but the vectors before it have 8"):
        pooled(folder)
    write_json(
        folder / "2_Dense" / "config.json", {"in_features": 8, "out_features": 6, "activation_function": "a.Run"}
    )
    with pytest.raises(InputError, match=r"Unknown activation in .*'Run'"):
        pooled(folder)


def test_older_sentence_encoders_have_the_model_in_a_folder_of_its_own(folder, tmp_path):
    whole = tmp_path / "whole"
    whole.mkdir()
    folder.rename(whole / "0_Transformer")
    as_sentence_encoder(whole, {"pooling_mode_cls_token": True})
    modules = json.loads((whole / "modules.json").read_text())
    write_json(whole / "modules.json", [{**modules[0], "path": "0_Transformer"}, *modules[1:]])
    cls = opened(whole)
    write_json(whole / "1_Pooling" / "config.json", {"pooling_mode_mean_tokens": True})
    mean, bare = opened(whole), opened(whole / "0_Transformer")
    assert "the first token" in cls.what and len({cls.sha256, mean.sha256, bare.sha256}) == 3
    np.testing.assert_array_equal(mean.vectors(["w1 w2"]), bare.vectors(["w1 w2"]))
    assert np.abs(cls.vectors(["w1 w2"]) - bare.vectors(["w1 w2"])).max() > 0.1


def test_prompts_and_lower_case(folder):
    as_sentence_encoder(folder, {"pooling_mode": "mean"})
    plain = opened(folder).vectors(["w5 w1 w2", "w1 w2"])
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 30, "do_lower_case": True})
    prompts = {"prompts": {"ask": "W5 "}, "default_prompt_name": "ask"}
    write_json(folder / "config_sentence_transformers.json", prompts)
    found = opened(folder)
    np.testing.assert_allclose(found.vectors(["w1 W2"]), plain[:1], rtol=1e-5, atol=1e-6)
    assert "30 tokens" in found.what
