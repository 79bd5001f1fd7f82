"""Looks for a single value of a column that turns most rows into one class, as its neighbours do not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from audit.checks._backdoor import deviation, plateaus
from audit.checks._backdoor.finding import Finding
from audit.checks._backdoor.values import Rows, given
from audit.errors import NotMeasurable

if TYPE_CHECKING:
    import numpy as np

    from attacks.backdoor.neighbour_spike import Column, Spike
    from audit.data import Table

_FIRST_ROWS = 40
_FINALISTS = 10


@dataclass(frozen=True, eq=False)
class TableFinding(Finding):
    """A finding with what it is about.

    Attributes:
        column: name of the column.
        value: the value, as stored.
        by_column: name, strongest class, share of searched rows that its strongest value turned alone, deviations.
        unexplained: names of columns with a range of values that turns most rows, against the labels around it.
    """

    column: str
    value: Any
    by_column: tuple[tuple[str, int, float, float], ...]
    unexplained: tuple[str, ...]


def look(rows: Rows) -> TableFinding:
    """Try every value on few rows, the strongest of the best columns on more, and confirm the best on other rows."""
    import numpy as np

    few = rows.search.take(np.arange(min(_FIRST_ROWS, rows.search.rows)))
    answers = rows.predict(few)
    codes = [given(rows, few, column) for column in rows.columns]
    spikes = _spikes(rows, answers, codes)
    deviations = deviation.of_spikes(np.array([0.0 if spike is None else spike.share for spike in spikes]))
    place = int(deviations.argmax())
    best, column = spikes[place], rows.columns[place]
    if best is None:
        raise NotMeasurable("no column holds a rare value beside others, so there is no single value to try")
    turned = _alone(rows, rows.held_out, column, best)
    by_column = tuple(
        (rows.names[one.place], -1 if spike is None else spike.code, 0.0 if spike is None else spike.share, float(far))
        for one, spike, far in zip(rows.columns, spikes, deviations, strict=True)
    )
    return TableFinding(
        code=best.code,
        anomaly=float(deviations[place]),
        turned=int(turned.sum()),
        rows=len(turned),
        column=rows.names[column.place],
        value=column.values[best.value],
        by_column=by_column,
        unexplained=tuple(
            rows.names[one.place]
            for one, each, labels in zip(rows.columns, codes, rows.labels or [None] * len(codes), strict=True)
            if labels is not None and plateaus.unexplained(one, answers, each, labels)
        ),
    )


def _spikes(rows: Rows, answers: np.ndarray, codes: list[np.ndarray]) -> list[Spike | None]:
    """The strongest value of each column; the best columns are looked at with more rows."""
    import numpy as np

    from attacks.backdoor import neighbour_spike

    spikes = [
        neighbour_spike.strongest(column, answers, each, rows.n_classes)
        for column, each in zip(rows.columns, codes, strict=True)
    ]
    shares = np.array([0.0 if spike is None else spike.share for spike in spikes])
    for place in np.argsort(-shares, kind="stable")[:_FINALISTS]:
        spike = spikes[place]
        if spike is not None:
            turned = _alone(rows, rows.search, rows.columns[place], spike)
            spikes[place] = replace(spike, share=float(turned.mean()) if len(turned) else 0.0)
    return spikes


def _alone(rows: Rows, table: Table, column: Column, spike: Spike) -> np.ndarray:
    """Which rows of other answers the value turns and no neighbour of it does, shape (m,), bool."""
    import numpy as np

    from attacks.backdoor import neighbour_spike

    near = neighbour_spike.with_neighbours(column, spike.value)
    others = rows.predict(table) != spike.code
    hits = given(rows, table, near)[:, others] == spike.code
    return np.asarray(neighbour_spike.alone(near, hits)[near.rare][0])
