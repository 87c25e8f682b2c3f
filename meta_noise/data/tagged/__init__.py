"""Texts with a tag for each token: files of one token and its tag a line, a blank line between sentences."""

from meta_noise.data.tagged.lines import Tagged, read_tagged
from meta_noise.data.tagged.looks import check_form, looks_tagged

__all__ = ["Tagged", "check_form", "looks_tagged", "read_tagged"]
