"""Checks a loss of your own before you train with it.

    from meta_noise.losses import verify

    verify(my_loss)                                            # ("hard", "soft"), or one sentence on what is wrong
    verify(functools.partial(my_loss, class_counts=counts), num_classes=len(counts))

A loss is `loss(logits [B, C], targets) -> [B]`, with integer classes [B], soft targets [B, C], or either.
"""

import functools
import itertools
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import chex
import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.errors import InputError, place_of, unknown_name

EXTREME = 1e4  # scores at which a loss must still be finite
STEP = 1e-5  # of the finite differences
ENTRIES = 100  # gradient entries that are compared with finite differences, at most
_serial = itertools.count()


class Case(NamedTuple):
    """A loss with one kind of targets, and numbers to try it on.

    Attributes:
        loss: the function.
        name: what messages call it.
        kind: "hard" for integer classes, "soft" for [B, C].
        logits: [B, C] ordinary scores, float32.
        targets: [B] int32 or [B, C] float32.
        values: [B] what the loss gave for them, not compiled.
        extreme: [B, C] scores of up to +-1e4, to go with the same targets.
    """

    loss: Callable[..., Any]
    name: str
    kind: str
    logits: np.ndarray
    targets: np.ndarray
    values: Any
    extreme: np.ndarray


def verify(loss: Callable[..., Any], num_classes: int = 5, *, skip: Collection[str] = ()) -> tuple[str, ...]:
    """Returns the kinds of targets that the loss takes, ("hard", "soft") or one of them, after checking all it must be.

    It gives a finite value per row in the precision of the scores, the same whether compiled, mapped or neither; it is
    compiled once for a shape; a row's value depends on nothing but that row; its gradient is that of finite
    differences, and so is the gradient's own derivative, which the meta-gradient needs; classes and their one-hot rows
    are the same to it. A kind of targets that it does not take it refuses with an error of its own.

    Args:
        loss: `(logits [B, C], targets) -> [B]`; settings are filled in by `functools.partial`.
        num_classes: C of the scores to try it on, two or more.
        skip: checks to leave out where the loss means to differ, of "shape", "repeat", "jit", "dtype", "vmap",
            "order", "rows", "finite", "gradient", "kinds". A loss over the whole batch skips "rows", one
            that holds a part of itself constant by `stop_gradient` skips "gradient".

    Raises:
        InputError: the first check that fails, with what was expected, what came, and what to do.

    >>> from meta_noise.losses import verify
    >>> from meta_noise.losses.gce import gce
    >>> verify(gce)
    ('hard', 'soft')
    >>> verify(lambda logits, targets: logits.sum())  # doctest: +ELLIPSIS +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.InputError: Loss <lambda>, with integer classes, must give a value per r
    """
    for name in skip:
        if name not in CHECKS and name != "kinds":
            raise unknown_name("check to skip", name, [*CHECKS, "kinds"])
    if num_classes < 2:
        raise InputError(f"A loss is verified with two classes or more, got num_classes={num_classes}.")
    cpu = jax.local_devices(backend="cpu")[0]  # has double precision, and compiles quickly
    with jax.enable_x64(False), jax.default_device(cpu):
        cases = _cases(loss, num_classes)
        for case in cases:
            for name, check in CHECKS.items():
                if name not in skip:
                    _try(case, f'fails in the check "{name}"', "Make it work for any finite scores.", check, case)
        if "kinds" not in skip:
            _check_kinds(loss, cases)
    return tuple(case.kind for case in cases)


def _cases(loss: Callable[..., Any], num_classes: int) -> list[Case]:
    """Returns a case for every kind of targets that the loss does not refuse."""
    rng = np.random.default_rng(0)
    size = num_classes + 3 if num_classes <= 20 else 17  # B is not C, so that mixed up axes show
    logits = rng.normal(0, 2, (size, num_classes)).astype(np.float32)  # [B, C]
    classes = rng.permutation(np.linspace(0, num_classes - 1, size).round()).astype(np.int32)  # [B], first and last too
    soft = rng.dirichlet(np.ones(num_classes), size).astype(np.float32)  # [B, C]
    target = np.eye(num_classes)[classes]  # [B, C]
    one_hot = np.arange(size) % 3 != 1
    soft[one_hot] = target[one_hot]  # zeros, where 0 log 0 shows
    extreme = EXTREME * np.where(np.arange(size)[:, None] % 2, 2 * target - 1, 1 - 2 * target)  # right and wrong
    extreme[0], extreme[1] = EXTREME, -EXTREME  # ties
    extreme[2:4] /= 100  # where exp overflows
    name, cases, refusals = _name(loss), [], []
    for kind, targets in (("hard", classes), ("soft", soft)):
        try:
            values = loss(jnp.asarray(logits), jnp.asarray(targets))
        except Exception as error:
            refusals.append(f"{kind} targets {targets.dtype} {list(targets.shape)}: {_short(error)}")
        else:
            cases.append(Case(loss, name, kind, logits, targets, values, extreme.astype(np.float32)))
    if not cases:
        raise InputError(
            f"{name} takes neither integer classes [B] nor soft targets [B, C] with logits {list(logits.shape)} ("
            f"{'; '.join(refusals)}). Make it work for one of them."
        )
    return cases


def _check_shape(case: Case) -> None:
    if not isinstance(case.values, jax.Array | np.ndarray):
        given = type(case.values).__name__
        _fail(case, f"must give an array of a value per row, [{len(case.logits)}], got {given}", "Return one array.")
    found, expected = tuple(case.values.shape), (len(case.logits),)
    if found == expected:
        return
    advice = "Give one value for each row of logits."
    if found == ():
        advice = "Leave out the mean or sum over rows; the method averages."
    elif found == case.logits.shape:
        advice = "Sum over classes, axis -1."
    elif found == (*expected, 1):
        advice = "Drop the last axis."
    if case.kind == "soft" and found != ():
        advice += " If the loss does not take soft targets, let it raise ValueError for them."
    _fail(case, f"must give a value per row, shape {expected}, got {found}", advice)


def _check_repeat(case: Case) -> None:
    again = case.loss(jnp.asarray(case.logits), jnp.asarray(case.targets))
    _compare(
        case,
        again,
        case.values,
        "gives another value when called again with the same arguments",
        "Leave out NumPy's random numbers and anything that counts calls; a loss is a function of its arguments.",
    )


def _check_jit(case: Case) -> None:
    def counted(logits, targets):
        return case.loss(logits, targets)

    counted.__name__ = f"loss_{next(_serial)}"  # chex counts by source and name, over all calls of this function
    compiled = _compiled(chex.assert_max_traces(counted, 1))
    advice = "Use jnp.where in place of `if`, and jnp in place of np and float() on logits and targets."
    values = _try(case, "fails under jax.jit", advice, compiled, case.logits, case.targets)
    _compare(
        case,
        values,
        case.values,
        "gives another value under jax.jit",
        "Leave out whatever depends on more than values, such as the kind of an array or a global setting.",
    )
    try:
        for shift in (1, 2):
            compiled(np.roll(case.logits, shift, 0), np.roll(case.targets, shift, 0))
    except AssertionError:
        _fail(
            case,
            "must be traced once for arrays of one shape, and is traced again in the next call",
            "It seems to change a setting of JAX; leave that to the program, or training compiles at every step.",
        )


def _check_dtype(case: Case) -> None:
    for given, wide in ((np.float32, False), (np.float64, True)):
        with jax.enable_x64(wide):
            targets = case.targets if case.kind == "hard" else case.targets.astype(given)
            name, shape_of = np.dtype(given).name, functools.partial(jax.eval_shape, _fresh(case.loss))
            advice = "Leave out the cast to a fixed type."
            found = _try(case, f"fails for {name}", advice, shape_of, case.logits.astype(given), targets)
            if found.dtype != given:
                _fail(case, f"must keep the type of its logits, got {name} and gave {found.dtype}", advice)


def _check_vmap(case: Case) -> None:
    logits, targets = (np.stack([x, np.roll(x, 1, 0)]) for x in (case.logits, case.targets))  # [2, B, ...]
    mapped = _compiled(jax.vmap(case.loss))
    advice = "Use jnp functions only, and axis -1 for classes."
    values = _try(case, "fails under jax.vmap", advice, mapped, logits, targets)
    expected = case.values, case.loss(jnp.asarray(logits[1]), jnp.asarray(targets[1]))
    for one, two in zip(values, expected, strict=True):
        _compare(case, one, two, "gives another value under jax.vmap", advice)


def _check_order(case: Case) -> None:
    order = np.arange(len(case.logits))[::-1]
    values = case.loss(jnp.asarray(case.logits[order]), jnp.asarray(case.targets[order]))
    _compare(
        case,
        np.asarray(values)[order],
        case.values,
        "gives a row another value when the order of the rows changes",
        "Leave out what depends on the position of a row; match targets to logits row by row.",
    )


def _check_rows(case: Case) -> None:
    alone, advice = _compiled(_fresh(case.loss)), "Take the number of rows from logits.shape[0]."
    values = [
        _try(case, "fails for a single row", advice, alone, case.logits[row : row + 1], case.targets[row : row + 1])[0]
        for row in range(len(case.logits))
    ]
    _compare(
        case,
        np.stack(values),
        case.values,
        f"gives a row alone another value than in a batch of {len(values)}",
        "Normalise over classes, axis -1, not over rows, and do not divide by the number of rows. If a row is meant to "
        'depend on its batch, call verify with skip=("rows",).',
    )


def _check_finite(case: Case) -> None:
    """Looks at value, gradient and the gradient's derivative, of ordinary rows first."""
    advice = (
        "Use jax.nn.log_softmax or log_sigmoid in place of the logarithm of a probability, clip before a root or "
        "logarithm, and where jnp.where hides a value, make its argument harmless too."
    )
    derivatives = _compiled(_derivatives(case))
    tangent = np.random.default_rng(1).normal(size=case.logits.shape).astype(np.float32)
    for logits in (case.logits, case.extreme):
        values = case.loss(jnp.asarray(logits), jnp.asarray(case.targets))
        found = {"value": values}
        if jnp.all(jnp.isfinite(values)):
            _, gradient, curvature = _try(case, _NO_GRADIENT, _RULES, derivatives, logits, case.targets, tangent)
            found |= {"gradient": gradient, "second derivative": curvature}
        for what, array in found.items():
            wrong = ~np.isfinite(np.asarray(array)).reshape(len(logits), -1).all(-1)
            if wrong.any():
                row = int(np.argmax(wrong))
                values_of_row = np.asarray(array)[row].tolist()
                _fail(
                    case,
                    f"must have a finite {what}, got {values_of_row} for logits {_list(logits[row])} and target "
                    f"{_list(case.targets[row])}",
                    advice,
                )


def _check_gradient(case: Case) -> None:
    with jax.enable_x64(True):
        logits = case.logits.astype(np.float64)
        targets = case.targets if case.kind == "hard" else case.targets.astype(np.float64)
        rng = np.random.default_rng(2)
        tangent = rng.normal(size=logits.shape)
        derivatives = _compiled(_derivatives(case))
        _, gradient, curvature = _try(case, _NO_GRADIENT, _RULES, derivatives, logits, targets, tangent)
        scale = 1 + float(np.abs(gradient).max())
        for entry in rng.permutation(logits.size)[:ENTRIES]:
            row, klass = np.unravel_index(entry, logits.shape)
            shift = np.zeros_like(logits)
            shift[row, klass] = STEP
            above, below = (derivatives(logits + sign * shift, targets, tangent)[0] for sign in (1, -1))
            expected = float(above - below) / (2 * STEP)
            if not abs(gradient[row, klass] - expected) < 1e-4 * scale:
                _fail(
                    case,
                    f"has a wrong gradient: {gradient[row, klass]:.6g} by logits[{row}, {klass}], where finite "
                    f"differences give {expected:.6g}",
                    f"{_HELD} The scores are {_list(logits[row])}, the target {_list(targets[row])}.",
                )
        above, below = (derivatives(logits + sign * STEP * tangent, targets, tangent)[1] for sign in (1, -1))
        slope = np.asarray(above - below) / (2 * STEP)
        if not np.abs(curvature - slope).max() < 1e-4 * (1 + float(np.abs(slope).max())):
            row, klass = np.unravel_index(int(np.abs(curvature - slope).argmax()), logits.shape)
            _fail(
                case,
                f"has a wrong second derivative: along a line the gradient by logits[{row}, {klass}] changes by "
                f"{curvature[row, klass]:.6g}, where finite differences give {slope[row, klass]:.6g}",
                _HELD,
            )


def _check_kinds(loss: Callable[..., Any], cases: list[Case]) -> None:
    if len(cases) < 2:
        return
    hard = cases[0]
    one_hot = np.eye(hard.logits.shape[-1], dtype=np.float32)[hard.targets]
    _compare(
        hard,
        hard.values,
        loss(jnp.asarray(hard.logits), jnp.asarray(one_hot)),
        "gives another value than for the same classes as one-hot rows",
        "Both must mean the same; if the loss does not take one of them, let it raise ValueError.",
    )


CHECKS: dict[str, Callable[[Case], None]] = {
    "shape": _check_shape,
    "repeat": _check_repeat,
    "jit": _check_jit,
    "dtype": _check_dtype,
    "vmap": _check_vmap,
    "order": _check_order,
    "rows": _check_rows,
    "finite": _check_finite,
    "gradient": _check_gradient,
}
_NO_GRADIENT = "cannot be differentiated by jax.grad and jax.jvp, one after the other"
_RULES = "Use jnp functions, jax.custom_jvp in place of jax.custom_vjp, and no callback without a derivative."
_HELD = (
    "Correct the custom derivative or the cast to a smaller type; if stop_gradient holds a part constant on purpose, "
    'call verify with skip=("gradient",).'
)


def _derivatives(case: Case) -> Callable[..., Any]:
    """Returns `(logits, targets, tangent) -> (sum of the values, its gradient, the slope of that along tangent)`."""

    def all_of_them(logits, targets, tangent):
        def total(logits):
            return jnp.sum(case.loss(logits, targets))

        def slope(logits):  # as the meta-gradient does it: forward mode first
            return jax.jvp(total, (logits,), (tangent,))[1]

        return *jax.value_and_grad(total)(logits), jax.grad(slope)(logits)

    return all_of_them


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Returns `function` under jax.jit, compiled quickly rather than well."""
    options = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
    return jax.jit(function, compiler_options=options)


def _fresh(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Returns the loss as a function that JAX has not compiled yet, with two positional arguments."""
    return lambda logits, targets: loss(logits, targets)


def _try(case: Case, what: str, advice: str, function: Callable[..., Any], *args: Any) -> Any:
    try:
        return jax.device_get(function(*args))
    except InputError:
        raise
    except Exception as error:
        raise InputError(_sentence(case, f"{what} ({_short(error)})", advice)) from error


def _compare(case: Case, found: Any, expected: Any, what: str, advice: str) -> None:
    """Raises InputError naming the row that differs most, unless `found` and `expected` [B] are alike."""
    one, two = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    if one.shape != two.shape:
        _fail(case, f"{what}: shape {one.shape}, not {two.shape}", advice)
    scale = 1 + np.abs(np.nan_to_num(two)).max()
    if np.allclose(one, two, rtol=1e-4, atol=1e-5 * scale, equal_nan=True):
        return
    row = int(np.argmax(np.nan_to_num(np.abs(one - two), nan=np.inf)))
    _fail(case, f"{what}: {one[row]:.6g}, not {two[row]:.6g}, in row {row}", advice)


def _fail(case: Case, what: str, advice: str) -> None:
    raise InputError(_sentence(case, what, advice))


def _sentence(case: Case, what: str, advice: str) -> str:
    targets = {"hard": "integer classes", "soft": "soft targets"}[case.kind]
    return f"{case.name}, with {targets}, {what}. {advice}"


def _name(loss: Callable[..., Any]) -> str:
    inner = loss
    while hasattr(inner, "func"):  # functools.partial
        inner = inner.func
    return f"Loss {getattr(inner, '__name__', type(inner).__name__)}"


def _short(error: Exception) -> str:
    """Returns kind and first line of an error, at most 200 characters, and where in the user's file it arose."""
    lines, where = str(error).strip().splitlines() or [""], place_of(error)
    said = f"{type(error).__name__}: {lines[0]}"[:200].rstrip(": .")
    return f"{said}, in {where}" if where else said


def _list(values: np.ndarray) -> str:
    return np.array2string(np.asarray(values), precision=3, separator=", ", threshold=10)
