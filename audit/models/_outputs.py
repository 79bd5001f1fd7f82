"""What a network's raw output means: probabilities, or logits that still need softmax.

Neither a TorchScript file nor an ONNX graph says so. The rule, decided once per model: rows that are all without
negative values and all sum to 1 are probabilities, anything else is logits; a single column within 0..1 is the
probability of the second class, anything else its logit. The decision is taken on the first rows asked for and on
scaled copies of them, so that one row that happens to sum to 1 does not decide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from audit.errors import NotMeasurable, SubjectError
from audit.models._checked import SUM_TOLERANCE

if TYPE_CHECKING:
    import numpy as np

Raw = Callable[["np.ndarray"], "np.ndarray"]
"""Inputs to raw outputs, shape (n, k), (n, 1) or (n,)."""

_FACTORS = (1.0, 0.0, 0.25, -0.5, 0.75, 3.0)
_PROBED = 16


class Scores:
    """Class probabilities from raw outputs.

    Args:
        raw: asks the network.
        logits: whether the outputs are logits; None to decide from the outputs.
    """

    def __init__(self, raw: Raw, *, logits: bool | None = None) -> None:
        self.raw = raw
        self._logits = logits

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Class probabilities, shape (n, k), k at least 2."""
        import numpy as np
        from scipy.special import expit, softmax

        logits = self.are_logits(x)
        values = two_dimensional(self.raw(x), len(x))
        if values.shape[1] == 1:
            second = expit(values) if logits else values
            return np.hstack([1.0 - second, second])
        return np.asarray(softmax(values, axis=1)) if logits else values

    def logits(self, x: np.ndarray) -> np.ndarray:
        """The logits, shape (n, k), k at least 2: they still tell classes apart where softmax ends at 0 and 1.

        Raises:
            NotMeasurable: the network answers probabilities.
        """
        import numpy as np

        if not self.are_logits(x):
            raise NotMeasurable("the network answers probabilities, not logits")
        values = two_dimensional(self.raw(x), len(x))
        return np.hstack([np.zeros_like(values), values]) if values.shape[1] == 1 else values

    def labels(self, x: np.ndarray) -> np.ndarray:
        """Position of the most probable class, shape (n,)."""
        import numpy as np

        scores = self(x)
        if not np.isfinite(scores).all():
            raise SubjectError("the model answered NaN or infinity")
        return np.asarray(scores.argmax(axis=1))

    def are_logits(self, x: np.ndarray) -> bool:
        """Whether the outputs are logits; `x` is asked about where that is not decided yet."""
        import numpy as np

        if self._logits is None:
            first = np.asarray(x)[:_PROBED]
            probe = np.concatenate([(first * factor).astype(first.dtype) for factor in _FACTORS])
            self._logits = not _look_like_probabilities(two_dimensional(self.raw(probe), len(probe)))
        return self._logits


def two_dimensional(answer: np.ndarray, rows: int) -> np.ndarray:
    """Raw outputs as float64, shape (n, k).

    Raises:
        SubjectError: they have another shape.
    """
    import numpy as np

    values = np.asarray(answer, dtype=np.float64)
    if values.shape == (rows,):
        values = values[:, None]
    if values.ndim != 2 or len(values) != rows:
        raise SubjectError(
            f"the model answered an array of shape {values.shape} for {rows} rows; expected ({rows}, classes)"
        )
    return values


def _look_like_probabilities(values: np.ndarray) -> bool:
    import numpy as np

    if values.shape[1] == 1:
        return bool(((values >= 0) & (values <= 1)).all())
    return bool((values >= -SUM_TOLERANCE).all() and (np.abs(values.sum(axis=1) - 1.0) <= SUM_TOLERANCE).all())
