"""Says which of many expressions may match which of many texts, at a small part of the time of searching them.

All texts are tested at once for the characters and the number of digits that each expression needs. Where enough texts
pass, RE2 (inside `pyarrow`) searches the weak form of the expression in them: an engine without backtracking, ten times
as fast as trying the expression itself. Both answer "may match" too often and never too rarely: what is found at last
is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

from audit.pii.patterns.loosened import Loosened, image, loosen

BLOCK_CHARACTERS, BLOCK_TEXTS = 1 << 20, 1 << 13
"""Most that is tested in one step: few steps, and some tens of megabytes for their answers."""

LENGTH_A_TEXT = 3
"""Characters of a weak form for which one text has to pass: RE2 reads 3 in the time that one vain search takes."""

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_ODD = re.compile(r"[\x0b\x0c\x1c-\x1f]")
"""ASCII characters that the engines of regular expressions do not agree to call spaces."""


@dataclass(frozen=True)
class Expression:
    """A regular expression in the syntax of `re` or of `regex`, and whether it is searched without regard to case."""

    regex: str
    ignore_case: bool = False

    @cached_property
    def weak(self) -> Loosened | None:
        """Its weak form, None where it has none."""
        return loosen(self.regex, ignore_case=self.ignore_case)


class Prefilter:
    """Expressions, ready to be looked for; an answer names them by their place.

    Args:
        expressions: any.
    """

    def __init__(self, expressions: Sequence[Expression]) -> None:
        self._expressions = tuple(expressions)
        self._prepared: dict[tuple[int, ...], _Needs] = {}

    def candidates(self, texts: Sequence[str], among: Sequence[int] | None = None) -> Iterator[tuple[int, ...]]:
        """For each text the places of the expressions that may match it, ascending.

        Args:
            texts: what is searched.
            among: places of the expressions that are looked for, ascending; None for all.
        """
        places = tuple(range(len(self._expressions)) if among is None else among)
        if places not in self._prepared:
            self._prepared[places] = _needs([self._expressions[place].weak for place in places])
        for block in _blocks(texts):
            flat = [_flat(text) for text in block]
            found = self._prepared[places].met_by([text or "" for text in flat])
            for text, columns in zip(flat, found, strict=True):
                yield places if text is None else tuple(places[column] for column in columns)


@dataclass(frozen=True)
class _Needs:
    """What a text must hold for each of some expressions to match it.

    Attributes:
        characters: uint64, shape (expressions,): the bits of the characters that it holds.
        digits: int64, shape (expressions,): how many digits it holds at least.
        weak: what is found in it, None where any text may do.
    """

    characters: Any
    digits: Any
    weak: Sequence[Loosened | None]

    def met_by(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """For each text, in plain bytes, the places of the expressions that may match it, ascending."""
        import numpy as np

        codes = np.frombuffer("".join(f"{text}\n" for text in texts).encode("ascii"), dtype=np.uint8)
        starts = np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1]
        present = np.bitwise_or.reduceat(_bits()[codes], starts)[:, None]
        digits = np.add.reduceat((codes - ord("0") < 10).astype(np.int64), starts)[:, None]
        met = (present & self.characters == self.characters) & (digits >= self.digits)
        self._search(texts, met)
        rows, columns = np.nonzero(met)
        ends = np.searchsorted(rows, np.arange(len(texts) + 1)).tolist()
        found = columns.tolist()
        return (found[start:end] for start, end in pairwise(ends))

    def _search(self, texts: Sequence[str], met: Any) -> None:
        """Take back where the weak form is not found; `met` is bool, shape (texts, expressions)."""
        worth = [
            (place, weak)
            for place, (weak, passed) in enumerate(zip(self.weak, met.sum(axis=0).tolist(), strict=True))
            if weak is not None and passed * LENGTH_A_TEXT >= len(weak.expression)
        ]
        if not worth:
            return
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        column = pa.array(texts, pa.string())
        for place, weak in worth:
            rows = np.flatnonzero(met[:, place])
            try:
                found = pc.match_substring_regex(
                    column.take(pa.array(rows)), f"(?ms){weak.expression}", ignore_case=weak.ignore_case
                )
            except pa.ArrowInvalid:  # more repeats within repeats than RE2 takes
                continue
            met[rows, place] = np.asarray(found)


def _needs(weak: Sequence[Loosened | None]) -> _Needs:
    import numpy as np

    bits = _bits()
    held = [[ord(letter) for letter in form.characters] if form else [] for form in weak]
    return _Needs(
        np.array([np.bitwise_or.reduce(bits[codes], initial=0) for codes in held], dtype=np.uint64),
        np.array([form.digits if form else 0 for form in weak], dtype=np.int64),
        weak,
    )


@cache
def _bits() -> Any:
    """A bit for each ASCII character, uint64, shape (128,).

    A letter has that of its small form and a digit has none; all control characters share one.
    """
    import numpy as np

    own = [chr(code) for code in range(128) if chr(code).isprintable() and not chr(code).isalnum()]
    places = {letter: place for place, letter in enumerate([*own, *map(chr, range(ord("a"), ord("z") + 1))])}
    shared = len(places)
    bits = [0 if chr(code).isdigit() else 1 << places.get(chr(code).lower(), shared) for code in range(128)]
    return np.array(bits, dtype=np.uint64)


def _blocks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start = size = 0
    for place, text in enumerate(texts):
        size += len(text) + 1
        if size >= BLOCK_CHARACTERS or place - start + 1 == BLOCK_TEXTS:
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
