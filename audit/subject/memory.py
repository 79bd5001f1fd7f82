"""Tables from objects of a notebook."""

from __future__ import annotations

from typing import Any

from audit.data import Table
from audit.data.table import checked_names
from audit.errors import SubjectError


def table_of(rows: Any, role: str, target: str | None) -> Table:
    """A table from a frame that holds the target, from a pair (x, y), or from a `Table`.

    Args:
        rows: x of a pair may be a frame or an array of shape (n, ...); y has shape (n,) or is None.
        role: `train`, `test` ...

    Raises:
        SubjectError: there are no rows, two columns have one name, or x and y differ in length.
    """
    import numpy as np
    import pandas as pd

    name = f"data.{role}"
    if isinstance(rows, Table):
        return Table(name, rows.frame, rows.array, rows.labels, rows.target)
    x, y = rows if isinstance(rows, tuple) else (rows, None)
    if len(x) == 0:
        raise SubjectError(f"{name} has no rows")
    if y is not None and np.shape(y) != (len(x),):
        raise SubjectError(f"{name}: labels of shape {np.shape(y)} for {len(x)} rows")
    if not isinstance(x, pd.DataFrame):
        return Table.of_array(x, y, role=name, target=target)
    checked_names([str(column) for column in x.columns], where=name)
    frame = x.reset_index(drop=True).rename(columns=str)
    if y is not None:
        frame = frame.assign(**{target or "target": np.asarray(y)})
    return Table.of_frame(frame, role=name, target=target or ("target" if y is not None else None))
