"""Reads what an image file says about itself to a table of one row: EXIF with its position, IPTC, XMP and comments.

No picture is decoded: only the headers and the records beside the picture are read, of a TIFF those of every page. The
comments of a GIF's later frames are not.
"""

from __future__ import annotations

import io
import math
import re
import struct
import warnings
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from audit.data import png_chunks
from audit.errors import MissingExtra, SubjectError

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF")
LONGEST = 300_000
"""Characters of one record that are kept: more than a scan reads of one cell, so that it says what it has left out."""

MOST, MOST_CHARACTERS = 2000, 20_000_000
"""Records of one image, and their characters together."""

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
                found = _gathered(_records(image, content), name)
    except (*_DAMAGED, Image.DecompressionBombError) as error:
        raise SubjectError(
            f"{name} is no image that can be read ({type(error).__name__}); known are {', '.join(FORMATS)}"
        ) from None
    return pd.DataFrame({key: [value] for key, value in found.items()}, dtype=object)


def _gathered(records: Iterator[tuple[str, str]], name: str) -> dict[str, str]:
    """The records by their names; those of one name, as of several comments, are joined by line ends."""
    found: dict[str, list[str]] = {}
    count = characters = 0
    for key, told in records:
        if told in found.setdefault(key, []):
            continue
        found[key].append(told)
        count, characters = count + 1, characters + len(told)
        if count > MOST or characters > MOST_CHARACTERS:
            raise SubjectError(
                f"{name} has more than {MOST} records or {MOST_CHARACTERS} characters beside its picture; no more are "
                "read"
            )
    return {key: "\n".join(parts) for key, parts in found.items()}


def _records(image: Any, content: bytes) -> Iterator[tuple[str, str]]:
    yield "format", str(image.format)
    # Pillow unpacks a PNG's picture to look for records behind it, unless it is told of them.
    if image.format == "PNG":
        image.info.setdefault("exif", png_chunks.exif(content))
    for page in range(image.n_frames if image.format == "TIFF" else 1):
        if page:
            image.seek(page)
        yield from _exif_records(image)
        yield from _iptc_records(image)
    comments = [body for kind, body in getattr(image, "applist", ()) if kind == "COM"]
    for comment in comments or [image.info.get("comment", "")]:
        if told := _words(comment):
            yield "comment", told
    for key in ("xmp", "XML:com.adobe.xmp"):
        if told := _words(image.info.get(key, "")):
            yield key, re.sub(r'xmlns(?::\w+)?="[^"]*"', "", told)
    for key, text in png_chunks.texts(content, longest=4 * LONGEST):
        yield f"PNG {key[:80]}", _words(text)


def _exif_records(image: Any) -> Iterator[tuple[str, str]]:
    from PIL import ExifTags

    exif = image.getexif()
    for tags in (exif, exif.get_ifd(_EXIF)):
        for tag, value in tags.items():
            if tag not in _OFFSETS and (told := _words(value)):
                yield ExifTags.TAGS.get(tag, f"EXIF {tag:#06x}"), told
    position = exif.get_ifd(_POSITION)
    yield from _position(position)
    for tag, value in position.items():
        if tag not in (*_LATITUDE, *_LONGITUDE) and (told := _words(value)):
            yield ExifTags.GPSTAGS.get(tag, f"GPS {tag:#06x}"), told


def _iptc_records(image: Any) -> Iterator[tuple[str, str]]:
    from PIL import IptcImagePlugin

    for key, value in (IptcImagePlugin.getiptcinfo(image) or {}).items():
        if key in _IPTC:
            parts = value if isinstance(value, list) else [value]
            yield f"IPTC {_IPTC[key]}", "\n".join(_words(part) for part in parts)


def _position(records: Mapping[int, Any]) -> Iterator[tuple[str, str]]:
    """Where the picture was taken, in degrees."""
    ends = []
    for hemisphere, angle in (_LATITUDE, _LONGITUDE):
        if angle in records:
            degrees = sum(float(part) / 60**place for place, part in enumerate(records[angle]))
            if not math.isfinite(degrees):  # written by devices that know no position
                return
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
