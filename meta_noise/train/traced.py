"""What a step will cost, from its traced program alone: nothing is compiled and nothing is run.

A step is traced, its calls and its loops over batches are opened, equal operations are taken once (as the compiler
does), and what remains is counted (`counts`). These are not the figures that the compiler will report, but the ratio of
one step to another of the same network is close (`experiments/benchmark` says how close).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
from jax.extend.core import Jaxpr, Literal

from meta_noise.train.counts import Operation, Traced, counted

INLINED = ("jaxpr", "call_jaxpr", "fun_jaxpr")  # where a call keeps its program
LOOPS = ("scan", "while", "cond")
OPENED = 100  # most steps of a loop that are counted one by one


def traced(function: Callable[..., Any], *arguments: Any) -> Traced:
    """Returns the counts of `function(*arguments)`; arguments may be shapes."""
    program = jax.make_jaxpr(function)(*arguments).jaxpr
    values = _Values()
    inputs = [values.new() for _ in (*program.constvars, *program.invars)]
    results = values.run(program, inputs)
    return counted(values.operations, set(results))


class _Values:
    """Numbers values so that equal ones have the same number."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._known: dict[Any, tuple[int, ...]] = {}
        self._count = 0
        self._again = False  # in a step of a loop after the first, which is compiled already
        self._turns: tuple[int, ...] = ()  # what the steps of loops wait for, those in which operations are now
        self._loop = 0  # number of the outermost of these loops

    def new(self) -> int:
        self._count += 1
        return self._count

    def run(self, program: Jaxpr, inputs: Sequence[int]) -> list[int]:
        """Returns the numbers of the results of a program."""
        numbers: dict[Any, int] = dict(zip((*program.constvars, *program.invars), inputs, strict=True))

        def number(atom: Any) -> int:
            return self._literal(atom) if isinstance(atom, Literal) else numbers[atom]

        for equation in program.eqns:
            operands = tuple(number(atom) for atom in equation.invars)
            for variable, value in zip(equation.outvars, self._results(equation, operands), strict=True):
                numbers[variable] = value
        return [number(atom) for atom in program.outvars]

    def _literal(self, atom: Any) -> int:
        return self._once(("literal", str(atom.val), str(atom.aval)), 1)[0]

    def _once(self, key: Any, count: int) -> tuple[int, ...]:
        if key not in self._known:
            self._known[key] = tuple(self.new() for _ in range(count))
        return self._known[key]

    def _results(self, equation: Any, operands: tuple[int, ...]) -> Sequence[int]:
        name, inner = equation.primitive.name, _program_of(equation)
        if inner is not None and name not in LOOPS:
            return self._run_closed(inner, operands)
        if name == "scan" and equation.params["length"] <= OPENED and _flops(equation):
            return self._opened(equation, operands)
        is_kernel_gradient = _is_kernel_gradient(equation)
        if is_kernel_gradient and not self._turns and jax.default_backend() == "cpu":
            shapes = [atom.aval for atom in equation.invars]
            operands = tuple(self._transposed(value, shape) for value, shape in zip(operands, shapes, strict=True))
        operands = (*operands, *self._turns)
        key = (name, operands, tuple(sorted((k, str(v)) for k, v in equation.params.items())))
        if key in self._known:
            return self._known[key]
        outputs = self._once(key, len(equation.outvars))
        shapes = [variable.aval for variable in equation.outvars]
        sizes = tuple(math.prod(getattr(shape, "shape", ())) for shape in shapes)
        bytes_ = tuple(size * _width(shape) for size, shape in zip(sizes, shapes, strict=True))
        flops = _flops(equation)
        kernel_flops = flops if is_kernel_gradient else 0.0
        given = (math.prod(getattr(atom.aval, "shape", ())) for atom in equation.invars)
        reduces = max(given, default=0) > sum(sizes)
        self._add(Operation(operands, outputs, flops, kernel_flops, sizes, bytes_, reduces))
        return outputs

    def _run_closed(self, program: Any, operands: Sequence[int]) -> list[int]:
        """Returns the numbers of the results of a program (jaxpr, consts)."""
        constants = [self._once(("constant", id(value)), 1)[0] for value in program.consts]
        return self.run(program.jaxpr, [*constants, *operands])

    def _add(self, operation: Operation) -> None:
        self.operations.append(operation._replace(compiled=not self._again, loop=self._loop))

    def _opened(self, equation: Any, operands: Sequence[int]) -> list[int]:
        """Returns the numbers of the results of a loop, whose steps come one after the other."""
        params, program, before = equation.params, equation.params["jaxpr"], (self._again, self._turns, self._loop)
        self._loop = self._loop or self.new()
        consts, carried = _kinds(params)
        constants, carry = operands[:consts], list(operands[consts : consts + carried])
        stacked, beside, waited = operands[consts + carried :], list[list[int]](), operands
        shapes = [atom.aval for atom in equation.invars[consts + carried :]]
        order = range(params["length"])
        for place in reversed(order) if params["reverse"] else order:
            self._turns = (*before[1], self._together("turn", waited))
            slices = [self._slice(value, place, shape) for value, shape in zip(stacked, shapes, strict=True)]
            found = waited = self._run_closed(program, [*constants, *carry, *slices])
            carry, self._again = found[:carried], True
            beside.append(found[carried:])
        if params["reverse"]:
            beside.reverse()
        self._again, self._turns, loop = before
        made = carry + [self._together("stack", parts) for parts in zip(*beside, strict=True)]
        self._loop = loop
        return made

    def _slice(self, value: int, place: int, shape: Any) -> int:
        """Returns the number of an entry of an array with a leading axis, taken when it is its step's turn."""
        (found,) = self._once(("slice", value, place, self._turns), 1)
        size = math.prod(shape.shape[1:])
        self._add(Operation((value, *self._turns), (found,), 0.0, 0.0, (size,), (size * _width(shape),)))
        return found

    def _transposed(self, value: int, shape: Any) -> int:
        """Returns the number of a copy for gradients of convolutions by their kernels, which CPUs make as soon as the
        value is there, but not in loops. Its time is in that of the gradient."""
        is_new = ("transposed", value) not in self._known
        (found,) = self._once(("transposed", value), 1)
        if is_new:
            self._add(Operation((value,), (found,), 0.0, 0.0, (0,), (math.prod(shape.shape) * _width(shape),)))
        return found

    def _together(self, what: str, parts: Sequence[int]) -> int:
        """Returns the number of `parts` as one value, which stay where they are: the array whose entries they are, or
        what a step of a loop waits for."""
        (found,) = self._once((what, tuple(parts)), 1)
        self._add(Operation(tuple(parts), (found,), 0.0, 0.0, (0,), (0,), stores=True))
        return found


def _width(shape: Any) -> int:
    """Returns the bytes of an element."""
    return getattr(getattr(shape, "dtype", None), "itemsize", 4)


def _program_of(equation: Any) -> Any:
    """Returns the program that a call runs as (jaxpr, consts), None where the equation is no call."""
    for key in INLINED:
        found = equation.params.get(key)
        if found is not None:
            return found if hasattr(found, "consts") else _Open(found, ())
    return None


class _Open(NamedTuple):
    jaxpr: Jaxpr
    consts: tuple[Any, ...]


def repeated_flops(program: Jaxpr) -> float:
    """Returns the operations in all steps of loops but the first, which the compiler's own count leaves out."""
    return sum(_flops(equation) - _flops(equation, once=True) for equation in program.eqns)


def _kinds(params: Any) -> tuple[int, int]:
    """Returns how many operands of a loop are constants and how many are carried; JAX 0.12 says so otherwise."""
    if "num_consts" in params:
        return params["num_consts"], params["num_carry"]
    consts, carried, _ = map(len, params["ft_in"].unpack())
    return consts, carried


def _flops(equation: Any, once: bool = False) -> float:
    """Returns the operations of matrix products and convolutions, those in loops as often as they run, or once."""
    name, params = equation.primitive.name, equation.params
    if name == "dot_general":
        left, out = equation.invars[0].aval.shape, equation.outvars[0].aval.shape
        (contracted, _), _ = params["dimension_numbers"]
        return 2.0 * math.prod(out) * math.prod(left[axis] for axis in contracted)
    if name == "conv_general_dilated":
        kernel, out = equation.invars[1].aval.shape, equation.outvars[0].aval.shape
        per_output = math.prod(kernel) / kernel[params["dimension_numbers"].rhs_spec[0]]
        return 2.0 * math.prod(out) * per_output / math.prod(params["lhs_dilation"])
    found = _program_of(equation)
    programs = [found] if found is not None else [*params.get("branches", ()), params.get("body_jaxpr")]
    inside = [sum(_flops(eqn, once) for eqn in p.jaxpr.eqns) for p in programs if p is not None]
    return (1 if once else params.get("length", 1)) * max(inside, default=0.0)


def _is_kernel_gradient(equation: Any) -> bool:
    """Says whether a convolution has a window larger than its result, as only gradients by kernels have."""
    if equation.primitive.name != "conv_general_dilated":
        return False
    numbers, kernel, out = equation.params["dimension_numbers"], equation.invars[1].aval, equation.outvars[0].aval
    window = math.prod(kernel.shape[axis] for axis in numbers.rhs_spec[2:])
    return window > math.prod(out.shape[axis] for axis in numbers.out_spec[2:])
