"""Reads one column chunk by chunk, and says in the end which of its findings stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from audit.pii.column_names import ARTICLE_9, says
from audit.pii.columns import by_name, cells, chance, probes
from audit.pii.columns.bare_digits import bare
from audit.pii.columns.cells import Texts
from audit.pii.columns.number_gate import NumberGate
from audit.pii.columns.options import Options, spans_of
from audit.pii.columns.row_sets import RowSet
from audit.pii.columns.tallies import SURE, Found, Kind, Tally, kind_of
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

SHORT_CELLS = 2_000
"""Different short cells of a column of which it is asked whether they are names or places as wholes."""


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
        self._gate = NumberGate(name, options)
        self._left = 0
        self._small = WrittenSmall()
        self._short: dict[str, None] = {}

    def add(self, column: pd.Series, first: int) -> Chunk:
        """Read some rows, the first of them at position `first`.

        Raises:
            AuditError: as `scan_texts`.
        """
        texts = self._texts(column)
        forms = cells.forms(texts.values)
        self.tally.count_forms(forms, texts.counts)
        self._look_at_words(texts, forms)
        chunk = Chunk(texts.codes, self._findings(texts.values, forms))
        for text, form, found in zip(texts.values, forms, chunk.found, strict=True):
            self.tally.add_value(text, form, found)
        self.tally.add(first, chunk.codes, [[one.kind for one in found] for found in chunk.found])
        return chunk

    def findings(self) -> Mapping[Kind, RowSet]:
        """The rows of each kind of finding that stands after all that was read."""
        return self.tally.settled(
            told=self._personal_numbers, at_home=self.told, by_chance=self._by_chance, listed=self._listed()
        )

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
        plain = cells.plain([texts[place] for place in unread])
        if plain.any() and not self._skips_plain:
            plain[:] = False
        wanted = [place for place, skipped in zip(unread, plain, strict=True) if not skipped]
        fresh: dict[str, tuple[Found, ...]] = {texts[place]: () for place in unread}
        if self.tally.numbers and not self._personal_numbers and not self.told:
            chosen = self._gate.chosen([texts[place] for place in wanted])
            self._left += len(wanted) - int(chosen.sum())
            wanted = [place for place, read in zip(wanted, chosen.tolist(), strict=True) if read]
        fresh |= self._read(wanted, texts, forms)
        found = [self._known[text] if text in self._known else fresh[text] for text in texts]
        if len(self._known) + len(fresh) <= REMEMBERED:
            self._known |= fresh
        return found

    def _read(self, places: Sequence[int], texts: Sequence[str], forms: Sequence[str]) -> dict[str, tuple[Found, ...]]:
        """The findings that count in the texts at some places, by text."""
        found = {}
        spans = spans_of([texts[place] for place in places], (self.name,), self._options)
        for place, some in zip(places, spans, strict=True):
            text = texts[place]
            standing = [
                span for span in self._with_told(text, some, forms[place]) if not self._small.no_name(text, span)
            ]
            found[text] = tuple(Found(span, kind_of(_form(forms[place], text, span), span)) for span in standing)
        return found

    def _listed(self) -> str | None:
        """PERSON or LOCATION where most of the short cells are on a list of such names."""
        from audit.pii.wordlists.columns import shares

        named = any(kind.form == cells.SHORT_WORDS for kind in self.tally.found)
        return shares(self._short, self._options.language).holds if named else None

    def _look_at_words(self, texts: Texts, forms: Sequence[str]) -> None:
        """Note how the column writes its words, and what its short cells hold."""
        self._small.add(text for text, form in zip(texts.values, forms, strict=True) if not form)
        for text, form in zip(texts.values, forms, strict=True):
            if form == cells.SHORT_WORDS and len(self._short) < SHORT_CELLS:
                self._short.setdefault(text)
        if self.tally.forms is not None and len(texts.values):
            self.tally.forms[cells.NUMBER] += int(texts.counts[cells.with_number(texts.values)].sum())

    def _by_chance(self, kind: Kind) -> float:
        """Share of random cells of the form of a finding in which the same entity is found."""
        drawn = chance.fillings(kind.form)
        found = self._read(range(len(drawn)), drawn, [kind.form] * len(drawn))
        return sum(any(one.kind.entity == kind.entity for one in some) for some in found.values()) / len(drawn)

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
        return not any(self._read(range(len(alike)), alike, cells.forms(alike)).values())

    def _with_told(self, text: str, spans: Sequence[Span], form: str) -> list[Span]:
        """The findings that count, and the whole text as what the name of the column says it is."""
        counted = [
            span
            for span in spans
            if self._options.counts(span) and not bare(text, span) and not by_name.of_things(self.name, text, span)
        ]
        # a few digits of a short cell are no telephone number only because the column is named after telephones
        kept = [span for span in counted if not (form and span.entity in self.told and by_name.only_named(text, span))]
        missing = self.told - {span.entity for span in kept}
        named = (by_name.finding(text, entity) for entity in sorted(missing))
        return sorted([*kept, *(span for span in named if span and self._options.counts(span))])


def _form(form: str, text: str, span: Span) -> str:
    """The form of a cell; for a bare number in a longer text that of a number."""
    return form or (cells.NUMBER if text[span.start : span.end].isdigit() and span.score < SURE else "")
