"""JSON values back to records, field by field from the annotations of the records, so a new field needs no new code.

A bundle comes from strangers: unknown keys, wrong types and missing fields are errors that name their place.
"""

from __future__ import annotations

import dataclasses
import math
import re
import types
from collections.abc import Hashable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from audit.errors import BundleError
from audit.records import Measure, Parameter
from audit.reports.json import LARGEST_INTEGER, not_finite

T = TypeVar("T")

_NUMBERS = {not_finite(number): number for number in (math.nan, math.inf, -math.inf)}
_DEEPEST = 20
"""Levels of lists and objects where a file may hold any JSON; an audit writes two."""
_REASON = re.compile(r"(value|low|high) is ([a-z ]+)")


def decode(record: type[T], value: object, where: str) -> T:
    """One record from its JSON values.

    Args:
        record: the dataclass to build.
        where: place in the file, for messages.

    Raises:
        BundleError: the values do not fit the record.
    """
    built: T = _record(record, value, where)
    return built


def _record(record: type[Any], value: object, where: str) -> Any:
    if not isinstance(value, dict):
        raise _unfit(where, value, "an object")
    values = _with_numbers(value, where) if record is Measure else value
    hints = _hints(cast(Hashable, record))
    if unknown := sorted(set(values) - set(hints)):
        raise BundleError(f'{where}: unknown key "{unknown[0]}"; was it written by a newer version?')
    built = {}
    for field in dataclasses.fields(record):
        if field.name in values:
            item, hint = values[field.name], hints[field.name]
            exact = type(item) is hint  # most are text as it should be, and need no place for a message
            built[field.name] = item if exact else _decode(hint, item, f"{where}.{field.name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise BundleError(f'{where}: the key "{field.name}" is missing')
    return record(**built)


@cache
def _hints(record: Hashable) -> Mapping[str, Any]:
    return get_type_hints(record)


def _with_numbers(value: dict[str, Any], where: str) -> dict[str, Any]:
    """Puts numbers that are not finite back where `reason` says that they stood."""
    values = dict(value)
    for part in str(values.pop("reason", "")).split("; ") if "reason" in values else ():
        found = _REASON.fullmatch(part)
        if found is None or found[2] not in _NUMBERS or values.get(found[1]) is not None:
            raise BundleError(f'{where}.reason: "{part}" does not explain a number that is null')
        values[found[1]] = _NUMBERS[found[2]]
    return values


def _decode(hint: Any, value: object, where: str) -> Any:
    if hint == Parameter:
        return _parameter(value, where)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        if any(get_origin(option) is dict for option in get_args(hint)):  # JsonValue: whatever JSON holds
            return _bounded(value, where)
        return _union(get_args(hint), value, where)
    if origin is tuple:
        return _tuple(get_args(hint), value, where)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise _unfit(where, value, "an object")
        return {name: _decode(get_args(hint)[1], item, f"{where}.{name}") for name, item in value.items()}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _record(hint, value, where)
    return _scalar(hint, value, where)


def _union(options: tuple[Any, ...], value: object, where: str) -> Any:
    if value is None and type(None) in options:
        return None
    if str in options and isinstance(value, str):
        return value
    others = [option for option in options if option not in (str, type(None))]
    return _decode(others[0] if others else str, value, where)


def _tuple(items: tuple[Any, ...], value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _unfit(where, value, "a list")
    if items[-1] is not Ellipsis and len(items) != len(value):
        raise _unfit(where, value, f"a list of {len(items)}")
    hints = [items[0]] * len(value) if items[-1] is Ellipsis else items
    return tuple(
        _decode(hint, item, f"{where}[{place}]") for place, (hint, item) in enumerate(zip(hints, value, strict=True))
    )


def _scalar(hint: Any, value: object, where: str) -> Any:
    if issubclass(hint, StrEnum):
        if not isinstance(value, str) or value not in set(hint):
            raise _unfit(where, value, f"one of {', '.join(hint)}")
        return hint(value)
    if hint is bool and isinstance(value, bool):
        return value
    if hint is str and isinstance(value, str):
        return value
    if hint is int and (whole := _whole(value)) is not None:
        return whole
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    names = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
    raise _unfit(where, value, names.get(hint, hint.__name__))


def _bounded(value: object, where: str, depth: int = 0) -> Any:
    """The value itself; whoever writes it out again, level by level, must not run out of stack."""
    if depth > _DEEPEST:
        raise BundleError(f"{where}: nested more than {_DEEPEST} levels deep")
    inner: list[object] = [*value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    for item in inner:
        _bounded(item, where, depth + 1)
    return value


def _parameter(value: object, where: str) -> Any:
    _bounded(value, where)
    if isinstance(value, list):
        return tuple(_parameter(item, where) for item in value)
    if isinstance(value, dict) and (whole := _whole(value)) is not None:
        return whole
    if value is not None and not isinstance(value, bool | int | float | str):
        raise _unfit(where, value, "a parameter of a check")
    # canonical JSON writes 1e20 without an exponent; whole numbers of that size are objects, so this was a float
    return float(value) if isinstance(value, int) and abs(value) > LARGEST_INTEGER else value


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if (
        isinstance(value, dict)
        and set(value) == {"integer"}
        and re.fullmatch(r"-?[0-9]{16,400}", str(value["integer"]))
    ):
        return int(value["integer"])
    return None


def _unfit(where: str, value: object, expected: str) -> BundleError:
    shown = repr(value)
    return BundleError(f"{where}: expected {expected}, found {shown if len(shown) < 60 else shown[:56] + ' ...'}")
