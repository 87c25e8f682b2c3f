"""What a step will cost, from its traced program alone: nothing is compiled and nothing is run.

A step is traced, its calls are opened, equal operations are taken once (as the compiler does), and what remains is
counted (`counts`). These are not the figures that the compiler will report, but the ratio of one step to another of the
same network is close (`experiments/benchmark` says how close).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
from jax.extend.core import Jaxpr, Literal

from meta_noise.train.counts import Operation, Traced, counted

INLINED = ("jaxpr", "call_jaxpr", "fun_jaxpr")  # where a call keeps its program
LOOPS = ("scan", "while", "cond")


def traced(function: Callable[..., Any], *arguments: Any) -> Traced:
    """Returns the counts of `function(*arguments)`; arguments may be shapes."""
    program = jax.make_jaxpr(function)(*arguments).jaxpr
    values = _Values()
    inputs = [values.new() for _ in (*program.constvars, *program.invars)]
    results = values.run(program, inputs)
    return counted(values.operations, set(results))


def has_convolutions(program: Jaxpr) -> bool:
    """Says whether a traced program, or one that it calls, has a convolution."""
    programs, seen = [program], set()
    while programs:
        for equation in programs.pop().eqns:
            if equation.primitive.name == "conv_general_dilated":
                return True
            inner = (x for value in equation.params.values() for x in (value if isinstance(value, tuple) else (value,)))
            for found in (getattr(x, "jaxpr", x) for x in inner):
                if isinstance(found, Jaxpr) and id(found) not in seen:
                    seen.add(id(found))
                    programs.append(found)
    return False


class _Values:
    """Numbers values so that equal ones have the same number."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._known: dict[Any, tuple[int, ...]] = {}
        self._count = 0

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
            constants = [self._once(("constant", id(value)), 1)[0] for value in inner.consts]
            return self.run(inner.jaxpr, [*constants, *operands])
        key = (name, operands, tuple(sorted((k, str(v)) for k, v in equation.params.items())))
        if key in self._known:
            return self._known[key]
        outputs = self._once(key, len(equation.outvars))
        shapes = [variable.aval for variable in equation.outvars]
        sizes = tuple(math.prod(getattr(shape, "shape", ())) for shape in shapes)
        widths = tuple(getattr(getattr(shape, "dtype", None), "itemsize", 4) for shape in shapes)
        bytes_ = tuple(size * width for size, width in zip(sizes, widths, strict=True))
        flops = _flops(equation)
        kernel_flops = flops if _is_kernel_gradient(equation) else 0.0
        given = (math.prod(getattr(atom.aval, "shape", ())) for atom in equation.invars)
        reduces = max(given, default=0) > sum(sizes)
        self.operations.append(Operation(operands, outputs, flops, kernel_flops, sizes, bytes_, reduces))
        return outputs


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


def _flops(equation: Any) -> float:
    name, params = equation.primitive.name, equation.params
    if name == "dot_general":
        left, out = equation.invars[0].aval.shape, equation.outvars[0].aval.shape
        (contracted, _), _ = params["dimension_numbers"]
        return 2.0 * math.prod(out) * math.prod(left[axis] for axis in contracted)
    if name == "conv_general_dilated":
        kernel, out = equation.invars[1].aval.shape, equation.outvars[0].aval.shape
        per_output = math.prod(kernel) / kernel[params["dimension_numbers"].rhs_spec[0]]
        return 2.0 * math.prod(out) * per_output / math.prod(params["lhs_dilation"])
    if name in LOOPS:
        found = _program_of(equation)
        programs = [found] if found is not None else [*params.get("branches", ()), params.get("body_jaxpr")]
        inside = [sum(_flops(eqn) for eqn in p.jaxpr.eqns) for p in programs if p is not None]
        return params.get("length", 1) * max(inside, default=0.0)
    return 0.0


def _is_kernel_gradient(equation: Any) -> bool:
    """Says whether a convolution has a window larger than its result, as only gradients by kernels have."""
    if equation.primitive.name != "conv_general_dilated":
        return False
    numbers, kernel, out = equation.params["dimension_numbers"], equation.invars[1].aval, equation.outvars[0].aval
    window = math.prod(kernel.shape[axis] for axis in numbers.rhs_spec[2:])
    return window > math.prod(out.shape[axis] for axis in numbers.out_spec[2:])
