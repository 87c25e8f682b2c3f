"""From names and numbers in a config to the objects of a run."""

import inspect
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jax
import optax

from meta_noise.build.defaults import FILTERS, wants_of
from meta_noise.build.facts import NO_FACTS, Facts
from meta_noise.build.named import named, sensible
from meta_noise.build.network import named_network
from meta_noise.build.optimizer import Lengths, optimizer_of, schedule_of
from meta_noise.config import registry
from meta_noise.config.schema import Config, Meta, Model, Named
from meta_noise.core.bilevel import bilevel
from meta_noise.core.cotangents import keep_all
from meta_noise.core.meta_gradient import mixed_mode, unrolled
from meta_noise.core.neumann import neumann
from meta_noise.core.pair import each_filter, each_tx, started, twin
from meta_noise.core.phases import every_nth, finetuned, warmed_up
from meta_noise.core.problem import Problem
from meta_noise.core.single import Objective, single
from meta_noise.core.truncation import truncated
from meta_noise.core.virtual import frozen_momentum, live, plain_sgd
from meta_noise.core.windows import discounted
from meta_noise.errors import InputError
from meta_noise.losses.verification import verify
from meta_noise.models.precision import in_precision
from meta_noise.models.pretrained import Published, published
from meta_noise.train.optimizers import OPTIMIZERS
from meta_noise.types import MetaGradient, Method, Network, PyTree

VIRTUAL = {"live": live, "plain_sgd": plain_sgd, "frozen_momentum": frozen_momentum}


def make_network(section: Model, num_classes: int, precision: str = "float32", inputs: Any = None) -> Network:
    """Returns the classifier that a section `model` names, one of a pair where the method trains two.

    Its first parameters are random ones; see `published_weights` for others. `precision` is that of its layers.
    `inputs` is a batch, or its shape and type: see `named_network`.
    """
    return in_precision(named_network(section, num_classes, inputs), precision)


def published_weights(section: Model, classifier: Network, inputs: Any) -> Published | None:
    """Returns the weights that the section `model` says to start from, None where it names no file.

    Args:
        section: `model` of the resolved settings.
        classifier: from `network`.
        inputs: a batch, or its shape and type.

    Raises:
        InputError: the file is lacking, damaged or of another network.
    """
    if not section.pretrained:
        return None
    trees = jax.eval_shape(classifier.init, jax.random.key(0), inputs)
    return published(section.pretrained, section.name, section.settings, trees)


def make_method(
    config: Config, classifier: Network, lengths: Lengths, facts: Facts = NO_FACTS, starts: Sequence[PyTree] = ()
) -> Method:
    """Returns the training method of resolved settings.

    Args:
        config: resolved.
        classifier: the network to train.
        lengths: of the phases, for schedules.
        facts: about the data.
        starts: (params, batch_stats) of each network to start from.

    Raises:
        InputError: unknown names or settings, or a combination that makes no sense.
    """
    alike = started(classifier, starts)
    product = registry.build("methods", _with_facts(config.method, facts._replace(network=alike)))
    pair = isinstance(product, Problem | Objective) and product.copies > 1
    steps, epoch, warmup, finetune = lengths
    restarts = wants_of(config.method).restarts
    schedule = schedule_of(config, steps, epoch, 0) if restarts else schedule_of(config, warmup + steps, epoch, warmup)
    tx = optimizer_of(config, schedule, pair)
    warm_tx = optimizer_of(config, schedule_of(config, warmup, epoch, 0), pair) if restarts and warmup else tx
    rate = config.train.finetune_lr or config.optimizer.lr / 10
    tuned_tx = optimizer_of(config, optax.constant_schedule(rate), pair)
    classifier = started(twin(classifier), starts) if pair else alike
    if isinstance(product, Objective):
        trained = single(product, classifier, tx)
    elif isinstance(product, Problem):
        assert config.meta is not None
        trained = _bilevel(config.meta, config.method.name, product, classifier, tx, schedule)
    else:
        kind = type(product).__name__
        raise InputError(f"Method {config.method.name!r} must give a Problem or an Objective, got {kind}.")
    steps_per_move = 1 if config.meta is None else config.meta.steps
    if (warmup or finetune) and steps_per_move > 1:
        raise InputError(
            f"A {'warm-up' if warmup else 'fine-tuning'} takes one batch per step, config.meta.steps={steps_per_move} "
            "takes as many; use one of the two."
        )
    own = product.warmup if isinstance(product, Objective) else None
    return finetuned(warmed_up(trained, classifier, warm_tx, warmup, own), classifier, tuned_tx, finetune)


def _bilevel(meta: Meta, name: str, problem: Problem, classifier: Network, tx, schedule) -> Method:
    """Returns the method that solves a problem, that of the method `name`, as the section `meta` says."""
    if meta.every > 1 and problem.fresh:
        raise InputError(
            f"config.meta.every is {meta.every}, but the meta-parameters of {name!r} belong to one batch and cannot be "
            "accumulated; use 1."
        )
    if meta.truncation > meta.steps:
        raise InputError(
            f"config.meta.truncation is {meta.truncation}, but config.meta.steps says that there are {meta.steps} "
            "virtual steps; use 0 for all of them."
        )
    if meta.engine == "neumann" and (meta.truncation or meta.every > 1):
        raise InputError(
            "The engine 'neumann' differentiates the last virtual step alone; use config.meta.truncation=0 and every=1."
        )
    virtual = meta.virtual
    if virtual.settings.get("rate") == "lr":
        virtual = replace(virtual, settings={**virtual.settings, "rate": schedule})
    meta_tx: optax.GradientTransformation = named(OPTIMIZERS, "meta optimizer", meta.optimizer)
    if classifier.copies > 1:
        meta_tx = each_tx(meta_tx)
    rule = named(VIRTUAL, "virtual step", virtual)
    engine = _engine(meta, classifier)

    def make():
        partly = truncated(engine, meta.truncation) if meta.truncation else engine
        windowed = discounted(partly, meta.every)
        steps = rule._replace(steps=meta.steps, rows=meta.virtual_rows, reuse=bool(meta.reuse_virtual))
        return every_nth(bilevel(problem, classifier, tx, meta_tx, windowed, steps, meta.remat), meta.interval)

    return sensible(f"config.meta does not fit method {name!r}", make)


def _engine(meta: Meta, classifier: Network) -> MetaGradient:
    """Returns the meta-gradient engine of the section `meta`, with its filter."""
    function = registry.of_table(FILTERS, "cotangent filter", meta.cotangents.name)
    partial = meta.virtual_layers == "kept"
    if meta.engine != "mixed_mode":
        if function is not keep_all or partial:
            raise InputError(
                f"The engine {meta.engine!r} takes no cotangent filter; use config.meta.engine=mixed_mode."
            )
        return unrolled() if meta.engine == "unrolled" else neumann(meta.terms)
    stages = (classifier.stages,) if "stages" in inspect.signature(function).parameters else ()
    cotangents = named(FILTERS, "cotangent filter", meta.cotangents, *stages)
    if classifier.copies > 1:
        cotangents = each_filter(cotangents)
    if cotangents.one_step and (meta.steps > 1 or meta.every > 1):
        raise InputError("The layer sampler learns from every meta step; use config.meta.steps=1 and every=1.")
    if partial and meta.reuse_virtual:
        raise InputError(
            "config.meta.virtual_layers=kept with reuse_virtual would leave the other layers untrained; set "
            "config.meta.reuse_virtual=False."
        )
    return sensible("config.meta.virtual_layers", mixed_mode, cotangents, partial)


def needs_clean(config: Config) -> bool:
    """Says whether the method of resolved settings needs rows that are known to be right."""
    led = config.meta is not None and not config.clean.auto
    return led or wants_of(config.method).needs_trusted


def guesses_clean(config: Config) -> bool:
    """Says whether the clean batches of resolved settings come from rows that are only guessed to be right."""
    return config.meta is not None and config.clean.auto


def _with_facts(section: Named, known: Facts) -> Named:
    """Returns the section of a method with the facts that it asks for, and its loss as a function.

    A loss from outside the library is checked first.
    """
    facts, class_counts = known._asdict(), known.class_counts or None
    parameters = inspect.signature(registry.find("methods", section.name)).parameters
    settings = {**section.settings, **{name: facts[name] for name in facts if name in parameters}}
    if {"loss", "loss_settings"} <= settings.keys():
        loss = Named(settings["loss"], settings["loss_settings"])
        settings |= {"loss": _loss(loss, class_counts), "loss_settings": None}
    return replace(section, settings=settings)


def _loss(section: Named, class_counts: Sequence[int] | None) -> Any:
    """Returns the loss of a section with its settings filled in."""
    wants_counts = "class_counts" in inspect.signature(registry.find("losses", section.name)).parameters
    if wants_counts and class_counts is not None:
        section = replace(section, settings={"class_counts": list(class_counts), **section.settings})
    loss = registry.partial("losses", section, 2)
    if "." in section.name:
        verify(loss, 5 if class_counts is None else len(class_counts))
    return loss


def learns_clean(config: Config) -> bool:
    """Says whether any step of a run by resolved settings sees the rows that are known or guessed to be right."""
    plainly = config.clean.train_on != "noisy" or config.train.finetune_epochs > 0
    return plainly or needs_clean(config) or guesses_clean(config)
