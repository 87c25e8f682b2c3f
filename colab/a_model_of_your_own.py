# ---
# jupyter:
#   runtime: T4
# ---

# %% [markdown]
# # A model of your own
#
# Three ways to bring a network: a Flax Linen module, a Flax NNX module, and a Hugging Face encoder from a local folder.
# None of them needs to know of this library.
#
# **Runtime:** a T4 helps the encoder; CPU is enough for the rest.

# %%
# Installs the library where it is missing, without TensorFlow or PyTorch; then looks at what this runtime has.
import importlib.metadata
import importlib.util
import os
import subprocess
import sys

SOURCE = "meta_noise"  # what pip installs: a name, the path of a wheel or of a checkout, or an address
SHORT = bool(os.environ.get("META_NOISE_SHORT"))  # a few steps in place of many, to try that all cells run

if importlib.util.find_spec("meta_noise") is None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", SOURCE]
    if subprocess.run(command, check=False).returncode:
        raise SystemExit(
            f"{' '.join(command)} failed. Upload a wheel or a checkout, name it in SOURCE, run this again."
        )

import jax
from packaging.requirements import Requirement

NEEDED = next(r for r in map(Requirement, importlib.metadata.requires("meta_noise")) if r.name == "jax")
if not NEEDED.specifier.contains(jax.__version__, prereleases=True):
    raise SystemExit(
        f"This session runs JAX {jax.__version__}, meta_noise needs {NEEDED}. Install it by "
        f'pip install "{NEEDED}", choose Runtime > Restart session, and run the cells again from the first.'
    )

import meta_noise

CHIP = jax.devices()[0].platform
print(f"meta_noise {meta_noise.__version__}, JAX {jax.__version__}, {jax.device_count()} x {CHIP}")

# %% [markdown]
# ## Data: digits, 30% of them with a wrong label

# %%
import numpy as np
from sklearn.datasets import load_digits

X, truth = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
rng = np.random.default_rng(0)
given = np.where(rng.random(len(X)) < 0.3, (truth + rng.integers(1, 10, len(X))) % 10, truth)
train, test = np.arange(0, 1200 if not SHORT else 400), np.arange(1200, len(X))
trusted = np.zeros(len(train), bool)
trusted[:60] = True
labels = np.where(trusted, truth[train], given[train])

# %% [markdown]
# ## A Linen module
#
# As the model of `NoisyLabelClassifier`: labels are judged first, and your module learns those found most probable.

# %%
import flax.linen as nn


class Linen(nn.Module):
    num_classes: int = 10
    width: int = 64

    @nn.compact
    def __call__(self, x, train: bool = False):
        x = nn.relu(nn.Dense(self.width)(x))
        x = nn.BatchNorm(use_running_average=not train)(x)
        return nn.Dense(self.num_classes)(nn.Dropout(0.1, deterministic=not train)(x))


classifier = meta_noise.NoisyLabelClassifier(model=Linen())
classifier.fit(X[train], labels, trusted=trusted)
print(f"Accuracy on {len(test)} other rows: {classifier.score(X[test], truth[test]):.1%}")
classifier.findings_

# %% [markdown]
# ## An NNX module
#
# Here in a training loop of your own, on the machinery alone: L2R's weights, one exact meta-gradient a step.

# %%
import jax.numpy as jnp
import optax
from flax import nnx

from meta_noise import core
from meta_noise.models import from_flax


class Nnx(nnx.Module):
    def __init__(self, num_classes: int = 10, width: int = 64, *, rngs: nnx.Rngs):
        self.hidden = nnx.Linear(64, width, rngs=rngs)
        self.norm = nnx.BatchNorm(width, rngs=rngs)
        self.last = nnx.Linear(width, num_classes, rngs=rngs)

    def __call__(self, x):
        return self.last(nnx.relu(self.norm(self.hidden(x))))


def losses(outputs, batch):
    return optax.softmax_cross_entropy_with_integer_labels(outputs.logits, batch.labels)  # [B]


weighted = core.Problem(
    init_meta=lambda key, batch, outputs: jnp.zeros(batch.labels.shape),  # a weight a row, anew in every batch
    inner_loss=lambda outputs, weights, batch: (jnp.sum(weights * losses(outputs, batch)), core.Rows(weights)),
    outer_loss=lambda outputs, clean: jnp.mean(losses(outputs, clean)),
    fresh=True,
)
plain = core.Objective(lambda outputs, batch: (jnp.mean(losses(outputs, batch)), core.Rows()))


def batch_of(rows):
    return core.Batch(X[train[rows]], labels[rows].astype(np.int32), rows.astype(np.int32))


def trained(method, steps=60 if SHORT else 1000):
    clean, draws = batch_of(np.flatnonzero(trusted)), np.random.default_rng(0)
    step, state = jax.jit(method.step), method.init(jax.random.key(0), clean)
    for number in range(steps):
        batch = batch_of(draws.choice(np.flatnonzero(~trusted), 100, replace=False))
        state, _ = step(jax.random.key(number), state, batch, clean)
    return float(np.mean(np.argmax(method.predict(state, X[test]), -1) == truth[test]))


network = from_flax(Nnx(rngs=nnx.Rngs(0)))
tx = optax.sgd(0.1, momentum=0.9)
print(f"plain: {trained(core.single(plain, network, tx)):.1%}")
print(f"L2R:   {trained(core.bilevel(weighted, network, tx, core.rectified())):.1%}")

# %% [markdown]
# ## An encoder from a local folder
#
# `ENCODER` is a folder as Hugging Face writes it (`config.json`, `model.safetensors`, `tokenizer.json`): BERT and its
# relatives, sentence-transformers; for images ViT, DINOv2, CLIP. Get one with
#
#     huggingface_hub.snapshot_download("sentence-transformers/all-MiniLM-L6-v2", local_dir="encoder")
#
# Left empty, a tiny encoder with drawn weights is written, which shows the way and nothing else. Weights are read from
# safetensors only: nothing in the folder is executed.

# %%
import json
from pathlib import Path

ENCODER = ""

if importlib.util.find_spec("tokenizers") is None or importlib.util.find_spec("safetensors") is None:
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "safetensors", "tokenizers"], check=True)

SPORT = "the team won the match in the last minute of the game".split()
MONEY = "the bank raised the rate as shares fell on the market".split()
if not ENCODER:
    import tokenizers
    from safetensors.numpy import save_file

    ENCODER, width = "tiny_encoder", 32
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted({*SPORT, *MONEY})]
    sizes = {"num_hidden_layers": 1, "hidden_size": width, "num_attention_heads": 2, "intermediate_size": width}
    config = {"model_type": "bert", **sizes, "vocab_size": len(words), "max_position_embeddings": 64}
    Path(ENCODER).mkdir(exist_ok=True)
    Path(ENCODER, "config.json").write_text(json.dumps(config))
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({word: n for n, word in enumerate(words)}, "[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.post_processor = tokenizers.processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    made.save(f"{ENCODER}/tokenizer.json")
    layer, shapes = "encoder.layer.0.", {}
    shapes |= {
        f"embeddings.{n}_embeddings.weight": (k, width)
        for n, k in (("word", len(words)), ("position", 64), ("token_type", 2))
    }
    shapes |= {
        f"{layer}attention.{part}.weight": (width, width)
        for part in ("self.query", "self.key", "self.value", "output.dense")
    }
    shapes |= {f"{layer}{part}.dense.weight": (width, width) for part in ("intermediate", "output")}
    weights = {name: 0.3 * rng.normal(size=shape) for name, shape in shapes.items()}
    weights |= {name.replace(".weight", ".bias"): np.zeros(width) for name in shapes if "embeddings" not in name}
    for norm in ("embeddings.LayerNorm", f"{layer}attention.output.LayerNorm", f"{layer}output.LayerNorm"):
        weights |= {f"{norm}.weight": np.ones(width), f"{norm}.bias": np.zeros(width)}
    save_file({name: value.astype(np.float32) for name, value in weights.items()}, f"{ENCODER}/model.safetensors")

texts = [" ".join(rng.choice(SPORT if row % 2 else MONEY, 8)) for row in range(120)]
named = np.array(["money", "sport"])[np.arange(120) % 2]
turned = np.where(rng.random(120) < 0.2, np.where(named == "sport", "money", "sport"), named)
found = meta_noise.clean({"text": texts, "label": turned}, out="runs/texts", encoder=ENCODER, label="label", epochs=2)
suggested = np.array(found.labels["suggested_label"].to_pylist())
print(f"Right labels: {np.mean(turned == named):.1%} as given, {np.mean(suggested == named):.1%} as suggested")
found
