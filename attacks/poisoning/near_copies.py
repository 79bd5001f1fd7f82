"""Near copies of one row: what somebody adds with another label to turn the answer for exactly that row.

Source: targeted poisoning with neighbours of the victim, as in Shafahi et al., "Poison Frogs!", NeurIPS 2018; here the
copies lie beside the victim itself and carry the wrong label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from attacks.distance import Array

Kind = Literal["number", "category", "text"]
_CHANGED = 2
_STEP = 0.01


def near_copies(
    columns: Sequence[Array], kinds: Sequence[Kind], row: int, count: int, rng: np.random.Generator
) -> list[Array]:
    """Copies that differ from a row in at most two columns.

    A whole number moves by one, another number by a hundredth of its column's standard deviation, a category becomes
    that of another row, and a text loses a word.

    Args:
        columns: the data column by column, each of shape (n,).
        kinds: what each column holds.
        row: position of the row.
        count: number of copies.

    Returns:
        The copies column by column, each of shape (count,) and of the column's type.
    """
    copies = [np.repeat(column[[row]], count) for column in columns]
    for copy in range(count):
        for place in rng.choice(len(columns), size=min(_CHANGED, len(columns)), replace=False):
            column, cell = columns[place], copies[place][copy]
            if kinds[place] == "category":
                copies[place][copy] = column[int(rng.integers(len(column)))]
            elif kinds[place] == "text":
                words = str(cell).split(" ")
                del words[int(rng.integers(len(words)))]
                copies[place][copy] = " ".join(words)
            else:
                copies[place][copy] = cell + rng.choice([-1, 1]) * _step(column)
    return copies


def near_copies_of_array(x: Array, row: int, count: int, rng: np.random.Generator) -> Array:
    """Copies of one row of an array with a little noise everywhere, shape (count, ...).

    Args:
        x: shape (n, ...), numbers; the noise has a hundredth of their standard deviation, and stays within their range.
    """
    noise = rng.normal(scale=_STEP * float(x.std()), size=(count, *x.shape[1:]))
    moved = np.clip(x[row] + noise, x.min(), x.max())
    return np.asarray((np.rint(moved) if np.issubdtype(x.dtype, np.integer) else moved).astype(x.dtype))


def _step(column: Array) -> float:
    numbers = column.astype(float)
    known = numbers[np.isfinite(numbers)]
    if len(known) == 0:
        return 0.0
    return 1.0 if bool((known == np.rint(known)).all()) else _STEP * float(known.std())
