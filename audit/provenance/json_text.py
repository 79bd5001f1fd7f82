"""JSON records with one meaning only, and their fields: texts, lists, URIs, moments.

A repeated key or NaN is an error, because readers differ in what they take. Size and depth are bounded, so that reading
costs little whatever is in the file.

Source: RFC 3986 (URI), RFC 3339 (date-time).
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from audit import strict_json
from audit.provenance.record import Malformed

MAX_DEPTH = 100
"""Lists and objects inside each other."""

MAX_CONTAINERS = 200_000
"""Lists and objects of a file; each takes up to 250 bytes in memory, whatever it takes in the file."""

MAX_VALUES = 500_000

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+._-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# the underscore in the scheme is not of RFC 3986; verification summaries of a large cloud provider have it
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9:]{8})(\.[0-9]{1,40})?([Zz]|[+-][0-9]{2}:[0-9]{2})?")
_SHOWN = 60


def parse(text: bytes | str, where: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        Malformed: it is no JSON object, two readers would read it differently, or it is too large or too deep.
    """
    bounded(text, where)
    try:
        document = strict_json.loads(text)
    except UnicodeDecodeError as problem:
        raise Malformed(f"{where}: not UTF-8 at byte {problem.start}") from problem
    except ValueError as problem:
        raise Malformed(f"{where}: not JSON: {problem}") from problem
    if not isinstance(document, dict):
        raise Malformed(f"{where}: not a JSON object")
    if _deeper_than(document, MAX_DEPTH):
        raise Malformed(f"{where}: nested deeper than {MAX_DEPTH} levels")
    return document


def bounded(text: bytes | str, where: str) -> None:
    """Refuse JSON that would fill the memory; counts marks, also those inside of texts.

    Raises:
        Malformed: it holds too much.
    """
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    containers, values = content.count(b"{") + content.count(b"["), content.count(b",")
    if containers > MAX_CONTAINERS or values > MAX_VALUES:
        raise Malformed(f"{where}: more than {MAX_CONTAINERS:,} lists and objects or {MAX_VALUES:,} values")


def shown(value: object) -> str:
    """A foreign value in a message: quoted, without control characters, cut."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    text = ascii(value[:_SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= _SHOWN + 2 else f"{text[:_SHOWN]}..."


def objects(value: Any, where: str) -> list[dict[str, Any]]:
    """A list of objects; an absent one is empty.

    Raises:
        Malformed: it is something else.
    """
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Malformed(f"{where}: a list of objects is expected")
    return value


def an_object(value: Any, where: str) -> dict[str, Any]:
    """An object that has to be there; it may be empty.

    Raises:
        Malformed: it is absent or something else.
    """
    if not isinstance(value, dict):
        raise Malformed(f"{where}: an object is expected")
    return value


def optional_object(value: Any, where: str) -> dict[str, Any]:
    """An object; an absent one is empty.

    Raises:
        Malformed: it is something else.
    """
    return {} if value is None else an_object(value, where)


def text(value: Any, where: str) -> str:
    """Text that has to be there.

    Raises:
        Malformed: it is absent or something else.
    """
    if not isinstance(value, str) or not value:
        raise Malformed(f"{where}: text is expected")
    return value


def optional_text(value: Any, where: str) -> str:
    """Text; an absent one is empty.

    Raises:
        Malformed: it is something else.
    """
    if value is None or value == "":
        return ""
    return text(value, where)


def uri(value: Any, where: str) -> str:
    """A URI with its scheme.

    Raises:
        Malformed: it is none.
    """
    found = _URI.fullmatch(value) if isinstance(value, str) else None
    if found is None or _LONE_PERCENT.search(found[0]):
        raise Malformed(f"{where}: a URI is expected, found {shown(value)}")
    return found[0]


def optional_uri(value: Any, where: str) -> str:
    """A URI; an absent one is empty.

    Raises:
        Malformed: it is something else.
    """
    return uri(value, where) if optional_text(value, where) else ""


def moment(value: Any, where: str, *, zone_needed: bool = True) -> str:
    """A moment, as ISO text in UTC; without a zone where it has none.

    Args:
        zone_needed: whether a moment without a time zone is an error.

    Raises:
        Malformed: it is no date-time of RFC 3339.
    """
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None or (zone_needed and found[4] is None):
        raise Malformed(f"{where}: a date-time of RFC 3339 is expected, found {shown(value)}")
    fraction, zone = (found[3] or "")[:7], (found[4] or "").upper()
    try:
        when = datetime.datetime.fromisoformat(f"{found[1]}T{found[2]}{fraction}{zone}")
        return (when.astimezone(datetime.UTC) if zone else when).isoformat()
    except (ValueError, OverflowError):
        raise Malformed(f"{where}: there is no such moment as {shown(value)}") from None


def _deeper_than(document: Any, most: int) -> bool:
    layer = [document]
    for _ in range(most):
        inner = [value for item in layer for value in (item.values() if isinstance(item, dict) else item)]
        layer = [value for value in inner if isinstance(value, (dict, list))]
        if not layer:
            return False
    return True
