"""Networks that start from published weights: every tensor found, every shape checked, only the head anew.

The files have to be on this machine. Meant are `timm/resnet50.tv_in1k` or `microsoft/resnet-50`,
`google-bert/bert-base-uncased` and `timm/inception_resnet_v2.tf_in1k`, each as `model.safetensors`, and the .h5 file of
Inception-ResNet-v2 that comes with Keras. Images are normalised by the training images here, by fixed numbers there.
"""

import importlib
import importlib.util
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from meta_noise.errors import InputError
from meta_noise.models.published.naming import Naming, Path
from meta_noise.models.weight_files import read_weights
from meta_noise.types import Network, PyTree

HEAD = "head"
COUNTERS = ".num_batches_tracked"  # of PyTorch's batch normalisation; nothing depends on them
SHOWN = 3


class Published(NamedTuple):
    """Published weights of a network.

    Attributes:
        values: tensors by their paths in (params, batch_stats), as `jax.tree_util` gives them.
        publisher: whose names they had.
        left_out: blocks that have none and start anew, the head among them.
    """

    values: dict[Any, np.ndarray]
    publisher: str
    left_out: tuple[str, ...]


def published(path: str, name: str, settings: Mapping[str, Any], trees: PyTree) -> Published:
    """Returns the weights in a file, for every tensor of a network but those of its head.

    Args:
        path: a .safetensors or .h5 file.
        name: of the network, a file of the room.
        settings: of the network.
        trees: (params, batch_stats), of which only names, shapes and types are used.

    Raises:
        DataNotFoundError: there is no such file.
        InputError: the file cannot be read, or is of another network: tensors are lacking, too many or of other shapes.
    """
    module = f"meta_noise.models.published.{name}"
    if not name.isidentifier() or importlib.util.find_spec(module) is None:
        raise InputError(
            f"Published weights are read for resnet, bert and inception_resnet_v2, not for model {name!r}; leave "
            "config.model.pretrained out."
        )
    tensors = {key: value for key, value in read_weights(path).items() if not key.endswith(COUNTERS)}
    namings = importlib.import_module(module).namings
    known = {key: settings[key] for key in inspect.signature(namings).parameters if key in settings}
    leaves = {
        place: (tuple(entry.key for entry in place[1:]), leaf)
        for place, leaf in jax.tree_util.tree_flatten_with_path(trees)[0]
    }
    body = [names for names, _ in leaves.values() if names[0] != HEAD]

    def recognised(naming: Naming) -> int:
        return sum(naming.find(names) in tensors for names in body)

    naming = max(namings(**known), key=recognised)
    left_out = _left_out(naming, body, tensors)
    wanted = {place: leaf for place, leaf in leaves.items() if leaf[0][0] not in left_out}
    return Published(_matched(path, naming, wanted, tensors), naming.publisher, left_out)


def _left_out(naming: Naming, body: Sequence[Path], tensors: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """Returns the blocks that start anew: those that a file may lack and this one does, and the head."""
    present = {names[0] for names in body if naming.find(names) in tensors}
    return (*(block for block in naming.optional if block not in present), HEAD)


def _matched(
    path: str, naming: Naming, wanted: Mapping[Any, tuple[Path, Any]], tensors: Mapping[str, np.ndarray]
) -> dict[Any, np.ndarray]:
    """Returns the tensor of the file for each place in `wanted`; InputError where that is not one for one."""
    values, lacking, misshapen, used = {}, [], [], set()
    for place, (names, leaf) in wanted.items():
        name = naming.find(names)
        if name is None:
            values[place] = np.ones(leaf.shape, leaf.dtype)
            continue
        if name not in tensors:
            lacking.append(name)
            continue
        used.add(name)
        tensor = naming.convert(names, leaf.shape, tensors[name])
        if tensor is None:
            misshapen.append(f"{name} {tensors[name].shape} for {'/'.join(names)} {leaf.shape}")
        else:
            values[place] = np.ascontiguousarray(tensor, leaf.dtype)
    homeless = [name for name in tensors if name not in used and not name.startswith(naming.ignored)]
    problems = [
        f"{len(found)} tensors {what}: {', '.join(found[:SHOWN])}{', ...' if len(found) > SHOWN else ''}"
        for what, found in (("are lacking", lacking), ("have another shape", misshapen), ("have no place", homeless))
        if found
    ]
    if problems:
        raise InputError(
            f"{path} does not hold the weights of this network by {naming.publisher}'s names; {'; '.join(problems)}. "
            "Choose the model, and the settings, that the file belongs to."
        )
    return values


def starting_from(network: Network, weights: Published) -> Network:
    """Returns the network whose `init` gives published weights, and draws those of the blocks that have none."""
    places, values = list(weights.values), list(weights.values.values())
    shapes = [jax.ShapeDtypeStruct(value.shape, value.dtype) for value in values]

    def init(key, inputs):
        # A callback: as constants of the compiled program hundreds of megabytes would be copied around.
        given = dict(zip(places, jax.pure_callback(lambda: values, shapes), strict=True))
        return jax.tree_util.tree_map_with_path(lambda place, drawn: given.get(place, drawn), network.init(key, inputs))

    return network._replace(init=init)
