"""How well people can hide in a table: sizes of the groups of rows that look alike, and what those rows betray."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from audit.checks._reidentification.coding import coded
from audit.checks._reidentification.roles import Roles

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from audit.statistics.anonymity import Coded, Groups


@dataclass(frozen=True)
class Exposure:
    """One table, grouped.

    Attributes:
        groups: rows that are alike in all quasi-identifiers.
        people: people of each group: rows, or different values of the column that numbers people.
        values: different values of each sensitive column in each group, by column.
        cells: the columns that were read, by name.
    """

    groups: Groups
    people: np.ndarray
    values: Mapping[str, np.ndarray]
    cells: Mapping[str, Coded]

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return len(self.groups.of_row)

    @property
    def k(self) -> int:
        """People of the smallest group."""
        return int(self.people.min())

    @cached_property
    def diversity(self) -> int | None:
        """Fewest different values of a sensitive column in a group that has any; None where no group has."""
        fewest = [int(values[values > 0].min()) for values in self.values.values() if (values > 0).any()]
        return min(fewest, default=None)

    def rows_below(self, k: int) -> int:
        """Rows of groups with fewer than k people."""
        return int(self.groups.rows[self.people < k].sum())

    @property
    def risk(self) -> float:
        """Mean chance to pick the right one of the people who look alike, over all people.

        Source:
            The average prosecutor risk of El Emam, "Guide to the De-Identification of Personal Health Information",
            CRC Press 2013.
        """
        return len(self.people) / int(self.people.sum())


def exposure(chunks: Iterable[pd.DataFrame], roles: Roles, *, others: Iterable[str] = ()) -> Exposure:
    """Group the rows of a table.

    Args:
        chunks: rows, at least one chunk.
        others: further columns whose cells are wanted.
    """
    from audit.statistics.anonymity import groups

    person = () if roles.person is None else (roles.person,)
    cells = coded(chunks, [*roles.quasi_identifiers, *roles.named("sensitive"), *person, *others])
    found = groups([cells[name] for name in roles.quasi_identifiers])
    return Exposure(
        found,
        _people(found, cells, roles.person),
        {name: found.different(cells[name]) for name in roles.named("sensitive")},
        cells,
    )


def alone(cells: Mapping[str, Coded], names: Iterable[str], person: str | None) -> float:
    """Share of rows without anybody alike in some columns; 0 where there are no columns."""
    from audit.statistics.anonymity import groups

    chosen = [cells[name] for name in names]
    if not chosen:
        return 0.0
    found = groups(chosen)
    return float(found.rows[_people(found, cells, person) == 1].sum()) / len(found.of_row)


def _people(found: Groups, cells: Mapping[str, Coded], person: str | None) -> np.ndarray:
    """People of each group; rows without a number are people of their own."""
    import numpy as np

    if person is None:
        return found.rows
    unknown = np.bincount(found.of_row[cells[person].codes == 0], minlength=len(found.rows))
    people: np.ndarray = found.different(cells[person]) + unknown
    return people
