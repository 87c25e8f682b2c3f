"""Network, method and schedule for data that come without a config, and why."""

from typing import NamedTuple

import numpy as np

from meta_noise.build.defaults import Wants, wants_of
from meta_noise.config.parse import parse
from meta_noise.config.schema import Clean, Config, Data, Meta, Model, Named, Noise, Optimizer, Report, Train
from meta_noise.data.own import Own
from meta_noise.data.source import Source
from meta_noise.data.text.tokens import tokenise
from meta_noise.errors import InputError

PLAIN = "supervised"
OF_TEXTS = ("word_average", "bert", "twitter_mlp")  # networks that take texts, and nothing else
STEPS = 3000  # of training, which suit most small networks
TEXT_STEPS = 600  # fewer for texts: word vectors learn wrong labels by heart within a few epochs
EPOCHS = (5, 60)  # fewest and most
BATCH, LARGEST_BATCH = 100, 4096  # rows; more than the first only where an epoch of it would be over 1,000 steps
EXAMPLES = (2000, 500)  # rows kept with their words, or as pictures
VOCABULARY, LENGTH = 20_000, 64  # of texts, in words
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


def choose(own: Own, method: str = "", model: str = "", epochs: int = 0, seed: int = 0) -> Chosen:
    """Returns what suits a user's own data; what is asked for by name or number is taken as it is.

    Where no method is asked for, the network learns what the tournament believes (`meta_noise.cleaning.findings`), so
    plain training is enough.

    Raises:
        InputError: there are too few rows.
    """
    source, test = own.source, own.test
    trusted = 0 if source.trusted is None else int(source.trusted.sum())
    rows = len(source.labels) - trusted
    if rows < 4:
        raise InputError(f"{rows} rows are left to train on; give 4 or more rows whose labels are not trusted.")
    _check_kind(own.kind, model)
    if own.kind == "texts":
        source, test = _tokens(own)
    network, why = (Model(model), f"The network {model}, as asked for.") if model else _network(own)
    steps = TEXT_STEPS if own.kind == "texts" else STEPS
    wanted = epochs or int(np.clip(round(steps * 100 / rows), *EPOCHS))
    batch = min(BATCH, rows // 2) if rows <= 1000 * BATCH else min(rows // 1000, LARGEST_BATCH)
    length = f"{wanted} epochs of batches of {batch} rows."
    if not epochs:
        length += f" That is about {wanted * (rows // batch):,} steps."
    chosen = method or PLAIN
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
        report=Report(examples=EXAMPLES[own.kind == "images"]),
    )
    reason = f"Method {chosen}, as asked for, on the labels as they are given."
    if not method:
        reason = f"Method {PLAIN}: the network learns the labels that the candidates found most probable."
    return Chosen(config, [why, length, reason], source, test)


def _check_kind(kind: str, model: str) -> None:
    """Raises InputError where a network of this library cannot take inputs of this kind."""
    if not model or "." in model:
        return
    texts = kind == "texts"
    fits = model in OF_TEXTS if texts else model == "mlp" or (kind == "images" and model not in OF_TEXTS)
    if not fits:
        others = ", ".join(OF_TEXTS) if texts else "mlp"
        what = {"texts": "texts", "images": "images"}.get(kind, "numbers")
        raise InputError(f"model is {model!r}, which does not take {what}; give {others}, or leave it out.")


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
