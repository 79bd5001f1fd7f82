"""Reads the cells of table columns that can hold personal data.

Text is always read. A number is no phone number just because it has ten digits, so numeric columns are read in two
cases only: their name says what they hold ("phone", "ssn"), or most of their long numbers carry a valid card checksum.
In a column that is named after phones every number of 8 to 15 digits is one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from audit.pii.scanner import scan_texts
from audit.pii.spans import Span

if TYPE_CHECKING:
    import pandas as pd

MAX_CELL = 200_000
"""Characters of one cell that are read; the rest of a longer cell is left out and counted."""

_PHONE_NAME = re.compile(
    r"(?i:(?<!micro)phone|(?<!auto)mobile|telefon|t[eé]l[eé]fono|(?<![a-z])fax|msisdn)"
    r"|(?<![A-Za-z])(?:tel(?![a-z])|TEL(?![A-Za-z]))|(?<![A-Z])Tel(?![a-z])"
)
_TELLING_NAME = re.compile(r"ssn|iban|passport|licen[cs]e|card.?n", re.IGNORECASE)
_PHONE_NUMBER = re.compile(r"\+?\(?[0-9](?:[ ()./-]{0,2}[0-9]){7,14}")
PHONE_SCORE = 0.75
"""Of a number in a column that is called a phone's: Presidio's 0.4 and the 0.35 that a telling word adds."""

_CARD_LENGTH = range(13, 20)

Reading = Literal["text", "cards", "none"]


@dataclass(frozen=True)
class Options:
    """How cells are scanned; the fields are those of `scan_texts`, and `min_score` the least score that counts."""

    language: str = "en"
    names: Literal["wordlists", "model"] = "wordlists"
    model: str | None = None
    entities: tuple[str, ...] = ()
    min_score: float = 0.4


@dataclass(frozen=True)
class ColumnScan:
    """What one column holds.

    Attributes:
        reading: how the column was read.
        cells: non-empty cells that were read.
        found: findings by position of the row in the frame that was scanned; rows without a finding are absent.
        shortened: cells of more than `MAX_CELL` characters.
    """

    reading: Reading
    cells: int
    found: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    shortened: int = 0


def reading(column: pd.Series, name: str, declared: str | None = None) -> Reading:
    """How a column is read: as `text`, as numbers that may be `cards`, or not at all (`none`).

    Args:
        column: the values.
        name: name of the column.
        declared: type from `audit.yaml`, such as `text`; it wins over what the values look like.
    """
    from pandas.api import types

    values = column.dtype.categories.dtype if hasattr(column.dtype, "categories") else column.dtype
    if types.is_bool_dtype(values) or types.is_datetime64_any_dtype(values) or types.is_timedelta64_dtype(values):
        return "none"
    if not types.is_numeric_dtype(values):
        return "text"
    telling = _PHONE_NAME.search(name) or _TELLING_NAME.search(name)
    if declared == "text" or (telling and _whole(column)):
        return "text"
    return "cards" if _whole(column) else "none"


def scan_column(column: pd.Series, name: str, how: Reading, options: Options) -> ColumnScan:
    """Scan one column; equal cells are read once.

    Args:
        column: the values, any index.
        name: name of the column; its words are context for what the cells hold.
        how: what `reading` said.

    Raises:
        AuditError: as `scan_texts`.
    """
    if how == "none":
        return ColumnScan(how, 0)
    texts = {row: text for row, value in enumerate(column.tolist()) if (text := _text(value)).strip()}
    if how == "cards":
        return _scan_cards(texts, options)
    shortened = {row: text for row, text in texts.items() if len(text) > MAX_CELL}
    texts |= {row: text[:MAX_CELL] for row, text in shortened.items()}
    found = _findings(texts, (name,), options, options.entities)
    if _PHONE_NAME.search(name):
        found = _with_phones(texts, found, options)
    return ColumnScan(how, len(texts), found, len(shortened))


def filled(column: pd.Series) -> int:
    """Number of cells that `scan_column` would read: neither empty nor of a kind that is left out."""
    return sum(bool(_text(value).strip()) for value in column.tolist())


def scan_header(names: Sequence[str], options: Options) -> Mapping[int, tuple[Span, ...]]:
    """Findings in the names of the columns themselves, by position of the column."""
    return _findings(dict(enumerate(names)), (), options, options.entities)


def _scan_cards(texts: Mapping[int, str], options: Options) -> ColumnScan:
    """Card numbers among plain numbers; one number in ten passes the checksum by chance, so most of them have to."""
    long = {row: text for row, text in texts.items() if len(text) in _CARD_LENGTH}
    if not long or (options.entities and "CREDIT_CARD" not in options.entities):
        return ColumnScan("cards", len(texts))
    found = _findings(long, (), options, ("CREDIT_CARD",))
    return ColumnScan("cards", len(texts), found if 2 * len(found) > len(long) else {})


def _with_phones(
    texts: Mapping[int, str], found: Mapping[int, tuple[Span, ...]], options: Options
) -> dict[int, tuple[Span, ...]]:
    """The findings with every cell that is nothing but 8 to 15 digits; E.164 allows no more.

    Presidio asks whether a number is in use in one of a few countries, which nobody has to ask of a column that says
    what it holds.
    """
    joined = dict(found)
    if options.min_score > PHONE_SCORE or (options.entities and "PHONE_NUMBER" not in options.entities):
        return joined
    for row, text in texts.items():
        known = joined.get(row, ())
        if _PHONE_NUMBER.fullmatch(text.strip()) and not any(span.entity == "PHONE_NUMBER" for span in known):
            joined[row] = tuple(sorted([*known, Span(0, len(text), "PHONE_NUMBER", PHONE_SCORE)]))
    return joined


def _findings(
    texts: Mapping[int, str], context: Sequence[str], options: Options, entities: Sequence[str]
) -> dict[int, tuple[Span, ...]]:
    spans = scan_texts(
        list(texts.values()),
        language=options.language,
        names=options.names,
        model=options.model,
        context=context,
        entities=entities,
    )
    counted = {
        row: tuple(span for span in found if span.score >= options.min_score)
        for row, found in zip(texts, spans, strict=True)
    }
    return {row: found for row, found in counted.items() if found}


def _whole(column: pd.Series) -> bool:
    return all(value == int(value) for value in column.dropna().tolist() if math.isfinite(value))


def _text(value: object) -> str:
    """The text of a cell, empty where it holds nothing that can be personal by its look."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else ""
    return str(value) if isinstance(value, list | tuple | dict | set) else ""
