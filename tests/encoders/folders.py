"""Folders of tiny encoders with drawn weights, laid out as Hugging Face and sentence-transformers do."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from meta_noise.encoders.image_models import image_model
from meta_noise.encoders.text_models import FAMILIES, text_model

WORDS = [f"w{number}" for number in range(30)]
BERT_LIKE = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
ROBERTA_LIKE = ("<s>", "<pad>", "</s>", "<unk>")
SIZES = {"num_hidden_layers": 2, "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 12}
DISTIL = {"n_layers": 2, "dim": 8, "n_heads": 2, "hidden_dim": 12}


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def drawn(wanted, seed=0, prefix=""):
    """Returns weights by their published names, drawn so that norms and biases matter."""
    rng = np.random.default_rng(seed)
    names = dict(wanted.single.values())
    for name, shape in wanted.layered.values():
        names |= {name.format(layer): shape for layer in range(wanted.layers)}
    outside = {wanted.single[ours][0] for ours in wanted.outside}
    return {
        name if name in outside else prefix + name: (0.5 * rng.normal(size=shape)).astype(np.float32)
        for name, shape in names.items()
    }


def write_tokenizer(folder, special):
    """Writes a tokenizer of whole words; words that it does not know are one token."""
    tokenizers = __import__("tokenizers")
    is_bert = special == BERT_LIKE
    first, last, unknown = (special[2], special[3], special[1]) if is_bert else (special[0], special[2], special[3])
    numbers = {word: number for number, word in enumerate((*special, *WORDS))}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(numbers, unk_token=unknown))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    ends = [(first, numbers[first]), (last, numbers[last])]
    made.post_processor = tokenizers.processors.TemplateProcessing(f"{first} $A {last}", None, ends)
    made.save(str(folder / "tokenizer.json"))


def text_folder(path: Path, kind: str = "bert", prefix: str = "", **config) -> Path:
    """Writes an encoder of texts; `config` changes config.json."""
    behind = FAMILIES[kind].places_behind_padding
    special = ROBERTA_LIKE if behind else BERT_LIKE
    sizes = DISTIL if kind == "distilbert" else SIZES
    config = {"model_type": kind, **sizes, "vocab_size": 40, "max_position_embeddings": 50, **config}
    write_json(path / "config.json", config)
    save_file(drawn(text_model(config, path).wanted, prefix=prefix), path / "model.safetensors")
    write_tokenizer(path, special)
    return path


def image_folder(path: Path, kind: str = "vit", prefix: str = "", **told) -> Path:
    """Writes an encoder of images of 8 x 8 pixels in patches of 4; `told` changes preprocessor_config.json."""
    tower = {**SIZES, "image_size": 8, "patch_size": 4}
    if kind == "dinov2":
        tower["mlp_ratio"] = 2
    config = {"model_type": kind, **tower}
    usual = {"size": {"height": 8, "width": 8}, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4]}
    if kind == "clip":
        config = {"model_type": kind, "vision_config": tower, "projection_dim": 6}
    if kind.startswith("clip"):
        config |= {"projection_dim": 6}
        usual |= {"size": {"shortest_edge": 8}, "crop_size": 8, "do_center_crop": True, "resample": 3}
    write_json(path / "config.json", config)
    write_json(path / "preprocessor_config.json", {**usual, **told})
    save_file(drawn(image_model(config, path).wanted, prefix=prefix), path / "model.safetensors")
    return path


def as_sentence_encoder(path: Path, pooling: dict, *more: str) -> Path:
    """Adds modules.json to a folder: pooling, then modules of the given kinds."""
    kinds = ("Transformer", "Pooling", *more)
    modules = [
        {"idx": place, "path": "" if not place else f"{place}_{kind}", "type": f"sentence_transformers.models.{kind}"}
        for place, kind in enumerate(kinds)
    ]
    write_json(path / "modules.json", modules)
    write_json(path / "1_Pooling" / "config.json", pooling)
    return path
