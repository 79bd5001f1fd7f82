"""How many false copies of one row turn the answer to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.checks._poisoning.counts import capped
from audit.checks._poisoning.trainings import Trainings
from audit.errors import NotMeasurable
from audit.records import Measure

if TYPE_CHECKING:
    import numpy as np

ROWS_TOGETHER = 2
"""Rows attacked in one training. Their poison could help one another, so they are few and drawn at random."""
_MOST_SHARE = 0.05
_FEWEST_STEADY = 10


@dataclass(frozen=True)
class Turned:
    """One decision under attack.

    Attributes:
        row: position in the test data.
        copies: smallest number tried that turned it, infinite where none did.
        too_few: largest number tried that did not.
    """

    row: int
    copies: float
    too_few: int


@dataclass(frozen=True)
class Copies:
    """What became of all rows that were attacked.

    Attributes:
        turned: one a row.
        most: the largest number of copies that was tried.
        others_changed: share of the other steady answers that changed in the same trainings.
    """

    turned: tuple[Turned, ...]
    most: int
    others_changed: float


def copies(trainings: Trainings, repeats: int, *, grid: tuple[int, ...] = ()) -> Copies:
    """Attack two rows with each of several seeds.

    Args:
        grid: numbers of copies to try; none takes 1, 2, 4 ... up to a share of the training rows.

    Raises:
        NotMeasurable: there are not enough rows that every clean model answers right.
    """
    import numpy as np

    from attacks.poisoning import chosen_rows
    from attacks.poisoning.threshold import doubling

    answers = np.array([trainings.clean_answers(repeat) for repeat in range(repeats)])
    steady = (answers == trainings.truth).all(axis=0)
    if steady.sum() < min(_FEWEST_STEADY, repeats * ROWS_TOGETHER):
        raise NotMeasurable(f"only {int(steady.sum())} test rows are answered right by all of {repeats} clean models")
    victims = chosen_rows.draw(
        answers, trainings.truth, trainings.n_classes, count=repeats * ROWS_TOGETHER, seed=trainings.seed_of(3)
    )
    grid = grid or doubling(max(1, int(_MOST_SHARE * trainings.n / ROWS_TOGETHER)))
    turned: list[Turned] = []
    changed: list[float] = []
    for repeat in range(repeats):
        mine = slice(repeat * ROWS_TOGETHER, (repeat + 1) * ROWS_TOGETHER)
        group = _Group(trainings, victims.rows[mine], victims.wanted[mine], grid, repeat, steady)
        turned += group.searched()
        changed += group.changed
    return Copies(tuple(turned), grid[-1], float(np.mean(changed)))


def measure(found: Copies, trainings: Trainings, confidence: float) -> Measure:
    """The measure `copies_to_flip`, a median over rows."""
    import numpy as np

    from audit.statistics.ranks import median

    needed = median(
        np.array([one.copies for one in found.turned]),
        lows=np.array([one.too_few + 1 for one in found.turned]),
        floor=1.0,
        confidence=confidence,
    )
    return capped(needed, float(trainings.n), len(found.turned))


class _Group:
    """Rows that are attacked in the same trainings, each with its own number of copies."""

    def __init__(
        self,
        trainings: Trainings,
        rows: np.ndarray,
        wanted: np.ndarray,
        grid: Sequence[int],
        repeat: int,
        steady: np.ndarray,
    ) -> None:
        from attacks.poisoning.threshold import Threshold

        self._trainings, self._rows, self._wanted, self._repeat = trainings, rows, wanted, repeat
        self._searches = [Threshold(tuple(grid)) for _ in rows]
        self._others = steady.copy()
        self._others[rows] = False
        self.changed: list[float] = []

    def searched(self) -> list[Turned]:
        """What became of each row."""
        while any(counts := [search.next or 0 for search in self._searches]):
            won = self._won(counts)
            for search, count, turned in zip(self._searches, counts, won, strict=True):
                if count:
                    search.tell(count, reached=bool(turned))
        return [
            Turned(int(row), search.reached, search.below)
            for row, search in zip(self._rows, self._searches, strict=True)
        ]

    def _won(self, counts: list[int]) -> np.ndarray:
        import numpy as np

        ours = self._trainings
        false = ours.subject.test.take(np.repeat(self._rows, counts))
        answers = ours.enlarged(false, np.repeat(self._wanted, counts), self._repeat).answers(ours.subject.test)
        won = answers[self._rows] == self._wanted
        if self._others.any():
            self.changed.append(float((answers != ours.truth)[self._others].mean()))
        asked = np.array(counts) > 0
        ours.note("copies", "", sum(counts), self._repeat, answers, float(won[asked].mean()))
        return np.asarray(won)
