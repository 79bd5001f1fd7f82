"""Two ends that belong together."""

from __future__ import annotations

from dataclasses import dataclass

from attacks.distance import Array


@dataclass(frozen=True, eq=False)
class Span:
    """Ranges of values or of cells, both ends included, of the same shape.

    Attributes:
        low: lower ends.
        high: upper ends.
    """

    low: Array
    high: Array

    def take(self, rows: Array) -> Span:
        """The same for some rows only."""
        return Span(self.low[rows], self.high[rows])
