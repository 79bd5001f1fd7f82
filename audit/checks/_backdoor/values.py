"""The values to try in each column of a table, and what the model answers with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.checks._backdoor.finding import pick_rows
from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from attacks.backdoor.neighbour_spike import Column
    from audit.data import Table

_MOST_VALUES = 60
_COMMON = 0.05
"""A value that more rows than these carry is no secret mark: it would turn them in everyday use."""
_ROWS_A_CALL = 20_000


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows that a search may use, and those that its finding is confirmed on.

    Attributes:
        predict: features to class codes.
        names: of the columns.
        columns: values to try.
        labels: for each column the training rows with each value and of each class, shape (values, classes); no column
            without labelled training data.
    """

    predict: Callable[[Any], np.ndarray]
    n_classes: int
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    search: Table
    held_out: Table
    labels: tuple[np.ndarray, ...]


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
        table.take(halves.held_out), tuple(_labels(subject, columns)),
    )  # fmt: skip
    if len(set(rows.predict(rows.search).tolist())) < 2:
        raise NotMeasurable("the model answers nearly all test rows with one class; nothing can be turned into it")
    return rows


def given(rows: Rows, table: Table, column: Column) -> np.ndarray:
    """Class codes of the rows with each value forced into the column, shape (values, n)."""
    import numpy as np

    step = max(1, _ROWS_A_CALL // table.rows)
    parts = []
    for start in range(0, len(column.values), step):
        values = column.values[start : start + step]
        parts.append(rows.predict(forced(table, column.place, values)).reshape(len(values), table.rows))
    return np.concatenate(parts)


def forced(table: Table, place: int, values: tuple[Any, ...]) -> Any:
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
        found = np.concatenate([_cells(table, place) for table in tables])
        number = found.dtype.kind in "iufb"
        values, counts = np.unique(found, return_counts=True)
        if len(values) > _MOST_VALUES:
            kept = _spread(counts, np.random.default_rng(seed + place))
            values, counts = values[kept], counts[kept]
        rare = counts <= max(_COMMON * len(found), 1)
        yield Column(place, tuple(values.tolist()), number and len(values) > 2, rare)


def _labels(subject: Subject, columns: tuple[Column, ...]) -> Iterator[np.ndarray]:
    """Training rows with each value of each column and of each class, arrays of shape (values, classes)."""
    import numpy as np
    import pandas as pd

    if not subject.has("data.train") or subject.train.labels is None:
        return
    codes = subject.codes(subject.train)
    array = None if subject.train.frame is not None else np.asarray(subject.train.features).reshape(len(codes), -1)
    for column in columns:
        cells = subject.train.features.iloc[:, column.place] if array is None else pd.Series(array[:, column.place])
        place = pd.Index(column.values).get_indexer(cells if column.ordered else cells.astype(str))
        counts = np.zeros((len(column.values), len(subject.classes)), int)
        np.add.at(counts, (place[place >= 0], codes[place >= 0]), 1)
        yield counts


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
