"""Texts with a tag for each token: lines of a token and its tag, or lists of tokens and of tags."""

from meta_noise.data.tagged.looks import check_form, looks_tagged
from meta_noise.data.tagged.reading import read_tagged
from meta_noise.data.tagged.tagged import Tagged

__all__ = ["Tagged", "check_form", "looks_tagged", "read_tagged"]
