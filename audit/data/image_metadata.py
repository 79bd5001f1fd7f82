"""Reads what an image file says about itself to a table of one row: EXIF with its position, IPTC, XMP and comments.

No picture is decoded: only the headers and the records beside the picture are read.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from audit.errors import MissingExtra, SubjectError

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF")
LONGEST = 65_536
"""Characters of one record that are kept."""

MOST = 2000
"""Records of one image."""

_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    EOFError,
    struct.error,
    zlib.error,
)
"""What the parser raises on records that contradict themselves."""

_EXIF, _POSITION = 0x8769, 0x8825
_LATITUDE, _LONGITUDE = (1, 2), (3, 4)
"""Hemisphere and degrees, minutes and seconds in the GPS records of EXIF 2.32, section 4.6.6."""

_OFFSETS = frozenset({_EXIF, _POSITION, 0xA005, 0x0111, 0x0117, 0x0144, 0x0145, 0x014A})
"""Records that say where the file keeps something."""

_IPTC = {
    (2, 5): "Title", (2, 25): "Keywords", (2, 80): "Author", (2, 85): "AuthorTitle", (2, 90): "City",
    (2, 92): "Location", (2, 95): "State", (2, 101): "Country", (2, 105): "Headline", (2, 110): "Credit",
    (2, 116): "Copyright", (2, 118): "Contact", (2, 120): "Caption", (2, 122): "CaptionWriter",
}  # fmt: skip
"""Records of the IPTC Information Interchange Model 4.2, section 6."""


def read(content: bytes, *, name: str) -> pd.DataFrame:
    """A frame from the bytes of an image: one row, a column a record.

    Raises:
        MissingExtra: pillow is not installed.
        SubjectError: it is no image of a known format, or its records are damaged or too many.
    """
    import pandas as pd

    try:
        from PIL import Image
    except ModuleNotFoundError:
        raise MissingExtra("pillow", "images", "to read the metadata of images") from None
    Image.init()
    known = [format for format in FORMATS if format in Image.OPEN]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on records that are skipped, and on large pictures that are not decoded
            with Image.open(io.BytesIO(content), formats=known) as image:
                found = {"format": str(image.format), **dict(_records(image, content))}
    except (*_DAMAGED, Image.DecompressionBombError) as error:
        raise SubjectError(f"{name} is no readable image ({type(error).__name__})") from None
    if len(found) > MOST:
        raise SubjectError(f"{name} has {len(found)} records beside its picture; at most {MOST} are read")
    return pd.DataFrame({key: [value] for key, value in found.items()}, dtype=object)


def _records(image: Any, content: bytes) -> Iterator[Any]:
    from PIL import ExifTags, IptcImagePlugin

    exif = image.getexif()
    for tags, names in ((exif, ExifTags.TAGS), (exif.get_ifd(_EXIF), ExifTags.TAGS)):
        for tag, value in tags.items():
            if tag not in _OFFSETS and (told := _words(value)):
                yield names.get(tag, f"EXIF {tag:#06x}"), told
    position = exif.get_ifd(_POSITION)
    yield from _position(position)
    for tag, value in position.items():
        if tag not in (*_LATITUDE, *_LONGITUDE) and (told := _words(value)):
            yield ExifTags.GPSTAGS.get(tag, f"GPS {tag:#06x}"), told
    for key, value in (IptcImagePlugin.getiptcinfo(image) or {}).items():
        if key in _IPTC:
            parts = value if isinstance(value, list) else [value]
            yield f"IPTC {_IPTC[key]}", "\n".join(_words(part) for part in parts)
    for key in ("comment", "xmp", "XML:com.adobe.xmp"):
        if told := _words(image.info.get(key, "")):
            yield key, re.sub(r'xmlns(?::\w+)?="[^"]*"', "", told)
    yield from _png_texts(content)


def _position(records: Mapping[int, Any]) -> Iterator[Any]:
    """Where the picture was taken, in degrees."""
    ends = []
    for hemisphere, angle in (_LATITUDE, _LONGITUDE):
        if angle in records:
            degrees = sum(float(part) / 60**place for place, part in enumerate(records[angle]))
            ends.append(f"{degrees:.6f} {str(records.get(hemisphere, '')).strip()[:1]}".strip())
    if ends:
        yield "GPS position", " ".join(ends)


def _words(value: Any) -> str:
    """A record as text; of bytes what can be read of them."""
    if isinstance(value, bytes):
        value = _of_bytes(value)
    elif isinstance(value, tuple | list):
        value = " ".join(str(part) for part in value)
    return str(value).replace("\0", " ").strip()[:LONGEST]


def _of_bytes(value: bytes) -> str:
    value = value[: 4 * LONGEST]
    for mark in (b"ASCII\0\0\0", b"UNICODE\0", b"JIS\0\0\0\0\0"):
        value = value.removeprefix(mark)
    if value.count(0) * 3 > len(value):  # two bytes a character, as Windows writes its records
        order = "utf-16-le" if value[1::2].count(0) >= value[::2].count(0) else "utf-16-be"
        return value[: len(value) // 2 * 2].decode(order, "replace")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return " ".join(re.findall(r"[ -~\xa0-\xff]{4,}", value.decode("latin-1")))


def _png_texts(content: bytes) -> Iterator[Any]:
    """Texts of a PNG file, also those behind the picture, which its header does not tell.

    Source:
        Portable Network Graphics, third edition (W3C 2025), section 11.3.3.
    """
    place = 8 if content.startswith(b"\x89PNG\r\n\x1a\n") else len(content)
    while place + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        body = content[place + 8 : place + 8 + length]
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            key, _, rest = body.partition(b"\0")
            packed = kind == b"zTXt" or (kind == b"iTXt" and rest[:1] == b"\1")
            text = rest[1:] if kind == b"zTXt" else rest
            if kind == b"iTXt":
                text = rest[2:].split(b"\0", 2)[-1]
            if packed:
                text = zlib.decompressobj().decompress(text, 4 * LONGEST)
            yield f"PNG {key.decode('latin-1')[:80]}", _words(text)
        place += 12 + length
