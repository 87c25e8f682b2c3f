"""The bi-level machinery, to build on: it knows no method, no model and no data set, and needs JAX and Optax alone.

    from meta_noise import core

    method = core.bilevel(problem, network, optax.sgd(0.1), optax.adam(1e-3))
    state = method.init(key, batch)
    state, info = jax.jit(method.step)(key, state, batch, clean)

| to state | use |
|---|---|
| what is learned, and by which losses | `Problem`, or `Objective` without a meta level |
| the classifier | `Network`; `meta_noise.models.from_flax` and `from_functions` make one |
| the virtual step | `live`, `plain_sgd`, `frozen_momentum`, or a `Virtual` of your own |
| how the meta-gradient is computed | `mixed_mode`, `unrolled`; nearly: `truncated`, `neumann`, `discounted` |
| through which layers it goes | `keep_all`, `keep_last`, `keep_layers`, `random_layers`, `layer_sampler`, ... |
| how meta-parameters move | any Optax transformation, `rectified`, `row_simplex`, ... |
| how training begins and ends, how often a meta step is taken | `warmed_up`, `finetuned`, `every_nth` |
| two networks side by side | `twin` the network, `each` the problem, `each_tx` optimisers, `each_filter` a filter |

Stability. Public is what `__all__` names. Until version 1.0 a public name may change; then CHANGELOG.md says so, and
says what to write instead. Fields are added to named tuples at the end and with a default, so build them by keyword
beyond the second field and change them by `_replace`. Numbers are frozen: a change of what one step computes is a
change of behaviour, and is in CHANGELOG.md too. Submodules, names that begin with an underscore, the engines' states
and the order in which keys are split may change at any time.
"""

from meta_noise.core import smooth
from meta_noise.core.averages import average
from meta_noise.core.bilevel import bilevel
from meta_noise.core.cotangents import fixed_block, keep_all, keep_last, keep_layers, random_layers, tensor_names
from meta_noise.core.layer_sampler import layer_sampler
from meta_noise.core.meta_gradient import mixed_mode, unrolled
from meta_noise.core.meta_rules import amsgrad, column_simplex, rectified, rectified_and_sign, row_simplex
from meta_noise.core.neumann import neumann
from meta_noise.core.pair import each, each_filter, each_tx, part, stack, swap, twin
from meta_noise.core.phases import every_nth, finetuned, warmed_up
from meta_noise.core.problem import Problem
from meta_noise.core.single import Objective, single
from meta_noise.core.truncation import truncated
from meta_noise.core.virtual import Virtual, frozen_momentum, live, plain_sgd
from meta_noise.core.windows import discounted
from meta_noise.types import (
    Batch,
    Between,
    CotangentFilter,
    Finetune,
    Info,
    Inner,
    Learner,
    Meta,
    MetaGradient,
    Method,
    Network,
    Outer,
    Outputs,
    Pass,
    Refreshed,
    Rows,
    Split,
    State,
    Warmup,
)

__all__ = [
    "Batch",
    "Between",
    "CotangentFilter",
    "Finetune",
    "Info",
    "Inner",
    "Learner",
    "Meta",
    "MetaGradient",
    "Method",
    "Network",
    "Objective",
    "Outer",
    "Outputs",
    "Pass",
    "Problem",
    "Refreshed",
    "Rows",
    "Split",
    "State",
    "Virtual",
    "Warmup",
    "amsgrad",
    "average",
    "bilevel",
    "column_simplex",
    "discounted",
    "each",
    "each_filter",
    "each_tx",
    "every_nth",
    "finetuned",
    "fixed_block",
    "frozen_momentum",
    "keep_all",
    "keep_last",
    "keep_layers",
    "layer_sampler",
    "live",
    "mixed_mode",
    "neumann",
    "part",
    "plain_sgd",
    "random_layers",
    "rectified",
    "rectified_and_sign",
    "row_simplex",
    "single",
    "smooth",
    "stack",
    "swap",
    "tensor_names",
    "truncated",
    "twin",
    "unrolled",
    "warmed_up",
]
