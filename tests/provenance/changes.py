"""Changes one place of a valid document at a time, so that each rule meets a document that breaks nothing else."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

ABSENT = object()
"""A value that stands for no value: the place is removed."""

_NO_TEXT = (5, [], {})
_NO_URI = (*_NO_TEXT, "word", "no colon/here", "https:", "https://a b", "https://a/%zz", "https://\u00e9", ":x", "1a:x")
WRONG: Mapping[str, tuple[Any, ...]] = {
    "text": _NO_TEXT,
    "uri": _NO_URI,
    "type": (*_NO_URI, "HTTPS://example.com/x", "https://Example.com/x"),
    "moment": (
        *_NO_TEXT, 1700000000, "yesterday", "2026-01-01", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
        "2026-01-01T24:30:00Z", "2026-01-01T00:00Z", "2026-01-01T00:00:00+99:00", "2026-01-01 00:00:00",
        "0001-01-01T00:00:00+23:59", "\u0662026-01-01T00:00:00Z",
    ),
    "uuid": (
        *_NO_TEXT, "", "1500100900", "ea041791-68bc-4ae1-bd89-4c8106a157e", "ea04179168bc4ae1bd894c8106a157e4",
        "{ea041791-68bc-4ae1-bd89-4c8106a157e4}", "urn:uuid:ea041791-68bc-4ae1-bd89-4c8106a157e4",
    ),
    "object": (5, "x", []),
    "list": (5, "x", {}),
    "objects": ("x", {}, [5], [[]], [None]),
    "whole": ("5", True, 1.5, [], {}),
    "number": ("5", True, [], {}),
    "flag": (0, 1, "true", [], {}),
}  # fmt: skip
"""Values that are not of a kind; none of them stands for an absent one."""


def changed(document: Mapping[str, Any], place: str, value: Any) -> dict[str, Any]:
    """A copy with another value at a place such as `subject/0/name`; `ABSENT` removes what is there."""
    found = copy.deepcopy(dict(document))
    *way, last = [int(step) if step.isdigit() else step for step in place.split("/")]
    holder: Any = found
    for step in way:
        holder = holder[step]
    if value is ABSENT:
        del holder[last]
    else:
        holder[last] = value
    return found


def spoiled(kinds: Mapping[str, str], required: Iterable[str] = ()) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Places, and the values any of which at that place has to make a document invalid.

    Args:
        kinds: kind of the value, a key of `WRONG`, by its place.
        required: places that must be neither absent nor null.
    """
    for place in required:
        yield place, (ABSENT, None)
    for place, kind in kinds.items():
        yield place, WRONG[kind]
