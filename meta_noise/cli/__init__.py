"""The commands of `meta-noise`, a file each."""
