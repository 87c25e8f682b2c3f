"""The classifier that a config names: one of the library's, or a Flax module or `Network` of the user's own."""

from typing import Any

from meta_noise.config import registry
from meta_noise.config.schema import Model
from meta_noise.errors import InputError, defined_at
from meta_noise.models.flax_module import from_flax, is_module
from meta_noise.models.network import Blocks, to_network
from meta_noise.types import Network


def named_network(section: Model, num_classes: int, inputs: Any = None) -> Network:
    """Returns the network of a model's name and settings.

    What has the name is called with the number of classes first, and with `rngs` where it takes them (NNX).

    Args:
        section: `model` of the settings: the name, and arguments of what has it.
        num_classes: C.
        inputs: a batch, or its shape and type, from which the order of an ordinary Linen module's blocks is read.

    Raises:
        InputError: there is no such model, a setting is wrong, or what it gives is no network.
    """
    name, function = section.name, registry.find("models", section.name)
    if "rngs" in registry.signature(function).parameters:
        given, what = section.settings, f"model {name!r}"
        return from_flax(lambda rngs: registry.call(function, what, {**given, "rngs": rngs}, num_classes))
    made = registry.build("models", section, num_classes)
    if isinstance(made, Network):
        return made
    if isinstance(made, Blocks):
        return to_network(made)
    if is_module(made):
        return from_flax(made, inputs)
    raise InputError(
        f"Model {name!r}{defined_at(function)} must give a Flax module or a Network (meta_noise.models.from_functions "
        f"makes one of anything else), got {type(made).__name__}."
    )
