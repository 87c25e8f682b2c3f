"""Reading pickled arrays without running what the file asks for.

A pickle may name any function of any module and call it. Here only the names that rebuild a NumPy array (and the
conversion of text to bytes that Python 3 writes at protocol 2) are answered; any other name is an error before
anything is called. Nor does NumPy itself see the file, since the state of a damaged array can crash it: the names
are answered by stand-ins that note shape, type and bytes, from which the array is made after checking them.
"""

import io
import math
import os
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from meta_noise.errors import InputError

_NUMBERS = re.compile(r"[<>|=]?[biuf][1248]")  # codes of booleans, integers and floats: no objects, no records


class _Type:
    """Stands for a NumPy type: notes its code and byte order."""

    def __init__(self, code: Any, *copy_flags: Any):
        del copy_flags
        self.code = _text(code)

    def __setstate__(self, state: Any) -> None:
        order = _text(state[1])
        self.code = (order if order in "<>" else "") + self.code.lstrip("<>|=")


class _Array:
    """Stands for an array: `value` is there once its state has been read.

    Of arrays of objects only the empty shape is answered, as which `numpy.save` writes a dictionary: by that object.
    """

    value: Any = None

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, is_fortran, data = state
        if isinstance(kind, _Type) and kind.code in ("O", "O8") and shape == () and isinstance(data, list):
            (self.value,) = data
            return
        if not isinstance(kind, _Type) or not _NUMBERS.fullmatch(kind.code):
            raise ValueError("an array is not of numbers")
        if not isinstance(data, bytes) or any(type(size) is not int or size < 0 for size in shape):
            raise ValueError("the state of an array is not a shape and bytes")
        dtype = np.dtype(kind.code)
        if len(data) != math.prod(shape) * dtype.itemsize:
            raise ValueError(f"an array of shape {shape} and type {dtype} has {len(data)} bytes")
        self.value = np.frombuffer(data, dtype).reshape(shape, order="F" if is_fortran else "C")


class _Name:
    """A name that a pickle may use: callable, and nothing about it can be changed."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[..., Any]):
        self._call = call

    def __call__(self, *arguments: Any) -> Any:
        return self._call(*arguments)

    def __setstate__(self, state: Any) -> None:
        raise ValueError("a name is given a state")


def _text(code: Any) -> str:
    return code.decode("latin1") if isinstance(code, bytes) else str(code)


def _reconstruct(kind: Any, shape: Any, code: Any) -> _Array:
    """Returns an array to be filled; `shape` and `code` of the empty one come with every pickle and say nothing."""
    del shape, code
    if kind is not _NDARRAY:
        raise ValueError("a subclass of arrays is asked for")
    return _Array()


def _encode(text: str, encoding: str) -> bytes:
    """Returns `text` as bytes: `_codecs.encode`, for the one encoding that pickles use."""
    if encoding != "latin1":
        raise ValueError(f"the encoding {encoding!r} is asked for; only latin1 is allowed")
    return text.encode("latin1")


def _never(*arguments: Any) -> Any:
    raise ValueError(f"numpy.ndarray is called with {len(arguments)} arguments")


_NDARRAY = _Name(_never)  # only handed to _reconstruct
_ANSWERS = {
    ("numpy.core.multiarray", "_reconstruct"): _Name(_reconstruct),
    ("numpy._core.multiarray", "_reconstruct"): _Name(_reconstruct),
    ("numpy", "ndarray"): _NDARRAY,
    ("numpy", "dtype"): _Name(_Type),
    ("_codecs", "encode"): _Name(_encode),
}


class _ArrayUnpickler(pickle.Unpickler):
    """An unpickler that knows the names in `_ANSWERS` and no other."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ANSWERS:
            raise InputError(f"it asks for {module}.{name}, which no file of arrays needs; nothing was run")
        return _ANSWERS[module, name]


def loads(data: bytes, where: str | os.PathLike[str]) -> Any:
    """Returns what is pickled in `data`: an array, or a dictionary of arrays, lists, numbers and bytes.

    Strings written by Python 2 come back as bytes. Anything else in the file, or a damaged file, raises InputError
    that begins with `where`.
    """
    try:
        content = _made(_ArrayUnpickler(io.BytesIO(data), encoding="bytes").load())
        return {key: _made(value) for key, value in content.items()} if isinstance(content, dict) else content
    except InputError as error:
        raise InputError(f"{where} is refused: {error}.") from error
    except (  # a damaged pickle can fail in any of these ways
        pickle.UnpicklingError,
        ArithmeticError,
        AttributeError,
        EOFError,
        ImportError,
        LookupError,
        MemoryError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise InputError(f"{where} is not a whole pickle of arrays: {error}. Get it again.") from error


def _made(value: Any) -> Any:
    """Returns the array that a stand-in stands for, and anything else as it is."""
    if not isinstance(value, _Array):
        return value
    if value.value is None:
        raise ValueError("an array has no content")
    return value.value
