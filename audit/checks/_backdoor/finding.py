"""What a search for a trigger found, and the rows that it may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.errors import NotMeasurable

if TYPE_CHECKING:
    import numpy as np

FEWEST_ROWS = 60
"""With fewer rows a half is so small that a mark which turns all of it need not be a trigger."""


@dataclass(frozen=True, eq=False)
class Finding:
    """The strongest mark.

    Attributes:
        code: the class that it turns answers into.
        anomaly: deviations by which it is stronger than marks for other classes or columns.
        turned: rows held out from the search that it turned.
        rows: those rows that were answered otherwise without it.
    """

    code: int
    anomaly: float
    turned: int
    rows: int


@dataclass(frozen=True)
class Found:
    """How many planted triggers were found."""

    found: int
    planted: int


@dataclass(frozen=True, eq=False)
class Halves:
    """Row positions: what a search may use, and what its finding is confirmed on."""

    search: np.ndarray
    held_out: np.ndarray


def pick_rows(total: int, seed: int, max_rows: int) -> Halves:
    """Two halves of a random part of the rows.

    Raises:
        NotMeasurable: there are fewer than 60 rows, or fewer are allowed.
    """
    import numpy as np

    count = min(total, max_rows)
    if count < FEWEST_ROWS:
        raise NotMeasurable(f"{count} test rows are too few to tell a trigger from chance; {FEWEST_ROWS} are needed")
    order = np.random.default_rng(seed).permutation(total)[:count]
    return Halves(order[: count // 2], order[count // 2 :])
