"""EMLC: a teacher with a network of its own corrects the labels, and learns from the clean rows directly too.

M. K. Taraday, C. Baskin, "Enhanced Meta Label Correction for Coping with Label Corruption", ICCV 2023,
https://arxiv.org/abs/2305.12961. The teacher has features `h` and probabilities `p` of its own, and a gate over them:

    r_i = sigmoid( gate(h_i, k_i) ),   q_i = r_i p_i + (1 - r_i) onehot(k_i),   k_i = observed class
    L_tr = mean_i CE(q_i, z_i)                                                   the classifier's loss
    L_teacher = CE(p'_j, y'_j) + BCE( r(h'_j, l_j), [l_j is not y'_j] )          clean rows j

where `l` are the clean labels, half of them replaced by another class on purpose. The teacher moves by the exact
meta-gradient and the gradient of `L_teacher` together. The classifier's actual step is the virtual one.

It differs from the paper in the start: both networks begin at random, or both at the weights that
`config.model.pretrained` names, where the paper trains them without labels first. The sizes of the gate are those of
MLC-LCN, the teacher's rate is that of MW-Net. Batch norm of the teacher takes the statistics of each batch; its running
averages are not kept.
"""

from typing import Any

import jax
import jax.numpy as jnp
import optax

from meta_noise.core.problem import Problem
from meta_noise.losses.cross_entropy import cross_entropy, mean_cross_entropy
from meta_noise.models.meta.gate import Gate
from meta_noise.types import Batch, Network, Outputs, Rows

DEFAULTS = dict(optimizer=dict(name="adam", lr=1e-3), virtual=dict(name="live"), reuse_virtual=True)


def emlc(network: Network | None = None, embedding: int = 128, hidden: int = 128, replaced: float = 0.5) -> Problem:
    """Returns the problem of EMLC; the targets reported for a row are its corrected label.

    Args:
        network: the teacher's, filled in by the builder: that of the classifier.
        embedding: size of the label embedding of the gate.
        hidden: units of its hidden layer.
        replaced: share of the clean labels that the gate sees replaced, in (0, 1).

    Raises:
        ValueError: `replaced` is not between 0 and 1.

    >>> from meta_noise.methods.emlc import emlc
    >>> type(emlc()).__name__
    'Problem'
    """
    if not 0 < replaced < 1:
        raise ValueError(f"replaced must be between 0 and 1, got {replaced}")

    def taught(params, inputs, labels, key):
        """Returns (logits [B, C], logits of the gate [B]) of the teacher, in train mode."""
        assert network is not None
        _, stats = jax.eval_shape(network.init, key, inputs)
        zeros = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), stats)
        outputs, _ = network.apply((params["network"], zeros), inputs, True, key)
        net = Gate(outputs.logits.shape[-1], embedding, hidden)
        return outputs.logits, net.apply({"params": params["gate"]}, outputs.features, labels)

    def init_meta(key, batch: Batch, outputs: Outputs) -> dict[str, Any]:
        assert network is not None
        key_network, key_gate = jax.random.split(key)
        features = jnp.zeros(outputs.features.shape, outputs.features.dtype)
        gate = Gate(outputs.logits.shape[-1], embedding, hidden).init(key_gate, features, batch.labels)
        return {"network": network.init(key_network, batch.inputs)[0], "gate": gate["params"]}

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        del model, memory
        key_batch, key_clean, key_which, key_other = jax.random.split(key, 4)
        return batch._replace(prepared=key_batch), clean._replace(prepared=(key_clean, key_which, key_other))

    def inner_loss(outputs: Outputs, params, batch: Batch):
        logits, gate = taught(params, batch.inputs, batch.labels, batch.prepared)
        r = jax.nn.sigmoid(gate)[:, None]
        given = jax.nn.one_hot(batch.labels, logits.shape[-1], dtype=logits.dtype)
        targets = r * jax.nn.softmax(logits) + (1 - r) * given
        return jnp.mean(cross_entropy(outputs.logits, targets)), Rows(targets=targets)

    def meta_penalty(params, clean: Batch):
        key, key_which, key_other = clean.prepared
        num_classes = params["gate"]["embedding"]["embedding"].shape[0]
        wrong = jax.random.bernoulli(key_which, replaced, clean.labels.shape)
        away = jax.random.randint(key_other, clean.labels.shape, 1, num_classes, clean.labels.dtype)
        shown = jnp.where(wrong, (clean.labels + away) % num_classes, clean.labels)
        logits, gate = taught(params, clean.inputs, shown, key)
        of_gate = jnp.mean(optax.sigmoid_binary_cross_entropy(gate, wrong))
        return jnp.mean(cross_entropy(logits, clean.labels)) + of_gate

    return Problem(init_meta, inner_loss, outer_loss=mean_cross_entropy, prepare=prepare, meta_penalty=meta_penalty)
