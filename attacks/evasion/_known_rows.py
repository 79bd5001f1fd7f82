"""Real rows as starting points: those nearest to each attacked row that should be answered otherwise."""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, flat
from attacks.evasion._search import Search

_KNOWN = 512
"""Known rows that are compared with each attacked row; more cost more time than they find."""


def other_class_rows(search: Search, rows: Array, count: int) -> Array:
    """Near known rows that an attacker expects to be answered otherwise.

    Args:
        rows: positions, shape (m,).
        count: how many for each.

    Returns:
        Shape (m, count, ...), nearest first: the known rows are dealt into `count` heaps, and each gives its nearest,
        so that the nearest of all is among them. They come from the attacked rows of another class and from the
        target's pool, whose labels are unknown; of more than 512 rows, an even share. Heaps without such a row repeat
        the nearest; empty (m, 0, ...) if a row has none at all.
    """
    known, labels, places = search.x, search.y, np.arange(len(search.x))
    if search.target.pool is not None and len(search.target.pool):
        known = np.concatenate([known, search.target.pool.astype(known.dtype)])
        labels = np.concatenate([labels, np.full(len(search.target.pool), -1)])
        places = np.concatenate([places, np.full(len(search.target.pool), -1)])
    stride = max(1, -(-len(known) // _KNOWN))
    known, labels, places = known[::stride], labels[::stride], places[::stride]
    count = min(count, len(known))
    if not len(rows) or not count:
        return np.zeros((len(rows), 0, *known.shape[1:]), dtype=known.dtype)
    counted = slice(None) if search.columns is None else search.columns
    numeric = flat(known)[:, counted].astype(np.float32)
    own = flat(search.x)[rows][:, counted].astype(np.float32)
    gaps = own @ (-2 * numeric.T)
    gaps += (numeric * numeric).sum(axis=1)
    refused = labels == search.y[rows][:, None]
    refused |= places == rows[:, None]
    gaps[refused] = np.inf
    firsts = np.arange(count)
    nearest = np.stack([first + count * gaps[:, first::count].argmin(axis=1) for first in firsts], axis=1)
    lengths = np.take_along_axis(gaps, nearest, axis=1)
    order = np.argsort(lengths, axis=1, kind="stable")
    nearest, found = np.take_along_axis(nearest, order, axis=1), np.isfinite(np.take_along_axis(lengths, order, axis=1))
    if not found[:, 0].all():
        return np.zeros((len(rows), 0, *known.shape[1:]), dtype=known.dtype)
    return np.asarray(known[np.where(found, nearest, nearest[:, :1])])
