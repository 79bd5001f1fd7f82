"""Cuts cleaned text into words, numbers and marks, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from audit.documents.document import Number
from audit.documents.numbers import number

_TOKEN = re.compile(r"[^\W\d_]\w{0,60}|[-+]?(?:[0-9][0-9.,]*[0-9]|[0-9]|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|\S")
_PERCENT = frozenset(("%", "percent", "pct"))
_ENDS = frozenset(".;!?")
LONGEST_SENTENCE = 300
"""Tokens; a longer one is cut, so that reading it takes no longer than reading several."""


@dataclass(frozen=True)
class Token:
    """One word, number or mark.

    Attributes:
        text: in lower case.
        line: where it stands.
        number: what it says where it is a number.
        glued: whether it follows the one before without a blank.
    """

    text: str
    line: int
    number: Number | None = None
    glued: bool = False

    @property
    def is_word(self) -> bool:
        """Whether it begins with a letter."""
        return self.text[0].isalpha()


def tokens(lines: Iterable[tuple[int, str]]) -> list[Token]:
    """All tokens of some lines; a percent sign becomes part of the number before it.

    Args:
        lines: number and text of each.
    """
    found: list[Token] = []
    for line, text in lines:
        end = -1
        for match in _TOKEN.finditer(text.replace("per cent", "percent")):
            glued, end = match.start() == end, match.end()
            _add(found, match[0].lower(), line, glued)
    return found


def sentences(found: list[Token]) -> list[list[Token]]:
    """The tokens, cut at points, semicolons and other ends; a point inside a number is part of it."""
    cut: list[list[Token]] = [[]]
    for token in found:
        if token.text in _ENDS or len(cut[-1]) >= LONGEST_SENTENCE:
            cut.append([])
        if token.text not in _ENDS:
            cut[-1].append(token)
    return [sentence for sentence in cut if sentence]


def _add(found: list[Token], text: str, line: int, glued: bool) -> None:
    last = found[-1] if found else None
    if text in _PERCENT and last is not None and last.number is not None:
        found[-1] = replace(last, number=replace(last.number, percent=True))
        return
    if not (text[-1].isdigit() and (text[0].isdigit() or text[0] in "+-.")):
        found.append(Token(text, line, None, glued))
        return
    # a dash without a blank before it joins or ranges, as in "top-5" and "0.79-0.83"; it is no sign
    if text[0] in "+-" and glued:
        found.append(Token(text[0], line, None, True))
        text = text[1:]
    found.append(Token(text, line, number(text), glued))


def first_number(text: str) -> Number | None:
    """The first number of a short text, None where it holds none."""
    return next((token.number for token in tokens([(0, text[:200])]) if token.number is not None), None)
