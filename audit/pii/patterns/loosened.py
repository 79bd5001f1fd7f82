"""A weaker form of a regular expression: what a text must hold for the expression to match it at all.

A quick engine searches the weak forms of many expressions at once, and only where one is found is the expression itself
tried. The weak form may be found too often; it is never missed where the expression matches, so findings do not depend
on it. It is written for texts of one byte a character in which `image` stands for each character beyond ASCII: bounds
are widened, an optional end or a longer beginning is left out, and of look-around only single characters beside the
expression stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from re import _constants, _parser  # type: ignore[attr-defined]  # the one parser that agrees with `re`
from typing import Any

IMAGES = frozenset(map(ord, "_ \x01"))
"""What stands for a letter, a space and any other character beyond ASCII."""

_EVERY = frozenset(range(128))
_LARGEST_BOUND = 40
"""Repeats beyond it are left open at the top: an engine grows with the bound, and few texts tell 40 from 41."""
_MANY_BRANCHES = 400
"""From here on alternatives are told apart by their first two characters alone, such as 1,400 top-level domains."""
_CATEGORIES = {
    _constants.CATEGORY_DIGIT: frozenset(map(ord, "0123456789")),
    _constants.CATEGORY_SPACE: frozenset(map(ord, " \t\n\r\f\v")),
    _constants.CATEGORY_WORD: frozenset(code for code in range(128) if chr(code).isalnum() or code == ord("_")),
}
_NEGATED = {
    _constants.CATEGORY_NOT_DIGIT: _constants.CATEGORY_DIGIT,
    _constants.CATEGORY_NOT_SPACE: _constants.CATEGORY_SPACE,
    _constants.CATEGORY_NOT_WORD: _constants.CATEGORY_WORD,
}
_ANCHORS = {
    _constants.AT_BEGINNING: "^",
    _constants.AT_BEGINNING_STRING: "^",
    _constants.AT_BOUNDARY: r"\b",
    _constants.AT_END: "$",
    _constants.AT_END_STRING: "$",
}
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)


@dataclass(frozen=True)
class Loosened:
    """What a text must hold.

    Attributes:
        expression: the weak form, for lines of plain bytes: `^` and `$` stand at lines, the dot for any byte.
        ignore_case: whether it is to be searched without regard to case.
        characters: small letters and signs, each of which the text holds.
        digits: number of ASCII digits that the text holds at least.
    """

    expression: str
    ignore_case: bool
    characters: frozenset[str]
    digits: int


@lru_cache(maxsize=4096)
def image(letter: str) -> int | None:
    """The byte that stands for a character beyond ASCII, None where expressions may read it as an ASCII one or apart.

    Digits of other scripts, letters that are an ASCII letter in another case, and characters that the engines of
    regular expressions put into different classes, such as combining marks, have none.
    """
    regex = import_module("regex")
    # "İ" in small letters is two characters, one of them an ASCII "i"; all others that fold to ASCII do so as one.
    folds = [fold for fold in (letter.lower(), letter.upper()) if len(fold) == 1]
    if letter.isdecimal() or letter == "İ" or any(fold.isascii() for fold in folds):
        return None
    word, space = (re.match(kind, letter) is not None for kind in (r"\w", r"\s"))
    if (word, space) != tuple(regex.match(kind, letter) is not None for kind in (r"\w", r"\s")):
        return None
    return ord("_" if word else " " if space else "\x01")


def loosen(expression: str, *, ignore_case: bool = False) -> Loosened | None:
    """The weak form of an expression, None where it has none: it matches nothing at all, or is no syntax of `re`."""
    # `regex` takes flags for the whole expression at any place, `re` at its start alone.
    bare = expression.replace("(?i)", "")
    try:
        tree = _parser.parse(bare, re.IGNORECASE if ignore_case or bare != expression else 0)
        if tree.getwidth()[0] == 0:
            return None
        ignores = bool(tree.state.flags & re.IGNORECASE)
        written = _Writer(ignore_case=ignores).sequence(list(tree), first=True, last=True)
    except (re.error, RecursionError):
        return None
    needed = _needed(list(tree))
    return Loosened(written, ignores, needed.characters, needed.digits)


class _Writer:
    """Writes a parsed expression as its weak form; keeps the groups for references to them."""

    def __init__(self, *, ignore_case: bool) -> None:
        self._groups: dict[int, str] = {}
        self._ignore_case = ignore_case

    def sequence(self, items: Sequence[Any], *, first: bool = False, last: bool = False) -> str:
        """The items one after another; `first` and `last` say whether anything of the expression stands around."""
        solid = [place for place, (kind, value) in enumerate(items) if self._stays(kind, value, first, last)] or [-1]
        return "".join(
            self._item(kind, value, first=first and place <= solid[0], last=last and place >= solid[-1])
            for place, (kind, value) in enumerate(items)
        )

    def _item(self, kind: Any, value: Any, *, first: bool, last: bool) -> str:
        if kind in (_constants.ASSERT, _constants.ASSERT_NOT):
            return self._edge(kind, *value, first=first, last=last)
        if kind is _constants.AT:
            return _ANCHORS.get(value, "")
        if kind in _REPEATS:
            return self._repeat(*value, first=first, last=last)
        if kind is _constants.BRANCH:
            return self._branch(value[1], first=first, last=last)
        if kind is _constants.SUBPATTERN:
            return self._group(*value, first=first, last=last)
        if kind is _constants.ATOMIC_GROUP:
            return self.sequence(list(value), first=first, last=last)
        if kind is _constants.GROUPREF:
            return self._groups.get(value, ".*")
        if kind is _constants.GROUPREF_EXISTS:
            return self._branch([value[1], value[2] or ()], first=False, last=False)
        return _class_of(_codes(kind, value))

    def _stays(self, kind: Any, value: Any, first: bool, last: bool) -> bool:
        if kind in (_constants.ASSERT, _constants.ASSERT_NOT):
            return self._edge(kind, *value, first=first, last=last) != ""
        return not (kind in _REPEATS and value[0] == 0)

    def _edge(self, kind: Any, direction: int, items: Any, *, first: bool, last: bool) -> str:
        """What may stand beside the expression, where it is told by one character; nothing is beyond it to conflict."""
        if kind is _constants.ASSERT or not (first if direction < 0 else last):
            return ""
        branches = len(items) == 1 and items[0][0] is _constants.BRANCH
        ways = [list(way) for way in items[0][1][1]] if branches else [list(items)]
        single = [way[0] for way in ways if len(way) == 1 and self._is_one_of(*way[0])]
        barred = frozenset().union(*(_ascii(*item) for item in single))
        if self._ignore_case:
            barred = frozenset(ord(form) for code in barred for form in (chr(code).lower(), chr(code).upper()))
        if not barred:
            return ""
        beside = _class_of((_EVERY - barred) | IMAGES)
        return f"(?:^|{beside})" if direction < 0 else f"(?:{beside}|$)"

    def _is_one_of(self, kind: Any, value: Any) -> bool:
        if kind is _constants.IN:
            # What a class leaves out without regard to case is not told by the class alone.
            return not (self._ignore_case and value[0][0] is _constants.NEGATE)
        return kind is _constants.LITERAL

    def _repeat(self, least: int, most: Any, items: Any, *, first: bool, last: bool) -> str:
        inner = self.sequence(list(items))
        least = min(least, _LARGEST_BOUND)
        if first or last:
            # A longer run holds the shortest one, so what lies beyond it need not be read.
            return f"(?:{inner}){{{least}}}" if least and inner else ""
        if most == 0:
            return ""
        top = "" if most is _constants.MAXREPEAT or most > _LARGEST_BOUND else str(most)
        return f"(?:{inner}){{{least},{top}}}" if inner else ""

    def _branch(self, branches: Sequence[Any], *, first: bool, last: bool) -> str:
        ways = [list(branch) for branch in branches]
        beginnings = [_beginning(way) for way in ways] if len(ways) > _MANY_BRANCHES else []
        if beginnings and all(len(beginning) == 2 for beginning in beginnings):
            rest = min(max(branch.getwidth()[1] for branch in branches), _LARGEST_BOUND) - 2
            begun = "".join(_class_of(frozenset().union(*codes)) for codes in zip(*beginnings, strict=True))
            return begun + ("" if last else f".{{0,{rest}}}" if rest < _LARGEST_BOUND - 2 else ".*")
        return "(?:" + "|".join(self.sequence(way, first=first, last=last) for way in ways) + ")"

    def _group(self, number: int | None, added: int, removed: int, items: Any, *, first: bool, last: bool) -> str:
        # Beside what minds case, no character is barred for its case.
        self._ignore_case = self._ignore_case and not removed & re.IGNORECASE
        flag = "i" if added & re.IGNORECASE else ""
        written = f"(?{flag}:{self.sequence(list(items), first=first, last=last)})"
        if number is not None:
            self._groups[number] = f"(?:{self.sequence(list(items))})"
        return written


def _codes(kind: Any, value: Any) -> frozenset[int]:
    """Bytes that stand for the characters that one item matches."""
    return _ascii(kind, value) | _images(kind, value)


def _ascii(kind: Any, value: Any) -> frozenset[int]:
    """The ASCII characters that one item matches, exactly, without regard to case."""
    if kind is _constants.LITERAL:
        return frozenset({value} if value < 128 else ())
    if kind is _constants.NOT_LITERAL:
        return _EVERY - {value}
    if kind is _constants.RANGE:
        return frozenset(range(value[0], min(value[1], 127) + 1))
    if kind is _constants.CATEGORY:
        return _CATEGORIES[value] if value in _CATEGORIES else _EVERY - _CATEGORIES[_NEGATED[value]]
    if kind is _constants.IN:
        if value[0][0] is _constants.NEGATE:
            return _EVERY - frozenset().union(*(_ascii(*item) for item in value[1:]))
        return frozenset().union(*(_ascii(*item) for item in value))
    return _EVERY


def _images(kind: Any, value: Any) -> frozenset[int]:
    """Bytes that stand for what one item matches beyond ASCII; those of letters and spaces as ASCII ones are known."""
    if kind is _constants.LITERAL:
        return frozenset() if value < 128 else _image_of(value)
    if kind is _constants.RANGE:
        return IMAGES if value[1] > 127 else frozenset()
    if kind is _constants.CATEGORY:
        return frozenset() if value in _CATEGORIES else IMAGES
    if kind is _constants.IN and value[0][0] is not _constants.NEGATE:
        return frozenset().union(*(_images(*item) for item in value))
    return IMAGES


def _image_of(code: int) -> frozenset[int]:
    stands = image(chr(code))
    return _EVERY if stands is None else frozenset({stands})


def _class_of(codes: frozenset[int]) -> str:
    """A class of bytes, written short: the longer an expression is, the longer an engine takes to build it."""
    if codes >= _EVERY:
        return "."
    runs: list[list[int]] = []
    for code in sorted(codes):
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    written = [_byte(low) if low == high else f"{_byte(low)}-{_byte(high)}" for low, high in runs]
    return written[0] if len(codes) == 1 else f"[{''.join(written)}]"


def _byte(code: int) -> str:
    return chr(code) if chr(code).isalnum() else f"\\x{code:02x}"


def _beginning(items: Sequence[Any]) -> list[frozenset[int]]:
    """Bytes of the first two characters, fewer where the beginning is not a plain one."""
    found: list[frozenset[int]] = []
    for kind, value in items:
        if kind is _constants.SUBPATTERN and not value[1]:
            inner = _beginning(list(value[3]))
            found += inner
            if len(inner) < len(list(value[3])):
                break
        elif kind in (_constants.LITERAL, _constants.IN):
            found.append(_codes(kind, value))
        else:
            break
    return found[:2]


@dataclass(frozen=True)
class _Needed:
    characters: frozenset[str] = frozenset()
    digits: int = 0


def _needed(items: Sequence[Any]) -> _Needed:
    """Characters without which a sequence cannot match, and its least number of digits."""
    characters: frozenset[str] = frozenset()
    digits = 0
    for kind, value in items:
        part = _needed_by(kind, value)
        characters |= part.characters
        digits += part.digits
    return _Needed(characters, digits)


def _needed_by(kind: Any, value: Any) -> _Needed:
    if kind is _constants.SUBPATTERN:
        return _needed(list(value[3]))
    if kind is _constants.ATOMIC_GROUP:
        return _needed(list(value))
    if kind in _REPEATS and value[0]:
        once = _needed(list(value[2]))
        return _Needed(once.characters, once.digits * value[0])
    if kind is _constants.BRANCH:
        ways = [_needed(list(way)) for way in value[1]]
        return _Needed(frozenset.intersection(*(way.characters for way in ways)), min(way.digits for way in ways))
    if kind is _constants.LITERAL:
        letter = chr(value)
        if "0" <= letter <= "9":
            return _Needed(digits=1)
        # Letters beyond ASCII are left out: some have several small forms.
        return _Needed(frozenset({letter.lower()} if value < 128 else ()))
    if kind is _constants.IN and _codes(kind, value) <= _CATEGORIES[_constants.CATEGORY_DIGIT]:
        return _Needed(digits=1)
    return _Needed()
