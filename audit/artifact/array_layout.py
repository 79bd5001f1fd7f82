"""How many bytes a numpy array takes, worked out from the description in the file without building the dtype."""

from __future__ import annotations

import re
from dataclasses import dataclass

from audit.artifact.pickle_values import Global, Made, Pairs, Value
from audit.artifact.report import Unreadable

_DESCRIPTION = re.compile(r"[<>=|]?([?a-zA-Z])([0-9]{0,9})(?:\[[0-9]{0,6}[a-zA-Z]{1,2}\])?")
_NUMBER_SIZES = {"?": 1, "b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "u": 4, "f": 4, "c": 8, "m": 8, "M": 8, "S": 0, "a": 0}
_WIDE = {"U": 4}
"""Bytes a character."""

MAX_DIMENSIONS = 64


@dataclass(frozen=True)
class ItemLayout:
    """One element of an array.

    Attributes:
        size: bytes, 0 where the array holds objects.
        objects: whether the elements are Python objects, stored as a pickle.
    """

    size: int
    objects: bool = False


def described(description: Value, depth: int = 0) -> ItemLayout:
    """Layout of the `descr` of an .npy header: text such as `<f8`, or a list of fields.

    Raises:
        Unreadable: it is neither.
    """
    if depth > MAX_DIMENSIONS:
        raise Unreadable("an array has fields inside fields without end")
    if isinstance(description, str):
        return _simple(description)
    if isinstance(description, tuple) and len(description) == 2:
        inner = described(description[0], depth + 1)
        return ItemLayout(inner.size * elements(description[1]), inner.objects)
    if not isinstance(description, list):
        raise Unreadable("an array has an element type that is not known")
    size, objects = 0, False
    for field in description:
        if not isinstance(field, tuple) or len(field) not in (2, 3):
            raise Unreadable("an array has a field that is not known")
        inner = described(field[1], depth + 1)
        size += inner.size * (elements(field[2]) if len(field) == 3 else 1)
        objects = objects or inner.objects
    return ItemLayout(size, objects)


def pickled(dtype: Value) -> ItemLayout:
    """Layout of a pickled `numpy.dtype`: the call `dtype("f8", False, True)` and the state set on it.

    Raises:
        Unreadable: the state says something else than the call, or is not known.
    """
    if not isinstance(dtype, Made) or dtype.name != "numpy.dtype" or not dtype.args:
        raise Unreadable("an array has an element type that is not known")
    text, state = dtype.args[0], dtype.state
    if isinstance(text, Global) and text.name == "numpy.record" and isinstance(state, tuple) and len(state) > 5:
        text = f"V{state[5]}"  # a record has its size in its state only
    if not isinstance(text, str):
        raise Unreadable("an array has an element type that is not known")
    layout = _simple(text)
    if state is None:
        return layout
    if not isinstance(state, tuple) or len(state) not in (8, 9) or state[0] not in (3, 4):
        raise Unreadable("an array has an element type with a state that is not known")
    objects = layout.objects or _holds_objects(state[2:5])
    if not isinstance(state[7], int) or bool(state[7] & 1) != objects or state[5] not in (-1, layout.size):
        raise Unreadable("an array has an element type that contradicts itself")
    return ItemLayout(layout.size, objects)


def elements(shape: Value) -> int:
    """How many elements an array of this shape has.

    Raises:
        Unreadable: the shape is not a tuple of whole numbers from 0.
    """
    if isinstance(shape, int) and not isinstance(shape, bool):
        shape = (shape,)
    if not isinstance(shape, tuple) or len(shape) > MAX_DIMENSIONS:
        raise Unreadable("an array has a shape that is not known")
    count = 1
    for length in shape:
        if not isinstance(length, int) or isinstance(length, bool) or not 0 <= length < 1 << 62:
            raise Unreadable("an array has a shape that is not known")
        count *= length
    return count


def _simple(text: str) -> ItemLayout:
    match = _DESCRIPTION.fullmatch(text)
    if match is None:
        raise Unreadable("an array has an element type that is not known")
    kind, digits = match[1], match[2]
    if kind == "O":
        return ItemLayout(0, objects=True)
    if kind in _WIDE:
        return ItemLayout(int(digits or 0) * _WIDE[kind])
    if kind == "V":
        return ItemLayout(int(digits or 0))
    if kind not in _NUMBER_SIZES:
        raise Unreadable("an array has an element type that is not known")
    return ItemLayout(int(digits) if digits else _NUMBER_SIZES[kind])


def _holds_objects(parts: Value) -> bool:
    """Whether a field or sub-array holds objects; each part is looked at once, so shared parts cost nothing."""
    seen: set[int] = set()
    waiting = [parts]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, tuple | list):
            waiting.extend(part)
        elif isinstance(part, Pairs):
            if part.cut:
                raise Unreadable("an element type has more fields than are kept")
            waiting.extend(value for _, value in part.items)
        elif isinstance(part, Made) and part.name == "numpy.dtype":
            if not part.args or not isinstance(part.args[0], str) or _simple(part.args[0]).objects:
                return True
            waiting.append(part.state)
    return False
