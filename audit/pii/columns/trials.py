"""Tries on random values how often chance finds a kind in a column; what was tried once is known from then on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from audit.pii.columns import chance
from audit.pii.columns.distinct import Distinct
from audit.pii.columns.tallies import SURE, Kind


@dataclass(frozen=True)
class Trials:
    """What chance finds in one column.

    Attributes:
        distinct: different values of the column.
        kinds_in: the kinds found in each of some texts of a form, as in the cells of the column.
        known: outcomes by entity, way of drawing and forms, each with the number of values that were there.
    """

    distinct: Distinct
    kinds_in: Callable[[list[str], str], Sequence[Collection[Kind]]]
    known: dict[tuple[str, str, frozenset[str]], tuple[int, chance.Outcome]] = field(default_factory=dict)

    def of_form(self, kind: Kind) -> float:
        """Share of random cells of the form of a finding in which the same entity is found."""
        outcome = self._tried(kind.entity, {kind.form}, "form", lambda texts: chance.fillings(kind.form), kind.form)
        return outcome.found / outcome.values

    def continued(self, entity: str, forms: Collection[str]) -> chance.Outcome:
        """How often an entity with a check digit is found in random values that begin as those of some forms."""
        return self._tried(entity, forms, "continued", chance.continued, score=SURE)

    def shuffled(self, entity: str, forms: Collection[str]) -> chance.Outcome:
        """How often an entity is found in the values of some forms with their signs in another order."""
        return self._tried(entity, forms, "shuffled", chance.shuffled)

    def _tried(
        self,
        entity: str,
        forms: Collection[str],
        how: str,
        draw: Callable[[Sequence[str]], list[str]],
        form: str = "",
        score: float = 0.0,
    ) -> chance.Outcome:
        """How often an entity of a score is found in values drawn after those of some forms.

        It is tried anew where as many values again were read since, and not for each value that comes.
        """
        values = self.distinct.values(forms)
        key = entity, how, frozenset(forms)
        if key in self.known and len(values) < 2 * self.known[key][0]:
            return self.known[key][1]
        drawn = draw([value.text for value in values])
        if not drawn:
            return chance.ONE_IN_TEN
        kinds = self.kinds_in(drawn, form)
        found = sum(any(kind.entity == entity and kind.score >= score for kind in some) for some in kinds)
        self.known[key] = len(values), chance.Outcome(found, len(drawn))
        return self.known[key][1]
