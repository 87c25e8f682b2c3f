"""The layer sampler of FaMUS in NumPy: gates on the gradient of the virtual step, their networks and their two losses.

Xu et al., CVPR 2021, section 3, with the details of the released code for web labels. A layer is a tensor.
"""

import numpy as np

from tests.methods import plain

FORWARD = ("hidden/kernel", "hidden/scale", "hidden/offset", "head/kernel", "head/bias")


class Gates:
    """Gates of one network; `networks` are the parameters of their networks by path, `0/dense/1/bias`."""

    def __init__(
        self, networks, top_k=4, layers=3, pooling="standardised", compare="moments", counted="all", nesterov=True
    ):
        self.networks, self.buffer = plain.flat(networks), plain.zeros(plain.flat(networks))
        kept = FORWARD[-top_k:]
        self.gated, self.classifier = kept[:-2], kept[-2:]
        self.layers, self.pooling, self.compare, self.counted, self.nesterov = (
            layers,
            pooling,
            compare,
            counted,
            nesterov,
        )
        self.open: dict[str, bool] = {}

    def draw(self, grads, noise) -> None:
        """Opens and closes the gates of a step, from the gradient of the virtual step and Gumbel `noise` [L, 2]."""
        self.inputs, self.noise = [self._input(grads[name]) for name in self.gated], noise
        self.open = {name: bool(soft > 0.5) for name, soft in zip(self.gated, self._soft(self.networks), strict=True)}

    def through(self, grads):
        """Returns the gradient with which the virtual step is differentiated: a constant where it does not pass."""
        passes = {**self.open, **dict.fromkeys(self.classifier, True)}
        return {name: value if passes.get(name, False) else value.real for name, value in grads.items()}

    def activation(self):
        """Returns (sum of gates - 4)^2 and its derivative by each gate."""
        values = np.array([float(self.open[name]) for name in self.gated])
        counts = np.ones_like(values) if self.counted == "all" else np.eye(len(values))[-1]
        apart = counts @ values - 4
        return apart**2, 2 * apart * counts

    def matching(self, grads, clean):
        """Returns L_g: how far the gradient of the classifier is from that of the clean loss."""
        total = 0.0
        for name in self.classifier:
            if self.compare == "distance":
                pooled = [x.mean(0) if x.ndim == 2 else x for x in (grads[name], clean[name])]
                total += ((pooled[0] - pooled[1]) ** 2).sum()
            else:
                (mean, std), (clean_mean, clean_std) = _moments(grads[name]), _moments(clean[name])
                total += np.mean((mean - clean_mean) ** 2 + (std - clean_std) ** 2)
        return total

    def learn(self, grads, clean, rate) -> None:
        """Moves the networks: `-rate <v_l, g_l>` for an open gate, the negative for a closed one, and 0.1 L_r."""
        pushes = 0.1 * self.activation()[1]
        for number, name in enumerate(self.gated):
            along = -rate * np.sum(clean[name] * grads[name])
            pushes[number] += along if self.open[name] else -along
        slopes = plain.derivative(lambda networks: pushes @ self._soft(networks), self.networks)
        self.networks, self.buffer = plain.sgd(self.networks, self.buffer, slopes, 0.1, nesterov=self.nesterov)

    def _soft(self, networks):
        """Returns the second entry of softmax((logits + noise) / 5) of every gate."""
        soft = []
        for number, (x, noise) in enumerate(zip(self.inputs, self.noise, strict=True)):
            for layer in range(self.layers):
                x = x @ networks[f"{number}/dense/{layer}/kernel"] + networks[f"{number}/dense/{layer}/bias"]
                if layer < self.layers - 1:
                    x = np.where(x.real > 0, x, networks[f"{number}/slopes"][layer] * x)
            soft.append(plain.softmax((x + noise) / 5)[1])
        return np.array(soft)

    def _input(self, grad):
        columns = grad.reshape(-1, grad.shape[-1])
        if self.pooling == "mean":
            return columns.mean(0)
        x = columns.sum(0)
        return (x - x.mean()) / (x.std(ddof=1) + 1e-9)


def _moments(tensor):
    """Returns mean and deviation of every class, of a bias over the classes."""
    mean = tensor.mean(0)
    return mean, np.sqrt(((tensor - mean) ** 2).sum(0) / (len(tensor) - 1))
