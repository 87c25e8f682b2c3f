"""When the epochs of a run begin: those of a warm-up, those that the settings count, those of the fine-tuning."""

from typing import Any, NamedTuple

import jax.numpy as jnp


class Calendar(NamedTuple):
    """The epochs of a run, numbered from 0 through warm-up, method and fine-tuning.

    Attributes:
        epoch: steps of an epoch; the last one ends with the run.
        steps: steps of the run, all phases included.
        warm: steps of the warm-up, 0: none.
        warm_epoch: steps of an epoch of the warm-up, the last of which may be shorter; at least 1.
        tune: steps of the fine-tuning, with which the run ends, 0: none.
        tune_epoch: steps of an epoch of it; at least 1.
    """

    epoch: int
    steps: int
    warm: int = 0
    warm_epoch: int = 1
    tune: int = 0
    tune_epoch: int = 1

    @property
    def warm_epochs(self) -> int:
        """Epochs of the warm-up."""
        return -(-self.warm // self.warm_epoch)

    @property
    def tuned(self) -> int:
        """First step of the fine-tuning."""
        return self.steps - self.tune

    @property
    def epochs(self) -> int:
        """Epochs of the run."""
        return self.number(self.steps - 1) + 1

    def number(self, step: int) -> int:
        """Returns the epoch that a step is in."""
        if step < self.warm:
            return step // self.warm_epoch
        if step >= self.tuned:
            return self._before_tuning + (step - self.tuned) // self.tune_epoch
        return self.warm_epochs + (step - self.warm) // self.epoch

    def begin(self, step: int) -> int:
        """Returns the first step of the epoch that `step` is in."""
        if step < self.warm:
            return step // self.warm_epoch * self.warm_epoch
        if step >= self.tuned:
            return step - (step - self.tuned) % self.tune_epoch
        return step - (step - self.warm) % self.epoch

    def end(self, step: int) -> int:
        """Returns the first step after the epoch that `step` is in."""
        if step < self.warm:
            return min(self.begin(step) + self.warm_epoch, self.warm)
        if step >= self.tuned:
            return min(self.begin(step) + self.tune_epoch, self.steps)
        return min(self.begin(step) + self.epoch, self.tuned)

    def position(self, step: Any) -> Any:
        """Returns how far the run is, in epochs with fraction; `step` may be traced."""
        position = self.warm_epochs + (step - self.warm) / self.epoch if self.warm else step / self.epoch
        if self.warm:
            position = jnp.where(step < self.warm, step / self.warm_epoch, position)
        if self.tune:
            tuning = self._before_tuning + (step - self.tuned) / self.tune_epoch
            position = jnp.where(step < self.tuned, position, tuning)
        return position

    @property
    def _before_tuning(self) -> int:
        return self.warm_epochs + -(-(self.tuned - self.warm) // self.epoch)
