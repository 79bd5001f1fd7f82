"""Distances between rows before and after an attack, over a whole batch."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Norm = Literal["linf", "l2"]


def l0(before: Array, after: Array) -> Array:
    """Number of changed values in each row.

    Args:
        before: rows before the attack, shape (n, ...).
        after: the same rows after it, same shape.

    Returns:
        Shape (n,), float.
    """
    return np.asarray((flat(before) != flat(after)).sum(axis=1), dtype=np.float64)


def l2(before: Array, after: Array) -> Array:
    """Euclidean length of the change of each row; arguments as in `l0`."""
    gap = flat(after).astype(np.float64) - flat(before)
    return np.asarray(np.sqrt((gap * gap).sum(axis=1)))


def linf(before: Array, after: Array) -> Array:
    """Largest change of a single value in each row; arguments as in `l0`."""
    gap = np.abs(flat(after).astype(np.float64) - flat(before))
    return np.asarray(gap.max(axis=1, initial=0.0))


def between(before: Array, after: Array, norm: Norm, columns: Array | None = None) -> Array:
    """Distance of each row in the given norm.

    Args:
        before: rows before the attack, shape (n, ...).
        after: the same rows after it.
        norm: "linf" or "l2".
        columns: mask of shape (d,): only these columns count (a change of category has no length).

    Returns:
        Shape (n,), float.

    Raises:
        ValueError: the norm is neither of the two.
    """
    if norm not in ("linf", "l2"):
        raise ValueError(f'norm is {norm!r}; expected "linf" or "l2"')
    before, after = flat(before), flat(after)
    if columns is not None:
        before, after = before[:, columns], after[:, columns]
    return linf(before, after) if norm == "linf" else l2(before, after)


def flat(rows: Array) -> Array:
    """Rows as vectors, shape (n, d); also for no rows, where numpy cannot infer d."""
    return rows.reshape(len(rows), math.prod(rows.shape[1:]))
