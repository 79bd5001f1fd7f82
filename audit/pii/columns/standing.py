"""Which findings of a column stand once the whole column was read.

A value alone can be a coincidence: one number in ten passes a check digit, and thirty films hold a name or two. So a
finding is weighed against all cells of the column that look alike. Where few of them are found, or no more than of
random cells of that form, it is the form of order numbers or codes, and the findings are chance hits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from audit.pii.columns import by_name, chance, quads
from audit.pii.columns.cells import ADDRESS, NUMBER, SHORT_WORDS, VERSION, digits_alone
from audit.pii.columns.recurring import CLEAR
from audit.pii.columns.row_sets import RowSet, count
from audit.pii.columns.tallies import SURE, Kind, Tally
from audit.pii.columns.trials import Trials

ALIKE = 5
"""Cells of one form from which on their number says something."""

MANY_FORMS = 50
"""Forms of one length, none of them usual, from which on letters and digits stand in random order."""

LEAST_SHARE = 0.5
"""Share of the values of one form from which on findings stand; by chance it is one in ten, seldom one in three."""

BESIDE = 0.05
"""Share, of the cells of one form, that as many findings in other forms make up where the kind is at home."""

FULL_NAME = 0.8
"""Score from which on a finding by word lists stands for itself: both words are names, or a title stands before."""

LONE_NAME = 0.5
"""Score below which a finding by word lists is one word that may be a surname, a product or a programming language."""

NOUNS_SHARE, CLEAR_SHARE = 0.2, 0.1
"""Single listed words in more than a fifth of the cells, and clear names in less than a tenth of those, are nouns."""

FEWEST_PEOPLE = 5
"""Different values that are nothing but a given name and a surname, for people to be among the categories."""

NAMED = ("LOCATION", "NRP", "PERSON")
"""Kinds that are written in words, after which things are named too."""

WEAK_FORM = 0.75
"""Score below which a form may be that of codes, so that it is weighed against chance."""


@dataclass(frozen=True)
class Standing:
    """Says of each kind of finding whether it stands.

    Attributes:
        tally: what was found in the whole column.
        told: whether the name of the column says that its numbers are personal.
        at_home: kinds that the name of the column says it holds.
        trials: how often chance finds a kind.
        listed: PERSON or LOCATION where most short cells are such names as wholes.
        name: of the column.
    """

    tally: Tally
    told: bool
    at_home: Collection[str]
    trials: Trials
    listed: str | None = None
    name: str = ""

    def kinds(self) -> Mapping[Kind, RowSet]:
        """The rows of each kind that stands, sorted by kind."""
        holds = self._sure_number if self.tally.numbers and not self.told else self._no_chance
        return {
            kind: rows for kind, rows in sorted(self.tally.found.items()) if kind.entity in self.at_home or holds(kind)
        }

    def _sure_number(self, kind: Kind) -> bool:
        """Whether a finding in a column of whole numbers stands: with a check digit that most like it have."""
        return bool(kind.form) and kind.score >= SURE and self._above_chance(kind)

    def _no_chance(self, kind: Kind) -> bool:
        if kind.entity in NAMED and not self._people(kind) and self.tally.recurring.category(kind.entity, kind.score):
            return False
        if kind.basis == "word list" and kind.score >= FULL_NAME:
            return True
        if not kind.form or self.tally.forms is None:
            return kind.basis != "word list" or not self._nouns(kind)
        if kind.form == SHORT_WORDS:
            named = kind.score >= CLEAR or self.listed == kind.entity
            return kind.basis != "word list" or named or self._usual(kind)
        if kind.entity == "IP_ADDRESS" and kind.form in (VERSION, ADDRESS):
            return self._addresses()
        return self._more_than_alike(kind)

    def _people(self, kind: Kind) -> bool:
        """Whether a person is found in a column that has people as some of its categories, as teams and agents."""
        named = self.tally.recurring.wholly("PERSON", FULL_NAME)
        return kind.entity == "PERSON" and named >= (1 if by_name.of_people(self.name) else FEWEST_PEOPLE)

    def _more_than_alike(self, kind: Kind) -> bool:
        """Whether a finding in a code or number stands against the cells that look alike."""
        same = self._alike(kind)
        alike = sum(self._forms[form] for form in {other.form for other in same})
        if alike < ALIKE:
            return not self._among_random_codes(kind)
        if self._beside(kind) >= BESIDE * alike:
            return True
        if kind.score < SURE and digits_alone(kind.form) and not (self.told and kind.basis == "context"):
            return False
        if kind.form.startswith(NUMBER):
            found = count(list(same.values()))
            return found >= LEAST_SHARE * alike or (kind.score >= SURE and self._not_by_chance(kind, found, alike))
        if kind.score >= SURE:
            return self._above_chance(kind)
        seen = self._values(kind)
        if seen.found < LEAST_SHARE * seen.values:
            return False
        weak = kind.score < WEAK_FORM and kind.basis == "pattern"
        return not weak or seen.found >= chance.needed(self.trials.of_form(kind)) * seen.values

    def _among_random_codes(self, kind: Kind) -> bool:
        """Whether a finding is one of those that chance makes in random letters and digits of one length."""
        if kind.form.strip("Aa9") or digits_alone(kind.form):
            return False
        codes = {form: cells for form, cells in self._forms.items() if len(form) == len(kind.form)}
        codes = {form: cells for form, cells in codes.items() if not form.strip("Aa9")}
        if len(codes) < MANY_FORMS or max(codes.values()) > BESIDE * sum(codes.values()):
            return False
        values = self.tally.distinct.values(codes)
        found = sum(any(entity == kind.entity for entity, _ in value.kinds) for value in values)
        return chance.explains(chance.Outcome(found, len(values)), self.trials.shuffled(kind.entity, codes))

    def _beside(self, kind: Kind) -> int:
        """Cells with the same entity in longer texts; for bare digits without a check digit in other writings too."""
        weak_digits = kind.score < SURE and digits_alone(kind.form)
        return count(
            [
                rows
                for other, rows in self.tally.found.items()
                if other.entity == kind.entity and (not other.form or (weak_digits and not digits_alone(other.form)))
            ]
        )

    def _above_chance(self, kind: Kind) -> bool:
        """Whether a check digit is right in most of the different values that look alike, or in more than by chance."""
        seen = self._values(kind)
        return seen.found > LEAST_SHARE * seen.values or self._not_by_chance(kind, seen.found, seen.values)

    def _not_by_chance(self, kind: Kind, found: int, values: int) -> bool:
        """Whether a check digit is right in more values of the forms of a finding than in random ones."""
        forms = {other.form for other in self._alike(kind)}
        return not chance.explains(chance.Outcome(found, values), self.trials.continued(kind.entity, forms))

    def _values(self, kind: Kind) -> chance.Outcome:
        """Different values that look like that of a finding, and those in which the same was found."""
        values = self.tally.distinct.values({other.form for other in self._alike(kind)})
        same = kind.entity, kind.score >= SURE
        return chance.Outcome(sum(same in value.kinds for value in values), len(values))

    def _usual(self, kind: Kind) -> bool:
        """Whether most of the short cells are on a list, or most of those that do not recur.

        A few dishes and colours are names, too.
        """
        cells = count(self._of(kind.entity, SHORT_WORDS))
        return cells >= LEAST_SHARE * self._forms[SHORT_WORDS] or self.tally.recurring.single(kind.entity)

    def _nouns(self, kind: Kind) -> bool:
        """Whether listed words in texts are other nouns: hardly any of them has something beside it that tells."""
        entity = kind.entity
        clear = count(
            [rows for other, rows in self.tally.found.items() if other.entity == entity and other.score >= CLEAR]
        )
        found = count(self._of(entity, ""))
        return clear < CLEAR_SHARE * found and (kind.score < LONE_NAME or found > NOUNS_SHARE * self.tally.cells)

    def _addresses(self) -> bool:
        """Whether four numbers with dots between them are addresses on a network and no versions."""
        great, small = (self.tally.distinct.values([form]) for form in (ADDRESS, VERSION))
        found = [any(entity == "IP_ADDRESS" for entity, _ in value.kinds) for value in great]
        return quads.addresses(found, [value.text for value in great], len(small), self.name)

    @property
    def _forms(self) -> Counter[str]:
        return self.tally.forms or Counter()

    def _of(self, entity: str, form: str) -> list[RowSet]:
        return [rows for kind, rows in self.tally.found.items() if (kind.entity, kind.form) == (entity, form)]

    def _alike(self, kind: Kind) -> dict[Kind, RowSet]:
        """The findings of the same entity in cells that look like those of a finding.

        Forms of digits alone count together as far as one of them holds such a finding: card numbers have 13 to 19.
        """
        digits = digits_alone(kind.form)
        return {
            other: rows
            for other, rows in self.tally.found.items()
            if other.entity == kind.entity
            and (other.form == kind.form or (digits and digits_alone(other.form)))
            and (other.score >= SURE) == (kind.score >= SURE)
        }
