"""The named tuples that every room of the library shares.

A *state* is what the next step needs; an *info* is what a person or a report wants to see. Arrays live in
states, settings live in closures. Shapes use `B` rows in a batch, `C` classes, `D` features, `N` training rows.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax

Array = jax.Array
PyTree = Any
Leaf = Any  # an array on the host or on devices, its shape, or its sharding


class Batch(NamedTuple):
    """One batch as a method sees it.

    Attributes:
        inputs: [B, ...] network inputs, already augmented and normalised.
        labels: [B] int32 observed class, maybe wrong.
        index: [B] int32 row number in the training set, -1 for a row outside it.
        views: other augmentations of the same rows, each [B, ...].
        targets: [B, C] what a loss compares with where it is not the label, or None.
        trusted: [B] bool, True where the label is known to be right, or None.
        epoch: how far training is, in epochs, with fraction.
        prepared: whatever else a method's `prepare` made for its losses.
    """

    inputs: Array
    labels: Array
    index: Array  # type: ignore[assignment]
    views: tuple[Array, ...] = ()
    targets: Array | None = None
    trusted: Array | None = None
    epoch: Array | float = 0.0
    prepared: PyTree = ()


class Outputs(NamedTuple):
    """What a network says about a batch: `logits` [B, C] and penultimate `features` [B, D]."""

    logits: Array
    features: Array


class Network(NamedTuple):
    """A classifier as two pure functions.

    Attributes:
        init: `(key, inputs) -> (params, batch_stats)`.
        apply: `((params, batch_stats), inputs, train, key) -> (Outputs, batch_stats)`.
        stages: top-level parameter names in forward order.
        copies: 2 for a pair of networks, whose parameters, inputs and outputs have a leading axis of 2; else 1.
    """

    init: Callable[..., Any]
    apply: Callable[..., Any]
    stages: tuple[str, ...] = ()
    copies: int = 1


class Learner(NamedTuple):
    """One classifier in training: parameters, running batch statistics, optimiser state."""

    params: PyTree
    batch_stats: PyTree
    opt_state: PyTree


class Meta(NamedTuple):
    """The meta level: parameters (`()` where they are fresh in every batch), optimiser and engine state."""

    params: PyTree
    opt_state: PyTree
    engine: PyTree


class State(NamedTuple):
    """All that a method carries from step to step; `step` counts from the last start, `memory` is the method's own."""

    step: Array
    learner: Learner
    meta: Meta
    memory: PyTree


class Rows(NamedTuple):
    """What a step learned about each row of its batch; None where it has no opinion.

    Attributes:
        weights: [B] per-example weights, 1 = full weight, as the method uses them.
        targets: [B, C] corrected or guessed labels.
        index: [B] row numbers, -1 outside the training set (set by the builder).
        probability: [B] probability of the observed label in the train-mode pass (set by the builder).
        prediction: [B] int32 most probable class in the same pass (set by the builder).
        margin: [B] score of the observed label minus the largest other score, in the same pass (set by the builder).
    """

    weights: Array | None = None
    targets: Array | None = None
    index: Any = None
    probability: Any = None
    prediction: Any = None
    margin: Any = None


class Info(NamedTuple):
    """What a step reports; nothing in it is needed to continue.

    Attributes:
        loss: of the actual step.
        outer_loss: None without a meta level.
        rows: what the step learned about the rows of its batch.
        metrics: further scalars by name; never changed in place, so that the default may be shared.
    """

    loss: Array
    outer_loss: Array | None
    rows: Rows
    metrics: dict[str, Array] = {}


class Split(NamedTuple):
    """Which of the N rows a method trusts at the moment; with a leading axis of 2 for a pair of networks.

    Attributes:
        train: [N] int8, 0 not used, 1 untrusted, 2 trusted. Where both occur, the first half of a batch is trusted.
        clean: [N] bool, rows that clean batches are drawn from.
    """

    train: Any
    clean: Any


class Refreshed(NamedTuple):
    """What a look at all training rows gives.

    Attributes:
        memory: a new one.
        split: a new one, or None where rows are drawn as before.
        notes: sentences for the user.
        restart: True where all but the memory begins anew, from the first parameters.
    """

    memory: PyTree
    split: Split | None
    notes: tuple[str, ...] = ()
    restart: bool = False


class Warmup(NamedTuple):
    """A `step` as that of a method, taken instead of it in the first `steps` steps."""

    step: Callable[..., tuple[State, Info]]
    steps: int


class Finetune(NamedTuple):
    """A `step` as that of a method, taken instead of it in the last `steps` steps, on batches of trusted rows."""

    step: Callable[..., tuple[State, Info]]
    steps: int


class Between(NamedTuple):
    """A `step` as that of a method, taken instead of it but for the first of `every` steps, counted in each epoch."""

    step: Callable[..., tuple[State, Info]]
    every: int


class Method(NamedTuple):
    """A training method.

    Attributes:
        init: `(key, batch) -> State`.
        step: `(key, state, batch, clean) -> (State, Info)`, pure.
        predict: `(state, inputs) -> logits [B, C]`, evaluation mode.
        refresh: `(key, state, sweep, epoch) -> Refreshed`, on the host before every epoch after the warm-up, or None.
            `sweep(fn) -> [N, ...]` evaluates `fn(state, batch) -> [B, ...]` over all training rows, unaugmented; other
            rows are NaN.
        warmup: how training begins, or None.
        plain: a `step` that leaves the meta-parameters as they are, or None.
        between: such steps, taken between two meta steps, or None.
        finetune: how training ends, or None.
        learned: `(state) -> {name: array}`, what the meta level has learned, for people to look at.
        meta_grads: `(key, state, batch, clean) -> tree`, the meta-gradient at a state that stays, or None.
        copies: networks that it trains side by side.
    """

    init: Callable[..., State]
    step: Callable[..., tuple[State, Info]]
    predict: Callable[..., Array]
    refresh: Callable[..., Refreshed] | None = None
    warmup: Warmup | None = None
    plain: Callable[..., tuple[State, Info]] | None = None
    between: Between | None = None
    learned: Callable[[State], dict[str, Array]] = lambda state: {}
    meta_grads: Callable[..., PyTree] | None = None
    copies: int = 1
    finetune: Finetune | None = None


class Inner(NamedTuple):
    """The lower level, as an engine sees it.

    Attributes:
        forward: `(params, batch_stats, batch) -> (Outputs, batch_stats)`, train mode, fixed randomness.
        loss: `(outputs, meta_params, batch) -> scalar`.
        update: `(grads, (params, opt_state)) -> (params, opt_state)`, the virtual step.
        still: True where the gradient of the inner loss is known to be zero, so that it need not be computed.
        remat: True where memory matters more than time: no forward pass is kept from one part of a step to the next.
    """

    forward: Callable[..., Any]
    loss: Callable[..., Array]
    update: Callable[..., Any]
    still: bool = False
    remat: bool = False


class Pass(NamedTuple):
    """A train-mode pass of a batch.

    Attributes:
        outputs: of the network.
        batch_stats: new ones.
        pullback: `(cotangent of outputs) -> (cotangent of params,)`, as `jax.vjp` gives it.
    """

    outputs: Outputs
    batch_stats: PyTree
    pullback: Callable[[Outputs], tuple[PyTree]]


class Outer(NamedTuple):
    """What an engine returns.

    Attributes:
        value: outer loss after the virtual step(s).
        grads: its derivative with respect to the meta-parameters.
        virtual: the Learner after the virtual step(s).
        engine_state: carried to the next call.
        outer_grads: derivative of the outer loss with respect to the virtual parameters.
        direction: cotangent of the (first) inner gradient, before any filter.
        outputs: of the network in each virtual step.
        ready: False while the meta optimiser has to wait.
        metrics: scalars by name; never changed in place, so that the default may be shared.
        passed: the pass of the one virtual step, None where it was not kept.
    """

    value: Array
    grads: PyTree
    virtual: Learner
    engine_state: PyTree
    outer_grads: PyTree
    direction: PyTree
    outputs: tuple[Outputs, ...]
    ready: Array | bool = True
    metrics: dict[str, Array] = {}
    passed: Pass | None = None


class MetaGradient(NamedTuple):
    """How the meta-gradient is computed.

    Attributes:
        init: `(key, params, meta_params) -> engine_state`.
        value_and_grad: `(key, engine_state, inner, outer_loss, start, batches, meta_params) -> Outer`;
            `outer_loss` is `(params, batch_stats) -> scalar`, `batches` has a leading axis of virtual steps.
    """

    init: Callable[..., PyTree]
    value_and_grad: Callable[..., Outer]


class CotangentFilter(NamedTuple):
    """Through which parts of the inner gradient the meta-gradient goes; the virtual step itself stays whole.

    Attributes:
        init: `(key, params) -> filter_state`.
        update: `(key, cotangents, filter_state, grads, outer_grads) -> (cotangents, filter_state, metrics)`;
            cotangents and the inner gradient `grads` belong to one virtual step, `outer_grads` to the parameters after
            the last one. A leaf answered None gets no tangent at all, which is known when compiling.
        one_step: True where it makes sense after a single virtual step only.
        kept: `(params) -> positions` of the leaves that may be answered with something else than None; None: all.
    """

    init: Callable[..., PyTree]
    update: Callable[..., tuple[PyTree, PyTree, dict[str, Array]]]
    one_step: bool = False
    kept: Callable[[PyTree], Sequence[int]] | None = None
