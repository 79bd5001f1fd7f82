"""JSON for programs: the whole bundle in one object, with the outcome spelled out."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Hashable, Mapping
from functools import cache
from json.encoder import encode_basestring_ascii
from typing import Any, cast

from audit.records import Bundle, JsonValue, Measure
from audit.reports._wording import outcome

FILE = "report.json"

LARGEST_INTEGER = 2**53 - 1
"""Readers that keep numbers as floats change the digits of larger ones; those are written `{"integer": "..."}`."""


def render(bundle: Bundle) -> str:
    """The bundle with `passed`, `exit_code` and `outcome`; numbers that are not finite are null with a reason."""
    headline = outcome(bundle)
    report = {
        "outcome": headline.word,
        "sentence": headline.sentence,
        "passed": bundle.passed,
        "exit_code": bundle.exit_code,
        **record_values(bundle),
    }
    return pretty(report)


def pretty(values: Mapping[str, JsonValue]) -> str:
    """Indented JSON in ASCII, which no terminal obeys, ending with a line end."""
    return _indented(values, "") + "\n"


def _indented(value: Any, margin: str) -> str:
    """What `json.dumps` writes with an indent of 2, several times as fast: it leaves C as soon as it has to indent."""
    inner = margin + "  "
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, dict) and value:
        items = [f"{inner}{encode_basestring_ascii(key)}: {_indented(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{margin}}}"
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join([inner + _indented(item, inner) for item in value]) + f"\n{margin}]"
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return repr(value)
    return json.dumps(value, allow_nan=False)


def record_values(record: Any) -> dict[str, JsonValue]:
    """A record as plain JSON values, field by field.

    A measure has `scale` only where it is a word, and `reason` only where a number of it is not finite: JSON knows no
    such number, so null stands in its place.
    """
    values = {name: _value(getattr(record, name)) for name in _names(cast(Hashable, type(record)))}
    if isinstance(record, Measure):
        if not record.scale:
            del values["scale"]
        strange = {name: end for name in ("value", "low", "high") if not _finite(end := getattr(record, name))}
        if strange:
            values["reason"] = "; ".join(f"{name} is {not_finite(end)}" for name, end in strange.items())
    return values


@cache
def _names(record: Any) -> tuple[str, ...]:
    """Names of the fields of a kind of record, asked for thousands of times."""
    return tuple(field.name for field in dataclasses.fields(record))


def not_finite(value: float) -> str:
    """The words for a number that JSON cannot hold."""
    return "not a number" if math.isnan(value) else "infinite" if value > 0 else "minus infinite"


def _finite(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _value(value: Any) -> JsonValue:
    if value is None or isinstance(value, bool) or (type(value) is str and value.isascii()):
        return value  # most of a bundle
    if isinstance(value, int):
        return int(value) if abs(value) <= LARGEST_INTEGER else {"integer": str(int(value))}
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str):
        # a lone surrogate comes from a file name that is not UTF-8; JSON must be
        return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, Mapping):
        return {str(_value(str(key))): _value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return record_values(value)
    if hasattr(value, "item"):  # a numpy scalar that is no Python number
        return _value(value.item())
    raise TypeError(f"a bundle cannot hold {type(value).__name__}")
