"""Writes pixels as a PNG file."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _COLOUR = 0, 2


def png(pixels: np.ndarray) -> bytes:
    """The bytes of the file, without dates, names or other metadata.

    Args:
        pixels: shape (height, width) for grey or (height, width, 3) for red, green and blue, uint8, not empty.

    Raises:
        ValueError: the shape or the type is another one.

    Source:
        Portable Network Graphics (PNG) Specification (Third Edition), W3C.
    """
    import numpy as np

    coloured = pixels.ndim == 3 and pixels.shape[2] == 3
    if pixels.dtype != np.uint8 or not (coloured or pixels.ndim == 2) or not pixels.size:
        raise ValueError(f"expected uint8 of shape (h, w) or (h, w, 3); got {pixels.dtype} of {pixels.shape}")
    height, width = pixels.shape[:2]
    # filter type 0 before each line: it is stored as it is
    lines = np.concatenate([np.zeros((height, 1), dtype=np.uint8), pixels.reshape(height, -1)], axis=1)
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOUR if coloured else _GREY, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
