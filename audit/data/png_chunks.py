"""Reads the texts and the EXIF records of a PNG file, also those behind the picture, without unpacking the picture.

Source:
    Portable Network Graphics, third edition (W3C 2025), sections 5 and 11.3.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def exif(content: bytes) -> bytes | None:
    """The records of the file's first chunk of EXIF; None where it has none, or is no PNG."""
    return next((body for kind, body in _chunks(content) if kind == b"eXIf"), None)


def texts(content: bytes, *, longest: int) -> Iterator[tuple[str, bytes]]:
    """Keyword and text of each of its texts; none where it is no PNG.

    Args:
        longest: bytes up to which a packed text is unpacked.

    Raises:
        zlib.error: a packed text is damaged.
    """
    for kind, body in _chunks(content):
        key, _, rest = body.partition(b"\0")
        if kind == b"tEXt":
            yield key.decode("latin-1"), rest
        elif kind == b"zTXt":
            yield key.decode("latin-1"), _unpacked(rest[1:], longest)
        elif kind == b"iTXt":
            # A flag, a method, the language and the translated keyword stand before the text.
            text = rest[2:].split(b"\0", 2)[-1]
            yield key.decode("latin-1"), _unpacked(text, longest) if rest[:1] == b"\1" else text


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE) if content.startswith(SIGNATURE) else len(content)
    while place + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        yield kind, content[place + 8 : place + 8 + length]
        place += 12 + length


def _unpacked(packed: bytes, longest: int) -> bytes:
    return zlib.decompressobj().decompress(packed, longest)
