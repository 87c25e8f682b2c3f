"""The end of an epoch: its metrics, the accuracy on other rows, and whether it is to be selected."""

from typing import Any, NamedTuple

import jax

from meta_noise.core.averages import for_evaluation, is_averaged
from meta_noise.errors import NotFiniteError
from meta_noise.train import tally
from meta_noise.train.checkpoint import Checkpoints
from meta_noise.train.draws import Drawer
from meta_noise.train.evaluate import accuracies
from meta_noise.train.job import Job
from meta_noise.train.program import Kept, Program
from meta_noise.train.refresh import describe
from meta_noise.train.sharding import Placement, put
from meta_noise.train.steps import Carry
from meta_noise.train.warn import ZERO_WEIGHTS, Warnings


class Ended(NamedTuple):
    """An epoch that has just ended: the `kind` of its last call, the `step` reached, and what drew its rows."""

    kind: str
    step: int
    draw: Drawer


def end_epoch(
    job: Job,
    where: Placement,
    program: Program,
    kept: Kept,
    ended: Ended,
    history: list[dict[str, Any]],
    warnings: Warnings,
) -> tuple[Kept, dict[str, float]]:
    """Returns what is kept, with an empty tally, and the metrics of the epoch; an evaluated one joins `history`."""
    epochs, epoch = job.settings.calendar.epochs, job.settings.calendar.number(ended.step - 1) + 1
    carry, is_plain = kept.carry, ended.kind in ("warmup", "finetune")
    values = tally.means(carry.tally, program.names[ended.kind])
    if values.get(tally.ZERO_WEIGHTS):
        warnings.say(ZERO_WEIGHTS)
    carry = carry._replace(tally=put(tally.no_tally(program.names["method"]), where.replicated))
    kept = kept._replace(carry=carry)
    if epoch % job.eval_every and epoch != epochs:
        return kept, values
    values |= _evaluate(job, carry)
    if job.method.refresh is not None and not is_plain:
        values |= describe(job, kept.split)
    if program.variance is not None and not is_plain:
        values["meta_gradient_variance"] = program.variance(carry.state, ended.draw, ended.step)
    if _is_best(history, values):
        kept = kept._replace(selected=jax.tree.map(jax.numpy.copy, for_evaluation(carry.state.learner)))
    history.append({"step": ended.step, "epoch": epoch, **values})
    return kept, values


def _evaluate(job: Job, carry: Carry) -> dict[str, float]:
    """Returns accuracies, of averaged parameters where the optimiser keeps them, then of the raw ones too."""
    state, learner = carry.state, carry.state.learner
    found = {"": state._replace(learner=for_evaluation(learner))}
    if is_averaged(learner):
        found["_raw"] = state._replace(learner=learner._replace(opt_state=()))
    return {
        f"{name}{kind}_{measure}": value
        for name, part in job.evaluations.items()
        for kind, state in found.items()
        for measure, value in accuracies(job.predict(state, part.store, part.rows), part.labels).items()
    }


def _is_best(history: list[dict[str, Any]], values: dict[str, float]) -> bool:
    """Says whether this epoch is to be selected: the latest of the best by selection accuracy, else the last."""
    chosen = values.get("selection_accuracy")
    return chosen is None or chosen >= max((past["selection_accuracy"] for past in history), default=0.0)


def check_finite(sums: tally.Tally, checkpoints: Checkpoints, step: int) -> None:
    """Raises NotFiniteError where a loss has not been finite since the tally began."""
    bad_step = int(sums.bad_step)
    if bad_step < 0:
        return
    quantity = "outer loss (on the clean batch)" if bool(sums.bad_outer) else "training loss"
    good = checkpoints.latest_step()
    kept = f"the last good checkpoint is of step {good}" if good is not None else "no checkpoint had been saved"
    raise NotFiniteError(
        f"The {quantity} is not finite since step {bad_step} (noticed at step {step}); {kept}. Try a lower learning "
        "rate (config.optimizer.lr, or config.meta.optimizer.lr of meta-parameters), clipping "
        "(config.optimizer.clip=5.0) or fewer extreme inputs, in a new workdir."
    )
