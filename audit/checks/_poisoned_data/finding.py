"""What the search for one kind of poison found, and a copy in which it was planted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from audit.checks._poisoned_data.rows import Rows


@dataclass(frozen=True)
class Finding:
    """What one search says of every row.

    Attributes:
        scores: how suspicious each row is, in multiples of the alarm level: rows from 1 on are flagged, shape (n,),
            float, finite, 0 upwards.
        alarm: the alarm level in the unit of the search, for searching a copy without setting the level again.
        z: standard errors by which the strongest pattern exceeds what is expected; 0 where the search has none.
        sentence: what was found, for a reader who knows no ML, without a full stop; empty where no row is flagged.
        reason: what is wrong with a flagged row, in plain words and without a value of the row.
        note: how strong, and from where on it would alarm.
        doubt: why a pattern that is not flagged may be poison all the same; empty where there is none.
    """

    scores: np.ndarray
    alarm: float
    z: float
    sentence: str
    reason: str
    note: str
    doubt: str = ""

    @property
    def flagged(self) -> np.ndarray:
        """Rows at or above the alarm level, shape (n,), bool."""
        return self.scores >= 1


@dataclass(frozen=True)
class Planted:
    """A copy of the rows with poison in it.

    Attributes:
        poisoned: positions of the poisoned rows in the copy, shape (m,), int.
    """

    rows: Rows
    poisoned: np.ndarray
