"""MW-Net's step in PyTorch, by hand and with two libraries for bi-level optimisation, on the same network and batch.

The network is one of `torch_networks`; weight network, optimisers and sizes are those of our own step. What
the three do:

* `pytorch`: the standard form, written here. A virtual SGD step with `create_graph=True`, the clean loss after it, and
  reverse mode through both (reverse over reverse); then an actual step with a forward pass of its own.
* `torchopt`: the same, with its differentiable optimiser `MetaSGD` for the virtual step.
* `betty`: its own algorithm, which differs. There is no virtual step: the actual one is looked through, and the
  meta-gradient is a central difference of two further gradients.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from rich.console import Console
from torch import nn

from experiments.benchmark.measure import Run, alternate
from experiments.benchmark.rows import described
from experiments.benchmark.steps import COMMON, Setting
from experiments.benchmark.table import Row
from experiments.benchmark.torch_networks import network_of

LIBRARIES = ("pytorch", "torchopt", "betty")
LAST = torch.channels_last
HIDDEN, META_RATE = 100, 1e-3  # of the weight network


def measure_peers(
    setting: Setting, pairs: int, console: Console, libraries: Sequence[str] = LIBRARIES
) -> Iterator[Row]:
    """Gives the rows of the peers, each beside a plain step in PyTorch, as soon as each is measured.

    Of the two layouts of images, the rows of `channels_last` have the one that is the faster one for a plain step.

    Raises:
        InputError: the network is not one that is written here.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    batches = batches_of(setting, device)
    plain = run_of(plain_step(new_network(setting, device), batches), device)

    def row(library: str, case: str, run: Run) -> Row:
        times = alternate(plain, run, pairs)
        console.print(f"{library} {case}: {times.seconds * 1e3:.4g} ms, {times.ratio:.2f} times plain PyTorch")
        return described(setting, library, case, times, pairs)

    yield row("pytorch", "supervised", plain)
    last, last_batches = new_network(setting, device).to(memory_format=LAST), channels_last(batches)
    yield row("pytorch", "supervised, channels_last", run_of(plain_step(last, last_batches), device))
    if "compiled" in libraries:  # of double backward passes torch.compile makes none
        compiled = torch.compile(new_network(setting, device).to(memory_format=LAST))
        yield row("pytorch", "supervised, compiled", run_of(plain_step(compiled, last_batches), device))
    makers = {"pytorch": mw_net_step, "torchopt": torchopt_step, "betty": betty_step}
    for library in (name for name in libraries if name in makers):
        yield row(library, "mw_net", run_of(makers[library](new_network(setting, device), batches), device))


def channels_last(batches: Any) -> Any:
    return tuple((images.to(memory_format=LAST), labels) for images, labels in batches)


def new_network(setting: Setting, device: str) -> nn.Module:
    return network_of(setting.model, setting.classes).to(device)


def _weight_net(device: str) -> nn.Module:
    return nn.Sequential(nn.Linear(1, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1), nn.Sigmoid()).to(device)


def batches_of(setting: Setting, device: str) -> Any:
    """Returns (images, labels) of a noisy and of a clean batch."""
    draw = np.random.default_rng(0)

    def batch():
        images = draw.standard_normal((setting.batch, 3, setting.image, setting.image), np.float32)
        return torch.from_numpy(images).to(device), torch.from_numpy(
            draw.integers(0, setting.classes, setting.batch)
        ).to(device)

    return batch(), batch()


def _sgd(network: nn.Module) -> torch.optim.Optimizer:
    settings = COMMON["optimizer"]
    return torch.optim.SGD(
        network.parameters(), settings["lr"], settings["momentum"], weight_decay=settings["weight_decay"]
    )


def _weighted(losses: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    return (weights * losses).sum() / weights.sum()


def _weights(net: nn.Module, losses: torch.Tensor) -> torch.Tensor:
    return net(losses.detach()[:, None])[:, 0]


def _actual(network: nn.Module, net: nn.Module, tx: torch.optim.Optimizer, images: Any, labels: Any) -> None:
    losses = F.cross_entropy(network(images), labels, reduction="none")
    with torch.no_grad():
        weights = _weights(net, losses)
    tx.zero_grad()
    _weighted(losses, weights).backward()
    tx.step()


def plain_step(network: nn.Module, batches: Any) -> Callable[[], None]:
    """Returns a step of plain training."""
    (images, labels), _ = batches
    tx = _sgd(network)

    def step() -> None:
        tx.zero_grad()
        F.cross_entropy(network(images), labels).backward()
        tx.step()

    return step


def mw_net_step(network: nn.Module, batches: Any) -> Callable[[], None]:
    """Returns a step of MW-Net, reverse over reverse."""
    (images, labels), (clean_images, clean_labels) = batches
    net = _weight_net(images.device)
    tx, meta_tx = _sgd(network), torch.optim.Adam(net.parameters(), META_RATE)
    rate, buffers = COMMON["optimizer"]["lr"], dict(network.named_buffers())

    def step() -> None:
        params = dict(network.named_parameters())
        losses = F.cross_entropy(network(images), labels, reduction="none")
        loss = _weighted(losses, _weights(net, losses))
        grads = torch.autograd.grad(loss, list(params.values()), create_graph=True)
        virtual = {name: p - rate * g for (name, p), g in zip(params.items(), grads, strict=True)}
        outputs = torch.func.functional_call(network, {**virtual, **buffers}, (clean_images,))
        outer = F.cross_entropy(outputs, clean_labels)
        meta_tx.zero_grad()
        outer.backward(inputs=list(net.parameters()))
        meta_tx.step()
        _actual(network, net, tx, images, labels)

    return step


def torchopt_step(network: nn.Module, batches: Any) -> Callable[[], None]:
    """Returns the same step with torchopt's differentiable optimiser."""
    import torchopt

    (images, labels), (clean_images, clean_labels) = batches
    net = _weight_net(images.device)
    tx, meta_tx = _sgd(network), torch.optim.Adam(net.parameters(), META_RATE)
    virtual_tx = torchopt.MetaSGD(network, lr=COMMON["optimizer"]["lr"])

    def step() -> None:
        before = torchopt.extract_state_dict(network, by="reference", detach_buffers=True)
        losses = F.cross_entropy(network(images), labels, reduction="none")
        virtual_tx.step(_weighted(losses, _weights(net, losses)))
        outer = F.cross_entropy(network(clean_images), clean_labels)
        meta_tx.zero_grad()
        outer.backward(inputs=list(net.parameters()))
        meta_tx.step()
        torchopt.recover_state_dict(network, before)
        _actual(network, net, tx, images, labels)

    return step


def betty_step(network: nn.Module, batches: Any) -> Callable[[], None]:
    """Returns a step of betty's engine: one of the network, one of the weight network."""
    from betty.configs import Config, EngineConfig
    from betty.engine import Engine
    from betty.problems import ImplicitProblem

    logging.disable(logging.INFO)  # its tables of problems
    (images, labels), (clean_images, clean_labels) = batches
    net = _weight_net(images.device)

    class Weights(ImplicitProblem):
        def training_step(self, batch: Any) -> torch.Tensor:
            return F.cross_entropy(self.classifier(batch[0]), batch[1])

    class Classifier(ImplicitProblem):
        def training_step(self, batch: Any) -> torch.Tensor:
            losses = F.cross_entropy(self.forward(batch[0]), batch[1], reduction="none")
            return _weighted(losses, self.weights(losses.detach()[:, None])[:, 0])

    meta_tx = torch.optim.Adam(net.parameters(), META_RATE)
    upper = Weights("weights", Config(type="darts"), net, meta_tx, train_data_loader=[(clean_images, clean_labels)])
    lower = Classifier(
        "classifier",
        Config(type="darts", unroll_steps=1),
        network,
        _sgd(network),
        train_data_loader=[(images, labels)],
    )
    links = {"u2l": {upper: [lower]}, "l2u": {lower: [upper]}}
    engine = Engine([upper, lower], EngineConfig(train_iters=1), links)
    engine.train()

    def step() -> None:
        engine.global_step += 1
        engine.train_step()

    return step


def run_of(step: Callable[[], None], device: str) -> Run:
    """Returns `(number of steps) -> seconds`."""

    def run(number: int) -> float:
        begin = time.perf_counter()
        for _ in range(number):
            step()
        if device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - begin

    return run
