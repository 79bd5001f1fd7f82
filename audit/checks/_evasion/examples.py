"""Chooses the rows that evidence of an attack shows: the hardest ones to change, and the typical ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_EACH = 3


@dataclass(frozen=True)
class Example:
    """One broken row to show.

    Attributes:
        kind: "hardest" (it needed one of the largest changes) or "typical" (its change is near the median).
        place: among the broken rows.
    """

    kind: str
    place: int


def examples(distances: np.ndarray) -> tuple[Example, ...]:
    """Up to three hardest rows, largest change first, and up to three others nearest to the median change.

    Args:
        distances: change that broke each row, shape (n,), finite.
    """
    import numpy as np

    if not len(distances):
        return ()
    order = np.argsort(-distances, kind="stable")
    # of two rows, one is the hardest and one is typical
    hardest = order[: min(_EACH, (len(order) + 1) // 2)]
    others = order[len(hardest) :]
    typical = others[np.argsort(np.abs(distances[others] - np.median(distances)), kind="stable")][:_EACH]
    return (
        *(Example("hardest", int(place)) for place in hardest),
        *(Example("typical", int(place)) for place in typical),
    )


def shows_values(subject: Subject) -> bool:
    """Whether values of an array may stand in evidence: not where any of its features is declared personal.

    An array has no names that tell which of its columns a declaration means, so one of them covers all.
    """
    return subject.test.frame is not None or not any(spec.personal for spec in subject.features.values())
