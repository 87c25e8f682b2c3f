"""A profile of some steps, to see what host and device do when."""

from pathlib import Path
from typing import Any

import jax

WARM = 2  # calls before the trace begins


class Trace:
    """Writes a profile of `steps` steps into `folder`, readable by Perfetto and XProf; none for 0 steps."""

    def __init__(self, folder: Path, steps: int):
        self._folder, self._steps = folder, steps
        self._calls, self._left = 0, steps
        self._running = False

    def before(self, pending: Any, steps: int) -> None:
        """Is told before every call how many steps it takes; `pending` are the results of the one before."""
        if not self._steps:
            return
        self._calls += 1
        if self._running and self._left <= 0:
            self.stop(pending)
        elif not self._running and self._calls == WARM + 1:
            jax.block_until_ready(pending)
            jax.profiler.start_trace(self._folder, create_perfetto_trace=True)
            self._running = True
        if self._running:
            self._left -= steps

    def stop(self, pending: Any) -> None:
        """Ends a profile that is being taken, once `pending` is there."""
        if self._running:
            jax.block_until_ready(pending)
            jax.profiler.stop_trace()
            self._running, self._steps = False, 0
