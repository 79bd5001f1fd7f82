"""Reads one column chunk by chunk, and says in the end which of its findings stand."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from audit.pii.column_names import ARTICLE_9, says
from audit.pii.columns import by_name, cells, chance, degrees, probes
from audit.pii.columns.bare_digits import bare
from audit.pii.columns.cells import Texts
from audit.pii.columns.number_gate import NumberGate
from audit.pii.columns.options import Options, scanned
from audit.pii.columns.row_sets import RowSet
from audit.pii.columns.standing import Standing
from audit.pii.columns.tallies import SURE, Found, Kind, Tally, kind_of
from audit.pii.columns.trials import Trials
from audit.pii.columns.written_small import WrittenSmall
from audit.pii.spans import Span

__all__ = ["Chunk", "ColumnReader", "Options"]

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FEWEST_DIGITS = 9
"""Digits of the shortest number with a check digit that is looked for among plain numbers."""

REMEMBERED = 20_000
"""Texts of a column whose findings are kept for later chunks."""


@dataclass(frozen=True)
class Read:
    """What was found in a text, and whether the user's rules dropped a finding that would have counted."""

    found: tuple[Found, ...] = ()
    allowed: bool = False


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
        most_degrees: greatest number of degrees, where the column is one of a pair of coordinates.

    Attributes:
        tally: what was found so far.
        told: kinds that the name of the column declares.
    """

    def __init__(
        self, name: str, options: Options, declared: str | None = None, most_degrees: float | None = None
    ) -> None:
        self.name, self._options, self._most_degrees = name, options, most_degrees
        self.tally = Tally()
        self.told = says(name) | ({"LOCATION"} if most_degrees else set())
        self._personal_numbers = declared == "text" or by_name.numbers_are_personal(name, self.told)
        self._known: dict[str, Read] = {}
        self._gate = NumberGate(name, options)
        self._left = 0
        self._small = WrittenSmall()
        self._tried: dict[tuple[str, str, frozenset[str]], tuple[int, chance.Outcome]] = {}

    def fork(self) -> ColumnReader:
        """A reader that has read the same and goes on by itself; what no further cell changes is shared."""
        other = copy.copy(self)
        other.tally, other._gate, other._small = self.tally.fork(), self._gate.fork(), self._small.fork()
        other._known = self._known.copy()
        return other

    def add(self, column: pd.Series, first: int) -> Chunk:
        """Read some rows, the first of them at position `first`.

        Raises:
            AuditError: as `scan_texts`.
        """
        texts = self._texts(column)
        forms = cells.forms(texts.values)
        self.tally.count_forms(forms, texts.counts)
        self._look_at_words(texts, forms)
        read = self._findings(texts.values, forms)
        chunk = Chunk(texts.codes, [one.found for one in read])
        for text, form, one, count in zip(texts.values, forms, read, texts.counts.tolist(), strict=True):
            self.tally.add_value(text, form, count, one.found)
            self.tally.allowed += count * one.allowed
        self.tally.add(first, chunk.codes, [[one.kind for one in found] for found in chunk.found])
        return chunk

    def findings(self) -> Mapping[Kind, RowSet]:
        """The rows of each kind of finding that stands after all that was read."""
        trials = Trials(self.tally.distinct, self._kinds_in, self._tried)
        return Standing(self.tally, self._personal_numbers, self.told, trials, self._listed(), self.name).kinds()

    @property
    def unread(self) -> int:
        """Numbers that were not looked at and might have counted: they stood before other writings of the same kind."""
        mixed = any(kind.form and not cells.digits_alone(kind.form) for kind in self.tally.found)
        return self._left if mixed and not self.tally.numbers else 0

    @property
    def left_out(self) -> bool:
        """Whether the column holds nothing but what cannot be personal, such as fractions and truth values."""
        return self.tally.measurements and not self._personal_numbers and not self.findings()

    def _texts(self, column: pd.Series) -> Texts:
        from pandas.api import types

        if types.is_bool_dtype(column.dtype) and not self.told & ARTICLE_9:
            return self._unread(column)
        if types.is_datetime64_any_dtype(column.dtype) or types.is_timedelta64_dtype(column.dtype):
            return self._unread(column) if "DATE_OF_BIRTH" not in self.told else self._words(column.astype("str"))
        if types.is_complex_dtype(column.dtype):
            return self._words(column.astype("str"))
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
        self.tally.unreadable += texts.unreadable
        return texts

    def _numbers(self, column: pd.Series) -> Texts:
        """The whole numbers of a numeric column that are long enough, as texts."""
        import numpy as np
        import pandas as pd

        filled = column.notna().to_numpy()
        values = column[filled].to_numpy()
        whole = cells.whole(values)
        self.tally.cells += len(values)
        self.tally.whole += int(whole.sum())
        self.tally.fractions += int((~whole).sum())
        long = self._worth_reading(values, whole)
        codes = np.full(len(column), -1, dtype=np.int64)
        found, uniques = pd.factorize(values[long])
        codes[np.flatnonzero(filled)[long]] = found
        texts = [str(int(value) if self._most_degrees is None else value) for value in uniques]
        return Texts(texts, codes, np.zeros(len(uniques), dtype=bool))

    def _worth_reading(self, values: np.ndarray, whole: np.ndarray) -> np.ndarray:
        """Which numbers of a numeric column are read as texts; bool, shape (n,)."""
        import numpy as np

        if self._most_degrees is not None:
            return degrees.fine(values.astype(float), self._most_degrees)
        return whole if self._personal_numbers else whole & (np.abs(values) >= 10 ** (FEWEST_DIGITS - 1))

    def _findings(self, texts: Sequence[str], forms: Sequence[str]) -> list[Read]:
        unread = [place for place, text in enumerate(texts) if text not in self._known]
        plain = cells.plain([texts[place] for place in unread])
        if plain.any() and not self._skips_plain:
            plain[:] = False
        wanted = [place for place, skipped in zip(unread, plain, strict=True) if not skipped]
        fresh = {texts[place]: Read() for place in unread}
        if self.tally.numbers and not self._personal_numbers and not self.told:
            chosen = self._gate.chosen([texts[place] for place in wanted])
            self._left += len(wanted) - int(chosen.sum())
            wanted = [place for place, read in zip(wanted, chosen.tolist(), strict=True) if read]
        fresh |= self._read(wanted, texts, forms)
        found = [self._known[text] if text in self._known else fresh[text] for text in texts]
        if len(self._known) + len(fresh) <= REMEMBERED:
            self._known |= fresh
        return found

    def _read(self, places: Sequence[int], texts: Sequence[str], forms: Sequence[str]) -> dict[str, Read]:
        """What counts in the texts at some places, by text."""
        located = {} if self._most_degrees is None else self._located([texts[place] for place in places])
        others = [place for place in places if texts[place] not in located]
        found = {text: Read((Found(span, kind_of("", span)),)) for text, span in located.items()}
        read = scanned([texts[place] for place in others], (self.name,), self._options)
        for place, one in zip(others, read, strict=True):
            text = texts[place]
            standing = [
                span for span in self._with_told(text, one.spans, forms[place]) if not self._small.no_name(text, span)
            ]
            kinds = (Found(span, kind_of(_form(forms[place], text, span), span)) for span in standing)
            found[text] = Read(tuple(kinds), one.allowed)
        return found

    def _located(self, texts: Sequence[str]) -> dict[str, Span]:
        """The coordinates of places among some texts."""
        spans = {text: degrees.finding(text, self._most_degrees or 0) for text in texts}
        return {text: span for text, span in spans.items() if span is not None and self._options.counts(span)}

    def _listed(self) -> str | None:
        """PERSON or LOCATION where most of the short cells are on a list of such names."""
        from audit.pii.wordlists.columns import shares

        named = any(kind.form == cells.SHORT_WORDS for kind in self.tally.found)
        return shares(self.tally.recurring.words, self._options.language).holds if named else None

    def _look_at_words(self, texts: Texts, forms: Sequence[str]) -> None:
        """Note how the column writes its words, and how many of its texts hold long numbers."""
        self._small.add(text for text, form in zip(texts.values, forms, strict=True) if not form)
        if self.tally.forms is None or not texts.values:
            return
        numbered, counts = cells.with_number(texts.values), texts.counts.tolist()
        for place in numbered.nonzero()[0].tolist():
            self.tally.forms[cells.NUMBER] += counts[place]
            numbers = cells.numbers_in(texts.values[place])
            for form in {f"{cells.NUMBER} {len(number)}" for number in numbers}:
                self.tally.forms[form] += counts[place]
            for number in numbers:
                self.tally.distinct.add(number, f"{cells.NUMBER} {len(number)}")

    def _kinds_in(self, texts: list[str], form: str) -> list[list[Kind]]:
        """The kinds found in each of some texts of a form."""
        read = self._read(range(len(texts)), texts, [form] * len(texts))
        return [[one.kind for one in read[text].found] for text in texts]

    @cached_property
    def _skips_plain(self) -> bool:
        """Whether texts that are plainly numbers, moments or hashes can be left unread.

        They cannot where a demanded kind has values that look so, or where one counts under the name of the column.
        """
        if self._personal_numbers or self.told or not probes.all_made(self._options):
            return False
        made = probes.values(self._options.entities, self._options.language)
        alike = [value for value, skipped in zip(made, cells.plain(list(made)), strict=True) if skipped]
        if self._options.entities:
            return not alike
        return not any(read.found for read in self._read(range(len(alike)), alike, cells.forms(alike)).values())

    def _with_told(self, text: str, spans: Sequence[Span], form: str) -> list[Span]:
        """The findings that count, and the whole text as what the name of the column says it is."""
        counted = [
            span
            for span in spans
            if self._options.counts(span) and not bare(text, span) and not by_name.of_others(self.name, text, span)
        ]
        # a few digits of a short cell are no telephone number only because the column is named after telephones
        kept = [span for span in counted if not (form and span.entity in self.told and by_name.only_named(text, span))]
        missing = self.told - {span.entity for span in kept}
        named = (by_name.finding(text, entity) for entity in sorted(missing))
        standing = (span for span in named if span and not by_name.of_others(self.name, text, span))
        return sorted([*kept, *filter(self._options.counts, standing)])


def _form(form: str, text: str, span: Span) -> str:
    """The form of a cell; for a bare number in a longer text that of a number, with a check digit one of its length."""
    value = text[span.start : span.end]
    if form or not value.isdigit():
        return form
    return cells.NUMBER if span.score < SURE else f"{cells.NUMBER} {len(value)}"
