"""Orbax, and TensorStore below it, kept from printing tracebacks of errors that are answered here with one sentence.

And asked for an error of a save in the background as soon as there is one: among several processes Orbax tells of it
only after all have waited for each other in vain, for twenty minutes.
"""

import asyncio
import logging
from typing import Any

from orbax.checkpoint._src import asyncio_utils
from orbax.checkpoint._src.checkpointers import async_checkpointer

_failed: list[BaseException] = []  # the last, or none
_save: Any = getattr(getattr(async_checkpointer, "_AsyncManager", None), "_thread_func", None)


def hush() -> None:
    """Keeps what Orbax logs of its own errors, and what its event loops answer after their end, from the screen."""
    logging.getLogger("absl").addFilter(_not_from_orbax)
    if hasattr(asyncio_utils, "_run_sync_via_new_loop"):
        asyncio_utils._run_sync_via_new_loop = _run_quietly
    if hasattr(async_checkpointer, "_AsyncManager"):
        async_checkpointer._AsyncManager._thread_func = _save_and_tell


def background_error() -> BaseException | None:
    """Returns what ended a save in the background, None where nothing did; it is told once."""
    return _failed.pop() if _failed else None


def speak() -> None:
    """Lets Orbax log again."""
    logging.getLogger("absl").removeFilter(_not_from_orbax)


def _save_and_tell(manager: Any, *args: Any, **kwargs: Any) -> None:
    """Does what Orbax's function of that purpose does, and keeps the error that it ends with."""
    _save(manager, *args, **kwargs)
    if manager._exception is not None:
        _failed[:] = [manager._exception]


def _not_from_orbax(record: logging.LogRecord) -> bool:
    return "orbax" not in record.pathname


class _Loop(asyncio.SelectorEventLoop):
    """An event loop that takes no notice of what it is told after its end.

    When one array of a checkpoint cannot be written, Orbax ends its loop, and the threads of TensorStore tell it of all
    the others later; by default each gets a traceback in return.
    """

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        return None if self.is_closed() else super().call_soon_threadsafe(callback, *args, context=context)


def _run_quietly(task: Any) -> Any:
    """Returns what a coroutine gives, in place of Orbax's function of that purpose."""
    loop = _Loop()
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(task)
    finally:
        asyncio.set_event_loop(None)
        loop.close()
