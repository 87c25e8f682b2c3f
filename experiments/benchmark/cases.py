"""The rows of the benchmark: a case is a name, what it changes in a config, and the passes it cannot do without.

Passes are counted in units of one forward pass of one batch: forward 1, backward 2, tangent 2, so that plain training
takes 3. What is free or shared is not counted: batch norm, optimisers, meta networks, passes at the same parameters.

| part of a step | units |
|---|---|
| forward pass at the parameters, one for virtual, tangent and actual step | 1 |
| virtual gradient | 2 |
| clean forward, clean backward | 1 + 2 |
| tangent of the outputs along the cotangent | 2 |
| actual gradient | 2 |

That is 10 for the exact one-step meta-gradient; 8 where the virtual step is not needed (L2R, whose weights are zero
there) or is the actual one (MLC-LCN). Where a filter keeps the last tensors only, clean backward and tangent go through
these alone: 6, and 4 times the share of the network that they are; 4, and 6 times that share, where the virtual step
moves them only. Passes that share nothing (`remat`, several virtual steps) begin with a forward pass each: 12, and 15
for every further virtual step (3 for it, 9 for a Hessian-vector product, 3 for the actual step). The engine `unrolled`
keeps all passes, so that it takes 12 for a further virtual step (3 for it, 6 back through it, 3 for the actual step).
"""

from typing import Any, NamedTuple

import jax

from meta_noise.core.cotangents import forward_order
from meta_noise.types import PyTree


class Case(NamedTuple):
    """One row.

    Attributes:
        name: of the row; the first word is the method.
        changes: sections of a config.
        passes: units of one forward pass of one batch, per step.
        kept_passes: further units, for passes through the last `kept` parameter tensors only.
        kept: number of these tensors.
        updates: of the classifier per step; each takes a batch.
    """

    name: str
    changes: dict[str, Any]
    passes: float
    kept_passes: float = 0
    kept: int = 0
    updates: int = 1


def _case(name: str, passes: float, meta: dict[str, Any] | None = None, clean: int = 0, **settings: Any) -> Case:
    """Returns the case of the method that the first word of `name` is, with batches of `clean` clean rows."""
    changes: dict[str, Any] = {"method": {"name": name.split()[0], **settings}}
    if meta:
        changes["meta"] = meta
    if clean:
        changes["train"] = {"clean_batch_size": clean}
    return Case(name, changes, passes, updates=(meta or {}).get("steps", 1))


def _kept(name: str, passes: float, kept_passes: float, kept: int, meta: dict[str, Any] | None = None) -> Case:
    """Returns the case of a method whose meta-gradient goes through the last `kept` tensors."""
    return _case(name, passes, meta)._replace(kept_passes=kept_passes, kept=kept)


def _last(count: int) -> dict[str, Any]:
    return {"cotangents": {"name": "keep_last", "count": count}}


_SAMPLER: dict[str, Any] = {"cotangents": {"name": "layer_sampler"}}
SAMPLED = 15  # tensors that carry the meta-gradient of the layer sampler, unless set otherwise
PLAIN = _case("supervised", 3)
CASES: tuple[Case, ...] = (
    _case("ldam_drw", 3),
    _case("l2r", 8),
    _case("mw_net", 10),
    _case("mw_net unrolled", 10, {"engine": "unrolled"}),
    _case("mw_net remat", 12, {"remat": True}),
    *(_case(f"mw_net steps {k}", 12 + 15 * (k - 1), {"steps": k}) for k in (2, 4, 10)),
    _case("mw_net unrolled steps 4", 10 + 12 * 3, {"engine": "unrolled", "steps": 4}),
    _case("mlc_lcn", 9),  # half of the clean batch joins training: 1.5 batches at 5 units, half a batch at 3
    _case("mlc_lcn all clean rows", 8, join_clean=False),
    _case("mlc_lcn every 3", 10.5, {"every": 3}),  # 9, and the clean gradient before the virtual step
    _case("mlc_t", 10),
    _kept("mw_net layer_sampler", 6, 4, SAMPLED, _SAMPLER),
    _kept(f"mw_net keep_last {SAMPLED}", 6, 4, SAMPLED, _last(SAMPLED)),
    _case("mw_net keep_last 2", 6, _last(2)),  # the classifier alone
    _kept("mw_net layer_sampler kept", 4, 6, SAMPLED, {**_SAMPLER, "virtual_layers": "kept"}),
    # Amortised, for batches of 100 rows: a meta step every 4 steps, 25 clean rows, a virtual step of 25 rows.
    _case("mw_net interval 4", (10 + 3 * 3) / 4, {"interval": 4}),
    _case("mw_net clean 25", 7 + 3 / 4, clean=25),
    _case("mw_net virtual_rows 25", 3 + 3 + 5 / 4, {"virtual_rows": 25}),
    # Guess from two views (2), through which virtual gradient (4) and tangent (4) go in the form of the code; clean 3,
    # gradient through both views (4) and through three batches of mixed rows (9).
    _case("ieg", 26),
    _case("ieg constant guess", 22, constant_guess=True),  # virtual gradient 2 and tangent 2, of one view
    # Two networks; of each: own and other guess of two views (4), own guess of the clean ones (2), then batch and clean
    # batch of two views.
    _kept("famus", 2 * (6 + 2 * 6), 2 * 2 * 4, SAMPLED),
)


def counted(case: Case, params: PyTree, stages: tuple[str, ...]) -> float:
    """Returns the passes of a case over those of a plain step.

    The share of the network that the kept tensors are is that of their matrices and kernels; a network with equal work
    in each of its layers, such as ResNet-32, is the one for which this is right.
    """
    return (case.passes + case.kept_passes * _share(params, stages, case.kept)) / PLAIN.passes


def _share(params: PyTree, stages: tuple[str, ...], kept: int) -> float:
    leaves = jax.tree.leaves(params)
    order = [position for position in forward_order(params, stages) if leaves[position].ndim > 1]
    last = set(forward_order(params, stages)[-kept:]) if kept else set()
    return len(last.intersection(order)) / len(order)
