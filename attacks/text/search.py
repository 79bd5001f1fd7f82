"""The state of an attack on texts: which rows still stand, the fewest changed characters found, what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from attacks.distance import Array
from attacks.outcome import Outcome
from attacks.target import QueryBudgetExceeded, Target
from attacks.text.characters import Edit
from attacks.text.outcome import budgets, cells, confirm

Edits = tuple[Edit, ...]
_CHARACTERS_PER_CALL = 4_000_000
_CHARACTERS_PER_ROW = 8_000_000
"""Above it, a row of very long texts gets fewer queries, so that it does not take minutes."""
_FEWEST = 60
_FLOOR = 1e-30


class TextSearch:
    """One attack on n rows of texts.

    Args:
        target: the model under attack.
        x: rows, shape (n,) or (n, c), object; cells that are no `str` stay as they are.
        y: true class codes, shape (n,).
        epsilon: characters, or below 1 a share of each row's characters.

    Attributes:
        cells: the rows as cells, shape (n, c).
        budget: characters that may be changed in each row, shape (n,).
        best: the edits of the cheapest wrong answer found for each row; none where there is none.
        cost: their changed characters, shape (n,), inf where there is none.
    """

    def __init__(self, target: Target, x: Array, y: Array, *, epsilon: float) -> None:
        if len(x) != len(y):
            raise ValueError(f"{len(x)} rows and {len(y)} labels")
        self.target, self.y, self.epsilon = target, np.asarray(y), epsilon
        self._x = np.asarray(x, dtype=object)
        self.cells, self.budget = cells(self._x), budgets(self._x, epsilon)
        self.best: list[Edits] = [()] * len(x)
        self.cost = np.full(len(x), np.inf)
        self._queries = np.zeros(len(x), dtype=np.int64)
        self._moved = np.zeros(len(x), dtype=bool)
        self._asked = np.zeros(len(x), dtype=bool)
        self._signal = np.zeros(len(x), dtype=bool)
        self._exhausted = False

    def broken(self, row: int) -> bool:
        """Whether a wrong answer within the budget has been found."""
        return bool(np.isfinite(self.cost[row]))

    def per_row(self, default: int) -> Array:
        """Queries that each row may cost: its share of the target's budget, fewer for very long texts."""
        share = default
        if self.target.remaining is not None and len(self.cells):
            share = self.target.remaining // len(self.cells) - 1
        sizes = np.array([max(1, _size(row)) for row in self.cells], dtype=np.int64)
        return np.minimum(share, np.maximum(_FEWEST, _CHARACTERS_PER_ROW // sizes))

    @contextmanager
    def within_budget(self) -> Iterator[None]:
        """Runs an attack until it ends or the budget does."""
        try:
            yield
        except QueryBudgetExceeded:
            self._exhausted = True

    def margins(self, rows: Sequence[int], variants: Sequence[Edits], *, keep: bool = True) -> Array:
        """Ask about changed rows.

        Args:
            rows: which row each variant belongs to.
            variants: edits of that row as it was at first, no two at the same place.
            keep: whether a wrong answer within the budget counts as found; for questions that only measure, it would
                stop the search for smaller changes.

        Returns:
            Shape (m,): how far the true class leads; 0 or below is a wrong answer. Without scores 1 or -1.
        """
        found = [np.zeros(0)]
        for start, end in self._batches(rows):
            points = np.empty((end - start, self.cells.shape[1]), dtype=object)
            for place in range(start, end):
                points[place - start] = applied(self.cells[rows[place]], variants[place])
            found.append(self._ask(np.asarray(rows[start:end]), variants[start:end], points, keep))
        return np.concatenate(found)

    def note_signal(self, row: int, seen: bool) -> None:
        """Remember whether single changes moved the scores of a row; rows where none ever did are `blind`."""
        self._asked[row] = True
        self._signal[row] |= seen

    def outcome(self) -> Outcome:
        """The result, counted again and checked on the real model."""
        after = self._x.copy()
        for row in np.flatnonzero(np.isfinite(self.cost)):
            changed = applied(self.cells[row], self.best[row])
            after[row] = changed[0] if after.ndim == 1 else changed.reshape(after.shape[1:])
        blind = self._asked & ~self._signal & ~np.isfinite(self.cost)
        return confirm(
            self.target, self._x, self.y, after, epsilon=self.epsilon,
            queries=self._queries, blind=blind, moved=self._moved, exhausted=self._exhausted,
        )  # fmt: skip

    def _batches(self, rows: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Slices with so many characters that a call stays within memory."""
        start = size = 0
        for place, row in enumerate(rows):
            length = _size(self.cells[row]) + 50
            if size + length > _CHARACTERS_PER_CALL and place > start:
                yield start, place
                start, size = place, 0
            size += length
        if start < len(rows):
            yield start, len(rows)

    def _ask(self, rows: Array, variants: Sequence[Edits], points: Array, keep: bool) -> Array:
        remaining = self.target.remaining
        if remaining is not None and remaining - len(points) < len(self.cells):
            raise QueryBudgetExceeded(f"{remaining} rows are left and {len(self.cells)} are kept for the confirmation")
        shaped = points[:, 0] if self._x.ndim == 1 else points.reshape(-1, *self._x.shape[1:])
        if self.target.has_scores:
            scores = self.target.scores(shaped)
            margins, wrong = _leads(scores, self.y[rows]), scores.argmax(axis=1) != self.y[rows]
        else:
            wrong = self.target.predict(shaped) != self.y[rows]
            margins = np.where(wrong, -1.0, 1.0)
        self._queries += np.bincount(rows, minlength=len(self.cells))
        for row, edits, fooled in zip(rows, variants, wrong, strict=True):
            self._moved[row] |= len(edits) > 0
            cost = sum(edit.cost for edit in edits)
            if keep and fooled and edits and cost <= self.budget[row] and cost < self.cost[row]:
                self.best[row], self.cost[row] = edits, cost
        return margins


def applied(row: Array, edits: Edits) -> Array:
    """The cells of a row with some edits made, shape (c,)."""
    after = row.copy()
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = after[edit.column]
        after[edit.column] = text[: edit.start] + edit.text + text[edit.end :]
    return np.asarray(after)


def _leads(scores: Array, labels: Array) -> Array:
    """How far the true class leads, shape (m,)."""
    values = np.array(scores, dtype=np.float64)
    if (values >= 0).all() and np.allclose(values.sum(axis=1), 1.0, atol=1e-3):
        # a classifier of words is soon sure to the last digit; only the logarithm of the others still moves
        values = np.log(np.maximum(values, _FLOOR))
    every = np.arange(len(values))
    own = values[every, labels]
    values[every, labels] = -np.inf
    return np.asarray(own - values.max(axis=1))


def _size(row: Array) -> int:
    return sum(len(cell) for cell in row if isinstance(cell, str))
