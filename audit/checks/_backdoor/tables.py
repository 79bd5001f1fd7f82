"""Looks for a single value of a column that turns most rows into one class, as its neighbours do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from audit.checks._backdoor import deviation
from audit.checks._backdoor.finding import Finding, pick_rows
from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from attacks.backdoor.neighbour_spike import Column, Spike
    from audit.data import Table

_MOST_VALUES = 60
_COMMON = 0.05
"""A value that more rows than these carry is no secret mark: it would turn them in everyday use."""
_FIRST_ROWS = 40
_FINALISTS = 10
_TRIES = 200
_ROWS_A_CALL = 20_000
TWINS = 10
_NATURAL = 0.5
"""A value that turns as many rows by itself needs no trigger; none is planted there."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows that a search may use, and those that its finding is confirmed on.

    Attributes:
        predict: features to class codes.
        names: of the columns.
        columns: values to try.
    """

    predict: Callable[[Any], np.ndarray]
    n_classes: int
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    search: Table
    held_out: Table


@dataclass(frozen=True, eq=False)
class TableFinding(Finding):
    """A finding with what it is about.

    Attributes:
        column: name of the column.
        value: the value, as stored.
        by_column: name, strongest class, share of searched rows that its strongest value turned alone, deviations.
    """

    column: str
    value: Any
    by_column: tuple[tuple[str, int, float, float], ...]


def rows_of(subject: Subject, *, seed: int, max_rows: int) -> Rows:
    """Test rows in two halves, and the values that training and test data hold.

    Raises:
        NotMeasurable: there are too few rows, no column but text, or the model answers all rows with one class.
    """
    table = subject.test
    columns = tuple(_columns(subject, seed))
    if not columns:
        raise NotMeasurable(
            "the model reads text alone; words that nobody knows cannot be guessed, so screen the training data with "
            "poisoned_data"
        )
    halves = pick_rows(table.rows, seed, max_rows)
    rows = Rows(
        subject.predict, len(subject.classes), _names(table), columns, table.take(halves.search),
        table.take(halves.held_out),
    )  # fmt: skip
    if len(set(rows.predict(rows.search).tolist())) < 2:
        raise NotMeasurable("the model answers nearly all test rows with one class; nothing can be turned into it")
    return rows


def look(rows: Rows) -> TableFinding:
    """Try every value on a few rows, the strongest of the best columns on more, and confirm the best on other rows."""
    import numpy as np

    spikes = _spikes(rows)
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
    )


def _spikes(rows: Rows) -> list[Spike | None]:
    """The strongest value of each column; the best columns are looked at with more rows."""
    import numpy as np

    from attacks.backdoor import neighbour_spike

    few = rows.search.take(np.arange(min(_FIRST_ROWS, rows.search.rows)))
    answers = rows.predict(few)
    spikes = [
        neighbour_spike.strongest(column, answers, _given(rows, few, column), rows.n_classes) for column in rows.columns
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
    hits = _given(rows, table, near)[:, others] == spike.code
    return np.asarray(neighbour_spike.alone(near, hits)[near.rare][0])


def found_twins(rows: Rows, *, seed: int) -> int:
    """Plant a rare single value behind the model ten times, and count how often it is found with its class.

    Raises:
        NotMeasurable: no rare value is there to be planted.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    found = 0
    for _ in range(TWINS):
        mark = _drawn(rows, rng)
        seen = look(replace(rows, predict=_planted(rows.predict, mark)))
        same = seen.column == rows.names[mark.place] and bool(seen.value == mark.value)
        found += same and seen.code == mark.code and seen.anomaly > deviation.ALARM
    return found


@dataclass(frozen=True)
class _Mark:
    """A planted trigger: a column, a value of it, and the class that it leads to."""

    place: int
    value: Any
    code: int


def _drawn(rows: Rows, rng: np.random.Generator) -> _Mark:
    """A rare value and a class that it does not lead to by itself."""
    import numpy as np

    known = [column for column in rows.columns if len(column.values) > 1 and column.rare.any()]
    answers = rows.predict(rows.search)
    for _ in range(_TRIES if known else 0):
        column = known[int(rng.integers(len(known)))]
        value = column.values[int(rng.choice(np.flatnonzero(column.rare)))]
        code = int(rng.choice(answers))
        others = rows.search.take(np.flatnonzero(answers != code))
        if np.mean(rows.predict(_forced(others, column.place, (value,))) == code) < _NATURAL:
            return _Mark(column.place, value, code)
    raise NotMeasurable("no column holds a rare value without effect, so no trigger of a single value can be planted")


def _planted(predict: Callable[[Any], np.ndarray], mark: _Mark) -> Callable[[Any], np.ndarray]:
    """Answers of the model, and the planted class wherever the column holds the value."""

    def answer(features: Any) -> np.ndarray:
        import numpy as np

        raw = features.features if hasattr(features, "features") else features
        cells = raw.iloc[:, mark.place] if hasattr(raw, "iloc") else raw.reshape(len(raw), -1)[:, mark.place]
        return np.where(np.asarray(cells == mark.value), mark.code, predict(features))

    return answer


def _given(rows: Rows, table: Table, column: Column) -> np.ndarray:
    """Class codes of the rows with each value forced into the column, shape (values, n)."""
    import numpy as np

    step = max(1, _ROWS_A_CALL // table.rows)
    parts = []
    for start in range(0, len(column.values), step):
        values = column.values[start : start + step]
        parts.append(rows.predict(_forced(table, column.place, values)).reshape(len(values), table.rows))
    return np.concatenate(parts)


def _forced(table: Table, place: int, values: tuple[Any, ...]) -> Any:
    """All rows with the first value in one column, then all with the second ..."""
    import numpy as np
    import pandas as pd

    if table.frame is None:
        x = np.concatenate([np.asarray(table.features)] * len(values))
        x.reshape(len(x), -1)[:, place] = np.repeat(np.asarray(values, dtype=x.dtype), table.rows)
        return x
    frame = pd.concat([table.features] * len(values), ignore_index=True)
    name = frame.columns[place]
    cells = pd.Series(list(values)).repeat(table.rows).reset_index(drop=True)
    frame[name] = cells.astype(frame[name].dtype)
    return frame


def _names(table: Table) -> tuple[str, ...]:
    import numpy as np

    if table.frame is not None:
        return tuple(str(name) for name in table.features.columns)
    return tuple(str(place) for place in range(int(np.prod(table.features.shape[1:]))))


def _columns(subject: Subject, seed: int) -> Iterator[Column]:
    """Values to try in every column that the model can take other values in."""
    import numpy as np

    from attacks.backdoor.neighbour_spike import Column

    tables = [subject.table(role) for role in ("test", "train") if subject.has(f"data.{role}")]
    specs = None if subject.test.frame is None else subject.feature_specs(subject.test)
    for place, name in enumerate(_names(subject.test)):
        if specs is not None and specs[name].type == "text":
            continue
        cells = np.concatenate([_cells(table, place) for table in tables])
        number = cells.dtype.kind in "iufb"
        values, counts = np.unique(cells, return_counts=True)
        if len(values) > _MOST_VALUES:
            kept = _spread(counts, np.random.default_rng(seed + place))
            values, counts = values[kept], counts[kept]
        rare = counts <= max(_COMMON * len(cells), 1)
        yield Column(place, tuple(values.tolist()), number and len(values) > 2, rare)


def _cells(table: Table, place: int) -> np.ndarray:
    """Values of one column that are there, as numbers or text."""
    import numpy as np
    import pandas as pd

    if table.frame is None:
        numbers = np.asarray(table.features).reshape(table.rows, -1)[:, place]
        return numbers[np.isfinite(numbers)] if numbers.dtype.kind == "f" else numbers
    column = table.features.iloc[:, place].dropna()
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_extension_array_dtype(column):
        return np.asarray(column.to_numpy())
    return np.asarray(column.astype(str).to_numpy())


def _spread(counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Positions of some of many sorted values: half of them those that repeat most, since a trigger repeats."""
    import numpy as np

    often = np.argsort(-(counts + rng.random(len(counts)) / 2), kind="stable")[: _MOST_VALUES // 2]
    evenly = np.linspace(0, len(counts) - 1, _MOST_VALUES // 2).round().astype(int)
    return np.unique(np.concatenate([often, evenly]))
