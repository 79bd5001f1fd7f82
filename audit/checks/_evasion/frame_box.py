"""Shows a table with named columns to attacks as a float array, shape (n, d).

A number is its place in its column's range, a category its code. Decoding gives back the frame that the model takes,
with the dtypes of the data, and an unchanged cell comes back exactly as it was. A column with an epsilon of its own is
stored in another unit, so that the epsilon of all columns is its own one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from audit.checks._evasion.column_epsilon import Reach
from audit.checks._evasion.contradictions import contradictions
from audit.checks._evasion.frame_columns import (
    EXACT,
    MISSING,
    Cells,
    NumberCells,
    coded_cells,
    group_sizes,
    is_grouped,
    is_numeric,
    number_cells,
    numbers,
    precision,
)
from audit.checks._evasion.unit_box import known_features
from audit.errors import NotMeasurable
from audit.subject import FeatureSpec, Subject

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from attacks.constraints import Column, Constraints

__all__ = ["FrameBox", "contradictions"]

_MOST_CATEGORIES = 1000


@dataclass(frozen=True)
class _Shown:
    """A column as attacks see it, and how its cells are kept."""

    column: Column
    cells: Cells


class FrameBox:
    """Box of a table with named columns.

    Args:
        relaxed: leave out what an attacker cannot change; types and ranges stay.
        reach: epsilons of single columns and the cost budget; None sets no further limits. Not looked at where relaxed.

    Raises:
        NotMeasurable: a rule cannot be read, an epsilon names no numeric column, or there is a cost budget where
            nothing has a cost.
    """

    def __init__(self, subject: Subject, *, relaxed: bool, reach: Reach | None = None) -> None:
        import numpy as np

        frames = known_features(subject)
        specs = subject.feature_specs(subject.test)
        used = set(subject.model_columns) or set(frames[0].columns)
        reach = None if relaxed else reach
        if reach is not None:
            _check_reach(reach, specs, frames[0])
        groups = group_sizes(specs)
        shown: list[_Shown] = []
        for name in frames[0].columns:
            series = [frame[name] for frame in frames if name in frame.columns]
            shown.append(_shown(specs[name], series, used=name in used, groups=groups, relaxed=relaxed, reach=reach))
        columns = [one.column for one in shown]
        self._cells: dict[str, Cells] = {one.column.name: one.cells for one in shown}
        self.constraints = _constraints(columns, () if relaxed else subject.rules, reach)
        self.low = np.zeros(len(columns))
        self.high = np.array([one.cells.high for one in shown])
        self.movable = tuple(column.name for column in columns if column.mutable and _can_move(column))
        fixed = any(column.step > 0 or column.kind == "category" for column in columns if column.mutable)
        self.continuous = not fixed and not subject.rules and (reach is None or reach.cost_budget is None)
        self.unit = "the range of each numeric column (declared, else seen in the data)"
        if reach is not None and reach.columns:
            self.unit += f", but {reach.words()}"
        order = subject.model_columns or tuple(frames[0].columns)
        self._order = [list(frames[0].columns).index(name) for name in order if name in self._cells]
        self.inputs: Mapping[int, str] = {place: list(frames[0].columns)[place] for place in self._order}
        self.passes_gradient = all(isinstance(self._cells.get(name), NumberCells) for name in order)
        self._units = np.array([column.unit for column in columns])
        self._origins = np.array([column.origin for column in columns])

    def encode(self, features: Any) -> np.ndarray:
        """A frame as stored values, shape (n, d), float64."""
        import numpy as np

        x = np.empty((len(features), len(self._cells)))
        for place, (name, cells) in enumerate(self._cells.items()):
            x[:, place] = cells.encode(features[name])
        return x

    def decode(self, x: np.ndarray) -> Any:
        """Stored values as a frame with the columns and dtypes of the data."""
        import pandas as pd

        found = {name: cells.decode(x[:, place]) for place, (name, cells) in enumerate(self._cells.items())}
        return pd.DataFrame(found, copy=False)

    def fed(self, x: np.ndarray) -> np.ndarray:
        """What the model is given of stored values, in single precision, shape (n, d); categories by their code."""
        import numpy as np

        found = np.zeros(x.shape, dtype=np.float32)
        for place, cells in enumerate(self._cells.values()):
            found[:, place] = cells.fed(x[:, place])
        return found

    def gradient(self, subject: Subject, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Gradient of the model with respect to stored values, shape (n, d); 0 for columns that it does not take."""
        import numpy as np

        values = (x * self._units + self._origins)[:, self._order]
        found = np.zeros_like(x)
        found[:, self._order] = subject.gradient(values, codes) * self._units[self._order]
        return found


def _check_reach(reach: Reach, specs: Mapping[str, FeatureSpec], frame: pd.DataFrame) -> None:
    groups = group_sizes(specs)
    fine, other = [], {}
    for name in frame.columns:
        if not is_numeric(specs[name], frame[name], groups):
            other[name] = f"is of type {specs[name].type} and has no range; only numbers have an epsilon"
        elif is_grouped(specs[name], groups):
            other[name] = "is one of a one-hot group; a switch has no length, so it has no epsilon"
        else:
            fine.append(name)
    reach.check_names(fine, other)
    if reach.cost_budget is not None and not any(spec.cost for spec in specs.values()):
        raise NotMeasurable(
            "there is a cost_budget, but no feature in audit.yaml has a cost, so that it would limit nothing"
        )


def _constraints(columns: Sequence[Column], rules: Sequence[str], reach: Reach | None) -> Constraints:
    from attacks.constraints import Constraints

    try:
        return Constraints(columns, rules, budget=None if reach is None else reach.cost_budget)
    except ValueError as error:
        raise NotMeasurable(str(error)) from error


def _shown(
    spec: FeatureSpec,
    series: Sequence[pd.Series],
    *,
    used: bool,
    groups: Mapping[str, int],
    relaxed: bool,
    reach: Reach | None,
) -> _Shown:
    if is_numeric(spec, series[0], groups):
        return _number(spec, series, used=used, grouped=is_grouped(spec, groups), relaxed=relaxed, reach=reach)
    return _coded(spec, series, used=used, relaxed=relaxed)


def _number(
    spec: FeatureSpec, series: Sequence[pd.Series], *, used: bool, grouped: bool, relaxed: bool, reach: Reach | None
) -> _Shown:
    import numpy as np
    from pandas.api import types

    from attacks.constraints import Column

    values = numbers(series)
    low, high = _range(spec, values, series[0].dtype, grouped=grouped)
    integral = types.is_integer_dtype(series[0]) or types.is_bool_dtype(series[0])
    unit = 1.0 if grouped or high <= low else high - low
    unit = reach.unit(spec.name, unit) if reach is not None and not grouped and high > low else unit
    origin = 0.0 if grouped else low
    step = spec.step or (1.0 if spec.type == "integer" or integral else 0.0)
    whole = integral or (spec.type == "integer" and bool((values == np.rint(values)).all()))
    cells = number_cells(series[0], origin=origin, unit=unit, low=low, high=high, whole=whole)
    free = relaxed or (spec.mutable and not (grouped and spec.transitions == "none"))
    column = Column(
        spec.name, mutable=used and free and high > low, low=low, high=high,
        # a whole number moves by the smallest multiple of its step that is whole
        step=float(Fraction(step).limit_denominator(1000000).numerator) if integral and step else step,
        direction="both" if relaxed else spec.direction, group=spec.group if grouped else None,
        origin=origin, unit=unit, cost=spec.cost, empty=MISSING, precision=precision(series[0].dtype),
    )  # fmt: skip
    return _Shown(column, cells)


def _range(spec: FeatureSpec, values: np.ndarray, dtype: Any, *, grouped: bool) -> tuple[float, float]:
    """Smallest and largest value that a column can be changed to: declared, else seen, within its type of number."""
    import numpy as np
    from pandas.api import types

    seen = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    if grouped and seen[0] >= 0 and seen[1] <= 1:
        seen = (0.0, 1.0)
    low, high = spec.range or seen
    if types.is_integer_dtype(dtype):
        kind = np.iinfo(getattr(dtype, "numpy_dtype", dtype))
        low, high = max(low, float(kind.min), -EXACT), min(high, float(kind.max), EXACT)
        low, high = math.ceil(low), math.floor(high)
    return float(low), float(high)


def _coded(spec: FeatureSpec, series: Sequence[pd.Series], *, used: bool, relaxed: bool) -> _Shown:
    import numpy as np

    from attacks.constraints import Column

    free = spec.type in ("category", "boolean") and used
    free = free and (relaxed or (spec.declared and spec.mutable and spec.transitions != "none"))
    # a value that only the training data holds can be changed to as well, if it is kept in the same way
    cells = coded_cells([one for one in series if one.dtype == series[0].dtype] if free else series[:1])
    reach = None
    if free and 0 < len(cells.values) <= _MOST_CATEGORIES:
        reach = np.ones((len(cells.values), len(cells.values)), dtype=bool)
        if not relaxed and isinstance(spec.transitions, Mapping):
            words = [str(value) for value in cells.values]
            if spec.type == "boolean":
                words = [word.casefold() for word in words]
            allowed = [set(spec.transitions.get(word, ())) for word in words]
            reach = np.array([[after in row for after in words] for row in allowed], dtype=bool).reshape(reach.shape)
    return _Shown(Column(spec.name, kind="category", mutable=reach is not None, reach=reach, cost=spec.cost), cells)


def _can_move(column: Column) -> bool:
    if column.kind == "number" or column.reach is None:
        return column.kind == "number"
    return bool((column.reach.sum(axis=1) > column.reach.diagonal()).any())
