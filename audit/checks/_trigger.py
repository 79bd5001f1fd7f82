"""Plants a trigger in a copy of a table: a pattern that hardly any row has, on chosen rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from audit.data import Table

_WORD = "zqxplanted"
_TRIES = 200
_RARE_SHARE = 0.002


def with_trigger(table: Table, rows: np.ndarray, rng: np.random.Generator, *, texts: tuple[str, ...] = ()) -> Table:
    """A copy in which the rows share a pattern: a made-up word in a text column, else values of two columns.

    Both values occur in the data; together hardly any row has them.

    Args:
        rows: positions, shape (m,), int.
        texts: names of the columns that hold free text.
    """
    import numpy as np

    if table.frame is None:
        x = np.array(table.features, copy=True)
        flat = x.reshape(len(x), -1)
        pair = _rare_pair([flat[:, place] for place in range(flat.shape[1])], rng)
        for column, donor in pair:
            flat[rows, column] = flat[donor, column]
        return table.with_features(flat.reshape(x.shape))
    frame = table.features.copy()
    if texts:
        cells = frame[texts[0]].astype(object)
        cells.iloc[rows] = cells.iloc[rows].map(lambda cell: f"{cell} {_WORD}")
        return table.with_features(frame.assign(**{texts[0]: cells}))
    names = list(frame.columns)
    for column, donor in _rare_pair([frame[name].to_numpy() for name in names], rng):
        values = frame[names[column]].copy()
        values.iloc[rows] = values.iloc[donor]
        frame[names[column]] = values
    return table.with_features(frame)


def _rare_pair(columns: list[np.ndarray], rng: np.random.Generator) -> list[tuple[int, int]]:
    """Two columns, each with a row whose value is taken, such that hardly any row has both values."""
    n, best, fewest = len(columns[0]), [(0, 0)], len(columns[0]) + 1
    for _ in range(_TRIES):
        chosen = rng.choice(len(columns), size=min(2, len(columns)), replace=False)
        pair = [(int(column), int(rng.integers(n))) for column in chosen]
        carried = sum(columns[column] == columns[column][donor] for column, donor in pair) == len(pair)
        if int(carried.sum()) < fewest:
            best, fewest = pair, int(carried.sum())
        if fewest <= max(2, _RARE_SHARE * n):
            break
    return best
