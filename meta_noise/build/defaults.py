"""Settings with every default written out, those of functions and methods too."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from meta_noise.config import registry
from meta_noise.config.parse import differences, to_dict
from meta_noise.config.schema import Config, Meta, Named, Train
from meta_noise.core.cotangents import fixed_block, keep_all, keep_last, keep_layers, random_layers
from meta_noise.core.layer_sampler import layer_sampler
from meta_noise.errors import InputError, unknown_name
from meta_noise.train.optimizers import OPTIMIZERS, SCHEDULES

WARMUP = 0.1  # length of a warm-up before clean rows are guessed, in parts of what comes after it
FILTERS = {f.__name__: f for f in (keep_all, keep_layers, keep_last, fixed_block, random_layers, layer_sampler)}


@dataclass(frozen=True)
class Wants:
    """What a method's file says of it in `DEFAULTS`; each can be replaced by a config.

    Attributes:
        optimizer: of the meta-parameters, {name, settings}; None: the method has no meta level.
        virtual: the virtual step, likewise.
        cotangents: what the meta-gradient goes through, likewise; None: everything.
        reuse_virtual: the virtual step is the actual one.
        ema: decay of averaged parameters for evaluation, 0: none.
        warmup: begins with plain training of this length, in parts of what comes after it.
        warmup_steps: begins with so many steps of it, in place of a share of the epochs.
        balanced_clean: clean batches hold all classes equally often.
        views: compares two views of each row.
        finds_clean: finds rows to trust by itself, so that none has to be known.
        needs_trusted: cannot do without rows that are known to be right, though it has no meta level.
        restarts: begins anew after the warm-up, so that each of the two has a learning-rate schedule of its own.
        train_on: rows that training batches come from, where the config does not say.
        tokens: works on texts as tokens; False where it mixes inputs.
        on_texts: `meta` settings in place of those above where the inputs are tokens and Adam moves the network.
    """

    optimizer: Mapping[str, Any] | None = None
    virtual: Mapping[str, Any] = field(default_factory=dict)
    cotangents: Mapping[str, Any] | None = None
    reuse_virtual: bool = False
    ema: float = 0.0
    warmup: float = 0.0
    warmup_steps: int = 0
    balanced_clean: bool = False
    views: bool = False
    finds_clean: bool = False
    needs_trusted: bool = False
    restarts: bool = False
    train_on: str = "noisy"
    tokens: bool = True
    on_texts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def clean_rows(self) -> bool:
        """True where the method learns from clean rows that somebody or something has to name."""
        return self.optimizer is not None and not self.finds_clean


def wants_of(method: Named) -> Wants:
    """Returns what the file of a method says it wants.

    Raises:
        InputError: there is no such method, or its `DEFAULTS` name something that does not exist.
    """
    given = getattr(registry.module_of("methods", method.name), "DEFAULTS", {})
    if callable(given):
        given = registry.call(given, f"method {method.name!r}", method.settings)
    choices = [entry.name for entry in dataclasses.fields(Wants)]
    for key in given:
        if key not in choices:
            raise unknown_name(f"key in DEFAULTS of method {method.name!r}:", key, choices)
    return Wants(**given)


def resolved(config: Config) -> Config:
    """Returns the settings with every default written out, so that they say all there is to say.

    Raises:
        InputError: an unknown name or setting.
    """
    method = _with_loss(_complete("methods", config.method))
    wants = wants_of(method)
    decay = config.optimizer.settings.get("weight_decay", 0.0)
    if "outer_weight_decay" in method.settings and method.settings["outer_weight_decay"] is None:
        method = replace(method, settings={**method.settings, "outer_weight_decay": decay})
    config = replace(
        config,
        data=config.data if config.data.name == "arrays" else _complete("data.sources", config.data),
        noise=_complete("data.noise", config.noise),
        clean=replace(config.clean, size=0, auto=True) if wants.finds_clean else config.clean,
        augment=_complete("data.augment", config.augment),
        model=_complete("models", config.model),
        method=method,
        optimizer=_of_table(OPTIMIZERS, "optimizer", config.optimizer, ("lr",)),
        schedule=_of_table(SCHEDULES, "schedule", config.schedule, ("lr", "steps", "steps_per_epoch", "before")),
    )
    if config.view.name:
        config = replace(config, view=_complete("data.augment", config.view))
    elif wants.views:
        config = replace(config, view=replace(config.view, name=config.augment.name, settings=config.augment.settings))
    if config.optimizer.ema < 0:
        config = replace(config, optimizer=replace(config.optimizer, ema=wants.ema))
    if config.train.steps and config.train.epoch_steps:
        epochs = -(-config.train.steps // config.train.epoch_steps)
        config = replace(config, train=replace(config.train, epochs=epochs))
    if not config.clean.train_on:
        config = replace(config, clean=replace(config.clean, train_on="noisy" if config.clean.auto else wants.train_on))
    if config.clean.balanced is None:
        config = replace(config, clean=replace(config.clean, balanced=wants.balanced_clean))
    config = replace(config, train=_with_warmup(config.train, wants, config.clean.auto))
    if wants.optimizer is None:
        _refuse_meta(config)
        return replace(config, meta=None)
    return replace(config, meta=_meta(config.meta or Meta(), wants, config))


def _with_warmup(train: Train, wants: Wants, guesses: bool) -> Train:
    """Returns the section `train` with the length of the warm-up, in epochs or in steps, the other one 0."""
    if train.warmup_epochs >= 0 or train.warmup_steps:
        return replace(train, warmup_epochs=max(train.warmup_epochs, 0))
    if wants.warmup_steps:
        return replace(train, warmup_epochs=0, warmup_steps=wants.warmup_steps)
    share = wants.warmup or (WARMUP if guesses else 0.0)
    if not share:
        return replace(train, warmup_epochs=0)
    if train.steps:
        return replace(train, warmup_epochs=0, warmup_steps=max(round(share * train.steps), 1))
    return replace(train, warmup_epochs=max(round(share * train.epochs), 1))


def _meta(meta: Meta, wants: Wants, config: Config) -> Meta:
    """Returns the section `meta` with what the method's file says in place of what is left open."""
    if meta.reuse_virtual is None:
        meta = replace(meta, reuse_virtual=wants.reuse_virtual)
    virtual = _or_standard(meta.virtual, wants.virtual)
    borrowed = {
        name: config.optimizer.settings.get(name, 0.0) if value == "optimizer" else value
        for name, value in virtual.settings.items()
    }
    cotangents = _or_standard(meta.cotangents, wants.cotangents or {"name": "keep_all"})
    return replace(
        meta,
        optimizer=_or_standard(meta.optimizer, wants.optimizer or {}),
        virtual=replace(virtual, settings=borrowed),
        cotangents=_of_table(FILTERS, "cotangent filter", cotangents, ("stages",)),
    )


def _or_standard(section: Named, standard: Mapping[str, Any]) -> Named:
    """Returns a section with the method's own name and settings where it has no name, or the same one."""
    settings = dict(standard)
    name = settings.pop("name", "")
    if section.name not in ("", name):
        return section
    return Named(name, {**settings, **section.settings})


def _complete(room: str, section: Any) -> Any:
    """Returns a section with the defaults in the signature of its function."""
    function = registry.find(room, section.name)
    return replace(section, settings=registry.with_defaults(function, section.settings, registry.ROOMS[room].arguments))


def _of_table(table: Mapping[str, Any], kind: str, section: Any, arguments: tuple[str, ...]) -> Any:
    """The same for the functions of a table, with the `arguments` that they are given."""
    function = registry.of_table(table, kind, section.name)
    return replace(section, settings=registry.with_defaults(function, section.settings, arguments))


def _with_loss(method: Named) -> Named:
    """Returns the section of a method with the defaults of the loss that it names, if it names one."""
    if not {"loss", "loss_settings"} <= method.settings.keys():
        return method
    loss = _complete("losses", Named(method.settings["loss"], method.settings["loss_settings"] or {}))
    return replace(method, settings={**method.settings, "loss_settings": loss.settings})


def _refuse_meta(config: Config) -> None:
    """Raises InputError where settings of the meta level, or guessed clean rows, are given to a method without one."""
    name = config.method.name
    changed = [] if config.meta is None else differences(to_dict(config.meta), to_dict(Meta()), "config.meta")
    if changed:
        raise InputError(
            f"Method {name!r} has no meta level, so {changed[0].split()[0]} means nothing to it (layer_sampler, FaMUS, "
            "included). Leave config.meta out, or choose a method such as mw_net."
        )
    if config.clean.auto:
        raise InputError(f"Method {name!r} looks at no clean rows, so there are none to guess; leave clean=auto out.")
