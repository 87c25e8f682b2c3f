"""What decoding and cutting cost without a pipeline: read, decode, cut and resize, array, one call of each."""

import io
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from meta_noise.data.images.crops import Box
from meta_noise.data.images.streamed import threads

Work = Sequence[tuple[Path, Sequence[Box]]]  # one batch: files, and the parts to take of each


def alone(work: Work, size: int) -> Iterator[np.ndarray]:
    """Yields the squares [size, size, 3] uint8 of a batch; nothing is decoded at a part of its size."""
    for file, boxes in work:
        with Image.open(io.BytesIO(file.read_bytes())) as image:
            image.load()
            for box in boxes:
                yield np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=box))


def run_alone(batches: Sequence[Work], size: int) -> None:
    """Makes the squares of batches in as many threads as the pipeline has, and keeps none."""
    with ThreadPoolExecutor(threads()) as pool:
        deque(pool.map(lambda work: deque(alone(work, size), maxlen=0), batches), maxlen=0)
