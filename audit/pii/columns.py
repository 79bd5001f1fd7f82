"""Reads the cells of table columns that can hold personal data.

Text is always read. A number is no phone number just because it has ten digits, so numeric columns are read in two
cases only: their name says what they hold ("phone", "ssn"), or most of their long numbers carry a valid check digit.
In a column that is named after phones every number of 8 to 15 digits is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from audit.pii import by_name, cells
from audit.pii.bare_digits import bare
from audit.pii.cells import MAX_CELL, Texts
from audit.pii.column_names import ARTICLE_9, says
from audit.pii.custom import Custom
from audit.pii.entities import HARMLESS_ALONE
from audit.pii.number_gate import NumberGate
from audit.pii.row_sets import RowSet
from audit.pii.scanner import scan_texts
from audit.pii.spans import Span
from audit.pii.tallies import Found, Kind, Tally, kind_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["MAX_CELL", "ColumnReader", "ColumnScan", "Options", "Reading", "reading", "scan_column", "scan_header"]

FEWEST_DIGITS = 9
"""Digits of the shortest number with a check digit that is looked for among plain numbers."""

REMEMBERED = 20_000
"""Texts of a column whose findings are kept for later chunks."""

Reading = Literal["text", "numbers", "none"]


@dataclass(frozen=True)
class Options:
    """How cells are scanned.

    Attributes:
        language: as in `scan_texts`; so are `names`, `model`, `entities` and `custom`.
        min_score: the least score of a finding that counts.
    """

    language: str = "en"
    names: Literal["wordlists", "model"] = "wordlists"
    model: str | None = None
    entities: tuple[str, ...] = ()
    min_score: float = 0.4
    custom: Custom | None = None

    def counts(self, span: Span) -> bool:
        """Whether a finding counts: it is sure enough and of a kind that is looked for."""
        wanted = span.entity in self.entities if self.entities else span.entity not in HARMLESS_ALONE
        return wanted and span.score >= self.min_score


@dataclass(frozen=True)
class ColumnScan:
    """What one column holds.

    Attributes:
        reading: how the column was read.
        cells: non-empty cells that were read.
        found: findings by position of the row in the series that was scanned; rows without a finding are absent.
        shortened: cells of more than `MAX_CELL` characters.
    """

    reading: Reading
    cells: int
    found: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    shortened: int = 0


def reading(column: pd.Series, name: str, declared: str | None = None) -> Reading:
    """How a column is read: as `text`, as `numbers` that may be identifiers, or not at all (`none`).

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
    if declared == "text" or (by_name.numbers_are_personal(name, says(name)) and _whole(column)):
        return "text"
    return "numbers" if _whole(column) else "none"


@dataclass(frozen=True)
class Chunk:
    """What some rows of a column hold.

    Attributes:
        codes: int64, shape (rows,): which of the different texts each row holds, -1 for none.
        found: for each text its findings.
    """

    codes: np.ndarray
    found: Sequence[Sequence[Found]]


class ColumnReader:
    """Reads one column chunk by chunk.

    Args:
        name: of the column; its words are context for what the cells hold.
        options: of the scan.
        declared: type from `audit.yaml`.

    Attributes:
        tally: what was found so far.
        told: kinds that the name of the column declares.
    """

    def __init__(self, name: str, options: Options, declared: str | None = None) -> None:
        self.name, self._options = name, options
        self.tally = Tally()
        self.told = says(name)
        self._personal_numbers = declared == "text" or by_name.numbers_are_personal(name, self.told)
        self._known: dict[str, tuple[Found, ...]] = {}
        self._gate = NumberGate()

    def add(self, column: pd.Series, first: int) -> Chunk:
        """Read some rows, the first of them at position `first`.

        Raises:
            AuditError: as `scan_texts`.
        """
        texts = self._texts(column)
        forms = cells.forms(texts.values)
        self.tally.count_forms(forms, texts.counts)
        chunk = Chunk(texts.codes, self._findings(texts.values, forms))
        self.tally.add(first, chunk.codes, [[one.kind for one in found] for found in chunk.found])
        return chunk

    def findings(self) -> Mapping[Kind, RowSet]:
        """The rows of each kind of finding that stands after all that was read."""
        return self.tally.settled(told=self._personal_numbers, at_home=self.told)

    @property
    def left_out(self) -> bool:
        """Whether the column holds nothing but what cannot be personal, such as fractions and truth values."""
        return self.tally.measurements and not self._personal_numbers

    def _texts(self, column: pd.Series) -> Texts:
        from pandas.api import types

        if types.is_bool_dtype(column.dtype) and not self.told & ARTICLE_9:
            return self._unread(column)
        if types.is_datetime64_any_dtype(column.dtype) or types.is_timedelta64_dtype(column.dtype):
            return self._unread(column) if "DATE_OF_BIRTH" not in self.told else self._words(column.astype("str"))
        if types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype):
            return self._numbers(column)
        return self._words(column.astype("str") if types.is_bool_dtype(column.dtype) else column)

    def _unread(self, column: pd.Series) -> Texts:
        """No text at all, of cells that are counted as measurements."""
        import numpy as np

        filled = int(column.notna().sum())
        self.tally.cells += filled
        self.tally.fractions += filled
        return Texts([], np.full(len(column), -1, dtype=np.int64), np.zeros(0, dtype=bool))

    def _words(self, column: pd.Series) -> Texts:
        texts = cells.texts_of(column)
        counts, sorts = texts.counts, cells.sorts(texts.values)
        self.tally.cells += int(counts.sum())
        self.tally.whole += int(counts[sorts.integer].sum())
        self.tally.fractions += int(counts[sorts.number].sum())
        self.tally.truths += int(counts[sorts.boolean].sum())
        self.tally.shortened += int(counts[texts.shortened].sum())
        return texts

    def _numbers(self, column: pd.Series) -> Texts:
        """The whole numbers of a numeric column that are long enough, as texts."""
        import numpy as np
        import pandas as pd

        filled = column.notna().to_numpy()
        values = column[filled].to_numpy()
        whole = np.isfinite(values) & (values == np.trunc(values))
        self.tally.cells += len(values)
        self.tally.whole += int(whole.sum())
        self.tally.fractions += int((~whole).sum())
        long = whole if self._personal_numbers else whole & (np.abs(values) >= 10 ** (FEWEST_DIGITS - 1))
        codes = np.full(len(column), -1, dtype=np.int64)
        found, uniques = pd.factorize(values[long])
        codes[np.flatnonzero(filled)[long]] = found
        return Texts([str(int(value)) for value in uniques], codes, np.zeros(len(uniques), dtype=bool))

    def _findings(self, texts: Sequence[str], forms: Sequence[str]) -> list[tuple[Found, ...]]:
        unread = [place for place, text in enumerate(texts) if text not in self._known]
        plain = cells.plain([texts[place] for place in unread]) if self._skips_plain else [False] * len(unread)
        wanted = [place for place, skipped in zip(unread, plain, strict=True) if not skipped]
        fresh: dict[str, tuple[Found, ...]] = {texts[place]: () for place in unread}
        if self.tally.numbers and not self._personal_numbers:
            first = self._gate.first(wanted, forms)
            fresh |= self._read(first, texts, forms)
            for place in first:
                self._gate.note(forms[place], fresh[texts[place]])
            done = set(first)
            wanted = [place for place in wanted if place not in done and self._gate.open(forms[place])]
        fresh |= self._read(wanted, texts, forms)
        found = [self._known[text] if text in self._known else fresh[text] for text in texts]
        if len(self._known) + len(fresh) <= REMEMBERED:
            self._known |= fresh
        return found

    def _read(self, places: Sequence[int], texts: Sequence[str], forms: Sequence[str]) -> dict[str, tuple[Found, ...]]:
        """The findings that count in the texts at some places, by text."""
        found = {}
        spans = _spans([texts[place] for place in places], (self.name,), self._options)
        for place, some in zip(places, spans, strict=True):
            text = texts[place]
            counted = [span for span in self._with_told(text, some) if self._options.counts(span)]
            found[text] = tuple(Found(span, kind_of(forms[place], span)) for span in counted if not bare(text, span))
        return found

    @property
    def _skips_plain(self) -> bool:
        """Whether texts that are plainly numbers, moments or hashes can be left unread."""
        demanded = set(self._options.entities) & set(HARMLESS_ALONE)
        return not (self._personal_numbers or demanded or self._options.custom or self.told)

    def _with_told(self, text: str, spans: Sequence[Span]) -> list[Span]:
        """The findings, and the whole text as what the name of the column says it is."""
        missing = self.told - {span.entity for span in spans}
        named = (by_name.finding(text, entity) for entity in sorted(missing))
        return sorted([*spans, *(span for span in named if span)])


def scan_column(column: pd.Series, name: str, how: Reading, options: Options) -> ColumnScan:
    """Scan one column that is in memory; equal cells are read once.

    Args:
        column: the values, any index.
        name: name of the column; its words are context for what the cells hold.
        how: what `reading` said.

    Raises:
        AuditError: as `scan_texts`.
    """
    if how == "none":
        return ColumnScan(how, 0)
    reader = ColumnReader(name, options, declared="text" if how == "text" else None)
    chunk = reader.add(column, 0)
    standing = reader.findings()
    kept = [tuple(one.span for one in found if one.kind in standing) for found in chunk.found]
    found = {row: kept[code] for row, code in enumerate(chunk.codes.tolist()) if code >= 0 and kept[code]}
    return ColumnScan(how, reader.tally.cells, found, reader.tally.shortened)


def scan_header(names: Sequence[str], options: Options) -> Mapping[int, tuple[Span, ...]]:
    """Findings in the names of the columns themselves, by position of the column.

    What only a list of words or a language model calls a name is none here: "city" and "Jordan" are usual headers.
    """
    counted = {
        place: tuple(
            span for span in found if options.counts(span) and span.basis not in ("word list", "language model")
        )
        for place, found in enumerate(_spans(list(names), (), options))
    }
    return {place: found for place, found in counted.items() if found}


def _spans(texts: list[str], context: Sequence[str], options: Options) -> list[list[Span]]:
    if not texts:
        return []
    return scan_texts(
        texts,
        language=options.language,
        names=options.names,
        model=options.model,
        context=context,
        entities=options.entities,
        custom=options.custom,
    )


def _whole(column: pd.Series) -> bool:
    import numpy as np

    values = column.dropna().to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    return bool((values == np.trunc(values)).all())
