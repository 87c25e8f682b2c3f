"""A small convolutional network for small images, chosen for speed on a CPU."""

from functools import partial

import flax.linen as nn

from meta_noise.models.dropout import in_a_row
from meta_noise.models.layers import max_pool, norm
from meta_noise.models.network import Blocks, HeadKind, last_block
from meta_noise.types import Array


class ConvPool(nn.Module):
    """3x3 convolution, batch normalisation, ReLU, maximum over 2x2 pixels (an odd last row or column is dropped)."""

    width: int

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        x = nn.Conv(self.width, (3, 3), use_bias=False, name="conv")(x)
        return max_pool(nn.relu(norm(x, train, "norm")))


class Dense(nn.Module):
    """Dense layer on the flattened maps, batch normalisation, ReLU, dropout."""

    width: int
    dropout: float

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        x = nn.Dense(self.width, use_bias=False, name="dense")(x.reshape(x.shape[0], -1))
        x = nn.relu(norm(x, train, "norm"))
        return in_a_row(nn.Dropout(self.dropout, deterministic=not train), x)


def cnn(num_classes: int, width: int = 32, dropout: float = 0.0, head: HeadKind = "linear") -> Blocks:
    """Returns two convolutions with pooling (`width/2` and `width` channels) and a dense layer of `4 * width` features.

    207,098 parameters (10 classes, 28x28x1); 22,778 parameters (10 classes, 8x8x1). Made for 8x8 to 32x32 pixels; the
    dense layer fixes the image size at initialisation.

    Args:
        num_classes: number of classes.
        width: channels of the second convolution, even.
        dropout: fraction of the features set to zero in training, 0 to below 1.
        head: "linear" or "normalised", see `Head`.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.cnn import cnn
    >>> from meta_noise.models.network import to_network
    >>> network = to_network(cnn(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 28, 28, 1), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    207098
    """
    if width < 2 or width % 2:
        raise ValueError(f"The width of a cnn has to be an even number of channels, not {width}.")
    return Blocks(
        (
            ("conv0", partial(ConvPool, width // 2)),
            ("conv1", partial(ConvPool, width)),
            ("dense", partial(Dense, 4 * width, dropout)),
            last_block(head, num_classes),
        )
    )
