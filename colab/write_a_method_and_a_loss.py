# ---
# jupyter:
#   runtime: CPU
# ---

# %% [markdown]
# # Write a method and a loss
#
# A loss of your own, checked by `meta_noise.losses.verify` and with chex; a bi-level method of your own, its
# meta-gradient held against finite differences; both trained on noisy digits beside those that are built in.
#
# **Runtime:** CPU.

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

# %% [markdown]
# ## A loss
#
# Symmetric cross entropy (Wang et al., ICCV 2019) adds to the cross entropy the same with prediction and label
# exchanged, in which the logarithm of a label that is 0 is taken as a constant `A`: `alpha CE + beta (-A) (1 - p_y)`
# for one class a row. A row that the network contradicts costs little more than one that it doubts.
#
# A loss takes logits [B, C] and classes [B], or soft targets [B, C], and gives one value a row.

# %%
import chex
import jax.numpy as jnp
import numpy as np

from meta_noise.losses import verify


def symmetric(logits, targets, alpha: float = 0.1, beta: float = 1.0, log_zero: float = -4.0):
    """Returns the symmetric cross entropy [B] of classes [B] or soft targets [B, C]."""
    if targets.ndim == 1:
        targets = jax.nn.one_hot(targets, logits.shape[-1], dtype=logits.dtype)
    forward = -jnp.sum(targets * jax.nn.log_softmax(logits), -1)
    backward = -log_zero * (1 - jnp.sum(targets * jax.nn.softmax(logits), -1))
    return alpha * forward + beta * backward


print("takes targets that are", verify(symmetric))

# %% [markdown]
# `verify` tries one value a row, the same compiled or not, finite at extreme scores, right first and second derivatives
# (the meta-gradient needs the second), classes equal to their one-hot rows. What it says of a loss that is wrong:

# %%
try:
    verify(lambda logits, targets: -jnp.log(jax.nn.softmax(logits)[jnp.arange(len(targets)), targets]))
except meta_noise.InputError as error:
    print(error)

# %% [markdown]
# The same by hand, with chex:

# %%
with jax.enable_x64(True):
    scores, classes = jnp.asarray(np.random.default_rng(0).normal(size=(6, 5))), jnp.arange(6) % 5
    chex.assert_shape(symmetric(scores, classes), (6,))
    chex.assert_tree_all_finite(jax.grad(lambda x: symmetric(x, classes).sum())(1e4 * scores))
    chex.assert_numerical_grads(lambda x: symmetric(x, classes).sum(), (scores,), order=2, rtol=1e-4)
    chex.assert_trees_all_close(symmetric(scores, classes), symmetric(scores, jax.nn.one_hot(classes, 5)))
print("shape, finite at scores of 1e4, first and second derivatives, kinds of targets: right")

# %% [markdown]
# ## A method
#
# One number for each class says how far its labels are believed. The inner loss weighs each row by that of its class;
# the meta-gradient of the loss on trusted rows moves the numbers. This is all of it: no derivative is written down.

# %%
import optax

from meta_noise import core


def losses(outputs, batch):
    return optax.softmax_cross_entropy_with_integer_labels(outputs.logits, batch.labels)  # [B]


def by_class(num_classes: int = 10) -> core.Problem:
    """Returns the problem with one weight a class, sigmoid of a number."""

    def inner_loss(outputs, numbers, batch):
        weights = jax.nn.sigmoid(numbers)[batch.labels]  # [B]
        return jnp.mean(weights * losses(outputs, batch)), core.Rows(weights=weights)

    return core.Problem(
        init_meta=lambda key, batch, outputs: jnp.zeros(num_classes),
        inner_loss=inner_loss,
        outer_loss=lambda outputs, clean: jnp.mean(losses(outputs, clean)),
        learned=lambda numbers: {"weight of each class": jax.nn.sigmoid(numbers)},
    )


# %% [markdown]
# Data: digits, where two classes are sloppy (70% of what is labelled 3 or 7 is wrong) and the others are clean.

# %%
from sklearn.datasets import load_digits

X, truth = load_digits(return_X_y=True)
X, truth = (X / 16).astype(np.float32), truth.astype(np.int32)
rng = np.random.default_rng(0)
order = rng.permutation(len(X))
trusted, test, train = order[:50], order[50:500], order[500:]
given = truth.copy()
moved = rng.permutation(train)[: len(train) // 3]
given[moved] = rng.choice([3, 7], len(moved))
print(f"{np.mean(given[train] != truth[train]):.1%} of the training labels are wrong")


def batch_of(rows, labels):
    return core.Batch(X[rows], labels[rows], rows.astype(np.int32))


# %% [markdown]
# ## Its meta-gradient against finite differences
#
# In double precision: the two engines, and differences of the outer loss after one virtual step.

# %%
from meta_noise.models import from_functions


def init(key, inputs):
    first, second = jax.random.split(key)
    return {"a": jax.random.normal(first, (64, 32)) * 0.1, "b": jax.random.normal(second, (32, 10)) * 0.2}


network = from_functions(init, lambda params, x, train, key: jnp.tanh(x @ params["a"]) @ params["b"])

with jax.enable_x64(True):
    rate, problem = 0.5, by_class()
    noisy = batch_of(train[:40], given)._replace(inputs=jnp.asarray(X[train[:40]], jnp.float64))
    clean = batch_of(trusted, truth)._replace(inputs=jnp.asarray(X[trusted], jnp.float64))
    found = {}
    for name, engine in (("mixed_mode", core.mixed_mode()), ("unrolled", core.unrolled())):
        method = core.bilevel(problem, network, optax.sgd(rate), optax.sgd(1.0), meta_gradient=engine)
        state = method.init(jax.random.key(0), noisy)
        found[name] = method.meta_grads(jax.random.key(1), state, noisy, clean)
    params = state.learner.params

    def outer(numbers):
        def inner(params):
            outputs = network.apply((params, ()), noisy.inputs, True, jax.random.key(1))[0]
            return problem.inner_loss(outputs, numbers, noisy)[0]

        moved = jax.tree.map(lambda p, g: p - rate * g, params, jax.grad(inner)(params))
        return problem.outer_loss(network.apply((moved, ()), clean.inputs, True, jax.random.key(1))[0], clean)

    steps = 1e-5 * jnp.eye(10)
    differences = np.array([outer(step) - outer(-step) for step in steps]) / 2e-5

for name, grads in found.items():
    error = np.max(np.abs(np.asarray(grads) - differences)) / np.max(np.abs(differences))
    print(f"{name}: relative difference from finite differences {error:.1e}")
    assert error < 1e-6

# %% [markdown]
# ## Training: yours beside those that are built in
#
# The same network, rows and steps for all; three seeds.

# %%
from meta_noise.methods.l2r import l2r
from meta_noise.methods.mw_net import mw_net

STEPS, SEEDS = (30, 1) if SHORT else (1500, 3)


def plain(loss):
    return core.Objective(lambda outputs, batch: (jnp.mean(loss(outputs.logits, batch.labels)), core.Rows()))


def trained(method, seed):
    draws, clean = np.random.default_rng(seed), batch_of(trusted, truth)
    step, state = jax.jit(method.step), method.init(jax.random.key(seed), clean)
    for number in range(STEPS):
        state, _ = step(jax.random.key(number), state, batch_of(draws.choice(train, 100, replace=False), given), clean)
    right = np.argmax(method.predict(state, X[test]), -1) == truth[test]
    return float(np.mean(right)), method.learned(state)


tx = optax.sgd(0.1, momentum=0.9)
entropy = optax.softmax_cross_entropy_with_integer_labels
METHODS = {
    "cross entropy": core.single(plain(entropy), network, tx),
    "symmetric (yours)": core.single(plain(symmetric), network, tx),
    "by class (yours)": core.bilevel(by_class(), network, tx, optax.adam(0.05)),
    "L2R": core.bilevel(l2r(), network, tx, core.rectified(), virtual=core.plain_sgd(1.0)),
    "MW-Net": core.bilevel(mw_net(), network, tx, optax.adam(1e-3)),
}
for name, method in METHODS.items():
    accuracies, learned = zip(*(trained(method, seed) for seed in range(SEEDS)), strict=True)
    print(f"{name:20} {np.mean(accuracies):.1%} on test rows, {SEEDS} seed(s)")
    if "yours" in name and learned[0]:
        weights = np.asarray(learned[0]["weight of each class"])

# %%
import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(7, 3))
ax.bar(range(10), weights, color=["#c0504d" if digit in (3, 7) else "#4f81bd" for digit in range(10)])
ax.set(xlabel="label", ylabel="weight", xticks=range(10), title="What your method learned: 3 and 7 are sloppy")
plt.show()

# %% [markdown]
# ## In a file
#
# A file of your own makes both usable from the command line and configs, by their dotted paths:
#
#     python -m meta_noise.main --config=configs/digits.py --config.method.name=my_ideas.by_class --workdir=runs/mine
#
# Settings of a method are the arguments of its function, `--config.method.num_classes=10`.
