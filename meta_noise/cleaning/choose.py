"""Network, method and schedule for data that come without a config, and why."""

from typing import NamedTuple

import numpy as np

from meta_noise.build.defaults import Wants, wants_of
from meta_noise.config.parse import parse
from meta_noise.config.schema import Clean, Config, Data, Meta, Model, Named, Noise, Optimizer, Train
from meta_noise.data.own import Own
from meta_noise.data.source import Source
from meta_noise.data.text.tokens import tokenise
from meta_noise.errors import InputError

STEPS = 3000  # of training, which suit most small networks
TEXT_STEPS = 600  # fewer for texts: word vectors learn wrong labels by heart within a few epochs
EPOCHS = (5, 60)  # fewest and most
VOCABULARY, LENGTH = 20_000, 64  # of texts, in words
MANY_VECTORS = 20_000  # rows of numbers from which a fast method is taken in place of a slow one
FEW_TRUSTED = 10  # trusted rows of the rarest class below which IEG guesses badly, and other methods than L2R do better
FEW_TRUSTED_TEXTS, FEW_TEXTS = 3, 300  # of texts: trusted rows of the rarest class; rows of a class
MANY_IMAGES = 5_000  # the same of images, where there is no accelerator
SMALL_IMAGE = 64  # pixels of a side up to which a small network is enough


class Chosen(NamedTuple):
    """What to train.

    Attributes:
        config: not resolved.
        reasons: a sentence for each choice.
        source: the rows to train on, texts as tokens.
        test: rows to measure on, or None.
    """

    config: Config
    reasons: list[str]
    source: Source
    test: Source | None

    @property
    def tests(self) -> dict[str, Source]:
        """Rows to measure on, by the name of their part."""
        return {} if self.test is None else {"test": self.test}


def choose(
    own: Own, method: str = "", model: str = "", epochs: int = 0, seed: int = 0, devices: int = 1, on_cpu: bool = True
) -> Chosen:
    """Returns what suits a user's own data; what is asked for by name or number is taken as it is.

    Batches divide over `devices`; `on_cpu` says that there is no accelerator, so that time counts more.

    Raises:
        InputError: there are too few rows.
    """
    source, test = own.source, own.test
    trusted = 0 if source.trusted is None else int(source.trusted.sum())
    rows = len(source.labels) - trusted
    if rows < 4:
        raise InputError(f"{rows} rows are left to train on; give 4 or more rows whose labels are not trusted.")
    if own.kind == "texts":
        source, test = _tokens(own)
    network, why = (Model(model), f"The network {model}, as asked for.") if model else _network(own)
    steps = TEXT_STEPS if own.kind == "texts" else STEPS
    wanted = epochs or int(np.clip(round(steps * 100 / rows), *EPOCHS))
    batch = max(min(100, rows // 2) // devices, 1) * devices
    length = f"{wanted} epochs of batches of {batch} rows."
    if not epochs:
        length += f" That is about {wanted * (rows // batch):,} steps."
    facts = _facts(own, rows, on_cpu)
    chosen = method or _method(facts)
    config = Config(
        seed=seed,
        data=Data("arrays"),
        noise=Noise("none", 0.0),
        clean=_clean(wants_of(Named(chosen)), trusted),
        model=network,
        method=Named(chosen),
        optimizer=_optimizer(own.kind),
        meta=_meta(own.kind, wants_of(Named(chosen))),
        train=Train(epochs=wanted, batch_size=batch),
    )
    reason = f"Method {chosen}, as asked for." if method else _why(chosen, facts)
    return Chosen(config, [why, length, reason], source, test)


def _clean(wants: Wants, trusted: int) -> Clean:
    """Returns the section `clean`: trusted rows lead the training, or are among the rows of a method without a lead."""
    if wants.optimizer is None:
        return Clean(size=0, train_on="both" if trusted else "noisy")
    return Clean(size=0, auto=not trusted)


def _optimizer(kind: str) -> Optimizer:
    if kind == "texts":
        return Optimizer("adam", 1e-3)
    return Optimizer("sgd", 0.05, settings={"momentum": 0.9, "clip": 1.0})  # unclipped, IEG can collapse


def _meta(kind: str, wants: Wants) -> Meta:
    """Returns the section `meta`, with what the method wants on texts."""
    found = Meta()
    return parse({"meta": wants.on_texts}).meta or found if kind == "texts" else found


class _Facts(NamedTuple):
    """What the choice of a method rests on; `rarest` is the number of trusted rows of the class that has fewest."""

    is_text: bool
    is_many: bool
    trusted: int
    rarest: int
    rows_per_class: float


def _facts(own: Own, rows: int, on_cpu: bool) -> _Facts:
    is_many = rows >= MANY_VECTORS if own.kind != "images" else on_cpu and rows >= MANY_IMAGES
    source, classes = own.source, len(own.class_names)
    counts = np.zeros(classes, int)
    if source.trusted is not None:
        counts = np.bincount(source.labels[source.trusted], minlength=classes)
    return _Facts(own.kind == "texts", is_many, int(counts.sum()), int(counts.min()), rows / classes)


def _method(facts: _Facts) -> str:
    """Returns the method that did best in the tables of `experiments/` for data of this kind."""
    if facts.is_text:  # tokens cannot be mixed up, as IEG and FaMUS do
        if facts.rarest >= FEW_TRUSTED_TEXTS:
            return "l2r"
        return "mw_net" if facts.rows_per_class >= FEW_TEXTS else "supervised"
    if facts.is_many:
        return "l2r" if facts.rarest >= FEW_TRUSTED else "mw_net"
    return "ieg" if facts.rarest >= FEW_TRUSTED else "famus"


def _why(chosen: str, facts: _Facts) -> str:
    """Returns a sentence on a method that was chosen by `_method`."""
    few = f"trusted rows are few, {facts.rarest} of the rarest class" if facts.trusted else "no row is trusted"
    if chosen == "supervised":
        return f"Method supervised: {few}, and so few texts of a class do not tell by their loss which are right."
    if chosen == "famus":
        return (
            f"Method famus: {few}, so two networks tell each other which labels to believe"
            + ("; trusted rows only show how good the flags are" * bool(facts.trusted))
            + ". About ten times faster, and worse where many labels are wrong: --method mw_net."
        )
    slower = "ieg" if facts.rarest >= FEW_TRUSTED else "famus"
    fast = f" So many rows ask for a fast method here; --method {slower} takes several times longer, for better flags."
    if facts.trusted:
        why = f"Method {chosen}, which learns from {facts.trusted:,} trusted rows how far to believe the others."
    else:
        why = f"Method {chosen}: no row is trusted, so rows of low loss take the place of trusted ones."
    return why + fast * (facts.is_many and not facts.is_text)


def _network(own: Own) -> tuple[Model, str]:
    """Returns the section of the model, and why."""
    if own.kind == "texts":
        return Model(
            "word_average", settings={"vocabulary": VOCABULARY}
        ), "Network word_average, a mean of word vectors."
    if own.kind == "images":
        height, width = own.source.inputs.shape[1:3]
        if min(height, width) < 8:
            return Model("mlp"), f"Network mlp, as the images have only {height} x {width} pixels."
        if max(height, width) <= SMALL_IMAGE:
            return Model("cnn"), f"Network cnn, small and fast on a CPU, for images of {height} x {width} pixels."
        return Model(
            "resnet", settings={"depth": 18}
        ), f"Network resnet of depth 18, for images of {height} x {width} pixels."
    what = "ready features" if own.kind == "features" else "numeric columns"
    return Model("mlp"), f"Network mlp, two dense layers, for {own.source.inputs.shape[1]} {what}."


def _tokens(own: Own) -> tuple[Source, Source | None]:
    """Returns the texts as tokens; words are numbered by the training texts alone."""
    texts = own.texts or []
    source = own.source._replace(inputs=tokenise(texts, lambda: texts, VOCABULARY, LENGTH))
    if own.test is None:
        return source, None
    return source, own.test._replace(inputs=tokenise(own.test_texts or [], lambda: texts, VOCABULARY, LENGTH))
