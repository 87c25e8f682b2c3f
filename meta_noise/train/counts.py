"""What the operations of a traced step amount to: arithmetic, memory, the longest chain; and one step beside another.

Where a CPU has several cores, operations that do not wait for each other run side by side, and how much that saves
depends on the compiler and the machine. Expected is a geometric mean of two ratios: of all work, which is right for
one core, and of the longest chain, which is right where there are as many cores as one could wish.

The compiler joins cheap operations to those that use them, so their results are not held; it begins everything as soon
as it can on CPUs, and otherwise keeps the order of the program (`experiments/benchmark` says how close this is).
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import jax

from meta_noise.data.images.streamed import processors

ELEMENT = 30.0  # what one element of a result costs, in units of a floating-point operation of a convolution
KERNEL = 2.0  # what an operation of a gradient by kernels costs on CPUs, which transpose for it, in the same units
WORK = 0.75  # share of all work in the mean, that of the longest chain is the rest


class Operation(NamedTuple):
    """One operation of a traced program; values are numbers.

    Attributes:
        inputs: values it needs.
        outputs: values it gives.
        flops: floating-point operations, of a matrix product or a convolution.
        kernel_flops: the same number where it is the gradient of a convolution by its kernel, else 0.
        sizes: elements of each output.
        bytes_: bytes of each output.
        reduces: an output is smaller than an input.
        compiled: it is not a repetition of one in a loop.
        loop: number of the loop it is in, the outermost, 0 where it is in none.
        stores: its inputs are written to memory, where they stay as long as its outputs are used.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    flops: float
    kernel_flops: float
    sizes: tuple[int, ...]
    bytes_: tuple[int, ...]
    reduces: bool = False
    compiled: bool = True
    loop: int = 0
    stores: bool = False

    @property
    def is_cheap(self) -> bool:
        """Says whether the compiler joins it to what uses its result."""
        return not (self.flops or self.reduces or self.stores or len(self.outputs) > 1)


class Traced(NamedTuple):
    """Counts of a step.

    Attributes:
        flops: floating-point operations of matrix products and convolutions.
        kernel_flops: those of them in gradients of convolutions by their kernels.
        touched: elements of all results, matrix products and convolutions included.
        held_bytes: results that wait for a later use, in the order of the program, where they are most.
        joined_bytes: the same where cheap operations are joined to those that use their results, in the order of the
            backend, and without the results of the step itself, which take the place of its arguments. The better one
            beside another step, and too low alone.
        longest: work of the longest chain of operations that wait for each other, in operations of a convolution.
        operations: how many there are to compile.
    """

    flops: float
    kernel_flops: float
    touched: float
    held_bytes: float
    joined_bytes: float
    longest: float
    operations: int


class Ratios(NamedTuple):
    """Expected cost of a step in units of another one of the same network: all work, time, working memory, time to
    compile."""

    work: float
    time: float
    memory: float
    compiling: float


def ratios(plain: Traced, other: Traced) -> Ratios:
    """Returns what the step `other` is expected to cost where `plain` costs 1."""
    work = _work(other) / _work(plain)
    side_by_side = jax.default_backend() == "cpu" and processors() > 1
    time = work**WORK * (other.longest / plain.longest) ** (1 - WORK) if side_by_side else work
    return Ratios(work, time, other.joined_bytes / plain.joined_bytes, other.operations / plain.operations)


def mixed(whole: Traced, between: Traced, every: int) -> Traced:
    """Returns the mean counts of a step where one of `every` is a `whole` one, with the memory of the larger and the
    operations of both."""

    def mean(one: float, other: float) -> float:
        return (one + (every - 1) * other) / every

    return Traced(
        mean(whole.flops, between.flops),
        mean(whole.kernel_flops, between.kernel_flops),
        mean(whole.touched, between.touched),
        max(whole.held_bytes, between.held_bytes),
        max(whole.joined_bytes, between.joined_bytes),
        mean(whole.longest, between.longest),
        whole.operations + between.operations,
    )


def counted(operations: Sequence[Operation], results: set[int]) -> Traced:
    """Returns the counts of the operations, in the order of their program, that the values `results` depend on."""
    live = _live(operations, results)
    joined = _joined(live, results)
    ordered = _as_soon_as_possible(joined) if jax.default_backend() == "cpu" else joined
    return Traced(
        flops=sum(o.flops for o in live),
        kernel_flops=sum(o.kernel_flops for o in live),
        touched=float(sum(sum(o.sizes) for o in live)),
        held_bytes=float(_held(live, results, count_results=True)),
        joined_bytes=float(_held(ordered, results, count_results=False)),
        longest=_longest(live),
        operations=sum(o.compiled for o in live),
    )


def _work(counts: Traced | Operation) -> float:
    touched = counts.touched if isinstance(counts, Traced) else sum(counts.sizes)
    extra = KERNEL - 1 if jax.default_backend() == "cpu" else 0.0
    return counts.flops + extra * counts.kernel_flops + ELEMENT * touched


def _live(operations: Sequence[Operation], results: set[int]) -> list[Operation]:
    needed, live = set(results), []
    for operation in reversed(operations):
        if needed.intersection(operation.outputs):
            needed.update(operation.inputs)
            live.append(operation)
    return live[::-1]


def _longest(live: Sequence[Operation]) -> float:
    ends: dict[int, float] = {}
    for operation in live:
        end = max((ends.get(value, 0.0) for value in operation.inputs), default=0.0) + _work(operation)
        ends.update(dict.fromkeys(operation.outputs, end))
    return max(ends.values(), default=0.0)


def _joined(live: Sequence[Operation], results: set[int]) -> list[Operation]:
    """Returns the operations whose results are held, with the held values that they need through cheap ones."""
    held = results | {value for one in live if one.flops or one.stores for value in one.inputs}
    behind: dict[int, frozenset[int]] = {}  # a value that is not held -> held values it is made of
    kept = []
    for operation in live:
        needs = frozenset[int]().union(*(behind.get(value, frozenset((value,))) for value in operation.inputs))
        if not operation.is_cheap or not held.isdisjoint(operation.outputs):
            kept.append(operation._replace(inputs=tuple(needs)))
        else:
            behind.update(dict.fromkeys(operation.outputs, needs))
    return kept


def _as_soon_as_possible(operations: Sequence[Operation]) -> list[Operation]:
    """Returns the operations in the order in which they can begin, first come, first served; a loop that has begun
    comes to its end before anything else."""
    maker = {value: place for place, operation in enumerate(operations) for value in operation.outputs}
    users: dict[int, list[int]] = {}
    missing = []
    ready: dict[int, deque[int]] = {0: deque()}  # loop -> operations that can begin
    for place, operation in enumerate(operations):
        makers = {maker[value] for value in operation.inputs if value in maker}
        missing.append(len(makers))
        queue = ready.setdefault(operation.loop, deque())
        if not makers:
            queue.append(place)
        for one in makers:
            users.setdefault(one, []).append(place)
    loop, ordered = 0, list[Operation]()
    while any(ready.values()):
        if not ready[loop]:
            loop = next(one for one, queue in ready.items() if queue)
        place = ready[loop].popleft()
        ordered.append(operations[place])
        for user in users.get(place, ()):
            missing[user] -= 1
            if not missing[user]:
                ready[operations[user].loop].append(user)
    return ordered


def _held(operations: Sequence[Operation], results: set[int], count_results: bool) -> int:
    """Returns the bytes that wait for a later use, where they are most; results of the step stay to its end."""
    last_use: dict[int, int] = {}
    for place in reversed(range(len(operations))):
        operation = operations[place]
        end = max(last_use.get(value, place) for value in operation.outputs) if operation.stores else place
        for value in operation.inputs:
            last_use[value] = max(last_use.get(value, end), end)
    held, most = 0, 0
    freed: dict[int, int] = {}  # place -> bytes
    for place, operation in enumerate(operations):
        for value, size in zip(operation.outputs, operation.bytes_, strict=True):
            if count_results or value not in results:
                held += size
            if value not in results:
                end = last_use.get(value, place)
                freed[end] = freed.get(end, 0) + size
        most = max(most, held)
        held -= freed.pop(place, 0)
    return most
