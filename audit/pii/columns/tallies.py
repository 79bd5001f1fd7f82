"""What was found in one column, collected chunk by chunk, and which of it stands once the whole column was read.

A value alone can be a coincidence: one number in ten passes a check digit. So a finding in a short cell is weighed
against all cells of the column that look alike. Where few of them are found, or no more than of random cells of that
form, it is the form of order numbers or codes, and the findings are chance hits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audit.pii.columns import chance
from audit.pii.columns.cells import ADDRESS, NUMBER, SHORT_WORDS, VERSION, digits_alone
from audit.pii.columns.distinct import Distinct
from audit.pii.columns.row_sets import RowSet, count
from audit.pii.spans import Basis, Span

if TYPE_CHECKING:
    import numpy as np

MOST_FORMS = 5_000
"""Different forms of the cells of a column; with more of them its cells are texts and not identifiers of one kind."""

ALIKE = 5
"""Cells of one form from which on their number says something."""

LEAST_SHARE = 0.5
"""Share of the values of one form from which on findings stand; by chance it is one in ten, seldom one in three."""

BESIDE = 0.05
"""Share, of the cells of one form, that as many findings in other forms make up where the kind is at home."""

FULL_NAME = 0.8
"""Score from which on a finding by word lists stands for itself: both words are names, or a title stands before."""

LONE_NAME = 0.5
"""Score below which a finding by word lists is one word that may be a surname, a product or a programming language."""

CLEAR_NAME = 0.7
"""Score of a listed name with something beside it that tells; a single listed word has less."""

NOUNS_SHARE, CLEAR_SHARE = 0.2, 0.1
"""Single listed words in more than a fifth of the cells, and clear names in less than a tenth of those, are nouns."""

OF_VALID_QUADS = 0.95
"""Share of the cells with four numbers that have to be addresses: a number above 255 gives away a version."""

WEAK_FORM = 0.7
"""Score below which a form may be that of codes, so that it is weighed against chance."""

LEAST_ADDRESSES = 0.25
"""Share of the cells with four numbers that cannot be versions of small numbers alone where they are addresses."""

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
        forms: cells by form; None where there are too many forms to count.
        found: rows by kind of finding.
        distinct: different values by form, and what was found in them.
    """

    cells: int = 0
    fractions: int = 0
    whole: int = 0
    truths: int = 0
    shortened: int = 0
    unreadable: int = 0
    forms: Counter[str] | None = field(default_factory=Counter)
    found: defaultdict[Kind, RowSet] = field(default_factory=lambda: defaultdict(RowSet))
    distinct: Distinct = field(default_factory=Distinct)

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

    def add_value(self, text: str, form: str, found: Iterable[Found]) -> None:
        """Note a value of a form, and what was found in it."""
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

    def settled(
        self,
        *,
        told: bool,
        at_home: Collection[str],
        by_chance: Callable[[Kind], float] = lambda kind: 0.0,
        listed: str | None = None,
    ) -> Mapping[Kind, RowSet]:
        """The findings that stand.

        Args:
            told: whether the name of the column says that its numbers are personal.
            at_home: kinds that the name of the column says it holds.
            by_chance: share of random cells of the form of a finding in which the same entity is found.
            listed: PERSON or LOCATION where most short cells are such names as wholes.
        """
        numbers = self.numbers and not told
        return {
            kind: rows
            for kind, rows in sorted(self.found.items())
            if kind.entity in at_home
            or (self._sure_number(kind) if numbers else self._no_chance(kind, by_chance, listed))
        }

    def _sure_number(self, kind: Kind) -> bool:
        """Whether a finding in a column of whole numbers stands: with a check digit that most like it have."""
        if not kind.form or kind.score < SURE:
            return False
        return self._above_chance(kind)

    def _no_chance(self, kind: Kind, by_chance: Callable[[Kind], float], listed: str | None) -> bool:
        if kind.basis == "word list" and kind.score >= FULL_NAME:
            return True
        if not kind.form or self.forms is None:
            return kind.basis != "word list" or not self._nouns(kind)
        if kind.form == SHORT_WORDS:
            named = kind.score >= CLEAR_NAME or listed == kind.entity
            return kind.basis != "word list" or named or self._usual(kind)
        if kind.entity == "IP_ADDRESS" and kind.form in (VERSION, ADDRESS):
            return self._addresses()
        same = self._alike(kind)
        alike = sum((self.forms or Counter())[form] for form in {other.form for other in same})
        if alike < ALIKE:
            return True
        others = [found for other, found in self.found.items() if other.entity == kind.entity and not other.form]
        if kind.score < SURE and digits_alone(kind.form):
            others += [
                found
                for other, found in self.found.items()
                if other.entity == kind.entity and other.form and not digits_alone(other.form)
            ]
            return count(others) >= BESIDE * alike
        if count(others) >= BESIDE * alike:
            return True
        if kind.form == NUMBER:
            return count(list(same.values())) >= LEAST_SHARE * alike
        if kind.score >= SURE:
            return self._above_chance(kind)
        values, found = self._values(kind)
        if found < LEAST_SHARE * values:
            return False
        weak = kind.score < WEAK_FORM and kind.basis == "pattern"
        return not weak or found >= chance.needed(by_chance(kind)) * values

    def _above_chance(self, kind: Kind) -> bool:
        """Whether a check digit is right in most of the different values that look alike, or in more than by chance."""
        values, found = self._values(kind)
        return found > LEAST_SHARE * values or not chance.explains(found, values)

    def _values(self, kind: Kind) -> tuple[int, int]:
        """Different values that look like that of a finding, and those in which the same was found."""
        forms = {other.form for other in self._alike(kind)}
        return self.distinct.counts(forms, kind.entity, sure=kind.score >= SURE)

    def _usual(self, kind: Kind) -> bool:
        """Whether most of the short cells of a column are on a list: a few dishes and colours are names, too."""
        return count(self._of(kind.entity, SHORT_WORDS)) >= LEAST_SHARE * (self.forms or Counter())[SHORT_WORDS]

    def _nouns(self, kind: Kind) -> bool:
        """Whether listed words in texts are other nouns: hardly any of them has something beside it that tells."""
        entity = kind.entity
        clear = count(
            [rows for other, rows in self.found.items() if other.entity == entity and other.score >= CLEAR_NAME]
        )
        found = count(self._of(entity, ""))
        return clear < CLEAR_SHARE * found and (kind.score < LONE_NAME or found > NOUNS_SHARE * self.cells)

    def _addresses(self) -> bool:
        """Whether four numbers with dots between them are addresses on a network and no versions."""
        forms = self.forms or Counter()
        great, small = forms[ADDRESS], forms[VERSION]
        found = count(self._of("IP_ADDRESS", ADDRESS))
        return great >= LEAST_ADDRESSES * (great + small) and found >= OF_VALID_QUADS * great

    def _of(self, entity: str, form: str) -> list[RowSet]:
        return [rows for kind, rows in self.found.items() if (kind.entity, kind.form) == (entity, form)]

    def _alike(self, kind: Kind) -> dict[Kind, RowSet]:
        """The findings of the same entity in cells that look like those of a finding.

        Forms of digits alone count together as far as one of them holds such a finding: card numbers have 13 to 19.
        """
        digits = digits_alone(kind.form)
        return {
            other: rows
            for other, rows in self.found.items()
            if other.entity == kind.entity
            and (other.form == kind.form or (digits and digits_alone(other.form)))
            and (other.score >= SURE) == (kind.score >= SURE)
        }


def kind_of(form: str, span: Span) -> Kind:
    """What a finding in a cell of some form is alike to."""
    return Kind(span.entity, round(span.score, 2), span.basis, form)
