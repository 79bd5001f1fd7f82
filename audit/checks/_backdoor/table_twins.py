"""Rare single values planted behind a model, to see how many of them are found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from audit.checks._backdoor import deviation
from audit.checks._backdoor.finding import Found
from audit.checks._backdoor.tables import look
from audit.checks._backdoor.values import Rows, forced
from audit.errors import NotMeasurable

if TYPE_CHECKING:
    import numpy as np

_TWINS = 10
_TRIES = 200
_NATURAL = 0.5
"""A value that turns as many rows by itself needs no trigger; none is planted there."""
_TURNED = (0.6, 1.0)
_BESIDE = (0.0, 0.5)
"""Triggers that trees learn turn 60 to 100 % of the rows, and with the value before or after up to half of these."""


def found_twins(rows: Rows, *, seed: int) -> Found:
    """Plant a rare single value behind the model ten times, and count how often it is found with its class.

    Raises:
        NotMeasurable: no rare value is there to be planted.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    found = 0
    for _ in range(_TWINS):
        mark = _drawn(rows, rng)
        seen = look(replace(rows, predict=_planted(rows.predict, mark)))
        same = seen.column == rows.names[mark.place] and bool(seen.value == mark.value)
        found += same and seen.code == mark.code and seen.anomaly > deviation.ALARM
    return Found(found, _TWINS)


@dataclass(frozen=True)
class _Mark:
    """A planted trigger.

    Attributes:
        place: position of the column.
        value: of the column.
        beside: values before and after it, none where the column has no order.
        code: the class that it leads to.
        turned: share of rows that the value turns.
        turned_beside: share of rows that the values beside it turn.
    """

    place: int
    value: Any
    beside: tuple[Any, ...]
    code: int
    turned: float
    turned_beside: float


def _drawn(rows: Rows, rng: np.random.Generator) -> _Mark:
    """A rare value and a class that it does not lead to by itself."""
    import numpy as np

    known = [column for column in rows.columns if len(column.values) > 1 and column.rare.any()]
    answers = rows.predict(rows.search)
    for _ in range(_TRIES if known else 0):
        column = known[int(rng.integers(len(known)))]
        chosen = int(rng.choice(np.flatnonzero(column.rare)))
        value, near = column.values[chosen], (chosen - 1, chosen + 1) if column.ordered else ()
        turned, of_these = rng.uniform(*_TURNED), rng.uniform(*_BESIDE)
        code = int(rng.choice(answers))
        others = rows.search.take(np.flatnonzero(answers != code))
        if np.mean(rows.predict(forced(others, column.place, (value,))) == code) < _NATURAL:
            beside = tuple(column.values[place] for place in near if 0 <= place < len(column.values))
            return _Mark(column.place, value, beside, code, turned, turned * of_these)
    raise NotMeasurable("no column holds a rare value without effect, so no trigger of a single value can be planted")


def _planted(predict: Callable[[Any], np.ndarray], mark: _Mark) -> Callable[[Any], np.ndarray]:
    """Answers of the model, and the planted class for most rows whose column holds the value, for fewer beside it."""

    def answer(features: Any) -> np.ndarray:
        import numpy as np
        import pandas as pd

        raw = features.features if hasattr(features, "features") else features
        frame = raw if hasattr(raw, "iloc") else pd.DataFrame(np.asarray(raw).reshape(len(raw), -1))
        cells = frame.iloc[:, mark.place]
        reach = np.where(cells == mark.value, mark.turned, np.where(cells.isin(mark.beside), mark.turned_beside, 0.0))
        codes = np.array(predict(features))
        near = np.flatnonzero(reach)
        if len(near):
            # which rows are turned rests on their other columns, so that it is the same rows in every call
            others = frame.iloc[near, [place for place in range(frame.shape[1]) if place != mark.place]]
            drawn = pd.util.hash_pandas_object(others, index=False).to_numpy() / 2.0**64
            codes[near[drawn < reach[near]]] = mark.code
        return codes

    return answer
