"""What `--multihost` asks for."""

import re
from typing import NamedTuple

from meta_noise.errors import InputError

FORM = "auto (TPU pods, SLURM, Kubernetes, Open MPI), off, or HOST:PORT,COUNT,INDEX, such as 10.0.0.1:8476,4,0"
_LARGEST_PORT = 65535


class Address(NamedTuple):
    """Where a process stands among all that train together.

    Attributes:
        coordinator: HOST:PORT of process 0, at which all meet.
        processes: how many there are, from 1.
        process: the number of this one, 0 to `processes` - 1.
        devices: numbers of the machine's devices that this process takes; None: all of them.
    """

    coordinator: str
    processes: int
    process: int
    devices: tuple[int, ...] | None = None


def parse(text: str) -> Address | str:
    """Returns the address that `--multihost` gives, or "auto" or "off".

    Raises:
        InputError: it is none of these.
    """
    if text in ("auto", "off"):
        return text
    parts = text.split(",")
    if len(parts) != 3:
        raise _wrong(text, "it is neither auto nor off, and has not three parts")
    coordinator, count, index = (part.strip() for part in parts)
    match = re.fullmatch(r"(\[[0-9a-fA-F:.%]+\]|[^\s:\[\]/]+):([0-9]+)", coordinator)
    if match is None:
        raise _wrong(text, f"{coordinator!r} is not HOST:PORT")
    if not 0 < int(match[2]) <= _LARGEST_PORT:
        raise _wrong(text, f"the port {match[2]} is not between 1 and {_LARGEST_PORT}")
    if not (count.isascii() and count.isdecimal() and index.isascii() and index.isdecimal()):
        raise _wrong(text, "COUNT and INDEX are no whole numbers")
    if int(count) < 1 or int(index) >= int(count):
        raise _wrong(text, "INDEX goes from 0 to COUNT - 1")
    return Address(coordinator, int(count), int(index))


def _wrong(text: str, why: str) -> InputError:
    return InputError(f"--multihost is {text!r:.120}, and {why}. Give {FORM}.")
