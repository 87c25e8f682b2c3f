"""A user's own data, of whatever form, read into a `Source`: `read(path_or_frame) -> Own`."""

from meta_noise.data.own.reading import read
from meta_noise.data.own.result import Own, Skipped

__all__ = ["Own", "Skipped", "read"]
