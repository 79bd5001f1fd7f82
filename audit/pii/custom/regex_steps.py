"""Counts the steps that a regular expression can take, part by part, from its end to its beginning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_RUN = 50
"""Steps that stand for a run without an end: its true length is shared by all places of the text."""

_MANY = 1e12
"""More ways than anything could try."""

_ALPHABET = frozenset(map(chr, (*range(0x530), 0x5D0, 0x661, 0x966, 0x2003, 0x2028, 0x3042, 0x4E2D, 0xAC00, 0xFF11)))
"""Characters by which classes are compared; those that a pattern names, and their neighbours, come to them."""

_CLASSES = ("LITERAL", "NOT_LITERAL", "IN", "ANY")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_NO_WIDTH = ("AT", "ASSERT", "ASSERT_NOT")

Letters = frozenset[str]


class Endless(Exception):
    """No bound can be shown for a pattern; the message says what to write instead."""


@dataclass(frozen=True)
class _Part:
    """A part of a pattern.

    Attributes:
        first: characters with which it can begin.
        steps: most steps inside it.
        ways: how often what follows it can be tried.
        empty: whether it can match nothing.
        gate: steps of the tests of no width with which it begins.
    """

    first: Letters = frozenset()
    steps: float = 0.0
    ways: float = 1.0
    empty: bool = True
    gate: float = 0.0


class Counter:
    """Counts the steps of one pattern.

    Args:
        parsed: what Python's own parser of regular expressions makes of it.
        ignore_case: whether small and capital letters are the same.
    """

    def __init__(self, parsed: Any, *, ignore_case: bool) -> None:
        self._nodes, self._ignore_case = list(parsed), ignore_case
        self._alphabet: Letters = _ALPHABET | {chr(code) for code in _codes(self._nodes) if code < 0x110000}
        self._word = frozenset(letter for letter in self._alphabet if letter.isalnum() or letter == "_")

    def steps(self) -> float:
        """Most steps from one place of a text.

        Raises:
            Endless: there is no bound.
        """
        return self._sequence(self._nodes, frozenset(), None).steps

    def _sequence(self, nodes: Sequence[Any], follows: Letters, before: Letters | None) -> _Part:
        """Parts one after the other.

        Args:
            follows: characters that can come after all of them.
            before: characters that can stand before them; None for any.
        """
        rest = _Part()
        for position in reversed(range(len(nodes))):
            after = rest.first | (follows if rest.empty else frozenset())
            part = self._part(nodes[position], after, rest.gate, self._entered(nodes[:position], before))
            no_width = _kind(nodes[position]) in _NO_WIDTH
            rest = _Part(
                part.first | (rest.first if part.empty else frozenset()),
                part.steps + part.ways * rest.steps,
                min(part.ways * rest.ways, _MANY),
                part.empty and rest.empty,
                part.steps + rest.gate if no_width else part.gate,
            )
        return rest

    def _part(self, node: Any, follows: Letters, gate: float, entered: Letters | None) -> _Part:
        kind, value = _kind(node), node[1]
        if kind in _CLASSES:
            return _Part(self._class(node), 1, empty=False)
        if kind in _REPEATS:
            return self._repeat(value, follows, gate, entered)
        if kind == "BRANCH":
            return self._branch([self._sequence(list(part), follows, entered) for part in value[1]], follows)
        if kind == "SUBPATTERN":
            if value[1] or value[2]:
                raise Endless("flags inside a pattern are not read; leave them out, or set ignore_case")
            return self._sequence(list(value[3]), follows, entered)
        if kind == "ATOMIC_GROUP":
            return self._sequence(list(value), follows, entered)
        if kind in ("ASSERT", "ASSERT_NOT"):
            return _Part(steps=self._sequence(list(value[1]), frozenset(), None).steps)
        if kind == "AT":
            return _Part(steps=1)
        raise Endless("it refers back to what it has matched, or asks whether a group has; write it without")

    def _repeat(self, value: Any, follows: Letters, gate: float, entered: Letters | None) -> _Part:
        least, most, nodes = int(value[0]), int(value[1]), list(value[2])
        endless = most == _most(value[1])
        while len(nodes) == 1 and _kind(nodes[0]) == "SUBPATTERN":
            nodes = list(nodes[0][1][3])
        first = self._edge(nodes)
        body = self._sequence(nodes, follows | first, None)
        if body.empty:
            raise Endless("it repeats what may be empty")
        if endless:
            if len(nodes) > 1 or _kind(nodes[0]) not in _CLASSES:
                raise Endless("it repeats a group without an end; give the repeat one, such as {1,20}")
            if entered is None or entered & first:
                raise Endless(
                    "a repeat without an end (*, + or {1,}) can begin anywhere in a long run; give it an end, such as "
                    r"{1,64}, or put \b or another character before it"
                )
        times = _RUN if endless else most
        decided = least == most or not body.first & follows
        tries = 1 if decided else times - least + 1
        ways = min(body.ways ** min(times, 40), _MANY)
        steps = ways * times * body.steps + (times - least) * gate
        return _Part(body.first, min(steps, _MANY), min(ways * tries, _MANY), empty=least == 0)

    def _edge(self, nodes: Sequence[Any], *, last: bool = False) -> Letters:
        """Characters with which nodes can begin; if `last`, with which nodes that are not empty can end."""
        found: Letters = frozenset()
        for node in reversed(nodes) if last else nodes:
            if _kind(node) in _CLASSES:
                return found | self._class(node)
            inner, empty = self._inside(node)
            for part in inner:
                found |= self._edge(part, last=last)
            if not (empty or _kind(node) in _NO_WIDTH or any(self._can_be_empty(part) for part in inner)):
                return found
        return found

    def _can_be_empty(self, nodes: Sequence[Any]) -> bool:
        for node in nodes:
            inner, empty = self._inside(node)
            if _kind(node) in _CLASSES:
                return False
            if _kind(node) not in _NO_WIDTH and not empty and not any(self._can_be_empty(part) for part in inner):
                return False
        return True

    def _inside(self, node: Any) -> tuple[list[list[Any]], bool]:
        """The alternatives inside a node that can consume characters, and whether it may be left out."""
        kind, value = _kind(node), node[1]
        if kind in _REPEATS:
            return [list(value[2])], int(value[0]) == 0
        if kind == "BRANCH":
            return [list(part) for part in value[1]], False
        if kind == "SUBPATTERN":
            return [list(value[3])], False
        return ([list(value)], False) if kind == "ATOMIC_GROUP" else ([], False)

    def _entered(self, nodes: Sequence[Any], before: Letters | None) -> Letters | None:
        """Characters that can stand right before what follows these nodes; None for any."""
        for node in reversed(nodes):
            kind, value = _kind(node), node[1]
            if kind == "AT" and str(value) == "AT_BOUNDARY":
                return self._alphabet - self._word  # of a run that begins with a letter or digit; see the caller
            behind = kind in ("ASSERT", "ASSERT_NOT") and value[0] < 0
            if behind and len(value[1]) == 1 and _kind(value[1][0]) in _CLASSES:
                found = self._class(value[1][0])
                return found if kind == "ASSERT" else self._alphabet - found
            if kind not in _NO_WIDTH:
                break
        consuming = [node for node in nodes if _kind(node) not in _NO_WIDTH]
        if not consuming:
            return before
        if self._can_be_empty(consuming):
            return None if before is None else before | self._edge(consuming, last=True)
        return self._edge(consuming, last=True)

    def _branch(self, parts: Sequence[_Part], follows: Letters) -> _Part:
        first: Letters = frozenset()
        decided = True
        for part in parts:
            begins = part.first | (follows if part.empty else frozenset())
            decided = decided and not begins & first
            first |= begins
        join = max if decided else sum
        return _Part(
            frozenset().union(*(part.first for part in parts)),
            sum(part.steps for part in parts),
            min(join([part.ways for part in parts]), _MANY),
            any(part.empty for part in parts),
            max(part.gate for part in parts),
        )

    def _class(self, node: Any) -> Letters:
        """Characters that a class of one character matches."""
        kind, value = _kind(node), node[1]
        if kind == "ANY":
            return self._alphabet - {"\n"}
        if kind == "LITERAL":
            return self._cased(frozenset(chr(value)))
        if kind == "NOT_LITERAL":
            return self._alphabet - self._cased(frozenset(chr(value)))
        found: Letters = frozenset()
        for part in value:
            if _kind(part) == "LITERAL":
                found |= {chr(part[1])}
            elif _kind(part) == "RANGE":
                found |= {letter for letter in self._alphabet if part[1][0] <= ord(letter) <= part[1][1]}
            elif _kind(part) == "CATEGORY":
                found |= self._category(str(part[1]))
        found = self._cased(found)
        return self._alphabet - found if _kind(value[0]) == "NEGATE" else found

    def _cased(self, letters: Letters) -> Letters:
        if not self._ignore_case:
            return letters
        folded = {letter.casefold() for letter in letters}
        return letters | {letter for letter in self._alphabet if letter.casefold() in folded}

    def _category(self, name: str) -> Letters:
        if name.endswith("DIGIT"):
            found = frozenset(filter(str.isdecimal, self._alphabet))
        else:
            found = frozenset(filter(str.isspace, self._alphabet)) if name.endswith("SPACE") else self._word
        return self._alphabet - found if "_NOT_" in name else found


def _kind(node: Any) -> str:
    return str(node[0])


def _most(value: Any) -> int:
    """The number that stands for "without an end"; the parser gives it as a named constant."""
    return int(value) if str(value) == "MAXREPEAT" else -1


def _codes(node: Any) -> Iterator[int]:
    """All numbers in a parsed pattern: codes of the characters that it names, with their neighbours, and others."""
    if isinstance(node, int):
        yield from (max(0, int(node) + shift) for shift in (-1, 0, 1))
    else:
        for part in getattr(node, "data", node) if isinstance(node, tuple | list) or hasattr(node, "data") else ():
            yield from _codes(part)
