"""Counts of a network of about so many parameters, for `growth`: a plain step and one of MW-Net, compiled, not run.

python -m experiments.benchmark.growth_network PARAMETERS RESULT.json
"""

import json
import sys
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import optax

from meta_noise import core
from meta_noise.methods.mw_net import mw_net
from meta_noise.methods.supervised import supervised
from meta_noise.models.mlp import mlp
from meta_noise.models.network import to_network
from meta_noise.train import compiler
from meta_noise.types import Batch

ROWS, FEATURES, CLASSES = 32, 256, 10


def counted(parameters: int) -> dict[str, float]:
    """Returns the compiler's counts of both steps of a perceptron with two equal layers of `parameters` in all."""
    width = round(((FEATURES + CLASSES) ** 2 / 4 + parameters) ** 0.5 - (FEATURES + CLASSES) / 2)
    network = to_network(mlp(CLASSES, hidden=(width, width)))
    whole = jax.ShapeDtypeStruct((ROWS,), jnp.int32)
    batch = Batch(jax.ShapeDtypeStruct((ROWS, FEATURES), jnp.float32), whole, whole)
    tx = optax.sgd(0.1, momentum=0.9)
    methods = {
        "plain": core.single(supervised(), network, tx),
        "mw_net": core.bilevel(mw_net(), network, tx, optax.adam(1e-3), virtual=core.plain_sgd(0.1)),
    }
    found: dict[str, float] = {}
    for name, method in methods.items():
        state = jax.eval_shape(method.init, jax.random.key(0), batch)
        begin = time.process_time()
        jitted = jax.jit(method.step, donate_argnums=1, compiler_options=compiler.options())
        compiled = jitted.lower(jax.random.key(0), state, batch, batch).compile()
        costs, memory = compiled.cost_analysis() or {}, compiled.memory_analysis()
        found |= {
            f"{name}_flops": costs["flops"],
            f"{name}_moved_bytes": costs["bytes accessed"],
            f"{name}_temporary_bytes": memory.temp_size_in_bytes,
            f"{name}_compile_seconds": round(time.process_time() - begin, 1),
        }
        found["parameters"] = sum(leaf.size for leaf in jax.tree.leaves(state.learner.params))
    return found


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(counted(int(sys.argv[1]))))
