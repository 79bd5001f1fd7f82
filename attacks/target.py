"""What an attack may ask of a model, and how often."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attacks.constraints import Constraints
from attacks.distance import Array
from attacks.structure import Structure

_BYTES_PER_CALL = 64 * 1024 * 1024


class QueryBudgetExceeded(Exception):
    """The next question would exceed the query budget; the question was not asked."""


class Target:
    """A model under attack: answers, bounds of its inputs, a count of what was asked.

    Args:
        predict: rows, shape (m, ...), to class codes, shape (m,), int in 0..n_classes-1.
        n_classes: number of classes.
        low: smallest allowed input, a number or an array that fits a row.
        high: largest allowed input.
        scores: rows to class scores, shape (m, n_classes); None where the model gives none. Row-wise argmax has to be
            what `predict` says.
        gradient: rows and class codes to d(cross-entropy of that class)/d(row), same shape as the rows; None where the
            model gives none.
        constraints: what a real attacker can change; None allows everything within the bounds. For rows of shape (d,).
        max_rows: rows that may be asked in all; None is unlimited. A gradient costs one row as well.
        structure: what is known of the model's inside, as `attacks.structure` reads it; None where nothing is.
        pool: further real rows that an attacker may know, shape (p, ...), without labels.
        call_rows: rows that make a call worth its own cost; attacks try more at once where fewer rows are left. A
            network answers single rows at little loss, a scikit-learn pipeline on a frame wants a thousand.

    Attributes:
        rows: rows asked so far.
        calls: calls made so far; one call asks many rows.
    """

    def __init__(
        self,
        predict: Callable[[Array], Array],
        n_classes: int,
        low: float | Array = 0.0,
        high: float | Array = 1.0,
        scores: Callable[[Array], Array] | None = None,
        gradient: Callable[[Array, Array], Array] | None = None,
        constraints: Constraints | None = None,
        max_rows: int | None = None,
        pool: Array | None = None,
        structure: Structure | None = None,
        call_rows: int = 64,
    ) -> None:
        self._predict, self._scores, self._gradient = predict, scores, gradient
        self.n_classes, self.low, self.high = n_classes, low, high
        self.constraints, self.max_rows, self.pool, self.call_rows = constraints, max_rows, pool, call_rows
        self.structure = structure
        self.rows = self.calls = 0

    @property
    def has_scores(self) -> bool:
        """Whether `scores` can be asked."""
        return self._scores is not None

    @property
    def has_gradient(self) -> bool:
        """Whether `gradient` can be asked."""
        return self._gradient is not None

    @property
    def remaining(self) -> int | None:
        """Rows that may still be asked; None is unlimited."""
        return None if self.max_rows is None else self.max_rows - self.rows

    def predict(self, x: Array) -> Array:
        """Class codes of rows, shape (m,).

        Raises:
            QueryBudgetExceeded: it would ask more rows than `max_rows`.
            ValueError: the model answered with another number of rows.
        """
        answers = self._ask(self._predict, x)
        if answers.shape != (len(x),):
            raise ValueError(f"the model answered {answers.shape} labels for {len(x)} rows")
        return answers

    def scores(self, x: Array) -> Array:
        """Class scores of rows, shape (m, n_classes); raises as `predict`, and ValueError where there are no scores."""
        if self._scores is None:
            raise ValueError("this target gives no scores; use an attack with ACCESS = 'labels'")
        answers = self._ask(self._scores, x)
        if answers.shape != (len(x), self.n_classes):
            raise ValueError(f"the model answered scores of shape {answers.shape} for {len(x)} rows")
        return answers

    def gradient(self, x: Array, codes: Array) -> Array:
        """Gradient of the cross-entropy of class `codes` at rows; raises as `scores`. What is not finite becomes 0."""
        if self._gradient is None:
            raise ValueError("this target gives no gradients; use an attack with ACCESS = 'scores' or 'labels'")
        function = self._gradient
        self._spend(len(x))
        step = _rows_per_call(x)
        parts = [function(x[i : i + step], codes[i : i + step]) for i in range(0, len(x), step)]
        answers = np.concatenate(parts) if parts else np.zeros_like(x)
        if answers.shape != x.shape:
            raise ValueError(f"the model answered gradients of shape {answers.shape} for rows of shape {x.shape}")
        return np.asarray(np.nan_to_num(answers, nan=0.0, posinf=0.0, neginf=0.0))

    def clip(self, x: Array) -> Array:
        """Rows moved into the bounds."""
        return np.clip(x, self.low, self.high).astype(x.dtype, copy=False)

    def _ask(self, function: Callable[[Array], Array], x: Array) -> Array:
        self._spend(len(x))
        step = _rows_per_call(x)
        parts = [np.asarray(function(x[i : i + step])) for i in range(0, len(x), step)]
        return np.asarray(np.concatenate(parts))

    def _spend(self, rows: int) -> None:
        if rows == 0:
            raise ValueError("asked the model about no rows")
        if self.max_rows is not None and self.rows + rows > self.max_rows:
            raise QueryBudgetExceeded(f"{self.rows} of {self.max_rows} rows are spent; {rows} more were asked for")
        self.rows += rows
        self.calls += 1


def _rows_per_call(x: Array) -> int:
    # one call with a million images would need gigabytes; a few dozen megabytes already cost nothing extra a row
    return max(1, _BYTES_PER_CALL // max(1, x[:1].nbytes))
