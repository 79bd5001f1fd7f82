"""Shows the rows of a subject to attacks as float arrays in which a change of 1 is a whole range.

An array keeps its shape; it is divided by 255 where it holds bytes, and taken as it is where it lies within 0..1.
Tables with named columns are in `_frame_box`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from attacks.constraints import Constraints
    from audit.checks._evasion.column_epsilon import Reach


_FINEST = 1e-7
"""Share of a range that single precision, in which most models compute, tells apart."""


class UnitBox(Protocol):
    """What both kinds of box offer.

    Attributes:
        low: smallest stored value, a number or one a column.
        high: largest stored value.
        passes_gradient: whether the model's inputs are all numbers, so that its gradient can be passed on.
        continuous: whether a number can take any value in its range, so that a gradient leads as far as it can.
        movable: words for what can be changed; empty where nothing can.
        inputs: names of what the model takes, by the place of their stored value.
        unit: words for what epsilon = 1 means.
    """

    low: Any
    high: Any
    passes_gradient: bool
    continuous: bool
    movable: tuple[str, ...]
    inputs: Mapping[int, str]
    unit: str

    @property
    def constraints(self) -> Constraints | None:
        """What a real attacker can change; None where everything within the bounds."""

    def encode(self, features: Any) -> np.ndarray:
        """Rows as stored values."""

    def decode(self, x: np.ndarray) -> Any:
        """Stored values as features that the model takes."""

    def fed(self, x: np.ndarray) -> np.ndarray:
        """What the model is given of stored values, in single precision, shape (n, d); categories by their code."""

    def gradient(self, subject: Subject, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Gradient of the model with respect to stored values, same shape as `x`."""


def reachable(box: UnitBox, x: np.ndarray, epsilon: float) -> np.ndarray:
    """Which inputs of which rows the model can be given in another form within epsilon, shape (n, d), bool.

    A change that whole numbers, steps or single precision swallow is none.
    """
    import numpy as np

    before = box.fed(x)
    found = np.zeros(before.shape, dtype=bool)
    clipped = (np.clip(x + reach, box.low, box.high) for reach in (epsilon, -epsilon))
    for moved in clipped if box.constraints is None else box.constraints.trials(x, epsilon):
        found |= (box.fed(moved) != before) & (np.abs(moved - x).reshape(before.shape) > _FINEST)
    if box.constraints is not None:
        for switch in box.constraints.switches:
            found |= box.constraints.project(x, np.where(np.isnan(switch), x, switch)) != x
    return found


def unit_box(subject: Subject, *, relaxed: bool = False, reach: Reach | None = None) -> UnitBox:
    """The box of a subject's test data.

    Args:
        relaxed: leave out what an attacker cannot change (fixed columns, directions, transitions, rules); types and
            ranges stay. For showing that an attack without limits works.
        reach: epsilon of single columns and what all changes may cost; None for the same share of every range.

    Raises:
        NotMeasurable: `reach` names columns that cannot have an epsilon, the array holds values that are not finite, or
            a rule cannot be read.
    """
    if subject.test.frame is None:
        if reach is not None and (reach.columns or reach.cost_budget is not None):
            raise NotMeasurable("epsilons and cost_budget are about named columns, and data.test is an array")
        return ArrayBox(subject)
    from audit.checks._evasion.frame_box import FrameBox

    return FrameBox(subject, relaxed=relaxed, reach=reach)


def known_features(subject: Subject) -> list[Any]:
    """Features of every table that shows the range of real values, the test data first."""
    roles = [role for role in ("test", "train", "reference") if subject.has(f"data.{role}")]
    return [subject.table(role).features for role in roles]


class ArrayBox:
    """Box of an array, shape (n, ...)."""

    def __init__(self, subject: Subject) -> None:
        import numpy as np

        arrays = [np.asarray(array) for array in known_features(subject)]
        first = arrays[0]
        if not np.issubdtype(first.dtype, np.number) or not all(np.isfinite(array).all() for array in arrays):
            raise NotMeasurable("data.test holds values that are no finite numbers; there is no range to move them in")
        self.constraints: Constraints | None = None
        self._dtype = first.dtype
        self._whole = np.issubdtype(first.dtype, np.integer)
        low = min(float(array.min()) for array in arrays)
        high = max(float(array.max()) for array in arrays)
        self._origin: Any = 0.0
        if self._whole and low >= 0 and high <= 255:
            self._unit: Any = 255.0
            self.unit = "the full range 0..255"
        elif low >= 0 and high <= 1:
            self._unit = 1.0
            self.unit = "the data's own unit, 0..1"
        elif first.ndim == 2:
            self._origin = np.min([array.min(axis=0) for array in arrays], axis=0).astype(np.float64)
            span = np.max([array.max(axis=0) for array in arrays], axis=0) - self._origin
            self._unit = np.where(span > 0, span, 1.0)
            self.unit = "each column's range in the data"
        else:
            self._origin, self._unit = low, max(high - low, 1e-300)
            self.unit = f"the range of the data, {low:g}..{high:g}"
        self.low, self.high = 0.0, 1.0
        self.passes_gradient = True
        self.continuous = not self._whole
        self.movable: tuple[str, ...] = ("every value",)
        self.inputs: Mapping[int, str] = {place: f"x{place}" for place in range(first[:1].size)}

    def encode(self, features: Any) -> np.ndarray:
        """Rows as stored values, float32 where the data is float32 or bytes."""
        import numpy as np

        values = np.asarray(features)
        kind = np.float64 if values.dtype == np.float64 else np.float32
        return np.asarray(((values - self._origin) / self._unit).astype(kind))

    def decode(self, x: np.ndarray) -> Any:
        """Stored values as the array that the model takes, in the dtype of the data."""
        import numpy as np

        values = x * self._unit + self._origin
        return np.asarray(np.rint(values) if self._whole else values).astype(self._dtype)

    def fed(self, x: np.ndarray) -> np.ndarray:
        """What the model is given of stored values, in single precision, shape (n, d)."""
        import numpy as np

        return np.asarray(self.decode(x).reshape(len(x), -1).astype(np.float32))

    def gradient(self, subject: Subject, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Gradient of the model with respect to stored values, same shape as `x`."""
        import numpy as np

        # bytes are not rounded here: a gradient at the nearest byte would be as good, and no model gives one for bytes
        values = x * self._unit + self._origin
        kind = np.float32 if self._whole else self._dtype
        return np.asarray(subject.gradient(values.astype(kind), codes) * self._unit)
