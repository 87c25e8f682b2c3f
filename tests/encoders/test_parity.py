"""Vectors against those of transformers and sentence-transformers, for tiny random models of every kind.

pip install torch transformers sentence-transformers pillow safetensors
pytest -m slow tests/encoders/test_parity.py
"""

import importlib

import numpy as np
import pytest
from PIL import Image

from meta_noise.encoders.encoder import opened

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]
WORDS = [f"w{number}" for number in range(50)]
TEXTS = [" ".join(np.random.default_rng(n).choice(WORDS, n)) for n in (1, 3, 14, 15, 30, 40, 100, 190, 5)]
SIZES = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4}
SIZES |= {"intermediate_size": 48, "initializer_range": 0.3}
DISTIL = {"vocab_size": 60, "dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 48, "initializer_range": 0.3}
TOWER = {**SIZES, "image_size": 24, "patch_size": 8}
TEXT_MODELS = {  # kind -> name of the class, its settings
    "bert": ("Bert", "Model", {**SIZES, "max_position_embeddings": 200}),
    "bert with a head": ("Bert", "ForSequenceClassification", {**SIZES, "max_position_embeddings": 200}),
    "roberta": ("Roberta", "Model", {**SIZES, "max_position_embeddings": 202, "type_vocab_size": 1}),
    "xlm-roberta": ("XLMRoberta", "ForMaskedLM", {**SIZES, "max_position_embeddings": 202, "layer_norm_eps": 1e-5}),
    "mpnet": ("MPNet", "Model", {**SIZES, "max_position_embeddings": 202, "layer_norm_eps": 1e-5}),
    "distilbert": ("DistilBert", "ForSequenceClassification", {**DISTIL, "max_position_embeddings": 200}),
}


def randomised(torch, model):
    """Gives norms and biases other values than they start with."""
    torch.manual_seed(0)
    for parameter in model.parameters():
        if parameter.ndim == 1:
            parameter.data.add_(0.2 * torch.randn_like(parameter))
    return model.eval()


def tokenizer(transformers, of_roberta):
    tokenizers = pytest.importorskip("tokenizers")
    special = ["<s>", "<pad>", "</s>", "<unk>"] if of_roberta else ["[CLS]", "[PAD]", "[SEP]", "[UNK]"]
    first, padding, last, unknown = special
    order = special if of_roberta else [padding, unknown, first, last]
    numbers = {word: number for number, word in enumerate((*order, *WORDS))}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(numbers, unk_token=unknown))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    ends = [(first, numbers[first]), (last, numbers[last])]
    made.post_processor = tokenizers.processors.TemplateProcessing(f"{first} $A {last}", None, ends)
    names = {"pad_token": padding, "unk_token": unknown, "cls_token": first, "sep_token": last}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=made, **names)


def text_model(folder, kind):
    """Writes a model with its tokenizer as their publisher does, and returns both."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    name, what, settings = TEXT_MODELS[kind]
    model = getattr(transformers, name + what)(getattr(transformers, f"{name}Config")(**settings))
    tokens = tokenizer(transformers, kind.removeprefix("xlm-") in ("roberta", "mpnet"))
    randomised(torch, model).save_pretrained(folder)
    tokens.save_pretrained(folder)
    return model, tokens


def assert_parity(found, expected):
    assert found.shape == expected.shape and expected.std() > 0.1
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-5 * np.abs(expected).max())


@pytest.mark.parametrize("kind", TEXT_MODELS)
def test_texts(tmp_path, kind):
    model, tokens = text_model(tmp_path / "model", kind)
    torch = pytest.importorskip("torch")
    batch = tokens(TEXTS, padding=True, return_tensors="pt")
    mask = batch["attention_mask"]
    with torch.no_grad():
        states = model.base_model(input_ids=batch["input_ids"], attention_mask=mask).last_hidden_state
    expected = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    assert_parity(opened(tmp_path / "model").vectors(TEXTS), expected.numpy())


@pytest.mark.parametrize("modules", [("mean", "Normalize"), ("cls",), ("max", "Dense", "Normalize")])
def test_sentence_encoders(tmp_path, modules):
    library = pytest.importorskip("sentence_transformers")
    pieces = importlib.import_module("sentence_transformers.models")
    text_model(tmp_path / "body", "bert")
    made = [pieces.Transformer(str(tmp_path / "body"), max_seq_length=24), pieces.Pooling(32, pooling_mode=modules[0])]
    made += [pieces.Dense(32, 10) if name == "Dense" else getattr(pieces, name)() for name in modules[1:]]
    model = library.SentenceTransformer(modules=made, device="cpu")
    model.save(str(tmp_path / "model"))
    assert_parity(opened(tmp_path / "model").vectors(TEXTS), model.encode(TEXTS))


@pytest.mark.parametrize(
    "kind", ["vit", "vit with a head", "dinov2", "clip", "clip tower", "clip tower with projection"]
)
def test_images(tmp_path, kind):
    torch, library = pytest.importorskip("torch"), pytest.importorskip("transformers")
    images = np.random.default_rng(0).integers(0, 256, (9, 30, 40, 3)).astype(np.uint8)
    towers = {
        "vit": lambda: library.ViTModel(library.ViTConfig(**TOWER)),
        "vit with a head": lambda: library.ViTForImageClassification(library.ViTConfig(**TOWER)),
        "dinov2": lambda: library.Dinov2Model(library.Dinov2Config(**{**TOWER, "image_size": 40})),
        "clip": lambda: library.CLIPModel(library.CLIPConfig(vision_config=TOWER, projection_dim=12)),
        "clip tower": lambda: library.CLIPVisionModel(library.CLIPVisionConfig(**TOWER)),
        "clip tower with projection": lambda: library.CLIPVisionModelWithProjection(
            library.CLIPVisionConfig(**TOWER, projection_dim=12)
        ),
    }
    model = randomised(torch, towers[kind]())
    model.save_pretrained(tmp_path)
    if not kind.startswith("clip"):
        from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

        preparing = ViTImageProcessorPil(size={"height": 24, "width": 24})
    else:
        from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

        preparing = CLIPImageProcessorPil(size={"shortest_edge": 24}, crop_size={"height": 24, "width": 24})
    preparing.save_pretrained(tmp_path)
    pixels = preparing([Image.fromarray(image) for image in images], return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        if kind == "clip":
            expected = model.get_image_features(pixel_values=pixels).pooler_output
        elif kind == "clip tower":
            expected = model(pixels).pooler_output
        elif kind.startswith("clip"):
            expected = model(pixels).image_embeds
        else:
            expected = model.base_model(pixels).last_hidden_state[:, 0]
    assert_parity(opened(tmp_path).vectors(images), expected.numpy())
