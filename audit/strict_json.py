"""JSON with one meaning only: what two readers would read differently is an error.

Python's reader takes the last of two equal keys, NaN and Infinity, turns 1e999 into infinity, and fails with a
RecursionError on deep nesting. Files that decide a verdict are read through here instead.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from audit.errors import may_be_told

LONGEST_NUMBER = 4000
"""Digits of one number; reading more takes time that grows with their square."""


def loads(text: str | bytes) -> Any:
    """The document.

    Args:
        text: bytes are read as UTF-8.

    Raises:
        ValueError: it is no JSON, repeats a key, holds NaN, Infinity or a number that is too
            large or too long, or nests too deeply.
    """
    decoded = text.decode("utf-8") if isinstance(text, bytes) else text
    try:
        return json.loads(
            decoded, object_pairs_hook=_unique, parse_constant=_refused, parse_float=_finite, parse_int=_whole
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        key = next(key for key in counts if counts[key] > 1)
        raise ValueError(f'key "{key}" is given twice' if may_be_told(key) else "a key is given twice")
    return found


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON number")


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a whole number of {len(text)} digits; at most {LONGEST_NUMBER} are read")
    return int(text)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:30]} is too large for a 64-bit float")
    return value
