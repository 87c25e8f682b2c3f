"""The compiled step: everything that happens on the device between two looks of the host."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from meta_noise.data.batches import Augment, Store, make_batch
from meta_noise.train import compiler
from meta_noise.train.calendar import Calendar
from meta_noise.train.draws import Draws, at
from meta_noise.train.rows import RowMemory, no_memory, remember
from meta_noise.train.sharding import Placement, by_rows, per_row, tensors
from meta_noise.train.tally import Tally, add, no_tally
from meta_noise.types import Array, Batch, Info, Method, State


class Carry(NamedTuple):
    """All that goes from step to step."""

    state: State
    memory: RowMemory
    tally: Tally


class Settings(NamedTuple):
    """What the step is closed over."""

    seed: int
    calendar: Calendar
    window: int
    augment: Augment
    where: Placement


def reported(method: Method, step: Callable[..., Any], settings: Settings, store: Store, draws: Draws) -> Info:
    """Returns the shapes of what `step`, of this method or its warm-up, reports; nothing is computed."""

    def info(store, draws):
        state = _first_state(method, settings, store, draws)
        return step(*batches_of(settings, state, store, at(draws, 0)))[1]

    return jax.eval_shape(info, store, draws)


def first_carry(method: Method, settings: Settings, names: dict[str, str], store: Store, draws: Draws) -> Carry:
    """Returns the carry before the first step; call it under jit."""
    state = _first_state(method, settings, store, draws)
    return Carry(state, no_memory(store.labels.shape[0]), no_tally(names))


def one_step(step: Callable[..., Any], settings: Settings, carry: Carry, store: Store, draw: Draws) -> Carry:
    """Returns the carry after the `step` that `draw` (one row of `Draws`) describes."""
    state, info = step(*batches_of(settings, carry.state, store, draw))
    memory = remember(carry.memory, info.rows, settings.window)
    return Carry(state, memory, add(carry.tally, info, draw.step, store.labels, store.true_labels))


def _first_state(method: Method, settings: Settings, store: Store, draws: Draws) -> State:
    key = jax.random.fold_in(jax.random.key(settings.seed), 0x7FFFFFFF)  # no step has this number
    key_init, key_augment = jax.random.split(key)
    first = at(draws, 0)
    zero = jnp.zeros(())
    batch = make_batch(key_augment, store, first.train, settings.augment, zero, True, images=first.train_images)
    return method.init(key_init, batch)


def batches_of(settings: Settings, state: State, store: Store, draw: Draws) -> tuple[Array, State, Batch, Batch]:
    """Returns (key, state, batch, clean batch), the arguments of the step that `draw` describes."""
    epoch = settings.calendar.position(draw.step)
    key = jax.random.fold_in(jax.random.key(settings.seed), draw.step)
    key_train, key_clean, key_step = jax.random.split(key, 3)
    augment, inside = settings.augment, draw.trusted is not None
    batch = make_batch(key_train, store, draw.train, augment, epoch, True, draw.trusted, draw.train_images)
    clean = make_batch(key_clean, store, draw.clean, augment, epoch, inside, images=draw.clean_images)
    batch, clean = by_rows(settings.where, (batch, clean), axis=draw.train.ndim - 1)
    return key_step, state, batch, clean


def placed(where: Placement, carry: Carry) -> Carry:
    """Returns where each part of a carry, of which shapes and dtypes are known, lives."""
    memory, whole = jax.tree.map(lambda x: per_row(where, x), carry.memory), where.replicated
    return Carry(tensors(where, carry.state), memory, jax.tree.map(lambda x: whole, carry.tally))


def make_step(step: Callable[..., Any], settings: Settings) -> Any:
    """Returns the jitted `(carry, store, draw) -> carry`, of which programs are made: it is traced once for all."""
    return jax.jit(functools.partial(one_step, step, settings))


def make_call(one: Any, settings: Settings, carry: Carry, looped: bool) -> Any:
    """Returns the jitted `(carry, store, draws, begin, end) -> carry`; the carry, as `carry`, is donated.

    Args:
        one: what `make_step` gives.
        settings: as there.
        carry: shapes and dtypes.
        looped: whether a call takes the steps `begin` to before `end` of the draws, any number of them with the same
            program, or only `begin`.
    """

    def call(carry: Carry, store: Store, draws: Draws, begin: Array, end: Array) -> Carry:
        if not looped:
            return one(carry, store, at(draws, begin))
        return jax.lax.fori_loop(begin, end, lambda number, carry: one(carry, store, at(draws, number)), carry)

    where = settings.where
    return jax.jit(
        call,
        out_shardings=placed(where, carry),
        donate_argnums=0,
        compiler_options=compiler.options(where.mesh.devices.flat[0]),
    )
