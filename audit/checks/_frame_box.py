"""Shows a table with named columns to attacks as a float array, shape (n, d).

A number is its place in its column's range, a category its code. Decoding gives back the frame that the model takes,
with the dtypes of the data, and an unchanged cell comes back exactly as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.checks._unit_box import known_features
from audit.errors import NotMeasurable
from audit.subject import FeatureSpec, Subject

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from attacks.constraints import Column

_MISSING = -1.0
"""Stored in place of an empty cell; it lies outside of every range, so no attack moves it."""
_MOST_CATEGORIES = 1000
_RULE_SLACK = 1e-9


@dataclass(frozen=True)
class _Number:
    """A numeric column: exact values of the data by their stored value, both sorted."""

    origin: float
    unit: float
    low: float
    high: float
    whole: bool
    stored: np.ndarray
    exact: np.ndarray
    dtype: Any


@dataclass(frozen=True)
class _Coded:
    """A column whose values are kept by code: categories, and all that stays as it is."""

    values: pd.Index


class FrameBox:
    """Box of a table with named columns."""

    def __init__(self, subject: Subject, *, relaxed: bool) -> None:
        import numpy as np

        from attacks.constraints import Constraints

        frames = known_features(subject)
        specs = subject.feature_specs(subject.test)
        used = set(subject.model_columns) or set(frames[0].columns)
        self._columns: dict[str, _Number | _Coded] = {}
        columns: list[Column] = []
        for name in frames[0].columns:
            series = [frame[name] for frame in frames if name in frame.columns]
            column, kept = _column(specs[name], series, used=name in used, groups=_groups(specs), relaxed=relaxed)
            columns.append(column)
            self._columns[name] = kept
        self.constraints: Constraints | None
        try:
            self.constraints = Constraints(columns, () if relaxed else subject.rules)
        except ValueError as error:
            raise NotMeasurable(str(error)) from error
        self.low = np.zeros(len(columns))
        self.high = np.array([_high(self._columns[column.name]) for column in columns])
        self.movable = tuple(column.name for column in columns if column.mutable and _can_move(column))
        fixed = any(column.step > 0 or column.kind == "category" for column in columns if column.mutable)
        self.continuous = not fixed and not subject.rules
        self.unit = "the range of each numeric column (declared, else seen in the data)"
        order = subject.model_columns or tuple(frames[0].columns)
        self._order = [list(frames[0].columns).index(name) for name in order if name in self._columns]
        self.inputs: Mapping[int, str] = {place: list(frames[0].columns)[place] for place in self._order}
        self.passes_gradient = all(isinstance(self._columns.get(name), _Number) for name in order)
        self._units = np.array([column.unit for column in columns])
        self._origins = np.array([column.origin for column in columns])

    def encode(self, features: Any) -> np.ndarray:
        """A frame as stored values, shape (n, d), float64."""
        import numpy as np

        x = np.empty((len(features), len(self._columns)))
        for place, (name, kept) in enumerate(self._columns.items()):
            if isinstance(kept, _Coded):
                x[:, place] = kept.values.get_indexer(features[name])
            else:
                values = features[name].to_numpy(dtype=np.float64, na_value=np.nan)
                stored = (values - kept.origin) / kept.unit
                x[:, place] = np.where(np.isfinite(values), stored, _MISSING)
        return x

    def decode(self, x: np.ndarray) -> Any:
        """Stored values as a frame with the columns and dtypes of the data."""
        import pandas as pd

        found = {}
        for place, (name, kept) in enumerate(self._columns.items()):
            stored = x[:, place]
            if isinstance(kept, _Coded):
                found[name] = kept.values.array.take(stored.astype(int), allow_fill=True)
            else:
                found[name] = _decoded(kept, stored)
        return pd.DataFrame(found, copy=False)

    def fed(self, x: np.ndarray) -> np.ndarray:
        """What the model is given of stored values, in single precision, shape (n, d); categories by their code."""
        import numpy as np
        import pandas as pd

        found = np.zeros(x.shape, dtype=np.float32)
        for place, kept in enumerate(self._columns.values()):
            stored = x[:, place]
            if isinstance(kept, _Number):
                stored = pd.Series(_decoded(kept, stored)).to_numpy(dtype=np.float64, na_value=_MISSING)
            found[:, place] = stored
        return found

    def gradient(self, subject: Subject, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Gradient of the model with respect to stored values, shape (n, d); 0 for columns that it does not take."""
        import numpy as np

        values = (x * self._units + self._origins)[:, self._order]
        found = np.zeros_like(x)
        found[:, self._order] = subject.gradient(values, codes) * self._units[self._order]
        return found


def contradictions(subject: Subject) -> tuple[str, ...]:
    """Rules and ranges of audit.yaml that real test rows break, in words with the share of rows; none for arrays.

    An attack keeps to them, so that a wrong one forbids changes that somebody can make.
    """
    if subject.test.frame is None:
        return ()
    import numpy as np

    from attacks.constraints import parse_rule

    frame = subject.test.features
    numbers = {
        name: frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name, spec in subject.feature_specs(subject.test).items()
        if name in frame.columns and _numeric(spec, frame[name])
    }
    found = []
    for text in subject.rules:
        broken = np.zeros(len(frame), dtype=bool)
        for rule in parse_rule(text):
            excess = sum(value * numbers[name] for name, value in rule.coefficients.items()) - rule.bound
            slack = _RULE_SLACK * (1 + abs(rule.bound))
            broken |= (excess >= 0) if rule.strict else (excess > slack)
        found.append((f'the rule "{text}"', broken))
    for name, values in numbers.items():
        low, high = subject.feature_specs(subject.test)[name].range or (-np.inf, np.inf)
        found.append((f"the declared range of {name}, {low:g} to {high:g},", (values < low) | (values > high)))
    return tuple(
        f"{words} does not hold in {broken.mean():.1%} of {len(broken)} test rows; it keeps attacks from changes that "
        "real rows show"
        for words, broken in found
        if broken.any()
    )


def _decoded(kept: _Number, stored: np.ndarray) -> Any:
    import numpy as np
    import pandas as pd

    values = np.clip(kept.origin + stored * kept.unit, kept.low, kept.high)
    values = np.rint(values) if kept.whole else values
    if len(kept.stored):
        # the way to a share of the range and back may lose the last bit; what was not changed comes back exactly
        near = np.minimum(np.searchsorted(kept.stored, stored), len(kept.stored) - 1)
        values = np.where(kept.stored[near] == stored, kept.exact[near], values)
    missing = stored == _MISSING
    if isinstance(kept.dtype, np.dtype):
        return np.where(missing, np.nan, values).astype(kept.dtype) if missing.any() else values.astype(kept.dtype)
    return pd.array([None if empty else value for empty, value in zip(missing, values, strict=True)], dtype=kept.dtype)


def _column(
    spec: FeatureSpec, series: Sequence[pd.Series], *, used: bool, groups: Mapping[str, int], relaxed: bool
) -> tuple[Column, _Number | _Coded]:
    if _numeric(spec, series[0]):
        return _number(spec, series, used=used, groups=groups, relaxed=relaxed)
    return _coded(spec, series, used=used, relaxed=relaxed)


def _numeric(spec: FeatureSpec, series: pd.Series) -> bool:
    from pandas.api import types

    kept = types.is_numeric_dtype(series) and not types.is_bool_dtype(series)
    return bool(kept and spec.type in ("integer", "number"))


def _number(
    spec: FeatureSpec, series: Sequence[pd.Series], *, used: bool, groups: Mapping[str, int], relaxed: bool
) -> tuple[Column, _Number | _Coded]:
    import numpy as np
    import pandas as pd
    from pandas.api import types

    from attacks.constraints import Column

    values = pd.concat([one.astype("float64") for one in series]).to_numpy()
    values = values[np.isfinite(values)]
    seen = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    low, high = spec.range or seen
    grouped = spec.group is not None and groups.get(spec.group, 0) > 1
    whole = spec.type == "integer" or types.is_integer_dtype(series[0])
    unit = 1.0 if grouped or high <= low else high - low
    origin = 0.0 if grouped else low
    mutable = used and (relaxed or (spec.mutable and not (grouped and spec.transitions == "none"))) and high > low
    column = Column(
        spec.name, mutable=mutable, low=low, high=high, step=spec.step or (1.0 if whole else 0.0),
        direction="both" if relaxed else spec.direction, group=spec.group if grouped else None,
        origin=origin, unit=unit,
    )  # fmt: skip
    exact = np.unique(series[0].to_numpy(dtype=np.float64, na_value=np.nan))
    exact = exact[np.isfinite(exact)]
    dtype = series[0].dtype
    return column, _Number(origin, unit, low, high, whole, (exact - origin) / unit, exact, dtype)


def _coded(spec: FeatureSpec, series: Sequence[pd.Series], *, used: bool, relaxed: bool) -> tuple[Column, _Coded]:
    import numpy as np
    import pandas as pd

    from attacks.constraints import Column

    free = spec.type in ("category", "boolean") and used
    free = free and (relaxed or (spec.declared and spec.mutable and spec.transitions != "none"))
    # a value that only the training data holds can be changed to as well, if it is kept in the same way
    same = [one for one in series if one.dtype == series[0].dtype] if free else series[:1]
    both = pd.concat(same, ignore_index=True)
    values = pd.Index(both.dropna().unique(), dtype=both.dtype)
    reach = None
    if free and len(values) <= _MOST_CATEGORIES:
        reach = np.ones((len(values), len(values)), dtype=bool)
        if not relaxed and isinstance(spec.transitions, Mapping):
            words = [str(value) for value in values]
            allowed = [set(spec.transitions.get(word, ())) for word in words]
            reach = np.array([[after in row for after in words] for row in allowed], dtype=bool).reshape(reach.shape)
    return Column(spec.name, kind="category", mutable=reach is not None, reach=reach), _Coded(values)


def _groups(specs: Mapping[str, FeatureSpec]) -> dict[str, int]:
    """How many numeric columns name each one-hot group."""
    found: dict[str, int] = {}
    for spec in specs.values():
        if spec.group is not None and spec.type in ("integer", "number"):
            found[spec.group] = found.get(spec.group, 0) + 1
    return found


def _can_move(column: Column) -> bool:
    if column.kind == "number" or column.reach is None:
        return column.kind == "number"
    elsewhere = [code for before, row in enumerate(column.reach) for code in row.nonzero()[0] if code != before]
    return len(elsewhere) > 0


def _high(kept: _Number | _Coded) -> float:
    return max(0.0, len(kept.values) - 1.0) if isinstance(kept, _Coded) else 1.0
