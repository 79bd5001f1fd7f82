"""What was found in one column, collected chunk by chunk (`standing` says which of it is no coincidence)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from audit.pii.columns.cells import SHORT_WORDS
from audit.pii.columns.distinct import Distinct
from audit.pii.columns.recurring import Recurring
from audit.pii.columns.row_sets import RowSet
from audit.pii.spans import Basis, Span

if TYPE_CHECKING:
    import numpy as np

MOST_FORMS = 5_000
"""Different forms of the cells of a column; with more of them its cells are texts and not identifiers of one kind."""

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
        unreadable: cells with objects that cannot be read as text.
        allowed: cells in which the user's rules dropped a finding that would have counted.
        forms: cells by form; None where there are too many forms to count.
        found: rows by kind of finding.
        distinct: different values by form, and what was found in them.
        recurring: short values, and how often each of them occurs.
    """

    cells: int = 0
    fractions: int = 0
    whole: int = 0
    truths: int = 0
    shortened: int = 0
    unreadable: int = 0
    allowed: int = 0
    forms: Counter[str] | None = field(default_factory=Counter)
    found: defaultdict[Kind, RowSet] = field(default_factory=lambda: defaultdict(RowSet))
    distinct: Distinct = field(default_factory=Distinct)
    recurring: Recurring = field(default_factory=Recurring)

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
            self.forms, self.distinct = None, Distinct()

    def add_value(self, text: str, form: str, cells: int, found: Sequence[Found]) -> None:
        """Note a value of a form, how many cells of a chunk hold it, and what was found in it."""
        if form == SHORT_WORDS or not form or " " in text:
            self.recurring.add(text, cells, [one.span for one in found], words=form == SHORT_WORDS)
        if form and form != SHORT_WORDS and self.forms is not None:
            self.distinct.add(text, form, (one.span for one in found), SURE)

    @property
    def numbers(self) -> bool:
        """Whether all cells are numbers, and some of them whole."""
        return self.whole > 0 and self.cells == self.whole + self.fractions

    @property
    def measurements(self) -> bool:
        """Whether all cells are numbers and most have a fraction, or all are truth values."""
        numbers = 0 < self.cells == self.whole + self.fractions
        return (numbers and 2 * self.fractions > self.cells) or 0 < self.cells == self.truths

    def fork(self) -> Tally:
        """The same findings, to which others are added on their own."""
        return replace(
            self,
            forms=None if self.forms is None else self.forms.copy(),
            found=defaultdict(RowSet, {kind: rows.fork() for kind, rows in self.found.items()}),
            distinct=self.distinct.fork(),
            recurring=self.recurring.fork(),
        )


def kind_of(form: str, span: Span) -> Kind:
    """What a finding in a cell of some form is alike to."""
    return Kind(span.entity, round(span.score, 2), span.basis, form)
