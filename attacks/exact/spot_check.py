"""Asks the real model about certified rows all the same: one wrong answer shows that its inside is another one."""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, flat
from attacks.evasion._search import Search
from attacks.structure import Structure, Trees

_COLUMNS = 2
"""Most influential columns of a row that are taken to both of their ends."""
_MARKS = (0.0, 1.0, -1.0)
"""Whole numbers that often stand for something else, such as an unknown value."""


def spot_checked(search: Search, structure: Structure, certified: Array, *, seed: int) -> Array:
    """Certified rows, or none of them where the model answers wrongly beside one of them.

    It is asked about a random corner, the corner opposite, the ends of the columns that matter most, and whole numbers
    within reach, all in one call; about fewer of them where the budget of the target is short.

    Args:
        search: rows, labels, epsilon and norm; what is found is recorded there, with 1 to 8 questions a certified row.
        structure: of the model.
        certified: shape (n,), bool.
        seed: of what is chosen at random.

    Raises:
        QueryBudgetExceeded: the target's budget does not allow a question for each of the rows.
    """
    rows = np.flatnonzero(certified)
    if not len(rows) or not search.epsilon:
        return certified
    x, rng = search.x[rows], np.random.default_rng([seed, 3])
    sides = rng.choice([-1.0, 1.0], size=x.shape)
    kinds = [x + search.epsilon * sides, x - search.epsilon * sides]
    kinds += [one.reshape(x.shape) for one in (*_ends(search, structure, rows), *_marked(search, rows, rng))]
    remaining = search.target.remaining
    if remaining is not None:
        # a row each is kept for the confirmation of what is broken
        kinds = kinds[: max(1, (remaining - len(search.x)) // len(rows))]
    # in L2 what lies too far is cut back to the ball
    points = np.stack([search.project(rows, one.astype(x.dtype)) for one in kinds])
    return np.asarray(certified & ~search.labels(np.tile(rows, len(points)), points.reshape(-1, *x.shape[1:])).any())


def _ends(search: Search, structure: Structure, rows: Array) -> list[Array]:
    """Rows with the columns that matter most, one at a time, at either end, each of shape (n, D)."""
    x, ends = search.x[rows], (search.lower[rows], search.upper[rows])
    low, high = np.split(np.asarray(structure.inputs(np.concatenate(ends))), 2)
    moved = np.nan_to_num(np.abs(high - low), nan=0.0, posinf=0.0)
    kind = structure.kind
    if isinstance(kind, Trees):
        weight = np.bincount(kind.feature[kind.feature >= 0], minlength=len(structure.source)) * (moved > 0)
    else:
        weight = np.ptp(kind.weights, axis=0) * moved
    base = flat(x)
    influence = np.zeros(base.shape)
    np.add.at(influence.T, structure.source, np.broadcast_to(weight, moved.shape).T)
    found = []
    for place in np.argsort(-influence, axis=1, kind="stable")[:, :_COLUMNS].T:
        for end in ends:
            found.append(base.copy())
            found[-1][np.arange(len(base)), place] = flat(end)[np.arange(len(base)), place]
    return found


def _marked(search: Search, rows: Array, rng: np.random.Generator) -> list[Array]:
    """Rows with 0 wherever it is within reach, and with one marked number in one column, each of shape (n, D)."""
    base, low, high = flat(search.x[rows]), flat(search.lower[rows]), flat(search.upper[rows])
    constraints = search.target.constraints
    marks = np.repeat(np.array(_MARKS)[:, None], base.shape[1], axis=1)
    if constraints is not None:
        marks = np.stack([(marks[:, at] - one.origin) / one.unit for at, one in enumerate(constraints.columns)], axis=1)
    near = (marks[:, None] >= low) & (marks[:, None] <= high) & (marks[:, None] != base)
    every = np.arange(len(base))
    # one of those within reach, the row itself where none is
    drawn = np.where(near, rng.random(near.shape), 0.0).transpose(1, 0, 2).reshape(len(base), -1).argmax(axis=1)
    mark, column = np.divmod(drawn, base.shape[1])
    one = base.copy()
    one[every, column] = np.where(near[mark, every, column], marks[mark, column], base[every, column])
    return [np.where(near[0], marks[0], base), one]
