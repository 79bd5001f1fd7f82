"""Rows of invented people who can be singled out, or whose secret can be read off their group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.checks._reidentification.exposure import Exposure
from audit.checks._reidentification.roles import Roles
from audit.errors import NotMeasurable

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

ALONE = 20
"""People who are planted alone."""

TOGETHER, SIZE = 20, 6
"""Groups that are planted with one secret each, and the people of each."""


@dataclass(frozen=True)
class Planted:
    """What was planted.

    Attributes:
        frame: rows to put below those of the table: first people who stand alone, then groups of `SIZE`.
        secret: name of the sensitive column that has one value in each of the groups; None where no groups are planted.
    """

    frame: pd.DataFrame
    secret: str | None

    @property
    def faults(self) -> int:
        """People and groups that were planted."""
        return ALONE + (TOGETHER if self.secret else 0)

    def seen(self, found: Exposure) -> int:
        """How many of them the grouping shows: people alone, and groups of the planted size with one value."""
        mine = found.groups.of_row[-len(self.frame) :]
        single = int((found.people[mine[:ALONE]] == 1).sum())
        if self.secret is None:
            return single
        together = mine[ALONE::SIZE]
        same = (found.people[together] == SIZE) & (found.values[self.secret][together] == 1)
        return single + int(same.sum())


def planted_rows(first: pd.DataFrame, roles: Roles, *, seed: int) -> Planted:
    """Copies of rows, each person or group with a value of its own in one compared column, in turn.

    Args:
        first: rows of the table, at least one.

    Raises:
        NotMeasurable: no compared column can take a value that no row has.
    """
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    open_columns = [name for name in roles.quasi_identifiers if _fresh(first[name], 1) is not None]
    if not open_columns:
        raise NotMeasurable("no compared column can take a further value, so nobody can be planted")
    secret = next((name for name in roles.named("sensitive") if first[name].notna().any()), None)
    people, number = [], 0
    for fault, size in enumerate([1] * ALONE + [SIZE] * (TOGETHER if secret else 0)):
        one = first.iloc[rng.integers(len(first))]
        name = open_columns[fault % len(open_columns)]
        for _ in range(size):
            number += 1
            row = {**one.to_dict(), name: _fresh(first[name], fault + 1)}
            if secret:
                row[secret] = _known(first[secret], rng) if size == 1 else first[secret].dropna().iloc[0]
            if roles.person is not None:
                row[roles.person] = f"planted {number}"
            people.append(row)
    return Planted(pd.DataFrame(people, columns=first.columns, dtype=object), secret)


def _known(cells: pd.Series, rng: np.random.Generator) -> Any:
    known = cells.dropna()
    return known.iloc[rng.integers(len(known))]


def _fresh(cells: pd.Series, step: int) -> Any:
    """A value that no row has, a further one for each step; None where a column cannot take one."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(cells):
        return None
    known = cells.dropna()
    if pd.api.types.is_numeric_dtype(cells):
        return float(known.abs().max() if len(known) else 0) * 2 + 1e12 + step + 0.5
    if pd.api.types.is_datetime64_any_dtype(cells):
        return pd.Timestamp.max.floor("D") - pd.Timedelta(days=step)
    return f"\uf8ff{step}"  # of the area for private use, so that no text of a table holds it
