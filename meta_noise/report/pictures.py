"""Pictures of rows as data for a page: PNG with nothing but zlib, or JPEG where they are many and not small."""

import base64
import io
import struct
import zlib

import numpy as np
from PIL import Image

LARGEST = 160  # pixels; larger pictures are reduced
COLOUR_TYPES = {1: 0, 3: 2, 4: 6}  # channels to the PNG header's code


def data_uri(image: np.ndarray) -> str:
    """Returns an image [H, W, C] uint8 as a `data:image/png` address, reduced where it is large."""
    return "data:image/png;base64," + base64.b64encode(png(reduced(image))).decode("ascii")


def thumbnail(image: np.ndarray) -> str:
    """Returns an image [H, W, C] uint8 as a `data:` address: PNG up to 64 pixels, a reduced JPEG above."""
    if max(image.shape[:2]) <= 64 or image.shape[2] not in (1, 3):
        return data_uri(image)
    stream = io.BytesIO()
    small = reduced(image)
    Image.fromarray(small[..., 0] if small.shape[2] == 1 else small).save(stream, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def png(image: np.ndarray) -> bytes:
    """Returns an image [H, W, C] uint8 as PNG; of 2 or more than 4 channels only the first is shown."""
    height, width, channels = image.shape
    if channels not in COLOUR_TYPES:
        image, channels = image[..., :1], 1
    lines = np.zeros((height, 1 + width * channels), np.uint8)  # each line starts with filter type 0
    lines[:, 1:] = image.reshape(height, width * channels)
    header = struct.pack(">IIBBBBB", width, height, 8, COLOUR_TYPES[channels], 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def reduced(image: np.ndarray) -> np.ndarray:
    """Returns the image with blocks of pixels averaged until no side is above `LARGEST`."""
    block = -(-max(image.shape[:2]) // LARGEST)
    if block <= 1:
        return image
    height, width = (max(1, side // block) for side in image.shape[:2])
    image = image[: height * block, : width * block]
    rows, columns = image.shape[0] // height, image.shape[1] // width
    return image.reshape(height, rows, width, columns, -1).mean(axis=(1, 3)).round().astype(np.uint8)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
