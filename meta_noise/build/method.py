"""From names and numbers in a config to the objects of a run."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import optax

from meta_noise.build.defaults import FILTERS
from meta_noise.build.network import named_network
from meta_noise.config import registry
from meta_noise.config.schema import Config, Meta, Model, Named
from meta_noise.core.averages import average
from meta_noise.core.bilevel import bilevel
from meta_noise.core.cotangents import keep_all
from meta_noise.core.meta_gradient import mixed_mode, unrolled
from meta_noise.core.pair import each_filter, each_tx, started, twin
from meta_noise.core.phases import every_nth, warmed_up
from meta_noise.core.problem import Problem
from meta_noise.core.single import Objective, single
from meta_noise.core.virtual import Virtual, frozen_momentum, live, plain_sgd
from meta_noise.core.windows import discounted
from meta_noise.errors import InputError
from meta_noise.losses.verification import verify
from meta_noise.models.precision import in_precision
from meta_noise.models.pretrained import Published, published
from meta_noise.train.optimizers import DIFFERENTIABLE, OPTIMIZERS, SCHEDULES
from meta_noise.types import CotangentFilter, MetaGradient, Method, Network, PyTree

GIVES: dict[str, Any] = {
    "schedule": Callable,
    "optimizer": optax.GradientTransformation,
    "meta optimizer": optax.GradientTransformation,
    "virtual step": Virtual,
    "cotangent filter": CotangentFilter,
}
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
    config: Config,
    classifier: Network,
    steps: int,
    steps_per_epoch: int,
    class_counts: Sequence[int] | None = None,
    num_rows: int = 0,
    starts: Sequence[PyTree] = (),
    warmup: int = 0,
) -> Method:
    """Returns the training method of resolved settings.

    Args:
        config: resolved.
        classifier: the network to train.
        steps: length of the run, for the schedule.
        steps_per_epoch: likewise.
        class_counts: [C] training rows of every class, for losses that depend on them.
        num_rows: N, rows of the data set, for methods that remember something about each.
        starts: (params, batch_stats) of each network to start from.
        warmup: steps of plain training that the run begins with.

    Raises:
        InputError: unknown names or settings, or a combination that makes no sense.
    """
    schedule = _named(SCHEDULES, "schedule", config.schedule, config.optimizer.lr, steps, steps_per_epoch, warmup)
    own_step = config.meta is not None and config.meta.virtual.name in ("plain_sgd", "frozen_momentum")
    live_steps = config.meta is not None and not own_step  # one that may go through the optimiser
    tx = _named(DIFFERENTIABLE if live_steps else OPTIMIZERS, "optimizer", config.optimizer, schedule)
    if config.optimizer.ema:
        tx = optax.chain(tx, _sensible("config.optimizer.ema", average, config.optimizer.ema))
    product = registry.build("methods", _with_facts(config.method, class_counts, num_rows))
    if isinstance(product, Problem) and product.copies > 1:
        classifier, tx = twin(classifier), each_tx(tx)
    classifier = started(classifier, starts)
    if isinstance(product, Objective):
        trained = single(product, classifier, tx)
    elif isinstance(product, Problem):
        assert config.meta is not None
        trained = _bilevel(config.meta, config.method.name, product, classifier, tx, schedule)
    else:
        kind = type(product).__name__
        raise InputError(f"Method {config.method.name!r} must give a Problem or an Objective, got {kind}.")
    steps_per_move = 1 if config.meta is None else config.meta.steps
    if warmup and steps_per_move > 1:
        raise InputError(
            f"A warm-up takes one batch per step, config.meta.steps={steps_per_move} takes as many; use one of the two."
        )
    return warmed_up(trained, classifier, tx, warmup)


def _bilevel(meta: Meta, name: str, problem: Problem, classifier: Network, tx, schedule) -> Method:
    """Returns the method that solves a problem, that of the method `name`, as the section `meta` says."""
    if meta.every > 1 and problem.fresh:
        raise InputError(
            f"config.meta.every is {meta.every}, but the meta-parameters of {name!r} belong to one batch and cannot be "
            "accumulated; use 1."
        )
    virtual = meta.virtual
    if virtual.settings.get("rate") == "lr":
        virtual = replace(virtual, settings={**virtual.settings, "rate": schedule})
    meta_tx: optax.GradientTransformation = _named(OPTIMIZERS, "meta optimizer", meta.optimizer)
    if classifier.copies > 1:
        meta_tx = each_tx(meta_tx)
    rule = _named(VIRTUAL, "virtual step", virtual)
    engine = _engine(meta, classifier)

    def make():
        windowed = discounted(engine, meta.every)
        steps = rule._replace(steps=meta.steps, rows=meta.virtual_rows, reuse=bool(meta.reuse_virtual))
        return every_nth(bilevel(problem, classifier, tx, meta_tx, windowed, steps, meta.remat), meta.interval)

    return _sensible(f"config.meta does not fit method {name!r}", make)


def _sensible(what: str, function, *args):
    """Returns `function(*args)`; a ValueError becomes one sentence for the user."""
    try:
        return function(*args)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{what}: {error}.") from error


def _engine(meta: Meta, classifier: Network) -> MetaGradient:
    """Returns the meta-gradient engine of the section `meta`, with its filter."""
    function = registry.of_table(FILTERS, "cotangent filter", meta.cotangents.name)
    partial = meta.virtual_layers == "kept"
    if meta.engine == "unrolled":
        if function is not keep_all or partial:
            raise InputError("The engine 'unrolled' takes no cotangent filter; use config.meta.engine=mixed_mode.")
        return unrolled()
    stages = (classifier.stages,) if "stages" in inspect.signature(function).parameters else ()
    cotangents = _named(FILTERS, "cotangent filter", meta.cotangents, *stages)
    if classifier.copies > 1:
        cotangents = each_filter(cotangents)
    if cotangents.one_step and (meta.steps > 1 or meta.every > 1):
        raise InputError("The layer sampler learns from every meta step; use config.meta.steps=1 and every=1.")
    if partial and meta.reuse_virtual:
        raise InputError(
            "config.meta.virtual_layers=kept with reuse_virtual would leave the other layers untrained; set "
            "config.meta.reuse_virtual=False."
        )
    return _sensible("config.meta.virtual_layers", mixed_mode, cotangents, partial)


def needs_clean(config: Config) -> bool:
    """Says whether the method of resolved settings needs rows that are known to be right."""
    return config.meta is not None and not config.clean.auto


def guesses_clean(config: Config) -> bool:
    """Says whether the clean batches of resolved settings come from rows that are only guessed to be right."""
    return config.meta is not None and config.clean.auto


def _named(table: Mapping[str, Any], what: str, section: registry.Section, *args: Any) -> Any:
    function = registry.of_table(table, what, section.name)
    product = registry.call(function, f"{what} {section.name!r}", section.settings, *args)
    if not isinstance(product, GIVES[what]):
        kind = type(product).__name__
        raise InputError(f"The {what} {section.name!r} must give {_shown(GIVES[what])}, got {kind} {product!r:.60}.")
    return product


def _shown(kind: type) -> str:
    return (
        "a function of the step"
        if kind is Callable
        else f"an instance of {kind.__module__.split('.')[0]}'s {kind.__name__}"
    )


def _with_facts(section: Named, class_counts: Sequence[int] | None, num_rows: int) -> Named:
    """Returns the section of a method with the facts that it asks for, and its loss as a function.

    A loss from outside the library is checked first.
    """
    facts = {"num_rows": num_rows, "class_counts": tuple(class_counts or ())}
    parameters = inspect.signature(registry.find("methods", section.name)).parameters
    settings = {**section.settings, **{name: facts[name] for name in facts if name in parameters}}
    if "loss_settings" in settings:
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
