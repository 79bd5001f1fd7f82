"""Reads a document in Markdown: its sections, labelled lines and rows of tables, with the claims in them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from audit.documents import cues
from audit.documents.blocks import Block, blocks, cells
from audit.documents.document import Claim, Entry, Fact, Place, refuse_too_many
from audit.documents.facts import facts_of_entry, facts_of_lines
from audit.documents.plain_text import WORD, unmarked
from audit.documents.statements import Context, claims_of
from audit.documents.tables import claims_of_table

_LABEL_LEVEL = 8
_LONGEST_LABEL = 80
_MOST_LABEL_WORDS = 8
_HEADS = frozenset(("metric", "metrics", "field", "item", "name", "property", "attribute", "key", "measure", "split"))
"""Heads of first columns that only say what the rows below are."""
_SEPARATORS = (":", " – ", " — ")


@dataclass
class _Open:
    """A section or a labelled line that is still being read."""

    title: str
    level: int
    first: int
    last: int
    texts: list[str] = field(default_factory=list)


@dataclass
class _Reader:
    """What was read so far; `heading` is the section that plain text belongs to."""

    open: list[_Open] = field(default_factory=list)
    path: list[_Open] = field(default_factory=list)
    intro: str = ""
    claims: list[Claim] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


@dataclass(frozen=True)
class Body:
    """What a text says."""

    entries: tuple[Entry, ...]
    claims: tuple[Claim, ...]
    facts: tuple[Fact, ...]


def read_body(path: str, text: str, first: int = 1) -> Body:
    """Read a text.

    Args:
        path: of the document, for messages.
        first: number of its first line.

    Raises:
        Malformed: it gives too many numbers for metrics.
    """
    reader = _Reader()
    for block in blocks(text, first):
        _take(reader, block)
        refuse_too_many(path, reader.claims)
    entries = tuple(
        Entry(part.title, "\n".join(part.texts), part.level, Place(part.first, part.last)) for part in reader.open
    )
    facts = [fact for entry in entries for fact in facts_of_entry(entry)]
    return Body(entries, tuple(reader.claims), (*facts, *reader.facts))


def _take(reader: _Reader, block: Block) -> None:
    lines = [(line.number, unmarked(line.text)) for line in block.lines]
    context = _context(reader)
    if block.kind == "heading":
        reader.claims += claims_of(lines, context)
        _open_section(reader, block)
        return
    if block.kind == "code":
        found = claims_of(lines, context)
        reader.claims += [replace(claim, aside=claim.aside or "it stands in a block of code") for claim in found]
        return
    for part in reader.path:
        part.last = lines[-1][0]
    if block.kind == "table":
        reader.claims += claims_of_table(block, context)
        _rows(reader, block)
        return
    reader.claims += claims_of(lines, context)
    reader.facts += facts_of_lines(lines)
    _labels(reader, lines)
    if block.kind == "paragraph":
        reader.intro = lines[-1][1] if lines[-1][1].rstrip().endswith(":") else ""


def _open_section(reader: _Reader, block: Block) -> None:
    number = block.lines[0].number
    part = _Open(unmarked(block.lines[0].text).strip(), block.level, number, number)
    reader.path = [*(other for other in reader.path if other.level < block.level), part]
    reader.open.append(part)
    reader.intro = ""
    for other in reader.path:
        other.last = number


def _labels(reader: _Reader, lines: list[tuple[int, str]]) -> None:
    """Lines such as `Owner: ...` open an entry of their own; the others belong to the section, or to the label."""
    label: _Open | None = None
    for number, text in lines:
        title, said = _label(text)
        if title:
            label = _Open(title, _LABEL_LEVEL, number, number, [said])
            reader.open.append(label)
        elif label is not None:
            label.texts.append(text)
            label.last = number
        elif reader.path:
            reader.path[-1].texts.append(text)


def _label(text: str) -> tuple[str, str]:
    """The label and what follows it; empty where the line has none."""
    start = text[:_LONGEST_LABEL]
    places = [(start.find(mark), mark) for mark in _SEPARATORS if mark in start]
    if not places:
        return "", ""
    place, mark = min(places)
    title = start[:place].strip()
    fits = 0 < len(WORD.findall(title)) <= _MOST_LABEL_WORDS and not text[place:].startswith("://")
    return (title, text[place + len(mark) :].strip()) if fits else ("", "")


def _rows(reader: _Reader, block: Block) -> None:
    """Each row of a table as an entry under its first cell; the table as a whole is content of its section."""
    for line in block.lines[:1] + block.lines[2:]:
        row = cells(line.text)
        if line is block.lines[0] and (len(row) != 2 or row[0].casefold() in _HEADS):
            continue
        said = " ".join(row[1:])
        if row and row[0] and len(row) > 1:
            reader.open.append(_Open(row[0], _LABEL_LEVEL, line.number, line.number, [said]))
        elif reader.path:
            reader.path[-1].texts.append(" ".join(row))


def _context(reader: _Reader) -> Context:
    """What the nearest two headings and the introduction of a list say of the numbers below."""
    titles = [part.title for part in reader.path[-2:]]
    words = tuple(word.casefold() for title in (*titles, reader.intro) for word in WORD.findall(title[:300]))
    intro = [word.casefold() for word in WORD.findall(reader.intro[:300])]
    data = cues.split_of(intro, ()) or cues.split_of_section(
        [word.casefold() for word in WORD.findall(" ".join(titles))]
    )
    return Context(data, cues.aside_of_section(words), words)
