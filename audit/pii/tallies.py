"""What was found in one column, collected chunk by chunk, and which of it stands once the whole column was read.

A value alone can be a coincidence: one number in ten passes a check digit. So a finding in a short cell is weighed
against all cells of the column that look alike. Where few of them are found, the form is that of order numbers or
codes, and the findings are chance hits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audit.pii.cells import ADDRESS, SHORT_WORDS, VERSION
from audit.pii.row_sets import RowSet, count
from audit.pii.spans import Basis, Span

if TYPE_CHECKING:
    import numpy as np

MOST_FORMS = 5_000
"""Different forms of the cells of a column; with more of them its cells are texts and not identifiers of one kind."""

ALIKE = 5
"""Cells of one form from which on their number says something."""

LEAST_SHARE = 0.5
"""Share of the cells of one form that have to be found; by chance it is one in ten, seldom one in three."""

BESIDE = 0.05
"""Share, of the cells of one form, that as many findings in other forms make up where the kind is at home."""

LISTED_SHARE = 0.2
"""Share of the short cells of a column that have to be on a list of names or places."""

SURE = 0.99
"""Score of a finding with a valid check digit."""


@dataclass(frozen=True, order=True)
class Kind:
    """Findings that are alike.

    Attributes:
        entity: what was found.
        score: of each, rounded to two digits.
        basis: what they rest on.
        form: what the cells look like (`cells.forms`), empty where they are longer texts.
    """

    entity: str
    score: float
    basis: Basis
    form: str = ""


@dataclass(frozen=True)
class Found:
    """A finding in a text, and its kind."""

    span: Span
    kind: Kind


@dataclass
class Tally:
    """Findings of one column so far.

    Attributes:
        cells: non-empty cells.
        fractions: cells that are numbers and not whole.
        whole: cells that are whole numbers.
        truths: cells that are truth values.
        shortened: cells that were read only in part.
        forms: cells by form; None where there are too many forms to count.
        found: rows by kind of finding.
    """

    cells: int = 0
    fractions: int = 0
    whole: int = 0
    truths: int = 0
    shortened: int = 0
    forms: Counter[str] | None = field(default_factory=Counter)
    found: defaultdict[Kind, RowSet] = field(default_factory=lambda: defaultdict(RowSet))

    def add(self, first: int, codes: np.ndarray, kinds: Sequence[Iterable[Kind]]) -> None:
        """Put in the findings of a chunk.

        Args:
            first: position of its first row.
            codes: int64, shape (rows of the chunk,): which text each row holds, -1 for none.
            kinds: what was found in each text.
        """
        import numpy as np

        places: dict[Kind, list[int]] = defaultdict(list)
        for place, some in enumerate(kinds):
            for kind in some:
                places[kind].append(place)
        for kind, found in places.items():
            inside = np.zeros(len(kinds) + 1, dtype=bool)
            inside[found] = True
            self.found[kind].add(first, inside[codes])

    def count_forms(self, forms: Iterable[str], counts: Iterable[int]) -> None:
        """Count the cells of each form."""
        if self.forms is None:
            return
        for form, cells in zip(forms, counts, strict=True):
            if form:
                self.forms[form] += int(cells)
        if len(self.forms) > MOST_FORMS:
            self.forms = None

    @property
    def numbers(self) -> bool:
        """Whether all cells are whole numbers."""
        return 0 < self.cells == self.whole

    @property
    def measurements(self) -> bool:
        """Whether all cells are numbers with fractions among them, or all are truth values."""
        return (self.fractions > 0 and self.cells == self.whole + self.fractions) or 0 < self.cells == self.truths

    def settled(self, *, told: bool, at_home: Collection[str]) -> Mapping[Kind, RowSet]:
        """The findings that stand.

        Args:
            told: whether the name of the column says that its numbers are personal.
            at_home: kinds that the name of the column says it holds.
        """
        if self.measurements and not told:
            return {}
        numbers = self.numbers and not told
        return {
            kind: rows
            for kind, rows in sorted(self.found.items())
            if kind.entity in at_home or (self._sure_number(kind) if numbers else self._no_chance(kind))
        }

    def _sure_number(self, kind: Kind) -> bool:
        """Whether a finding in a column of whole numbers stands: with a check digit that most like it have."""
        if not kind.form or kind.score < SURE:
            return False
        alike, rows = self._alike(kind)
        return 2 * count(rows) > alike

    def _no_chance(self, kind: Kind) -> bool:
        if not kind.form or self.forms is None:
            return True
        if kind.form == SHORT_WORDS:
            return kind.basis != "word list" or self._usual(kind)
        if kind.entity == "IP_ADDRESS" and kind.form in (VERSION, ADDRESS):
            return self.forms[ADDRESS] > self.forms[VERSION]
        alike, rows = self._alike(kind)
        if alike < ALIKE:
            return True
        others = [found for other, found in self.found.items() if other.entity == kind.entity and not other.form]
        if kind.score < SURE and _digits_alone(kind.form):
            others += [
                found
                for other, found in self.found.items()
                if other.entity == kind.entity and other.form and not _digits_alone(other.form)
            ]
            return count(others) >= BESIDE * alike
        return count(rows) >= LEAST_SHARE * alike or count(others) >= BESIDE * alike

    def _usual(self, kind: Kind) -> bool:
        """Whether enough of the short cells of a column are on a list: a few dishes and colours are names, too."""
        listed = [rows for other, rows in self.found.items() if (other.entity, other.form) == (kind.entity, kind.form)]
        return count(listed) >= LISTED_SHARE * (self.forms or Counter())[SHORT_WORDS]

    def _alike(self, kind: Kind) -> tuple[int, list[RowSet]]:
        """Cells that look like those of a finding, and the findings of the same entity among them.

        Forms of digits alone count together as far as one of them holds such a finding: card numbers have 13 to 19.
        """
        digits = _digits_alone(kind.form)
        same = {
            other: rows
            for other, rows in self.found.items()
            if other.entity == kind.entity
            and (other.form == kind.form or (digits and _digits_alone(other.form)))
            and (other.score >= SURE) == (kind.score >= SURE)
        }
        forms = {other.form for other in same}
        counted = self.forms or Counter()
        return sum(counted[form] for form in forms), list(same.values())


def kind_of(form: str, span: Span) -> Kind:
    """What a finding in a cell of some form is alike to."""
    return Kind(span.entity, round(span.score, 2), span.basis, form)


def _digits_alone(form: str) -> bool:
    return bool(form) and not form.strip("9")
