"""Cuts a Jinja template into tags and tokens exactly as Jinja's own lexer does, with its standard delimiters.

Source: lexer of Jinja 3.1.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from audit.artifact.report import Findings, Unreadable

NAME, NUMBER, TEXT, SIGN = "name", "number", "text", "sign"
_OPENING = re.compile(r"\{\{|\{%|\{#")
_RAW = re.compile(r"\{%[-+]?\s*raw\s*-?%\}")
_END_RAW = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<number>0[bB][01_]+|0[oO][0-7_]+|0[xX][\da-fA-F_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign>//|\*\*|==|!=|>=|<=|[-+/*%~\[\](){}><=.:|,;])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_STEPS_OF_A_TOKEN = 20
"""A token is looked at many times: with its neighbours, and as a part of every expression around it."""
_MAX_DEPTH = 40
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Token:
    """One token; the value of a text is what it stands for, without quotes and escapes."""

    kind: str
    value: str

    def sign(self, *values: str) -> bool:
        """Whether it is one of these signs."""
        return self.kind == SIGN and self.value in values

    def word(self, *values: str) -> bool:
        """Whether it is one of these names, or any name where none is given."""
        return self.kind == NAME and (not values or self.value in values)


@dataclass(frozen=True)
class Tag:
    """The tokens between `{%` and `%}` (a statement) or `{{` and `}}`."""

    statement: bool
    tokens: tuple[Token, ...]


def tags(template: str, findings: Findings, place: str) -> Iterator[Tag]:
    """Every tag of a template.

    Raises:
        Unreadable: Jinja would refuse the template, or it holds signs that are not known here.
    """
    position = 0
    while opening := _OPENING.search(template, position):
        findings.spend(operations=1)
        position = opening.end()
        if opening.group() == "{#":
            end = template.find("#}", position)
            if end < 0:
                raise Unreadable(f"a comment in {place} does not end")
            position = end + 2
            continue
        raw = _RAW.match(template, opening.start())
        if raw:
            closing = _END_RAW.search(template, raw.end())
            if closing is None:
                raise Unreadable(f"a raw part of {place} does not end")
            position = closing.end()
            continue
        cut = _Cut(template, position, "%}" if opening.group() == "{%" else "}}", findings, place)
        yield Tag(opening.group() == "{%", cut.tokens())
        position = cut.position


class _Cut:
    """Reads the tokens of one tag."""

    def __init__(self, template: str, position: int, end: str, findings: Findings, place: str) -> None:
        self.template, self.position, self.end = template, position, end
        self.findings, self.place = findings, place

    def tokens(self) -> tuple[Token, ...]:
        """All tokens up to the end of the tag."""
        if self.template[self.position : self.position + 1] in ("-", "+"):
            self.position += 1
        found: list[Token] = []
        open_brackets: list[str] = []
        while not self._ended(open_brackets):
            self.findings.spend(operations=_STEPS_OF_A_TOKEN)
            match = _TOKEN.match(self.template, self.position)
            if match is None:
                raise Unreadable(f"{self.place} holds a tag that cannot be read")
            self.position = match.end()
            kind, value = str(match.lastgroup), match.group()
            if kind == "space":
                continue
            if kind == SIGN and value in _CLOSING:
                open_brackets.append(_CLOSING[value])
                if len(open_brackets) > _MAX_DEPTH:
                    raise Unreadable(f"{self.place} is nested too deeply")
            elif kind == SIGN and value in (")", "]", "}") and (not open_brackets or open_brackets.pop() != value):
                raise Unreadable(f"{self.place} holds brackets that do not fit")
            if kind == TEXT:
                value = _meaning(value, self.place)
                if found and found[-1].kind == TEXT:
                    value = found.pop().value + value
            found.append(Token(kind, value))
        return tuple(found)

    def _ended(self, open_brackets: list[str]) -> bool:
        if open_brackets:
            return False
        for mark in ("", "-", "+"):
            if self.template.startswith(mark + self.end, self.position):
                self.position += len(mark + self.end)
                return True
        return False


def _meaning(quoted: str, place: str) -> str:
    if "\\" not in quoted:
        return quoted[1:-1]
    try:
        with warnings.catch_warnings():  # Python warns of escapes that mean themselves; Jinja reads them all the same
            warnings.simplefilter("ignore")
            return quoted[1:-1].encode("ascii", "backslashreplace").decode("unicode-escape")
    except UnicodeDecodeError as problem:
        raise Unreadable(f"{place} holds a text that cannot be read") from problem
