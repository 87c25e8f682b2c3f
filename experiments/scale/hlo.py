"""What devices send each other in a step, read from the compiled program.

For a result of `n` bytes on each device, in a group of `g` devices, a ring sends from each device: all-reduce
2 n (g - 1) / g, all-gather n (g - 1) / g (n: the gathered result), reduce-scatter n (g - 1) (n: the part that is left),
all-to-all n (g - 1) / g, permutation n.
"""

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

BYTES = {"pred": 1, "s8": 1, "u8": 1, "bf16": 2, "f16": 2, "s16": 2, "u16": 2, "f32": 4, "s32": 4, "u32": 4}
BYTES |= {"f64": 8, "s64": 8, "u64": 8}
KINDS = ("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute")
_LINE = re.compile(rf"= (?P<result>.*?) (?P<kind>{'|'.join(KINDS)})(?P<start>-start)?\(")
_ARRAY = re.compile(r"\b([a-z]+\d+|pred)\[([\d,]*)\]")
_LISTED = re.compile(r"replica_groups=\{\{([\d,]*)\}")
_IOTA = re.compile(r"replica_groups=\[(\d+),(\d+)\]<=")
_MESH = re.compile(r"replica_groups=mesh\[(?P<axes>[^\]]*)\](?:, device_ids=\(.*?\)\s|\s)?\s*(?:\{(?P<over>[^}]*)\})?")


class Collective(NamedTuple):
    """An operation between devices: its kind, bytes of its result on a device, devices of a group."""

    kind: str
    result_bytes: int
    group: int

    @property
    def sent(self) -> float:
        """Bytes that each device sends."""
        n, g = self.result_bytes, self.group
        factors = {"all-reduce": 2 * (g - 1) / g, "reduce-scatter": g - 1.0, "collective-permute": 1.0}
        return n * factors.get(self.kind, (g - 1) / g)


def collectives(text: str, devices: int) -> list[Collective]:
    """Returns the operations between devices of a program, each as often as it stands there.

    Args:
        text: of `compiled.as_text()`; programs without loops over steps.
        devices: that the program is for.
    """
    found = []
    for line in text.splitlines():
        match = _LINE.search(line)
        if match is None:
            continue
        arrays = [_bytes(kind, shape) for kind, shape in _ARRAY.findall(match["result"])]
        if match["start"] and match["kind"] == "all-gather":  # a pair of operand and result
            arrays = arrays[len(arrays) // 2 :]
        found.append(Collective(match["kind"], sum(arrays), _group(line, devices)))
    return [one for one in found if one.group > 1]


def _bytes(kind: str, shape: str) -> int:
    return BYTES[kind] * math.prod(int(size) for size in shape.split(",") if size)


def _group(line: str, devices: int) -> int:
    if (listed := _LISTED.search(line)) is not None:
        return len(listed[1].split(",")) if listed[1] else devices
    if (iota := _IOTA.search(line)) is not None:
        return int(iota[2])
    if (mesh := _MESH.search(line)) is not None:
        sizes = {name.strip().strip("'"): int(size) for name, size in re.findall(r"'?([\w ]+)'?=(\d+)", mesh["axes"])}
        names = re.findall(r"'?(\w+)'?", mesh["over"]) if mesh["over"] else list(sizes)
        return math.prod(sizes[name] for name in names)
    return devices


class Traffic(NamedTuple):
    """Sums over a step: number of operations, bytes of results, bytes that each device sends, by kind and in all."""

    counts: dict[str, int]
    result_bytes: dict[str, int]
    sent: float


def traffic(found: Iterable[Collective]) -> Traffic:
    """Returns the sums over a step."""
    found = list(found)
    counts = {kind: sum(one.kind == kind for one in found) for kind in KINDS}
    sizes = {kind: sum(one.result_bytes for one in found if one.kind == kind) for kind in KINDS}
    return Traffic(counts, sizes, sum(one.sent for one in found))
