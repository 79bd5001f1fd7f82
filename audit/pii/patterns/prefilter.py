"""Says which of many expressions may match which of many texts, in one pass over all texts.

With Hyperscan (package `hyperscan`) the weak forms of all expressions are searched as automata. Without it, for an
expression that it cannot read, and until there is so much to read that building automata is worth its time, a text is
tested for the characters and the number of digits that an expression needs. Both answer "may match" too often and never
too rarely: what is found at last is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from threading import Lock
from typing import Any

from audit.pii.patterns.loosened import Loosened, image, loosen

BLOCK = 1 << 20
"""Characters that are searched in one call: few calls, and few matches held at a time."""

WORTH_AUTOMATA = 1_200
"""Characters an expression after which automata are built: about as many are searched without them in that time."""

GROUP = 16
"""Expressions in one automaton: the time to build one grows faster than its size, the time to run one does not."""

_REMEMBERED = 20_000
"""Most answers that are kept for texts with the same characters."""

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_ODD = re.compile(r"[\x0b\x0c\x1c-\x1f]")
"""ASCII characters that the engines of regular expressions do not agree to call spaces."""


@dataclass(frozen=True)
class Expression:
    """A regular expression in the syntax of `re` or of `regex`, and whether it is searched without regard to case."""

    regex: str
    ignore_case: bool = False


class Prefilter:
    """Expressions, ready to be looked for.

    Args:
        expressions: any; an answer names them by their place here.
        automaton: whether Hyperscan is used where it is installed.
    """

    def __init__(self, expressions: Sequence[Expression], *, automaton: bool = True) -> None:
        self._every = tuple(range(len(expressions)))
        weak = [loosen(one.regex, ignore_case=one.ignore_case) for one in expressions]
        self._needs = [(place, form) for place, form in enumerate(weak) if form is not None]
        self._always = tuple(place for place, form in enumerate(weak) if form is None)
        self._interesting = frozenset().union(*(form.characters for _, form in self._needs))
        self._most_digits = max((form.digits for _, form in self._needs), default=0)
        self._answers: dict[tuple[int, frozenset[str]], tuple[int, ...]] = {}
        self._wants_automata, self._seen = automaton, 0

    def candidates(self, texts: Sequence[str]) -> Iterator[tuple[int, ...]]:
        """For each text the places of the expressions that may match it, ascending."""
        for block in _blocks(texts):
            flat = [_flat(text) for text in block]
            known = [text if text is not None else "" for text in flat]
            self._seen += sum(map(len, known))
            worth = self._wants_automata and self._seen >= WORTH_AUTOMATA * len(self._needs)
            automata = _compiled(tuple(self._needs)) if worth else None
            hits = self._searched(known, automata) if automata else map(self._tested, known)
            for text, found in zip(flat, hits, strict=True):
                yield self._every if text is None else found

    def _tested(self, text: str) -> tuple[int, ...]:
        """Expressions whose needs a text meets; texts with the same characters get the same answer."""
        present = self._interesting.intersection(text.lower())
        digits = min(sum(map(text.count, "0123456789")), self._most_digits)
        if (digits, present) not in self._answers:
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            met = (place for place, form in self._needs if form.digits <= digits and form.characters <= present)
            self._answers[digits, present] = tuple(sorted({*self._always, *met}))
        return self._answers[digits, present]

    def _searched(self, texts: list[str], automata: _Automata) -> list[tuple[int, ...]]:
        import numpy as np

        # ends[i] is where text i + 1 starts.
        ends = np.fromiter(accumulate(len(text) + 1 for text in texts), dtype=np.int64, count=len(texts))
        matches = automata.search("\n".join(texts).encode("ascii"))
        found: list[tuple[int, ...]] = [(*self._always, *automata.unread)] * len(texts)
        # A match that stops at offset k has its last character at k - 1.
        cells = np.searchsorted(ends, np.asarray(matches.stops, dtype=np.int64) - 1, side="right")
        width = len(self._every)
        for pair in np.unique(cells * width + np.asarray(matches.places, dtype=np.int64)).tolist():
            cell, place = divmod(pair, width)
            found[cell] = (*found[cell], place)
        return list(map(tuple, map(sorted, found))) if self._always or automata.unread else found


@dataclass(frozen=True)
class _Matches:
    """Which expression matched, and the offset where the match stops."""

    places: list[int]
    stops: list[int]


class _Automata:
    """Hyperscan's automata.

    Args:
        databases: one for each group of expressions.
        unread: places of the expressions that Hyperscan cannot read.
    """

    def __init__(self, databases: list[Any], unread: tuple[int, ...]) -> None:
        self._databases = databases
        self._lock = Lock()  # A database has one working memory.
        self.unread = unread

    def search(self, block: bytes) -> _Matches:
        """Every end of every match."""
        found = _Matches([], [])
        add_place, add_stop = found.places.append, found.stops.append

        def note(place: int, _start: int, stop: int, _flags: int, _context: object) -> None:
            add_place(place)
            add_stop(stop)

        with self._lock:
            for database in self._databases:
                database.scan(block, match_event_handler=note)
        return found


@cache
def _compiled(forms: tuple[tuple[int, Loosened], ...]) -> _Automata | None:
    try:
        import hyperscan
    except ImportError:
        return None
    flags = hyperscan.HS_FLAG_MULTILINE | hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_PREFILTER

    def database(group: Sequence[tuple[int, Loosened]]) -> Any:
        made = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        made.compile(
            expressions=[form.expression.encode("ascii") for _, form in group],
            ids=[place for place, _ in group],
            flags=[flags | (hyperscan.HS_FLAG_CASELESS if form.ignore_case else 0) for _, form in group],
        )
        return made

    databases, unread = [], []
    for start in range(0, len(forms), GROUP):
        group = forms[start : start + GROUP]
        try:
            databases.append(database(group))
        except hyperscan.error:
            for form in group:
                try:
                    databases.append(database([form]))
                except hyperscan.error:
                    unread.append(form[0])
    return _Automata(databases, tuple(unread))


def _blocks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start = size = 0
    for place, text in enumerate(texts):
        size += len(text) + 1
        if size >= BLOCK:
            yield texts[start : place + 1]
            start, size = place + 1, 0
    if start < len(texts):
        yield texts[start:]


def _flat(text: str) -> str | None:
    """The text in one byte a character, None where a character has no image."""
    if _ODD.search(text):
        return None
    if text.isascii():
        return text
    images = {ord(letter): image(letter) for letter in set(_BEYOND_ASCII.findall(text))}
    return None if None in images.values() else text.translate(images)
