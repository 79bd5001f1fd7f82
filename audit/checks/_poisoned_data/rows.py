"""Training rows as the searches for poison see them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from audit.checks._encoding import Encoded, encoded
from audit.checks._pixels import Pixels, pixels
from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from audit.data import Table

FEWEST_ROWS = 50
MOST_ROWS = 20_000
FEWEST_OF_CLASS = 5


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of classes with enough rows, and where they lie in the file.

    Attributes:
        table: the rows, with their labels as stored.
        labels: codes 0..k-1 into `classes`, every code used, shape (n,), int.
        classes: labels as text.
        positions: 0-based positions of the rows in the file, shape (n,), int.
        total: rows of the file.
        seed: of whatever is computed once for all searches.
    """

    subject: Subject
    table: Table
    labels: np.ndarray
    classes: tuple[str, ...]
    positions: np.ndarray
    total: int
    seed: int

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.labels)

    @cached_property
    def x(self) -> Encoded:
        """The features as numbers and levels."""
        return encoded(self.subject, self.table)

    @cached_property
    def images(self) -> Pixels | None:
        """The features as images, None where they are none."""
        return pixels(self.table)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Names of the columns that hold free text."""
        if self.table.frame is None:
            return ()
        specs = self.subject.feature_specs(self.table)
        return tuple(name for name, spec in specs.items() if spec.type == "text")

    @cached_property
    def expected(self) -> np.ndarray:
        """Class probabilities from a model too plain to learn a rare pattern, shape (n, k), float."""
        from audit.checks._poisoned_data.label_models import plain_expectation

        return plain_expectation(self.x, self.labels, self.seed)

    @cached_property
    def doubt(self) -> np.ndarray:
        """How little each label is expected by models that did not see it, shape (n,), float in 0..1."""
        from audit.checks._poisoned_data.label_doubt import in_doubt

        return in_doubt(self, seed=self.seed, draws=0).doubt

    def changed(self, *, table: Table | None = None, labels: np.ndarray | None = None, seed: int | None = None) -> Rows:
        """A copy with other features or labels for the same rows; what was computed is computed again."""
        return replace(
            self,
            table=self.table if table is None else table,
            labels=self.labels if labels is None else labels,
            seed=self.seed if seed is None else seed,
        )


def training_rows(subject: Subject, seed: int) -> Rows:
    """Rows of `data.train` in classes of five rows or more; a random part of them where there are very many.

    Raises:
        NotMeasurable: the task has no classes, or there are fewer than 50 rows or two classes of 5 rows.
    """
    import numpy as np

    if subject.task != "classification":
        raise NotMeasurable(f"the task is {subject.task}; only class labels can be screened")
    table, codes = subject.train, subject.codes(subject.train)
    positions = np.arange(table.rows)
    if table.rows > MOST_ROWS:
        positions = np.sort(table.shuffled(seed)[:MOST_ROWS])
    counts = np.bincount(codes[positions], minlength=len(subject.classes))
    positions = positions[counts[codes[positions]] >= FEWEST_OF_CLASS]
    if len(positions) < FEWEST_ROWS or int((counts >= FEWEST_OF_CLASS).sum()) < 2:
        raise NotMeasurable(
            f"data.train has {table.rows} rows, {len(positions)} of them in classes of {FEWEST_OF_CLASS} rows or "
            f"more; {FEWEST_ROWS} rows and two such classes are needed to learn what labels to expect"
        )
    kept, labels = np.unique(codes[positions], return_inverse=True)
    chosen = table if len(positions) == table.rows else table.take(positions)
    names = tuple(str(subject.classes[code]) for code in kept)
    return Rows(subject, chosen, labels, names, positions, table.rows, seed)
