"""All settings of a run: one frozen section each, every field with its default, meaning, unit and range.

In a section with `settings` these are the settings of the function that `name` names (a file in a room of this
package, or a dotted path), so their defaults stand in its signature, not here.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Settings = Mapping[str, Any]

ENGINES = ("mixed_mode", "unrolled", "neumann")
PIXELS = {  # mean and deviation of the three channels of images, in fractions of 255
    "unit": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),  # -1 to 1: MLC-T, IEG
    "cifar10": ((125.3 / 255, 123.0 / 255, 113.9 / 255), (63.0 / 255, 62.1 / 255, 66.7 / 255)),  # MW-Net, MLC-LCN
    "cifar10_dividemix": ((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)),
    "cifar100_dividemix": ((0.507, 0.487, 0.441), (0.267, 0.256, 0.276)),  # and red mini-ImageNet
    "clothing1m_dividemix": ((0.6959, 0.6537, 0.6371), (0.3113, 0.3192, 0.3214)),
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
}


class About(NamedTuple):
    """What there is to say about a field.

    Attributes:
        help: one line.
        unit: of a number, empty for a plain one.
        least: smallest number allowed, None: any.
        choices: words allowed, empty: any.
    """

    help: str
    unit: str = ""
    least: float | None = None
    choices: tuple[str, ...] = ()


def field(default: Any, help: str, unit: str = "", least: float | None = None, choices: tuple[str, ...] = ()) -> Any:
    """Returns a dataclass field that says what it is about."""
    metadata = {"about": About(help, unit, least, choices)}
    if callable(default):
        return dataclasses.field(default_factory=default, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def about(entry: dataclasses.Field) -> About:
    """Returns what there is to say about a field of a section."""
    return entry.metadata["about"]


def _settings() -> Any:
    return field(dict, "any settings of the function called `name`")


@dataclass(frozen=True)
class Named:
    """A function of one of our rooms, or of the user's own, with its settings."""

    name: str = field("", "which one; empty: what the method's file says")
    settings: Settings = _settings()


@dataclass(frozen=True)
class Data:
    """The data set."""

    name: str = field("digits", "data set: a file in data/sources, or a dotted path")
    path: str = field("", "folder or file of the data set")
    limit: int = field(0, "random training rows to use, 0: all", "rows", 0)
    pixels: str = field(
        "measured",
        "mean and deviation that pixels are normalised with: of the training rows, or constants",
        choices=("measured", *PIXELS),
    )
    imbalance: float = field(1.0, "largest over smallest class of the training rows, for a long tail", least=1)
    class_rows: tuple[int, ...] = field(
        (), "training rows of each class, drawn by chance, in place of imbalance; empty: all", "rows", 1
    )
    settings: Settings = _settings()


@dataclass(frozen=True)
class Noise:
    """Wrong labels that are made on purpose, for experiments."""

    name: str = field("uniform", "noise: a file in data/noise, or a dotted path; none for labels as they are")
    rate: float = field(0.4, "how much noise, 0 to 1")
    settings: Settings = _settings()


@dataclass(frozen=True)
class Clean:
    """Trusted rows, and rows that are held out."""

    size: int = field(20, "trusted rows, drawn evenly over the classes; 0: all that the data set trusts", "rows", 0)
    selection: int = field(0, "rows held out to choose the best epoch", "rows", 0)
    selection_labels: str = field(
        "given", "labels of the selection rows; true ones cost trusted labels", choices=("given", "true")
    )
    train_on: str = field(
        "", "rows that training batches come from; empty: as the method's file says", choices=("noisy", "clean", "both")
    )
    balanced: bool | None = field(None, "clean batches hold all classes equally often; None: as the method's file says")
    splits: str = field("", "a splits.npz to use again")
    auto: bool = field(False, "trust no row: clean batches come from rows of low loss, guessed anew in every epoch")


@dataclass(frozen=True)
class View:
    """Further augmentations of each row, for methods that compare them."""

    name: str = field("", "augmentation of the further views; empty: what the method needs")
    count: int = field(1, "views beside the first", "views", 1)
    on_top: bool = field(False, "of the augmented inputs, not of the raw ones")
    settings: Settings = _settings()


@dataclass(frozen=True)
class Model:
    """The network."""

    name: str = field("mlp", "network: a file in models, or a dotted path")
    pretrained: str = field("", "a file of published weights to start from; empty: none")
    settings: Settings = _settings()


@dataclass(frozen=True)
class Optimizer:
    """The optimiser of the network."""

    name: str = field("sgd", "sgd, adam, adamw, ...")
    lr: float = field(0.1, "learning rate, above 0")
    ema: float = field(
        -1.0, "decay of averaged parameters for evaluation, 0: none, negative: as the method's file says"
    )
    settings: Settings = _settings()


@dataclass(frozen=True)
class Meta:
    """The meta level of methods that have one."""

    engine: str = field("mixed_mode", "how the meta-gradient is computed; neumann: nearly", choices=ENGINES)
    steps: int = field(1, "virtual steps before the outer loss", "steps", 1)
    truncation: int = field(0, "the last virtual steps, that many, are differentiated, 0: all", "steps", 0)
    terms: int = field(5, "of the series of the engine neumann", least=1)
    every: int = field(1, "length of the window of MLC-LCN's approximation", "steps", 1)
    interval: int = field(1, "a meta step in the first of so many steps, else the classifier alone moves", "steps", 1)
    virtual_rows: int = field(0, "rows of a batch that the virtual step is taken with, 0: all", "rows", 0)
    virtual_layers: str = field(
        "all", "kept: layers below those with a meta-gradient stay in the virtual step", choices=("all", "kept")
    )
    remat: bool = field(False, "less memory, more time: no forward pass is kept between the parts of a step")
    reuse_virtual: bool | None = field(None, "the virtual step is the actual one; None: as the method's file says")
    optimizer: Named = field(Named, "how the meta-parameters move")
    virtual: Named = field(Named, "the virtual step: live, plain_sgd or frozen_momentum")
    cotangents: Named = field(Named, "what the meta-gradient goes through; layer_sampler is FaMUS")


@dataclass(frozen=True)
class MeshAxes:
    """How devices are arranged."""

    data: int = field(-1, "devices, or groups of them, that hold different rows; -1: as many as there are", "devices")
    model: int = field(1, "devices that large tensors are divided over", "devices", 1)
    least_bytes: int = field(65536, "smallest tensor that is divided over `model`", "bytes", 0)


@dataclass(frozen=True)
class Train:
    """The training loop."""

    epochs: int = field(30, "length of the run after the warm-up", "epochs", 1)
    steps: int = field(0, "the same in steps, 0: by epochs", "steps", 0)
    epoch_steps: int = field(0, "length of an epoch after the warm-up, 0: all rows once", "steps", 0)
    warmup_epochs: int = field(
        -1, "plain training before the first of these epochs; negative: as the method's file says", "epochs"
    )
    warmup_steps: int = field(0, "the same in steps, 0: by warmup_epochs", "steps", 0)
    balanced: bool = field(False, "training batches hold all observed classes equally often")
    finetune_epochs: int = field(
        0, "plain training on the trusted rows after all else; an epoch is all of them once", "epochs", 0
    )
    finetune_lr: float = field(0.0, "learning rate of it, constant; 0: a tenth of config.optimizer.lr", "", 0)
    batch_size: int = field(100, "rows of a step", "rows", 1)
    clean_batch_size: int = field(0, "clean rows of a step, 0: as batch_size, at most all of them", "rows", 0)
    eval_batch_size: int = field(500, "rows that are evaluated at a time", "rows", 1)
    eval_every: int = field(1, "time between evaluations", "epochs", 1)
    devices: int = field(0, "devices to use, 0: all", "devices", 0)
    mesh: MeshAxes = field(MeshAxes, "how they are arranged")
    norm_groups: int = field(1, "parts of a batch that batch normalisation treats apart, 1: the whole batch", least=1)
    precision: str = field(
        "float32", "of the layers; parameters, statistics, losses stay float32", choices=("float32", "bfloat16")
    )
    profile_steps: int = field(0, "steps of the first epoch that are traced into profile/", "steps", 0)
    steps_per_call: int = field(0, "steps in one compiled call, 0: what takes 0.1 s", "steps", 0)
    checkpoint_seconds: float = field(60.0, "time between checkpoints", "seconds", 0)
    memory_window: int = field(10, "visits of a row over which its weight and probability are averaged", "visits", 1)


@dataclass(frozen=True)
class Report:
    """The report."""

    examples: int = field(48, "suspicious rows that are shown", "rows", 0)
    variance_batches: int = field(
        0, "clean batches that the variance of the meta-gradient is measured on", "batches", 0
    )


@dataclass(frozen=True)
class Config:
    """All settings of a run."""

    seed: int = field(0, "of everything random, below 2147483648", least=0)
    data: Data = field(Data, "the data set")
    noise: Noise = field(Noise, "wrong labels made on purpose")
    clean: Clean = field(Clean, "trusted rows, and rows held out")
    augment: Named = field(lambda: Named("none"), "augmentation: a file in data/augment")
    view: View = field(View, "further views of each row")
    model: Model = field(Model, "the network")
    method: Named = field(lambda: Named("mw_net"), "training method: a file in methods")
    optimizer: Optimizer = field(Optimizer, "the optimiser of the network")
    schedule: Named = field(lambda: Named("cosine"), "how the learning rate changes")
    meta: Meta | None = field(Meta, "the meta level; None (empty) for a method without one")
    train: Train = field(Train, "the training loop")
    report: Report = field(Report, "the report")


SECTIONS: dict[str, type] = {
    entry.name: Meta if entry.name == "meta" else entry.type  # type: ignore[misc]
    for entry in dataclasses.fields(Config)
    if dataclasses.is_dataclass(entry.type) or entry.name == "meta"
}
INNER = {"meta": ("optimizer", "virtual", "cotangents"), "train": ("mesh",)}  # sections within sections
