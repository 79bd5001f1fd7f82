"""Cuts Markdown into headings, paragraphs, items of lists, tables and code, as a reader sees them.

HTML comments are taken out; what stands in a code block is kept apart. Only what decides where a text belongs is read:
emphasis and links are left to `plain_text`.

Source: CommonMark 0.31, sections 4.2 to 4.7 and 5; tables as in GitHub Flavored Markdown 0.29.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from audit.documents.plain_text import seen, unmarked

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|$)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|[0-9]{1,9}[.)])[ \t]+")
_RULE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_DELIMITERS = frozenset(" \t|:-")
BOLD_LEVEL = 7
"""Level of a line in bold that stands alone: below every heading."""


@dataclass(frozen=True)
class Line:
    """One line without comments: its number, and how it looks."""

    number: int
    text: str


@dataclass(frozen=True)
class Block:
    """Lines that belong together.

    Attributes:
        kind: `heading`, `paragraph`, `item`, `table` or `code`.
        lines: without the marks of the kind.
        level: of a heading, 1 to 7; else 0.
    """

    kind: str
    lines: tuple[Line, ...]
    level: int = 0

    @property
    def text(self) -> str:
        """All lines, without emphasis and links."""
        return "\n".join(unmarked(line.text) for line in self.lines)


def blocks(text: str, first: int = 1) -> Iterator[Block]:
    """The blocks of a text, in order.

    Args:
        first: number of its first line.
    """
    lines = [Line(number, line.rstrip("\r")) for number, line in enumerate(text.split("\n"), start=first)]
    plain: list[Line] = []
    for part in _without_comments(lines):
        if part.kind == "code":
            yield from _blocks_of(plain)
            plain = []
            yield part
        else:
            plain += part.lines
    yield from _blocks_of(plain)


def cells(line: str) -> list[str]:
    """The cells of a row of a table."""
    row = line.replace("\\|", "\u2223").strip()
    return [unmarked(cell).strip() for cell in row.removeprefix("|").removesuffix("|").split("|")]


def _without_comments(lines: Iterable[Line]) -> Iterator[Block]:
    """Lines as they look, with code in blocks of its own."""
    code: list[Line] = []
    fence, commented = "", False
    for line in lines:
        if fence:
            if _closes(line.text, fence):
                yield Block("code", tuple(code))
                fence, code = "", []
            else:
                code.append(Line(line.number, seen(line.text)))
            continue
        opened = None if commented else _FENCE.match(line.text)
        if opened and not (opened[1][0] == "`" and "`" in line.text[opened.end() :]):
            fence = opened[1]
            yield Block("paragraph", (Line(line.number, ""),))
            continue
        text, commented = _uncommented(line.text, commented)
        yield Block("paragraph", (Line(line.number, seen(text)),))
    if fence:
        yield Block("code", tuple(code))


def _closes(line: str, fence: str) -> bool:
    mark = line.strip()
    return len(mark) >= len(fence) and set(mark) == {fence[0]} and len(line) - len(line.lstrip(" ")) <= 3


def _uncommented(line: str, commented: bool) -> tuple[str, bool]:
    """A line without what is in comments, and whether one is still open at its end."""
    kept: list[str] = []
    place = ticks = 0
    while place < len(line):
        if commented:
            end = line.find("-->", place)
            if end < 0:
                return "".join(kept), True
            place, commented = end + 3, False
            continue
        start = line.find("<!--", place)
        ticks += line.count("`", place, start) if start >= 0 else 0
        # between backticks it is the text of a comment's mark, not a comment
        commented = start >= 0 and ticks % 2 == 0
        end = len(line) if start < 0 else start if commented else start + 4
        kept.append(line[place:end])
        place = end + 4 if commented else end
    return "".join(kept), commented


def _blocks_of(lines: Sequence[Line]) -> Iterator[Block]:
    place = 0
    while place < len(lines):
        text = _unquoted(lines[place].text)
        if not text.strip():
            place += 1
            continue
        heading = _ATX.match(text)
        if heading:
            title = text[heading.end() :].strip().rstrip("#").strip()
            yield Block("heading", (Line(lines[place].number, title),), len(heading[1]))
            place += 1
        elif _is_table(lines, place):
            end = _end(lines, place, lambda line: "|" not in line)
            yield Block("table", tuple(lines[place:end]))
            place = end
        else:
            end = _end(lines, place + 1, _starts_anew)
            end = next((row for row in range(place + 1, end) if _is_table(lines, row)), end)
            yield from _text_block(lines, place, end)
            place = end


def _text_block(lines: Sequence[Line], start: int, end: int) -> Iterator[Block]:
    """A paragraph or an item; a paragraph that is underlined, or in bold and alone, is a heading."""
    held = [Line(line.number, _unquoted(line.text)) for line in lines[start:end]]
    if _RULE.fullmatch(held[-1].text):
        if len(held) > 1:
            title = " ".join(line.text.strip() for line in held[:-1])
            yield Block("heading", (Line(held[0].number, title),), 1 if "=" in held[-1].text else 2)
        return
    item = _ITEM.match(held[0].text)
    if item:
        first = Line(held[0].number, held[0].text[item.end() :])
        yield Block("item", (first, *held[1:]))
        return
    only = held[0].text.strip().rstrip(":")
    if len(held) == 1 and len(only) > 4 and only[:2] in ("**", "__") and only.rstrip(":").endswith(only[:2]):
        inner = only[2:-2].strip(":* ")
        if only[:2] not in inner:
            yield Block("heading", (Line(held[0].number, inner),), BOLD_LEVEL)
            return
    yield Block("paragraph", tuple(held))


def _unquoted(line: str) -> str:
    return line.lstrip("> \t") if line.lstrip().startswith(">") else line


def _is_table(lines: Sequence[Line], place: int) -> bool:
    if place + 1 >= len(lines) or "|" not in lines[place].text:
        return False
    under = lines[place + 1].text
    return "-" in under and set(under) <= _DELIMITERS


def _starts_anew(line: str) -> bool:
    return bool(_ATX.match(line) or _ITEM.match(line)) or not line.strip()


def _end(lines: Sequence[Line], start: int, stops: Callable[[str], bool]) -> int:
    place = start
    while place < len(lines) and lines[place].text.strip() and not stops(lines[place].text):
        if place > start and _RULE.fullmatch(lines[place].text):
            return place + 1
        place += 1
    return place
