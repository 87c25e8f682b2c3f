"""Methods, losses, networks, data sets and noises of the user's own, by dotted path: they work, or one sentence says
what is wrong and where in the user's file."""

import json
import textwrap
from pathlib import Path

import numpy as np
import pytest

import meta_noise
from meta_noise import main
from meta_noise.errors import place_of

ROOT = Path(__file__).parents[1]
QUICK = ["--config.train.epochs=1", "--config.train.devices=1", "--config.model.hidden=(8,)"]

GOOD = """
import flax.linen as nn
import jax
import jax.numpy as jnp
from flax import nnx

from meta_noise.core import Problem, Rows
from meta_noise.losses.cross_entropy import cross_entropy, mean_cross_entropy
from meta_noise.models import from_functions


class Linen(nn.Module):
    num_classes: int
    width: int = 6
    activation: object = nn.relu

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.width)(x.reshape(x.shape[0], -1))
        x = nn.BatchNorm(use_running_average=not train)(self.activation(x))
        return nn.Dense(self.num_classes)(x)


class Nnx(nnx.Module):
    def __init__(self, num_classes: int, width: int = 6, *, rngs):
        self.first, self.last = nnx.Linear(64, width, rngs=rngs), nnx.Linear(width, num_classes, rngs=rngs)

    def __call__(self, x):
        return self.last(nnx.relu(self.first(x.reshape(x.shape[0], -1))))


def functions(num_classes):
    def apply(params, inputs, train, key):
        return inputs.reshape(inputs.shape[0], -1) @ params["kernel"]

    return from_functions(lambda key, inputs: {"kernel": jnp.zeros((64, num_classes))}, apply)
"""


def write(folder, monkeypatch, text, name="mine"):
    """Writes a module of the user's own, of a name that no test has imported before."""
    write.count = getattr(write, "count", 0) + 1
    name = f"{name}_{write.count}"
    (folder / f"{name}.py").write_text(textwrap.dedent(text).lstrip())
    monkeypatch.syspath_prepend(str(folder))
    return name


def call(folder, *arguments, method="l2r", model="mlp"):
    words = QUICK if model == "mlp" else QUICK[:2]
    config = f"--config={ROOT / 'configs/digits.py'}:{method},clean=30"
    if model != "mlp":
        config = f"--config={folder / 'config.py'}"
        (folder / "config.py").write_text(
            "def get_config(arg):\n"
            "    return dict(data=dict(name='digits'), clean=dict(size=30), noise=dict(name='uniform', rate=0.2),\n"
            f"        model=dict(name={model!r}), method=dict(name={method!r}), optimizer=dict(name='sgd', lr=0.1))\n"
        )
    return main.run(["main", config, f"--workdir={folder / 'run'}", *words, *arguments])


@pytest.mark.parametrize("model", ["Linen", pytest.param("Nnx", marks=pytest.mark.slow), "functions"])
def test_a_network_of_ones_own_is_trained_saved_and_loaded(tmp_path, monkeypatch, capsys, model):
    name = write(tmp_path, monkeypatch, GOOD)
    extra = [] if model == "functions" else ["--config.model.width=5"]
    assert call(tmp_path, *extra, model=f"{name}.{model}") == 0, capsys.readouterr().err
    section = json.loads((tmp_path / "run/config.json").read_text())["model"]
    assert section == {"name": f"{name}.{model}", "pretrained": "", **({"width": 5} if extra else {})}
    found = meta_noise.load(tmp_path / "run", allow=(f"{name}.{model}",)).predict_proba(
        np.zeros((2, 8, 8, 1), np.uint8)
    )
    assert found.shape == (2, 10)
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-5)


@pytest.mark.slow
def test_filters_go_by_the_blocks_of_a_linen_module_and_say_where_there_are_none(tmp_path, monkeypatch, capsys):
    name = write(tmp_path, monkeypatch, GOOD)
    filtered = ["--config.meta.cotangents.name=keep_last", "--config.meta.cotangents.count=2"]
    kept = "--config.meta.virtual_layers=kept"
    assert call(tmp_path, *filtered, kept, method="mw_net", model=f"{name}.Linen") == 0, capsys.readouterr().err
    assert call(tmp_path / "run", *filtered, method="mw_net", model=f"{name}.functions") == 2
    error = capsys.readouterr().err
    assert "keep_last needs the blocks of the network in forward order" in error and error.count("\n") == 1


PARTS = """
import jax.numpy as jnp
import optax

from meta_noise.core import keep_all, plain_sgd


def lion(lr, b1: float = 0.9):
    return optax.lion(lr, b1=b1)


def halves(lr, steps, steps_per_epoch, before, every: int = 5):
    return lambda step: lr * 0.5 ** (step // every)


def clipped(lr: float = 1e-2):
    return optax.chain(optax.clip(1.0), optax.sgd(lr))


def short(rate: float = 0.01):
    return plain_sgd(rate)


def doubled(by: float = 2.0):
    return keep_all()


def number(*args):
    return 3
"""
OF_PARTS = {
    "optimizer": "lion",
    "schedule": "halves",
    "meta.optimizer": "clipped",
    "meta.virtual": "short",
    "meta.cotangents": "doubled",
}


def test_parts_of_the_step_are_ones_own(tmp_path, monkeypatch, capsys):
    name = write(tmp_path, monkeypatch, PARTS)
    words = [f"--config.{section}.name={name}.{function}" for section, function in OF_PARTS.items()]
    settings = ["--config.optimizer.b1=0.8", "--config.schedule.every=7", "--config.meta.virtual.rate=0.02"]
    config = f"--config={folder_config(tmp_path)}"
    assert main.run(["main", config, f"--workdir={tmp_path / 'run'}", *QUICK, *words, *settings]) == 0, (
        capsys.readouterr()
    )
    kept = json.loads((tmp_path / "run/config.json").read_text())
    assert kept["optimizer"]["b1"] == 0.8 and kept["schedule"] == {"name": f"{name}.halves", "every": 7}
    assert kept["meta"]["cotangents"] == {"name": f"{name}.doubled", "by": 2.0}


@pytest.mark.parametrize("section", OF_PARTS)
def test_parts_of_the_step_that_are_none_are_refused(tmp_path, monkeypatch, capsys, section):
    name = write(tmp_path, monkeypatch, PARTS)
    word = f"--config.{section}.name={name}."
    config = f"--config={folder_config(tmp_path)}"
    for function, said in (("number", "must give"), ("nothing", "has no function 'nothing'")):
        assert main.run(["main", config, f"--workdir={tmp_path / 'run'}", *QUICK, word + function]) == 2
        error = capsys.readouterr().err
        assert said in error and f"{name}.{function}" in error and error.count("\n") == 1


def folder_config(folder):
    """Writes a config with as few settings of the step as there can be; returns its path."""
    path = folder / "config.py"
    path.write_text(
        "def get_config(arg):\n"
        "    return dict(data=dict(name='digits'), clean=dict(size=30), noise=dict(name='uniform', rate=0.2),\n"
        "        model=dict(name='mlp'), method=dict(name='mw_net'), optimizer=dict(lr=0.001))\n"
    )
    return path


@pytest.mark.slow
def test_settings_of_a_loss_come_from_the_command_line(tmp_path, capsys):
    words = ["--config.method.loss=gce", "--config.method.loss_settings.q=0.5"]
    assert call(tmp_path, *words, method="supervised") == 0, capsys.readouterr().err
    method = json.loads((tmp_path / "run/config.json").read_text())["method"]
    assert method["loss_settings"]["q"] == 0.5 and method["loss"] == "gce"
    wrong = ["--config.method.loss=gce", "--config.method.loss_settings.p=0.5"]
    assert call(tmp_path / "other", *wrong, method="supervised") == 2
    assert "'p'" in capsys.readouterr().err


def line_of(text, mark="# here"):
    return next(n for n, line in enumerate(textwrap.dedent(text).lstrip().splitlines(), 1) if mark in line)


def a_network(body):
    return f"""
        import flax.linen as nn
        import jax.numpy as jnp

        class Net(nn.Module):
            num_classes: int

            @nn.compact
            def __call__(self, x):
                x = x.reshape(x.shape[0], -1)
                {body}
    """


BROKEN = {
    "import": ("method", "import no_such_module_at_all  # here\n", "x", "No module named 'no_such_module_at_all'"),
    "syntax": ("method", "def x():\n    return (  # here\n", "x", "SyntaxError"),
    "raises": ("loss", "def x():\n    pass\n\nx.y = 1 / 0  # here\n", "x", "ZeroDivisionError: division by zero"),
    "exits": ("method", "import sys\nsys.exit('bye')  # here\n", "x", "SystemExit: bye"),
    "number": ("method", "a = 1\nx = 3  # here\n", "x", "is int 3; the method"),
    "absent": ("model", "def net(num_classes):\n    return 1\n", "ned", "Did you mean 'net'?"),
    "method": ("method", "def x():\n    raise RuntimeError('not today')  # here\n", "x", "RuntimeError: not today"),
    "refuses": ("method", "def x():\n    raise ValueError('not so')  # here\n", "x", "refuses its settings {}: not so"),
    "no method": ("method", "def x():\n    return 3\n", "x", "must give a Problem or an Objective, got int"),
    "step": (
        "method",
        """
        from meta_noise.core import Objective, Rows

        def x():
            def loss(outputs, batch):
                return outputs.logits.sum() + batch.no_such_field, Rows()  # here

            return Objective(loss)
        """,
        "x",
        "no_such_field",
    ),
    "loss": ("loss", "def x(logits, targets):\n    return 1 / 0  # here\n", "x", "ZeroDivisionError"),
    "data": ("data", "def x(path='', part='train'):\n    open('/no/such')  # here\n", "x", "FileNotFoundError"),
    "noise": (
        "noise",
        "def x(rng, labels, num_classes, rate):\n    return labels.no_such  # here\n",
        "x",
        "AttributeError",
    ),
    "network": ("model", a_network("return nn.Dense(3)(x) @ x  # here"), "Net", "fails with TypeError"),
    "shape": ("model", a_network("return nn.Dense(7)(x)"), "Net", r"must give logits of shape [2, 10] for 2 rows"),
    "answer": ("model", a_network("return {'logits': x}"), "Net", "it gives dict"),
    "no network": ("model", "def x(num_classes):  # here\n    return 3\n", "x", "must give a Flax module or a Network"),
    "augment": (
        "augment",
        "def x(key, images):\n    raise KeyError('a')  # here\n",
        "x",
        "KeyError",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_one_sentence_with_file_and_line(tmp_path, monkeypatch, capsys, case):
    kind, text, attribute, words = BROKEN[case]
    name = write(tmp_path, monkeypatch, text)
    dotted = f"{name}.{attribute}"
    arguments = {
        "loss": [f"--config.method.loss={dotted}"],
        "data": [f"--config.data.name={dotted}"],
        "noise": [f"--config.noise.name={dotted}"],
        "augment": [f"--config.augment.name={dotted}"],
    }.get(kind, [])
    method = {"method": dotted, "loss": "mw_net"}.get(kind, "supervised")
    model = dotted if kind == "model" else "mlp"
    if kind == "method":
        arguments.append(f"--config.method.name={dotted}")
        method = "supervised"
    assert call(tmp_path, *arguments, method=method, model=model) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and words in error and error.count("\n") == 1 and "Traceback" not in error
    file = str(tmp_path / f"{name}.py")
    if "# here" in text:
        assert f"{file}, line {line_of(text)}" in error
    elif case in ("shape", "answer", "absent"):
        assert file in error


def test_the_place_of_an_error_is_the_innermost_own_line():
    def fails():
        return np.linalg.inv(np.zeros((2, 3)))

    with pytest.raises(np.linalg.LinAlgError) as caught:
        fails()
    assert place_of(caught.value) == f"{__file__}, line {fails.__code__.co_firstlineno + 1}"
    assert place_of(ValueError()) == ""


def test_a_mistake_of_the_library_is_still_a_traceback(monkeypatch):
    monkeypatch.setattr(main, "_parse", json.loads)
    with pytest.raises(TypeError):
        main.run(["main"])
