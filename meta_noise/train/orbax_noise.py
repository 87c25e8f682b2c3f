"""Orbax, and TensorStore below it, kept from printing tracebacks of errors that are answered here with one sentence."""

import asyncio
import logging
from typing import Any

from orbax.checkpoint._src import asyncio_utils


def hush() -> None:
    """Keeps what Orbax logs of its own errors, and what its event loops answer after their end, from the screen."""
    logging.getLogger("absl").addFilter(_not_from_orbax)
    if hasattr(asyncio_utils, "_run_sync_via_new_loop"):
        asyncio_utils._run_sync_via_new_loop = _run_quietly


def speak() -> None:
    """Lets Orbax log again."""
    logging.getLogger("absl").removeFilter(_not_from_orbax)


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
