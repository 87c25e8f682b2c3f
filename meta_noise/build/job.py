"""From a resolved config and a prepared data set to a training job."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from meta_noise.build.facts import facts_of
from meta_noise.build.method import make_method, make_network, needs_clean, published_weights
from meta_noise.build.optimizer import Lengths
from meta_noise.build.pseudo_clean import with_pseudo_clean
from meta_noise.config import registry
from meta_noise.config.schema import PIXELS, Config, Model, Train
from meta_noise.data.batches import Augment, Store, statistics
from meta_noise.data.images.streamed import Streamed
from meta_noise.data.prepare import Prepared
from meta_noise.data.source import Source
from meta_noise.data.text.tokens import check_tokens, is_tokens
from meta_noise.errors import InputError, defined_at, failure
from meta_noise.models.norm_groups import in_groups
from meta_noise.models.pretrained import Published, starting_from
from meta_noise.train.calendar import Calendar
from meta_noise.train.evaluate import make_predictor, make_sweep
from meta_noise.train.feed import Feed
from meta_noise.train.job import Evaluation, Job
from meta_noise.train.sharding import Placement, over_devices, put, put_resident
from meta_noise.train.spread import firsts, own_columns
from meta_noise.train.steps import Settings
from meta_noise.types import Method, Network, PyTree

SAMPLE = 1024  # streamed images that mean and deviation are measured on
PSEUDO_CLEAN_PER_CLASS = 2  # smallest number of guessed clean rows of a class


def make_job(
    config: Config,
    prepared: Prepared,
    tests: Mapping[str, Source],
    where: Placement,
    starts: tuple[PyTree, ...] = (),
) -> Job:
    """Returns the job that a resolved config describes.

    Args:
        config: resolved.
        prepared: the training part.
        tests: rows outside training, by the name of their part.
        where: placement.
        starts: (params, batch_stats) that networks start from; random ones where there are none.

    Raises:
        InputError: sizes that do not fit the data or the devices.
    """
    source, splits, train = prepared.source, prepared.splits, config.train
    example = _example(config.model, source)
    network = make_network(config.model, source.num_classes, train.precision, example)
    _check_model(config.model, network, example, source.num_classes)
    weights = None if starts else published_weights(config.model, network, example)
    if weights is not None:
        network = starting_from(network, weights)
    network = over_devices(in_groups(network, train.norm_groups), where)
    _check_tests(config.model, prepared, tests)
    train_rows = _train_rows(config, prepared)
    updates = 1 if config.meta is None else config.meta.steps  # of the classifier, per step of the method
    batch_size, clean_batch_size = _batch_sizes(train, len(splits.train), len(splits.clean))
    calendar = calendar_of(
        train,
        max(len(splits.train) // (batch_size * updates), 1),
        -(-_finetuned_rows(train, prepared) // batch_size),
    )
    pixels = firsts(_pixels(config.data.pixels, source, splits.train))
    store = _store(source, prepared.labels, pixels, where)
    method = _method(config, network, prepared, train_rows, calendar, starts)
    augment, images = _augment(config), source.inputs if isinstance(source.inputs, Streamed) else None
    mine = functools.partial(own_columns, where.rows)
    return Job(
        method=method,
        settings=Settings(config.seed, calendar, train.memory_window, augment, where),
        store=store,
        train_rows=train_rows,
        clean_rows=splits.clean if len(splits.clean) else splits.train,
        evaluations=_evaluations(prepared, tests, store, pixels, where),
        predict=make_predictor(method.predict, where, train.eval_batch_size),
        sweep=_sweeper(store, train_rows, where, train.eval_batch_size),
        eval_every=train.eval_every,
        batch_size=batch_size * updates,
        clean_batch_size=clean_batch_size,
        steps_per_call=train.steps_per_call,
        checkpoint_seconds=train.checkpoint_seconds,
        variance_batches=config.report.variance_batches if method.meta_grads is not None else 0,
        balanced=(train.balanced, bool(config.clean.balanced)),
        profile_steps=train.profile_steps,
        notes=prepared.notes,
        start=_start(config.model, weights),
        feed=None if images is None else Feed(images, config.seed, augment.parts, mine),
    )


def calendar_of(train: Train, all_rows: int, trusted_rows: int = 0) -> Calendar:
    """Returns when epochs begin; `all_rows` and `trusted_rows` are how many steps it takes to see all of them once."""
    warm, epoch = train.warmup_steps or train.warmup_epochs * all_rows, train.epoch_steps or all_rows
    tune = train.finetune_epochs * trusted_rows
    return Calendar(epoch, warm + (train.steps or train.epochs * epoch) + tune, warm, all_rows, tune, trusted_rows or 1)


def _finetuned_rows(train: Train, prepared: Prepared) -> int:
    """Returns the number of rows of the fine-tuning; InputError where there is to be one and no row is trusted."""
    if train.finetune_epochs and not len(prepared.splits.clean):
        raise InputError(
            f"config.train.finetune_epochs={train.finetune_epochs} trains on trusted rows, and there are none; set "
            "config.clean.size, name trusted rows, or leave it at 0."
        )
    return len(prepared.splits.clean)


def _pixels(name: str, source: Source, rows: np.ndarray) -> tuple[Any, Any]:
    """Returns mean and deviation [channels] that inputs are normalised with."""
    if name == "measured":
        return source.statistics or statistics(_sample(source.inputs, rows))
    mean, std = (np.asarray(values, np.float32) for values in PIXELS[name])
    if len(source.inputs.shape) != 4 or source.inputs.shape[-1] != len(mean) or source.inputs.dtype != np.uint8:
        raise InputError(
            f"config.data.pixels={name!r} has constants for colour images of bytes, and inputs of {source.name} have "
            f"shape {source.inputs.shape[1:]} and type {source.inputs.dtype}; use measured."
        )
    return mean, std


def _train_rows(config: Config, prepared: Prepared) -> np.ndarray:
    """Returns the rows that training batches come from; InputError where the method needs clean rows and has none."""
    splits, train_on = prepared.splits, config.clean.train_on
    if not len(splits.clean) and (needs_clean(config) or train_on != "noisy"):
        raise InputError(
            f"Method {config.method.name!r} with config.clean.train_on={train_on!r} needs clean rows, and there are "
            "none; set config.clean.size, name trusted rows, or let the method guess them (config.clean.auto=True)."
        )
    if train_on == "both":
        return np.sort(np.concatenate([splits.train, splits.clean]))
    return splits.clean if train_on == "clean" else splits.train


def _method(
    config: Config,
    network: Network,
    prepared: Prepared,
    rows: np.ndarray,
    calendar: Calendar,
    starts: tuple[PyTree, ...],
) -> Method:
    """Returns the training method, with guessed clean rows where the settings say so."""
    source, updates = prepared.source, 1 if config.meta is None else config.meta.steps
    lengths = Lengths(
        (calendar.tuned - calendar.warm) * updates, calendar.epoch * updates, calendar.warm, calendar.tune
    )
    method = make_method(
        config, network, lengths, facts_of(prepared, rows, calendar.number(calendar.tuned - 1) + 1), starts
    )
    if config.clean.auto and method.refresh is None:
        return with_pseudo_clean(method, network, prepared.labels, source.num_classes, PSEUDO_CLEAN_PER_CLASS)
    return method


def _evaluations(
    prepared: Prepared, tests: Mapping[str, Source], store: Store, pixels: tuple[Any, Any], where: Placement
) -> dict[str, Evaluation]:
    """Returns the rows to predict after an epoch: selection rows, and those of other parts."""
    selection, evaluations = prepared.splits.selection, {}
    if len(selection):
        evaluations["selection"] = Evaluation(store, selection, prepared.labels[selection])
    for name, test in tests.items():
        labels = test.labels if test.true_labels is None else test.true_labels
        evaluations[name] = Evaluation(_store(test, labels, pixels, where), np.arange(len(labels)), labels)
    return evaluations


def _check_tests(model: Model, prepared: Prepared, tests: Mapping[str, Source]) -> None:
    """Raises InputError where rows outside training are not like those of training."""
    source = prepared.source
    for name, test in tests.items():
        if (test.inputs.shape[1:], test.class_names) != (source.inputs.shape[1:], source.class_names):
            raise InputError(
                f"The {name} rows have shape {test.inputs.shape[1:]} and {test.num_classes} classes, the training rows "
                f"{source.inputs.shape[1:]} and {source.num_classes}; both must be the same."
            )
        if is_tokens(test.inputs):
            check_tokens(test.inputs, model.settings["vocabulary"])
    if "selection" in tests and len(prepared.splits.selection):
        raise InputError(
            f"{source.name} has selection rows of its own, so none can be held out of the training rows; set "
            "config.clean.selection=0."
        )


def _sample(inputs: np.ndarray | Streamed, rows: np.ndarray) -> np.ndarray:
    """Returns the inputs that mean and deviation are measured on: of streamed images `SAMPLE` evenly spaced ones."""
    if isinstance(inputs, Streamed):
        rows = rows[np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).astype(int)]
    return inputs[rows]


def _augment(config: Config) -> Augment:
    """Returns how batches are augmented; a view without a name of its own is the ordinary augmentation once more."""
    inputs = registry.partial("data.augment", config.augment, 2)
    if not config.view.name:
        return Augment(inputs)
    view = registry.partial("data.augment", config.view, 2)
    return Augment(inputs, (view,) * config.view.count, config.view.on_top)


def _sweeper(store: Store, rows: np.ndarray, where: Placement, batch_size: int) -> Callable[..., Any]:
    """Returns `(function, state) -> [N, ...]` over the given rows, NaN elsewhere; each function compiles once."""

    @functools.cache
    def sweep_of(function):
        return make_sweep(function, where, batch_size)

    def sweep(function, state):
        found = sweep_of(function)(state, store, rows)
        values = np.full((len(store.labels), *found.shape[1:]), np.nan, found.dtype)
        values[rows] = found
        return values

    return sweep


def _start(model: Model, weights: Published | None) -> str:
    """Returns a sentence on where the parameters come from, empty for random ones."""
    if weights is None:
        return ""
    verb = "starts" if len(weights.left_out) == 1 else "start"
    return (
        f"{model.name} starts from {model.pretrained} (names of {weights.publisher}); "
        f"{' and '.join(weights.left_out)} {verb} anew."
    )


def _example(section: Model, source: Source) -> jax.ShapeDtypeStruct:
    """Returns shape and type of two inputs; InputError where they are texts and the model takes none."""
    tokens = is_tokens(source.inputs)
    if tokens:
        if "vocabulary" not in section.settings:
            raise InputError(
                f"Model {section.name!r} cannot take texts; use word_average, bert, or twitter_mlp for windows."
            )
        check_tokens(source.inputs, section.settings["vocabulary"])
    return jax.ShapeDtypeStruct((2, *source.inputs.shape[1:]), np.int32 if tokens else np.float32)


def _check_model(section: Model, network: Network, example: jax.ShapeDtypeStruct, num_classes: int) -> None:
    """Raises InputError where the network of the section `model` cannot take such inputs, or answers otherwise."""
    name, own = section.name, "." in section.name
    try:
        variables = jax.eval_shape(network.init, jax.random.key(0), example)
        outputs = _answer(network, variables, example) if own else None
    except InputError:
        raise
    except Exception as error:
        if own:
            raise failure(f"Model {name!r} on inputs of shape {list(example.shape[1:])}", error) from error
        if not isinstance(error, TypeError | ValueError | ZeroDivisionError):
            raise
        raise InputError(
            f"Model {name!r} cannot take inputs of shape {example.shape[1:]} with these settings; convolutional "
            "networks want images [height, width, channels] of 8 x 8 pixels or more, mlp takes anything but "
            "texts and layers of at least one unit, word_average, bert and twitter_mlp take texts only."
        ) from error
    if outputs is not None and outputs.logits.shape != (2, num_classes):
        raise InputError(
            f"Model {name!r}{defined_at(registry.find('models', name))} must give logits of shape [2, {num_classes}] "
            f"for 2 rows, of shape {list(outputs.logits.shape)} they are; the number of classes is its first argument."
        )


def _answer(network: Network, variables: PyTree, example: jax.ShapeDtypeStruct) -> Any:
    """Returns the shapes of what a network answers, after both modes were tried."""
    jax.eval_shape(lambda v, x: network.apply(v, x, True, jax.random.key(0))[0], variables, example)
    return jax.eval_shape(lambda v, x: network.apply(v, x, False, None)[0], variables, example)


def _batch_sizes(train: Train, rows: int, clean_rows: int) -> tuple[int, int]:
    """Returns the rows of training and clean batches; clean ones are as large, if nothing is said, or all there are."""
    if train.batch_size > rows:
        raise InputError(f"config.train.batch_size is {train.batch_size}, but there are only {rows} training rows.")
    return train.batch_size, train.clean_batch_size or min(train.batch_size, clean_rows or train.batch_size)


def _store(source: Source, labels: np.ndarray, pixels: tuple[Any, Any], where: Placement) -> Store:
    """Returns all rows on the devices; `pixels` are mean and deviation [channels] of the training inputs."""
    truth = None if source.true_labels is None else source.true_labels.astype(np.int32)
    inputs, labels, truth = put_resident(where, (source.inputs, labels.astype(np.int32), truth))
    mean, std = put(pixels, where.replicated)
    return Store(inputs, labels, mean, std, truth)
