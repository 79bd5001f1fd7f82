"""Opcodes that build data or move it about: values, containers, the stack and the memo; none of them can act."""

from __future__ import annotations

import codecs
import pickle
import struct
from collections.abc import Callable

from audit.artifact import pickle_calls
from audit.artifact.pickle_machine import Machine, Step
from audit.artifact.pickle_values import Pairs, Value

LONGEST_KEPT = 1024
"""Bytes of a value that are looked at; no name, shape or element type is longer."""

# values ---------------------------------------------------------------------------------------------------------------


def _constant(value: Value) -> Step:
    return lambda machine: machine.stack.append(value)


def _integer(layout: str) -> Step:
    return lambda machine: machine.stack.append(machine.number(layout))


def _counted(layout: str, read: Callable[[bytes], Value]) -> Step:
    """A value behind its length; one that is too long to matter is passed over."""

    def step(machine: Machine) -> None:
        size = machine.number(layout)
        if size > LONGEST_KEPT:
            machine.stack.append(machine.skip(size))
        else:
            machine.stack.append(read(machine.take(size)))

    return step


def _text(layout: str, encoding: str = "utf-8", errors: str = "surrogatepass") -> Step:
    return _counted(layout, lambda piece: piece.decode(encoding, errors))


def _bytes(layout: str) -> Step:
    return _counted(layout, lambda piece: piece)


def _long(layout: str) -> Step:
    return _counted(layout, lambda piece: int.from_bytes(piece, "little", signed=True))


def _int_line(machine: Machine) -> None:
    line = machine.line()
    machine.stack.append(line == b"01" if line in (b"00", b"01") else int(line, 0))


def _long_line(machine: Machine) -> None:
    machine.stack.append(int(machine.line().removesuffix(b"L"), 0))


def _float_line(machine: Machine) -> None:
    machine.stack.append(float(machine.line()))


def _float(machine: Machine) -> None:
    machine.stack.append(struct.unpack(">d", machine.take(8))[0])


def _quoted_line(machine: Machine) -> None:
    line = machine.line()
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in b"'\"":
        raise ValueError("text without quotes")
    machine.stack.append(codecs.escape_decode(line[1:-1])[0].decode("latin-1"))


def _unicode_line(machine: Machine) -> None:
    machine.stack.append(machine.line().decode("raw-unicode-escape"))


# containers -----------------------------------------------------------------------------------------------------------


def _new(kind: type) -> Step:
    return lambda machine: machine.stack.append(kind())


def _since_mark(kind: Callable[[list[Value]], Value]) -> Step:
    def step(machine: Machine) -> None:
        items = machine.since_mark()
        machine.stack.append(kind(items))

    return step


def _tuple(size: int) -> Step:
    def step(machine: Machine) -> None:
        if len(machine.stack) < size:
            raise IndexError("the stack is too short")
        machine.stack[-size:] = [tuple(machine.stack[-size:])]

    return step


def _paired(items: list[Value]) -> list[tuple[Value, Value]]:
    if len(items) % 2:
        raise ValueError("a key without a value")
    return list(zip(items[::2], items[1::2], strict=True))


def _members(items: list[Value]) -> list[tuple[Value, Value]]:
    return [(item, None) for item in items]


def _pairs(read: Callable[[list[Value]], list[tuple[Value, Value]]]) -> Step:
    def step(machine: Machine) -> None:
        items = read(machine.since_mark())
        machine.stack.append(Pairs())
        _put_in(machine, items, "")

    return step


def _extend(machine: Machine, items: list[Value]) -> None:
    target = machine.stack[-1]
    if not isinstance(target, list):
        pickle_calls.fill(machine, target, "sequence")
    elif machine.has_room(len(items)):
        target.extend(items)


def _put_in(machine: Machine, items: list[tuple[Value, Value]], kind: str) -> None:
    target = machine.stack[-1]
    if not isinstance(target, Pairs):
        pickle_calls.fill(machine, target, kind, items)
    elif machine.has_room(len(items)):
        target.items.extend(items)
    else:
        target.cut = True


def _append(machine: Machine) -> None:
    item = machine.stack.pop()
    _extend(machine, [item])


def _appends(machine: Machine) -> None:
    items = machine.since_mark()
    _extend(machine, items)


def _set_item(machine: Machine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _put_in(machine, [(key, value)], "mapping")


def _set_items(machine: Machine) -> None:
    items = machine.since_mark()
    _put_in(machine, _paired(items), "mapping")


def _add_items(machine: Machine) -> None:
    items = machine.since_mark()
    _put_in(machine, _members(items), "set")


# stack and memo -------------------------------------------------------------------------------------------------------


def _mark(machine: Machine) -> None:
    machine.mark()


def _pop(machine: Machine) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.since_mark()


def _pop_mark(machine: Machine) -> None:
    machine.since_mark()


def _duplicate(machine: Machine) -> None:
    machine.push_again(machine.stack[-1])


def _get(read: Callable[[Machine], int]) -> Step:
    return lambda machine: machine.push_again(machine.memo[read(machine)])


def _put(read: Callable[[Machine], int]) -> Step:
    def step(machine: Machine) -> None:
        key = read(machine)
        if not 0 <= key <= len(machine.data):
            # C keeps the memo as an array, so one large number takes all memory
            raise ValueError("a place far outside the memo")
        machine.memo[key] = machine.stack[-1]

    return step


def _line_number(machine: Machine) -> int:
    return int(machine.line())


def _number(layout: str) -> Callable[[Machine], int]:
    return lambda machine: machine.number(layout)


STEPS: dict[bytes, Step] = {
    pickle.INT: _int_line,
    pickle.LONG: _long_line,
    pickle.FLOAT: _float_line,
    pickle.BINFLOAT: _float,
    pickle.NONE: _constant(None),
    pickle.NEWTRUE: _constant(True),
    pickle.NEWFALSE: _constant(False),
    pickle.BININT: _integer("<i"),
    pickle.BININT1: _integer("<B"),
    pickle.BININT2: _integer("<H"),
    pickle.LONG1: _long("<B"),
    pickle.LONG4: _long("<i"),
    pickle.STRING: _quoted_line,
    pickle.BINSTRING: _text("<i", "latin-1"),
    pickle.SHORT_BINSTRING: _text("<B", "latin-1"),
    pickle.BINBYTES: _bytes("<I"),
    pickle.SHORT_BINBYTES: _bytes("<B"),
    pickle.BINBYTES8: _bytes("<Q"),
    pickle.BYTEARRAY8: _bytes("<Q"),
    pickle.UNICODE: _unicode_line,
    pickle.BINUNICODE: _text("<I"),
    pickle.SHORT_BINUNICODE: _text("<B"),
    pickle.BINUNICODE8: _text("<Q"),
    pickle.EMPTY_LIST: _new(list),
    pickle.EMPTY_TUPLE: _new(tuple),
    pickle.EMPTY_DICT: _new(Pairs),
    pickle.EMPTY_SET: _new(Pairs),
    pickle.LIST: _since_mark(list),
    pickle.TUPLE: _since_mark(tuple),
    pickle.DICT: _pairs(_paired),
    pickle.FROZENSET: _pairs(_members),
    pickle.TUPLE1: _tuple(1),
    pickle.TUPLE2: _tuple(2),
    pickle.TUPLE3: _tuple(3),
    pickle.APPEND: _append,
    pickle.APPENDS: _appends,
    pickle.SETITEM: _set_item,
    pickle.SETITEMS: _set_items,
    pickle.ADDITEMS: _add_items,
    pickle.MARK: _mark,
    pickle.POP: _pop,
    pickle.POP_MARK: _pop_mark,
    pickle.DUP: _duplicate,
    pickle.GET: _get(_line_number),
    pickle.BINGET: _get(_number("<B")),
    pickle.LONG_BINGET: _get(_number("<I")),
    pickle.PUT: _put(_line_number),
    pickle.BINPUT: _put(_number("<B")),
    pickle.LONG_BINPUT: _put(_number("<I")),
    pickle.MEMOIZE: _put(lambda machine: len(machine.memo)),
}
