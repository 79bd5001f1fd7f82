"""What an attack on texts achieved: counted by an independent distance and confirmed on the real model.

Rows are texts, shape (n,), or several cells a row, shape (n, c), dtype object. A cell that is no `str` (a number, an
empty cell) stays as it is.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from attacks.distance import Array
from attacks.outcome import Outcome
from attacks.target import Target
from attacks.text.characters import kind_of
from attacks.text.distance import Change, changed_characters, changes
from attacks.text.words import kind_of_word, units

_RUN = 3
"""So many characters put in at one place are a word and no slip."""


@dataclass(frozen=True)
class Rewritten:
    """What was changed in one text.

    Attributes:
        characters: changed characters.
        kinds: changes by kind of edit.
        positions: characters of the text before that were changed, 0-based and ascending.
    """

    characters: int
    kinds: dict[str, int]
    positions: tuple[int, ...]


def cells(x: Array) -> Array:
    """Rows as cells, shape (n, c), object."""
    return np.asarray(x, dtype=object).reshape(len(x), math.prod(x.shape[1:]))


def budgets(x: Array, epsilon: float) -> Array:
    """Characters of each row that may be changed.

    Args:
        x: rows of texts, shape (n,) or (n, c).
        epsilon: a number of characters, or below 1 the share of all characters of the row, of which at least one may
            be changed.

    Returns:
        Shape (n,), int.

    Raises:
        ValueError: epsilon is not a finite number above 0.
    """
    if not (epsilon > 0 and math.isfinite(epsilon)):
        raise ValueError(f"epsilon is {epsilon!r}; expected a finite number above 0")
    if epsilon >= 1:
        return np.full(len(x), int(epsilon), dtype=np.int64)
    sizes = [sum(len(text) for text in row if isinstance(text, str)) for row in cells(x)]
    return np.array([max(1, int(epsilon * size)) for size in sizes], dtype=np.int64)


def distances(x: Array, adversarial: Array, most: Array) -> Array:
    """Changed characters of each row, shape (n,), float; inf above `most`, or where a cell changed that is no text."""
    return np.array(
        [
            _distance(before, after, int(limit))
            for before, after, limit in zip(cells(x), cells(adversarial), most, strict=True)
        ],
        dtype=np.float64,
    )


def confirm(
    target: Target,
    x: Array,
    y: Array,
    adversarial: Array,
    *,
    epsilon: float,
    queries: Array | None = None,
    blind: Array | None = None,
    moved: Array | None = None,
    exhausted: bool = False,
) -> Outcome:
    """Ask the real model about the changed texts and keep what counts.

    Args:
        target: the model; its budget pays one row for each changed row.
        x: rows before the attack, shape (n,) or (n, c).
        y: their true labels, shape (n,).
        adversarial: rows after the attack, same shape.
        epsilon: as in `budgets`.
        queries: rows asked for each row so far.
        blind: rows on which the attack had no signal.
        moved: rows of which a changed form was asked about already.
        exhausted: whether the budget has already ended the attack.

    Returns:
        Rows over their budget, not valid text, or still answered correctly are reset to the original.
    """
    n = len(x)
    queries = np.zeros(n, dtype=np.int64) if queries is None else queries.copy()
    lengths = distances(x, adversarial, budgets(x, epsilon))
    rows = np.flatnonzero((lengths > 0) & np.isfinite(lengths) & _encodable(adversarial))
    if target.remaining is not None and target.remaining < len(rows):
        rows, exhausted = rows[: max(0, target.remaining)], True
    success = np.zeros(n, dtype=bool)
    if len(rows):
        success[rows] = target.predict(adversarial[rows]) != y[rows]
        queries[rows] += 1
    kept = x.copy()
    kept[success] = adversarial[success]
    nothing = np.zeros(n, dtype=bool)
    tried = np.asarray((nothing if moved is None else moved) | (lengths > 0))
    found = np.where(success, lengths, np.inf)
    return Outcome(kept, success, queries, found, nothing if blind is None else blind, tried, exhausted)


def rewritten(before: str, after: str) -> Rewritten:
    """What leads from one text to the other, counted and named without looking at how an attack found it."""
    steps = changes(before, after) or ()
    kinds: Counter[str] = Counter()
    left = list(steps)
    for unit in units(before, 0):
        inside = [step for step in left if unit.start <= step.position < unit.end or step.position == unit.end]
        kind = kind_of_word(before[unit.start : unit.end], _after(before, unit.start, unit.end, inside))
        if kind is None and len(inside) >= _RUN and all(step.removed for step in inside[: 1 - _RUN]):
            kind = "word replaced"
        if inside and kind is not None:
            kinds[kind] += 1
            left = [step for step in left if step not in inside]
    put_in = Counter(step.position for step in left if not step.removed)
    for place in {place for place, count in put_in.items() if count >= _RUN}:
        kinds["word added"] += 1
        left = [step for step in left if step.removed or step.position != place]
    kinds.update(kind_of(step, before) for step in left)
    return Rewritten(len(steps), dict(kinds), tuple(sorted({step.position for step in steps})))


def _after(before: str, start: int, end: int, steps: list[Change]) -> str:
    """A part of the text after some steps, all of which lie in it."""
    text, place = "", start
    for step in steps:
        text += before[place : step.position] + step.added
        place = step.position + len(step.removed)
    return text + before[place:end]


def _distance(before: Array, after: Array, limit: int) -> float:
    total = 0.0
    for old, new in zip(before, after, strict=True):
        if isinstance(old, str) and isinstance(new, str):
            total += changed_characters(old, new, most=limit)
        elif not (old is new or old == new):
            return math.inf
    return total if total <= limit else math.inf


def _encodable(rows: Array) -> Array:
    """Which rows hold only text that can be written down: no half of a surrogate pair."""
    return np.array([all(_valid(cell) for cell in row) for row in cells(rows)], dtype=bool)


def _valid(cell: object) -> bool:
    try:
        return not isinstance(cell, str) or bool(cell.encode("utf-8")) or cell == ""
    except UnicodeEncodeError:
        return False
