"""Published encoders of texts and images, read from a local folder, and their vectors as the features of own data."""

from meta_noise.encoders.encoder import Encoder, from_folder, from_network, opened

__all__ = ["Encoder", "from_folder", "from_network", "opened"]
