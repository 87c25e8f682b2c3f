"""When the epochs of a run begin: those of a warm-up come first, then those that the settings count."""

from typing import Any, NamedTuple

import jax.numpy as jnp


class Calendar(NamedTuple):
    """The epochs of a run, numbered from 0 through warm-up and method.

    Attributes:
        epoch: steps of an epoch; the last one ends with the run.
        steps: steps of the run, warm-up included.
        warm: steps of the warm-up, 0: none.
        warm_epoch: steps of an epoch of the warm-up, the last of which may be shorter; at least 1.
    """

    epoch: int
    steps: int
    warm: int = 0
    warm_epoch: int = 1

    @property
    def warm_epochs(self) -> int:
        """Epochs of the warm-up."""
        return -(-self.warm // self.warm_epoch)

    @property
    def epochs(self) -> int:
        """Epochs of the run."""
        return self.number(self.steps - 1) + 1

    def number(self, step: int) -> int:
        """Returns the epoch that a step is in."""
        if step < self.warm:
            return step // self.warm_epoch
        return self.warm_epochs + (step - self.warm) // self.epoch

    def begin(self, step: int) -> int:
        """Returns the first step of the epoch that `step` is in."""
        if step < self.warm:
            return step // self.warm_epoch * self.warm_epoch
        return step - (step - self.warm) % self.epoch

    def end(self, step: int) -> int:
        """Returns the first step after the epoch that `step` is in."""
        if step < self.warm:
            return min(self.begin(step) + self.warm_epoch, self.warm)
        return min(self.begin(step) + self.epoch, self.steps)

    def position(self, step: Any) -> Any:
        """Returns how far the run is, in epochs with fraction; `step` may be traced."""
        if not self.warm:
            return step / self.epoch
        return jnp.where(step < self.warm, step / self.warm_epoch, self.warm_epochs + (step - self.warm) / self.epoch)
