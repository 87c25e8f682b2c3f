"""Reading pickled arrays without running what the file asks for.

A pickle may name any function of any module and call it. Here only the names that rebuild a NumPy array (and the
conversion of text to bytes that Python 3 writes at protocol 2) are answered; any other name is an error before
anything is called.
"""

import io
import os
import pickle
from typing import Any

import numpy as np

from meta_noise.errors import InputError

# Taken from an array itself, since the function lives in a private module whose name changed with NumPy 2.
_RECONSTRUCT = np.zeros(0).__reduce__()[0]


def _encode(text: str, encoding: str = "latin1") -> bytes:
    """Returns `text` as bytes: `_codecs.encode`, for the one encoding that pickles use."""
    if encoding != "latin1":
        raise InputError(f"a pickle asks for the encoding {encoding!r}; only latin1 is allowed")
    return text.encode("latin1")


ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): _encode,
}


class _ArrayUnpickler(pickle.Unpickler):
    """An unpickler that knows the names in `ALLOWED` and no other."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise InputError(f"it asks for {module}.{name}, which no file of arrays needs; nothing was run")
        return ALLOWED[module, name]


def loads(data: bytes, where: str | os.PathLike[str]) -> Any:
    """Returns the object pickled in `data`: numbers, bytes, lists, dictionaries and NumPy arrays.

    Strings written by Python 2 come back as bytes. Anything else in the file, or a damaged file, raises InputError
    that begins with `where`.
    """
    try:
        return _ArrayUnpickler(io.BytesIO(data), encoding="bytes").load()
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
        TypeError,
        ValueError,
    ) as error:
        raise InputError(f"{where} is not a whole pickle of arrays: {error}. Get it again.") from error
