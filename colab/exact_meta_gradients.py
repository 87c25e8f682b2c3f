# ---
# jupyter:
#   runtime: T4
# ---

# %% [markdown]
# # Exact meta-gradients
#
# What the meta-gradient is, two engines that compute it and agree, what a step costs, several virtual steps, and
# FaMUS's filter seen layer by layer.
#
# **Runtime:** CPU is enough; a T4 shows the costs on a GPU.
#
# One step of a bi-level method is *virtual* (a trial update `v = w - a grad L(w, m)` whose loss depends on the
# meta-parameters `m`), *meta* (the loss `F(v)` on trusted rows after it, differentiated by `m`), and *actual*. By the
# chain rule the derivative is `- a grad F(v) . d/dm grad L(w, m)`. It needs no second derivative of the network in
# reverse: the engine `mixed_mode` takes one forward-mode pass along `grad F(v)`, and the derivative of a number by
# `m` is left.

# %%
# Installs the library where it is missing, without TensorFlow or PyTorch; then looks at what this runtime has.
import importlib.metadata
import importlib.util
import os
import subprocess
import sys

SOURCE = "meta_noise"  # what pip installs: a name, the path of a wheel or of a checkout, or an address
SHORT = bool(os.environ.get("META_NOISE_SHORT"))  # a few steps in place of many, to try that all cells run

if importlib.util.find_spec("meta_noise") is None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", SOURCE]
    if subprocess.run(command, check=False).returncode:
        raise SystemExit(
            f"{' '.join(command)} failed. Upload a wheel or a checkout, name it in SOURCE, run this again."
        )

import jax
from packaging.requirements import Requirement

NEEDED = next(r for r in map(Requirement, importlib.metadata.requires("meta_noise")) if r.name == "jax")
if not NEEDED.specifier.contains(jax.__version__, prereleases=True):
    raise SystemExit(
        f"This session runs JAX {jax.__version__}, meta_noise needs {NEEDED}. Install it by "
        f'pip install "{NEEDED}", choose Runtime > Restart session, and run the cells again from the first.'
    )

import meta_noise

CHIP = jax.devices()[0].platform
print(f"meta_noise {meta_noise.__version__}, JAX {jax.__version__}, {jax.device_count()} x {CHIP}")

# %%
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax
from flax import linen as nn
from sklearn.datasets import load_digits

from meta_noise import core
from meta_noise.methods.mw_net import mw_net
from meta_noise.models import from_flax

X, truth = load_digits(return_X_y=True)
X, truth = (X / 16).reshape(-1, 8, 8, 1).astype(np.float32), truth.astype(np.int32)
rng = np.random.default_rng(0)
given = np.where(rng.random(len(X)) < 0.4, rng.integers(0, 10, len(X)), truth).astype(np.int32)
order = rng.permutation(len(X))
trusted, train = order[:50], order[50:]


class Net(nn.Module):
    @nn.compact
    def __call__(self, x, train: bool = False):
        for width in () if SHORT else (32, 64, 64):
            x = nn.relu(nn.BatchNorm(use_running_average=not train)(nn.Conv(width, (3, 3))(x)))
        x = nn.relu(nn.BatchNorm(use_running_average=not train)(nn.Dense(32)(x.reshape(len(x), -1))))
        return nn.Dense(10)(x)


def batch_of(rows, labels, dtype=np.float32):
    return core.Batch(X[rows].astype(dtype), labels[rows], rows.astype(np.int32))


network = from_flax(Net(), X[:2])
noisy, clean = batch_of(train[:100], given), batch_of(trusted, truth)

# %% [markdown]
# ## Two engines, batch normalisation in train mode, double precision
#
# `unrolled` is `jax.grad` through the optimiser's update, the reference; `mixed_mode` is the default.

# %%
ENGINES = {"mixed_mode": core.mixed_mode, "unrolled": core.unrolled}


def method_of(engine, tx=None, **settings):
    tx = optax.sgd(0.1, momentum=0.9) if tx is None else tx
    return core.bilevel(mw_net(), network, tx, optax.adam(1e-3), meta_gradient=engine, **settings)


def flat(tree):
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)])


with jax.enable_x64(True):
    rows, some = batch_of(train[:20], given, np.float64), batch_of(trusted, truth, np.float64)
    for title, tx in (("SGD with momentum", None), ("Adam", core.smooth.adam(1e-3))):
        grads = {}
        for name, engine in ENGINES.items():
            method = method_of(engine(), tx)
            state = method.init(jax.random.key(0), rows)
            state = jax.tree.map(lambda x: x.astype(np.float64) if x.dtype == np.float32 else x, state)
            grads[name] = flat(jax.jit(method.meta_grads)(jax.random.key(1), state, rows, some))
        size = np.linalg.norm(grads["unrolled"])
        print(f"{title}: relative difference {np.linalg.norm(grads['mixed_mode'] - grads['unrolled']) / size:.1e}")
        assert np.linalg.norm(grads["mixed_mode"] - grads["unrolled"]) < 1e-9 * size

# %% [markdown]
# ## What a step costs
#
# Operations and working memory as the compiler counts them, and time in turns with a plain step, so that a busy machine
# slows both.

# %%
import time


def compiled(method, rows=noisy):
    state = method.init(jax.random.key(0), rows)
    return jax.jit(method.step).lower(jax.random.key(1), state, rows, clean).compile(), state, rows


def counted(made):
    cost, memory = made[0].cost_analysis(), made[0].memory_analysis()
    return cost.get("flops", float("nan")) / 1e9, memory.temp_size_in_bytes / 2**20


def timed(made, reference, rounds=3 if SHORT else 20):
    """Returns the median ratio of times, taken in turns."""
    ratios = []
    for _ in range(rounds):
        seconds = []
        for step, state, rows in (made, reference):
            start = time.perf_counter()
            jax.block_until_ready(step(jax.random.key(1), state, rows, clean))
            seconds.append(time.perf_counter() - start)
        ratios.append(seconds[0] / seconds[1])
    return float(np.median(ratios))


entropy = optax.softmax_cross_entropy_with_integer_labels
plain = core.Objective(lambda outputs, batch: (jnp.mean(entropy(outputs.logits, batch.labels)), core.Rows()))
reference = compiled(core.single(plain, network, optax.sgd(0.1, momentum=0.9)))
stages = network.stages
FORMS = {
    "mixed_mode": core.mixed_mode(),
    "unrolled": core.unrolled(),
    "mixed_mode, classifier only": core.mixed_mode(core.keep_last(stages, 2), kept_only=True),
}
base = counted(reference)
print(f"{'plain step':30} {base[0]:8.3f} GFLOP  {base[1]:7.1f} MiB")
for name, engine in FORMS.items():
    made = compiled(method_of(engine))
    flops, memory = counted(made)
    times = timed(made, reference)
    print(f"{name:30} {flops:8.3f} GFLOP  {memory:7.1f} MiB  {flops / base[0]:5.2f} x operations  {times:5.2f} x time")

# %% [markdown]
# ## Several virtual steps
#
# `k` virtual steps before the outer loss, differentiated exactly, each with rows of its own. Work grows with `k`,
# memory hardly.

# %%
ks = (1, 2) if SHORT else (1, 2, 5, 10)
per_k = []
for k in ks:
    rows = batch_of(train[: 50 * k], given)
    per_k.append(counted(compiled(method_of(core.mixed_mode(), virtual=core.live()._replace(steps=k)), rows)))
one = per_k[0]
figure, ax = plt.subplots(figsize=(6, 3.2))
ax.plot(ks, [flops / one[0] for flops, _ in per_k], "o-", label="operations")
ax.plot(ks, [memory / one[1] for _, memory in per_k], "s-", label="working memory")
ax.set(xlabel="virtual steps k", ylabel="times that of k = 1", title="Cost of the exact meta-gradient through k steps")
ax.legend()
plt.show()

# %% [markdown]
# ## Layer by layer
#
# The meta-gradient is a sum over the tensors of the network: each carries a part of it. FaMUS (Xu et al., CVPR 2021)
# lets only some carry theirs. First, how much of it the last tensors have: the angle between the filtered and the
# full one.

# %%
method = method_of(core.mixed_mode())
step, state, draws = jax.jit(method.step), method.init(jax.random.key(0), noisy), np.random.default_rng(0)
for number in range(5 if SHORT else 200):
    state, _ = step(jax.random.key(number), state, batch_of(draws.choice(train, 100, replace=False), given), clean)

names = core.tensor_names(state.learner.params)
full = flat(method.meta_grads(jax.random.key(1), state, noisy, clean))
counts = (2, len(names)) if SHORT else (2, *range(4, len(names) + 1, 2))
cosines = []
for count in counts:
    filtered = method_of(core.mixed_mode(core.keep_last(stages, count)))
    part = flat(filtered.meta_grads(jax.random.key(1), state, noisy, clean))
    cosines.append(part @ full / max(np.linalg.norm(part) * np.linalg.norm(full), 1e-30))
figure, ax = plt.subplots(figsize=(6, 3.2))
ax.plot(counts, cosines, "o-")
ax.set(xlabel="tensors kept, from the classifier down", ylabel="cosine with the full one", ylim=(-1.05, 1.05))
plt.show()

# %% [markdown]
# Then FaMUS's learned gates, one for each tensor but the classifier's, open (1) or closed (0) in each step; it is
# asked to keep two open.

# %%
sampler = core.layer_sampler(stages, top_k=len(names), always=2, target=2, lr=0.1)
method = method_of(core.mixed_mode(sampler))
step, state, gates = jax.jit(method.step), method.init(jax.random.key(0), noisy), []
for number in range(5 if SHORT else 300):
    rows = batch_of(draws.choice(train, 100, replace=False), given)
    state, info = step(jax.random.key(number), state, rows, clean)
    gates.append({name[5:]: float(value) for name, value in info.metrics.items() if name.startswith("gate/")})
figure, ax = plt.subplots(figsize=(8, 0.35 * len(gates[0]) + 1.2))
ax.imshow([[gate[name] for gate in gates] for name in gates[0]], aspect="auto", cmap="Greys", interpolation="nearest")
ax.set(yticks=range(len(gates[0])), yticklabels=list(gates[0]), xlabel="step", title="Open gates (black)")
plt.show()
print(f"open gates in the last steps: {np.mean([sum(gate.values()) for gate in gates[-50:]]):.1f} of {len(gates[0])}")
