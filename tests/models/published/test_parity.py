"""Our networks on random published-form weights give what the publishers' own code gives; needs PyTorch or Keras.

pip install torch torchvision timm transformers keras safetensors h5py
pytest -m slow tests/models/published/test_parity.py
"""

import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.config import registry
from meta_noise.models.network import to_network
from meta_noise.models.pretrained import published, starting_from

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


def features_of(path, name, inputs):
    """Returns the features of our network with the weights in a file."""
    network = to_network(registry.find("models", name)(14))
    shapes = jax.eval_shape(network.init, jax.random.key(0), inputs)
    network = starting_from(network, published(str(path), name, {}, shapes))
    variables = jax.jit(network.init)(jax.random.key(0), inputs)
    return np.asarray(jax.jit(lambda v, x: network.apply(v, x, False)[0].features)(variables, inputs))


def randomise(torch, model):
    """Gives every tensor other values than it starts with, batch statistics too."""
    torch.manual_seed(0)
    for name, tensor in model.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5)
        elif tensor.ndim == 1 and tensor.is_floating_point():
            tensor.add_(0.1 * torch.randn_like(tensor))
    return model.eval()


def assert_parity(path, name, inputs, expected):
    found, expected = features_of(path, name, jnp.asarray(inputs)), np.asarray(expected)
    assert found.shape == expected.shape and expected.std() > 1e-3
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())


def images(side):
    return np.random.default_rng(0).normal(size=(2, side, side, 3)).astype(np.float32)


@pytest.mark.parametrize("publisher", ["torchvision", "timm", "transformers"])
def test_resnet50(tmp_path, publisher):
    torch, save = pytest.importorskip("torch"), pytest.importorskip("safetensors.torch").save_file
    library = pytest.importorskip(publisher)
    x = images(224)
    batch = torch.from_numpy(x.transpose(0, 3, 1, 2))
    with torch.no_grad():
        if publisher == "torchvision":
            model = randomise(torch, library.models.resnet50())
            expected = torch.nn.Sequential(*list(model.children())[:-1])(batch).flatten(1)
        elif publisher == "timm":
            model = randomise(torch, library.create_model("resnet50"))
            expected = model.forward_head(model.forward_features(batch), pre_logits=True)
        else:
            model = randomise(torch, library.ResNetForImageClassification(library.ResNetConfig(num_labels=1000)))
            expected = model.resnet(batch).pooler_output.flatten(1)
    save(model.state_dict(), tmp_path / "model.safetensors")
    assert_parity(tmp_path / "model.safetensors", "resnet", x, expected)


def test_inception_resnet_v2_of_timm(tmp_path):
    torch, save = pytest.importorskip("torch"), pytest.importorskip("safetensors.torch").save_file
    timm, x = pytest.importorskip("timm"), images(299)
    with torch.no_grad():
        model = randomise(torch, timm.create_model("inception_resnet_v2"))
        batch = torch.from_numpy(x.transpose(0, 3, 1, 2))
        expected = model.forward_head(model.forward_features(batch), pre_logits=True)
    save(model.state_dict(), tmp_path / "model.safetensors")
    assert_parity(tmp_path / "model.safetensors", "inception_resnet_v2", x, expected)


def test_bert_base(tmp_path):
    torch, save = pytest.importorskip("torch"), pytest.importorskip("safetensors.torch").save_file
    transformers = pytest.importorskip("transformers")
    tokens = np.random.default_rng(0).integers(1, 30_522, (3, 40))
    tokens[0, 25:] = tokens[1, 39:] = 0
    with torch.no_grad():
        model = randomise(torch, transformers.BertForSequenceClassification(transformers.BertConfig()))
        batch = torch.from_numpy(tokens)
        expected = model.bert(batch, attention_mask=(batch > 0).long()).pooler_output
    save(model.state_dict(), tmp_path / "model.safetensors")
    assert_parity(tmp_path / "model.safetensors", "bert", tokens.astype(np.int32), expected)


def test_inception_resnet_v2_of_keras(tmp_path):
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras, x = pytest.importorskip("keras"), images(299)
    model = keras.applications.InceptionResNetV2(weights=None)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if "moving_variance" in weight.path:
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        elif len(weight.shape) == 1:
            weight.assign(weight + 0.1 * rng.normal(size=weight.shape))
    pooled = keras.Model(model.inputs, model.get_layer("avg_pool").output)
    expected = pooled.predict(x, verbose=0)
    model.save(tmp_path / "model.h5")
    assert_parity(tmp_path / "model.h5", "inception_resnet_v2", x, expected)
