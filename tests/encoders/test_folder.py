"""Folders that hold no encoder that can be read: one sentence each, and nothing of theirs is run."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from meta_noise.encoders.encoder import from_network, opened
from meta_noise.errors import DataNotFoundError, InputError
from tests.encoders.folders import as_sentence_encoder, image_folder, text_folder, write_json


@pytest.fixture
def folder(tmp_path):
    return text_folder(tmp_path / "model")


def refused(folder, said, kind=InputError):
    with pytest.raises(kind, match=said) as raised:
        opened(folder)
    assert "\n" not in str(raised.value)


def test_no_folder(tmp_path, folder):
    refused(tmp_path / "modle", "modle does not exist. Did you mean .*model", DataNotFoundError)
    refused(folder / "model.safetensors", "is a file; give the folder that holds config.json")
    refused(7, "encoder is 7; give the path of a folder, or a function")


def test_the_cache_of_hugging_face(folder, tmp_path):
    """A snapshot of it holds links to files elsewhere."""
    snapshot = tmp_path / "models--a--b" / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    for file in folder.iterdir():
        (snapshot / file.name).symlink_to(file)
    refused(tmp_path / "models--a--b", f"holds no config.json, which says what model it is; give {snapshot}")
    assert opened(snapshot).sha256 == opened(folder).sha256


def test_no_config(folder):
    (folder / "config.json").unlink()
    refused(folder, "holds no config.json, which says what model it is")
    (folder / "config.json").write_text("{")
    refused(folder, "config.json cannot be read as JSON")
    (folder / "config.json").write_text("[]")
    refused(folder, "holds no JSON object")


def test_no_weights(folder):
    (folder / "model.safetensors").unlink()
    refused(folder, "holds no weights; it must have model.safetensors")


def test_pickled_weights_are_not_read(folder, tmp_path):
    """The file would write another one if it were unpickled."""
    (folder / "model.safetensors").unlink()
    evil = b"cos\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR."
    (folder / "pytorch_model.bin").write_bytes(evil)
    refused(folder, r"only as pytorch_model.bin, which may hold code and is not read. Convert it .*save_pretrained")
    assert not (tmp_path / "ran").exists()


def test_code_in_the_folder_is_not_run(folder, tmp_path):
    config = json.loads((folder / "config.json").read_text())
    (folder / "modeling_mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    write_json(folder / "config.json", {**config, "auto_map": {"AutoModel": "modeling_mine.Mine"}})
    refused(folder, "asks for code of its own .auto_map., and nothing in the folder is executed")
    assert not (tmp_path / "ran").exists()


def test_unknown_architecture(folder):
    write_json(folder / "config.json", {"model_type": "berd"})
    refused(
        folder, "Unknown architecture .*'berd'. Did you mean 'bert'. Choices: bert, .*clip.*mpnet.*vit.*xlm-roberta"
    )
    write_json(folder / "config.json", {})
    refused(folder, "Unknown architecture .*'None'")


def test_damaged_weights(folder):
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:-10])
    refused(folder, "is not a whole .safetensors file")
    save_file({"x": np.zeros(3, np.int64)}, folder / "model.safetensors")
    refused(folder, "tensors are lacking: embeddings.word_embeddings.weight")


def test_weights_that_are_no_floats(folder):
    tensors = load_file(folder / "model.safetensors")
    tensors["embeddings.word_embeddings.weight"] = np.zeros((40, 8), np.int8)
    save_file(tensors, folder / "model.safetensors")
    refused(folder, "1 tensors are no floating-point numbers: embeddings.word_embeddings.weight I8")


def test_several_files_by_their_index(folder):
    before = opened(folder).vectors(["w1 w2"])
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(tensors)
    places = {name: f"model-{place % 2}.safetensors" for place, name in enumerate(names)}
    for file in set(places.values()):
        save_file({name: tensors[name] for name in names if places[name] == file}, folder / file)
    write_json(folder / "model.safetensors.index.json", {"weight_map": places})
    np.testing.assert_array_equal(opened(folder).vectors(["w1 w2"]), before)
    (folder / "model-1.safetensors").unlink()
    refused(folder, "model-1.safetensors does not exist, but model.safetensors.index.json names it", DataNotFoundError)
    write_json(folder / "model.safetensors.index.json", {"weight_map": {names[0]: "../other.safetensors"}})
    refused(folder, r"names '../other.safetensors', which leads out of it")
    write_json(folder / "model.safetensors.index.json", {"weight_map": {}})
    refused(folder, "names no files of weights")


def test_tokenizers(folder):
    before = opened(folder).vectors(["w1 w2"])
    tokenizer = (folder / "tokenizer.json").read_text()
    (folder / "tokenizer.json").write_text("{}")
    refused(folder, "The tokenizer in .* cannot be read")
    (folder / "tokenizer.json").unlink()
    refused(folder, "holds no tokenizer.json or vocab.txt, without which texts cannot be read")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"w{number}" for number in range(30)), "##x"]
    (folder / "vocab.txt").write_text("\n".join(words))
    np.testing.assert_array_equal(opened(folder).vectors(["W1 w2"]), before)
    (folder / "vocab.txt").write_text("\n".join(words + [f"more{number}" for number in range(9)]))
    refused(folder, "knows 44 tokens, the encoder 40; they are not of the same model")
    (folder / "tokenizer.json").write_text(tokenizer)  # it comes first
    np.testing.assert_array_equal(opened(folder).vectors(["w1 w2"]), before)


def test_texts_are_cut_where_the_folder_says(folder):
    write_json(folder / "tokenizer_config.json", {"model_max_length": 10**30})
    long = opened(folder)
    write_json(folder / "tokenizer_config.json", {"model_max_length": 5})
    short = opened(folder)
    assert "50 tokens" in long.what and "5 tokens" in short.what and long.sha256 != short.sha256
    np.testing.assert_allclose(short.vectors(["w1 w2 w3 w4 w5"]), long.vectors(["w1 w2 w3"]), rtol=1e-5, atol=1e-6)


def test_a_network_of_ones_own_wants_its_parameters(folder):
    from meta_noise.models.mlp import mlp
    from meta_noise.models.network import to_network

    network = to_network(mlp(3, hidden=(5,)))
    refused(network, "give encoder=meta_noise.encoders.from_network")
    images = np.random.default_rng(0).integers(0, 256, (7, 4, 4, 1)).astype(np.uint8)
    variables = network.init(__import__("jax").random.key(0), images[:1] / 255.0)
    found = opened(from_network(network, variables, batch=4)).vectors(images)
    expected = network.apply(variables, images.astype(np.float32) / 255, False)[0].features
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    with pytest.raises(InputError, match="takes images or numbers, not"):
        from_network(network, variables)(["a text"])


def test_modules_of_sentence_encoders(folder):
    as_sentence_encoder(folder, {"pooling_mode": "lasttoken"})
    refused(folder, "Unknown way of pooling in .*'lasttoken'")
    as_sentence_encoder(folder, {"pooling_mode_mean_tokens": False})
    refused(folder, "asks for no way of pooling")
    as_sentence_encoder(folder, {"pooling_mode": "mean"}, "WordWeights")
    refused(folder, "Unknown module in .*'WordWeights'. Choices: Dense, Dropout, Normalize, Pooling")
    write_json(folder / "modules.json", [{"type": "sentence_transformers.models.BoW"}])
    refused(folder, "begins with 'BoW'")
    write_json(folder / "modules.json", {})
    refused(folder, "is no list of modules")
    write_json(folder / "modules.json", [{"type": "x.Transformer", "path": "../elsewhere"}])
    refused(folder, "leads out of it")


def test_the_digest_tells_all_that_counts(folder, tmp_path):
    first = opened(folder).sha256
    (folder / "README.md").write_text("nothing")
    assert opened(folder).sha256 == first
    as_sentence_encoder(folder, {"pooling_mode": "mean"})
    second = opened(folder).sha256
    write_json(folder / "1_Pooling" / "config.json", {"pooling_mode": "max"})
    assert len({first, second, opened(folder).sha256}) == 3
    assert opened(image_folder(tmp_path / "vit")).sha256 != first
