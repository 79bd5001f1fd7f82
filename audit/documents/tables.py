"""Reads claims out of tables: metrics name columns or rows, and the other titles say what they are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from audit.documents import cues
from audit.documents.blocks import Block, cells
from audit.documents.document import Claim, Number, Place
from audit.documents.joined_numbers import joined
from audit.documents.metric_names import AVERAGES, SHARES
from audit.documents.plain_text import word_set
from audit.documents.statements import Context, MetricTitle, claims_of, metric_of
from audit.documents.tokens import tokens

_MODEL = word_set("model models method methods approach algorithm classifier estimator system run")
_DATASET = word_set("dataset datasets benchmark corpus")
_NO_VALUES = word_set(
    "threshold cutoff ci interval std sd stderr support n rows count counts size ± samples p lower upper low "
    "high epoch step"
)
_DELTA = word_set("delta Δ δ diff difference change gain improvement drop gap")
_MOST_COLUMNS = 100


@dataclass(frozen=True)
class _Cell:
    """A number in a cell with what the titles say of it.

    Attributes:
        title: the metric.
        head: other words of the head of its column.
        label: words of the cells of its row that hold no number.
    """

    number: Number
    line: int
    title: MetricTitle
    head: tuple[str, ...]
    label: tuple[str, ...]


def claims_of_table(block: Block, context: Context) -> list[Claim]:
    """Every claim in a table; a row without any is read as a sentence."""
    rows = [cells(line.text)[:_MOST_COLUMNS] for line in block.lines]
    heads = rows[0]
    titles = [metric_of(head) for head in heads]
    found = claims_of([(block.lines[0].number, " ".join(heads))], context)
    for row, line in zip(rows[2:], block.lines[2:], strict=True):
        of_row = [_claim(cell, heads, row, context) for cell in _cells(heads, titles, row, line.number)]
        found += of_row or claims_of([(line.number, " ".join(row))], context)
    return found


def _cells(
    heads: Sequence[str], titles: Sequence[MetricTitle | None], row: Sequence[str], line: int
) -> Iterator[_Cell]:
    named = metric_of(row[0]) if row and not _number(row[0]) else None
    label = _words(" ".join(cell for cell in row[bool(named) :] if _number(cell) is None))
    label = (*(named.rest if named else ()), *label)
    for place, cell in enumerate(row):
        head = heads[place] if place < len(heads) else ""
        title = named or (titles[place] if place < len(titles) else None)
        number = _number(cell)
        if title is None or number is None or _NO_VALUES & set(_words(head)):
            continue
        if "%" in head or "%" in row[0]:
            number = replace(number, percent=number.percent or number.value > 1)
        if title.metric in SHARES and number.whole and not number.percent and number.value > 100:
            continue
        yield _Cell(number, line, title, _words(head) if named else title.rest, label)


def _claim(cell: _Cell, heads: Sequence[str], row: Sequence[str], context: Context) -> Claim:
    around = (*cell.head, *cell.label)
    why = cues.aside(around, ()) or context.aside
    average = cell.title.average or next((AVERAGES[word] for word in around if word in AVERAGES), "")
    return Claim(
        cell.title.metric,
        cell.number,
        Place(cell.line, cell.line),
        average,
        cues.split_of_title(cell.head) or cues.split_of_title(cell.label) or context.data,
        dataset=_named(heads, row, _DATASET),
        model=_named(heads, row, _MODEL),
        narrowed=cues.is_special(_narrowing(cell, heads, row)),
        aside="it is a difference, not a value" if _DELTA & set(around) else why,
        words=(*context.words, *around),
    )


def _narrowing(cell: _Cell, heads: Sequence[str], row: Sequence[str]) -> Sequence[str]:
    """Words of the titles of a number that may name a part of the rows; names of models and data do not."""
    other = _words(f"{_named(heads, row, _DATASET)} {_named(heads, row, _MODEL)}")
    head = cell.title.rest if cell.head == cell.title.rest else ()
    return [word for word in (*head, *cell.label) if word not in other]


def _named(heads: Sequence[str], row: Sequence[str], kinds: frozenset[str]) -> str:
    """What stands in the column whose head is one of some words."""
    pairs = zip(heads, row, strict=False)
    return next((cell for head, cell in pairs if kinds & set(_words(head))), "")


def _words(text: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens([(0, text)]))


def _number(cell: str) -> Number | None:
    """The number that a cell begins with, perhaps after a sign such as "about"; None where it holds words first."""
    first = joined(tokens([(0, cell)])[:8])
    if first and first[0].text in ("~", "≈", "<", ">", "≥", "≤") and len(first) > 1:
        return first[1].number
    return first[0].number if first else None
