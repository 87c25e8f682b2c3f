"""The layer sampler of FaMUS: small networks decide, layer by layer, which part of the meta-gradient is computed.

Xu, Zhu, Jiang, Yang, "Faster Meta Update Strategy for Noise-Robust Deep Learning", CVPR 2021.

    d L_v / d a = sum_l r_l d/da <g_l(a), u_l>,   r_l = gate of layer l, 0 or 1, u = cotangent of the inner gradient g
    L = L_c + lambda_1 ( sum_l r_l - K )^2 + lambda_2 L_g,   L_g compares g with the clean gradient v in the classifier

A gate is the second entry of a Gumbel softmax sample, and passes the derivative of the soft sample. The derivative of
the outer loss by it is `<u_l, g_l>` where it is open and `-<u_l, g_l>` where it is closed. L_g acts through g, so
`lambda_2 dL_g/dg` is added to the classifier's cotangent and reaches the meta-parameters by the same tangent pass.

As in the released code a layer is one parameter tensor, those before the last `top_k` are dropped, the classifier is
always on, and a gate network has three dense layers on summed, standardised gradients. The paper differs: settings
`PAPER`. The activation loss is the paper's; the released code differs, only the last gate enters it: settings `CODE`.
With L2R the inner gradient is zero, so the gate networks see zeros and learn from the activation loss only.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import optax

from meta_noise.core.cotangents import last_tensors, need_stages, tensor_names
from meta_noise.types import Array, CotangentFilter, PyTree

PAPER: dict[str, Any] = dict(layers=2, pooling="mean", compare="distance", nesterov=False)  # top_k: all tensors
CODE: dict[str, Any] = dict(counted="last")


class SamplerState(NamedTuple):
    """The gate networks, one per gated tensor in forward order, and their optimiser."""

    params: tuple[PyTree, ...]
    opt_state: PyTree


def layer_sampler(
    stages: Sequence[str],
    top_k: int = 15,
    always: int = 2,
    target: float = 4.0,
    activation: float = 0.1,
    matching: float = 0.1,
    lr: float = 0.1,
    momentum: float = 0.9,
    nesterov: bool = True,
    hidden: int = 128,
    layers: int = 3,
    pooling: Literal["standardised", "mean"] = "standardised",
    temperature: float = 5.0,
    compare: Literal["moments", "distance"] = "moments",
    counted: Literal["all", "last"] = "all",
) -> CotangentFilter:
    """Returns the filter with learned gates, for one virtual step; with several the engine refuses.

    Metrics: `gate/<tensor>` 0 or 1, `open_gates` their sum, `activation_loss`, `matching_loss` (without their factors).

    Args:
        stages: the network's stages in forward order; for the order inside a stage see `cotangents`.
        top_k: tensors that are not dropped, the classifier's included.
        always: tensors at the end that are always on, the classifier's kernel and bias.
        target: K, wanted number of open gates.
        activation: lambda_1, factor of the activation loss.
        matching: lambda_2, factor of the matching loss.
        lr: step size of the gate networks (0.01 in the long-tail experiments).
        momentum: theirs, 0 to below 1.
        nesterov: Nesterov's form of it.
        hidden: units of a hidden layer of a gate network.
        layers: its dense layers, at least 1.
        pooling: input of a gate network, one number per output channel: "standardised" gradients (mean 0, deviation 1
            over the channels) or their "mean".
        temperature: of the Gumbel softmax, above 0.
        compare: the matching loss on the classifier's tensors. "moments": squared differences of mean and deviation per
            class (a bias has one of each); "distance": squared distance of gradients averaged per class.
        counted: gates in the activation loss, "all" or the "last" one.

    Raises:
        ValueError: there are no stages, or a setting is out of range.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.core import layer_sampler
    >>> params = {"first": {"kernel": jnp.ones((4, 3))}, "last": {"bias": jnp.ones(2), "kernel": jnp.ones((3, 2))}}
    >>> through = layer_sampler(["first", "last"], top_k=3)
    >>> len(through.kept(params)), through.one_step
    (3, True)
    """
    need_stages(stages, "layer_sampler")
    if always < 1 or top_k <= always or layers < 1 or temperature <= 0:
        raise ValueError(
            "need always >= 1, top_k > always, layers >= 1 and temperature > 0, "
            f"got {always}, {top_k}, {layers} and {temperature}; without any gates use keep_last"
        )
    inputs_of = _choice("pooling", pooling, {"standardised": _standardised, "mean": _mean})
    matching_loss = _choice("compare", compare, {"moments": _moments_apart, "distance": _means_apart})
    among = _choice("counted", counted, {"all": slice(None), "last": slice(-1, None)})
    tx = optax.sgd(lr, momentum, nesterov)

    def activation_loss(gates):
        return (jnp.sum(gates[among]) - target) ** 2

    def init(key, params) -> SamplerState:
        leaves = jax.tree.leaves(params)
        gated, _ = last_tensors(params, stages, top_k, always)
        keys = jax.random.split(key, len(gated))
        samplers = tuple(_init_gate(k, leaves[p], hidden, layers) for k, p in zip(keys, gated, strict=True))
        return SamplerState(samplers, tx.init(samplers))

    def update(key, cotangents, state: SamplerState, grads, outer_grads):
        names = tensor_names(cotangents)
        leaves, treedef = jax.tree.flatten(cotangents)
        grads, outer_grads = jax.tree.leaves(grads), jax.tree.leaves(outer_grads)
        gated, classifier = last_tensors(cotangents, stages, top_k, always)

        inputs = [inputs_of(_columns(grads[p])) for p in gated]
        noise = jax.random.gumbel(key, (len(gated), 2), jnp.result_type(*jax.tree.leaves(state.params)))

        def open_softly(samplers):
            logits = jnp.stack([_gate_logits(*pair) for pair in zip(samplers, inputs, strict=True)]) + noise  # [L, 2]
            return jax.nn.softmax(logits / temperature)[:, 1], logits[:, 1] > logits[:, 0]

        soft, backward, is_open = jax.vjp(open_softly, state.params, has_aux=True)
        gates = is_open.astype(soft.dtype)  # [L]
        along = jnp.stack([jnp.sum(leaves[p] * grads[p]) for p in gated]).astype(soft.dtype)
        activation_value, pressure = jax.value_and_grad(activation_loss)(gates)
        (sampler_grads,) = backward(jnp.where(is_open, along, -along) + activation * pressure)
        updates, opt_state = tx.update(sampler_grads, state.opt_state, state.params)
        state = SamplerState(optax.apply_updates(state.params, updates), opt_state)

        clean = [outer_grads[p] for p in classifier]
        matching_value, push = jax.value_and_grad(matching_loss)([grads[p] for p in classifier], clean)
        answer = {p: gate.astype(leaves[p].dtype) * leaves[p] for p, gate in zip(gated, gates, strict=True)}
        answer |= {p: leaves[p] + matching * pushed for p, pushed in zip(classifier, push, strict=True)}
        metrics = {f"gate/{names[p]}": gate for p, gate in zip(gated, gates, strict=True)}
        metrics |= {"open_gates": gates.sum(), "activation_loss": activation_value, "matching_loss": matching_value}
        return jax.tree.unflatten(treedef, map(answer.get, range(len(leaves)))), state, metrics

    def kept(params):
        gated, classifier = last_tensors(params, stages, top_k, always)
        return [*gated, *classifier]

    return CotangentFilter(init, update, one_step=True, kept=kept)


def _choice(name: str, value: str, choices: dict):
    if value not in choices:
        raise ValueError(f"{name} must be one of {list(choices)}, got {value!r}")
    return choices[value]


def _init_gate(key: Array, tensor: Array, hidden: int, layers: int) -> PyTree:
    """Returns a gate network for `tensor`: uniform within 1 / sqrt(fan_in), slopes of the PReLUs 0.25."""
    dtype = jnp.promote_types(tensor.dtype, jnp.float32)
    widths = (_columns(tensor).shape[1], *[hidden] * (layers - 1), 2)
    dense = []
    for key_layer, fan_in, width in zip(jax.random.split(key, layers), widths[:-1], widths[1:], strict=True):
        drawn = jax.random.uniform(key_layer, (fan_in + 1, width), dtype, -(fan_in**-0.5), fan_in**-0.5)
        dense.append({"kernel": drawn[:-1], "bias": drawn[-1]})
    return {"dense": tuple(dense), "slopes": jnp.full((layers - 1,), 0.25, dtype)}


def _gate_logits(params: PyTree, x: Array) -> Array:
    """Returns the logits [2] of closed and open for the input `x` [D]."""
    *below, top = params["dense"]
    for dense, slope in zip(below, params["slopes"], strict=True):
        x = x @ dense["kernel"] + dense["bias"]
        x = jnp.where(x > 0, x, slope * x)
    return x @ top["kernel"] + top["bias"]


def _columns(tensor: Array) -> Array:
    """Returns the tensor as [rest, output channels]; a bias is one row."""
    return tensor.reshape(-1, tensor.shape[-1] if tensor.ndim else 1)


def _mean(columns: Array) -> Array:
    return jnp.mean(columns, 0)


def _standardised(columns: Array) -> Array:
    x = jnp.sum(columns, 0)
    return (x - jnp.mean(x)) / (_deviation(x) + 1e-9)


def _deviation(x: Array) -> Array:
    """Returns the sample deviation along the first axis, with derivative zero where it is zero."""
    variance = jnp.sum((x - jnp.mean(x, 0)) ** 2, 0) / max(x.shape[0] - 1, 1)
    return jnp.where(variance > 0, jnp.sqrt(jnp.where(variance > 0, variance, 1)), 0)


def _moments_apart(grads: list[Array], clean: list[Array]) -> Array:
    def moments(tensor):
        rows = _columns(tensor) if tensor.ndim > 1 else tensor.reshape(-1, 1)
        return jnp.stack([jnp.mean(rows, 0), _deviation(rows)])

    pairs = zip(grads, clean, strict=True)
    return sum((jnp.mean(jnp.sum((moments(g) - moments(v)) ** 2, 0)) for g, v in pairs), start=jnp.zeros(()))


def _means_apart(grads: list[Array], clean: list[Array]) -> Array:
    pairs = zip(grads, clean, strict=True)
    return sum((jnp.sum((_mean(_columns(g)) - _mean(_columns(v))) ** 2) for g, v in pairs), start=jnp.zeros(()))
