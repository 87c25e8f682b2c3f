"""Rows whose inputs are the same."""

import hashlib
from collections import defaultdict
from typing import Any

import numpy as np

from meta_noise.data.images.streamed import Streamed
from meta_noise.data.own.rows import Rows


def same_inputs(inputs: Any) -> list[list[int]]:
    """Returns the groups of two or more rows with equal inputs ([N, ...] array, images or N texts), each in order."""
    groups: dict[Any, list[int]] = defaultdict(list)
    contents = inputs.batches(np.arange(len(inputs))[:, None]) if isinstance(inputs, Streamed) else inputs
    for row, content in enumerate(contents):
        if isinstance(content, np.ndarray):
            content = hashlib.blake2b(np.ascontiguousarray(content).data, digest_size=16).digest()
        groups[content].append(row)
    return [rows for rows in groups.values() if len(rows) > 1]


def trusted_in_test(groups: list[list[int]], rows: Rows) -> dict[int, str]:
    """Returns the trusted rows whose input is also that of a row held out for testing, with the reason."""
    bad = {}
    for group in groups:
        held_out = [row for row in group if rows.test[row]]
        for row in group:
            if held_out and rows.trusted[row]:
                bad[row] = f"this trusted row is the same as {rows.places[held_out[0]]}, which is held out for testing"
    return bad
