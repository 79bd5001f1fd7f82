"""Looks at what a model answers: length, shape, finiteness, sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.errors import SubjectError

if TYPE_CHECKING:
    import numpy as np

SUM_TOLERANCE = 1e-3


def checked_labels(answer: Any, rows: int) -> np.ndarray:
    """Labels as a model gave them, shape (n,).

    Raises:
        SubjectError: the length or shape is wrong, or a label is missing or not finite.
    """
    import numpy as np
    import pandas as pd

    labels = np.asarray(answer)
    if labels.shape == (rows, 1):
        labels = labels[:, 0]
    if labels.shape != (rows,):
        raise SubjectError(f"the model answered labels of shape {labels.shape} for {rows} rows; expected ({rows},)")
    bad = ~np.isfinite(labels) if labels.dtype.kind == "f" else np.asarray(pd.isna(labels))
    if bad.any():
        raise SubjectError(f"the model answered no usable label in {int(bad.sum())} of {rows} rows; {_first(bad)}")
    return labels


def checked_numbers(answer: Any, rows: int) -> np.ndarray:
    """Numbers as a regression model gave them, shape (n,), float64.

    Raises:
        SubjectError: the length or shape is wrong, or a value is not a finite number.
    """
    import numpy as np

    try:
        numbers = _floats(answer)
    except (TypeError, ValueError, OverflowError):
        raise SubjectError("the model answered something that is not a number; is the task a regression?") from None
    if numbers.shape == (rows, 1):
        numbers = numbers[:, 0]
    if numbers.shape != (rows,):
        raise SubjectError(f"the model answered numbers of shape {numbers.shape} for {rows} rows; expected ({rows},)")
    bad = ~np.isfinite(numbers)
    if bad.any():
        raise SubjectError(f"the model answered NaN or infinity in {int(bad.sum())} of {rows} rows; {_first(bad)}")
    return numbers


def checked_scores(answer: Any, rows: int, classes: int | None) -> np.ndarray:
    """Class probabilities as a model gave them, shape (n, k), float64, each row scaled to sum to exactly 1.

    Args:
        classes: how many columns there have to be; None where any number above 1 will do.

    Raises:
        SubjectError: the shape is wrong, a value is not finite or negative, or a row does not sum to 1 within 1e-3.
    """
    import numpy as np

    try:
        scores = _floats(answer)
    except (TypeError, ValueError, OverflowError):
        raise SubjectError("the model answered probabilities that are not numbers") from None
    expected = f"({rows}, {classes if classes is not None else 'number of classes'})"
    if scores.ndim != 2 or len(scores) != rows or (classes is not None and scores.shape[1] != classes):
        raise SubjectError(f"the model answered probabilities of shape {scores.shape}; expected {expected}")
    bad = np.asarray(~np.isfinite(scores).all(axis=1))
    if bad.any():
        raise SubjectError(f"the model answered NaN or infinity in {int(bad.sum())} of {rows} rows; {_first(bad)}")
    bad = np.asarray((scores < -SUM_TOLERANCE).any(axis=1))
    if bad.any():
        raise SubjectError(f"the model answered negative probabilities in {int(bad.sum())} rows; {_first(bad)}")
    scores = scores.clip(min=0.0)
    sums = scores.sum(axis=1)
    bad = abs(sums - 1.0) > SUM_TOLERANCE
    if bad.any():
        worst = float(sums[bad][np.argmax(abs(sums[bad] - 1.0))])
        raise SubjectError(
            f"the model's probabilities do not sum to 1 in {int(bad.sum())} of {rows} rows (one sums to {worst:.4g}); "
            f"{_first(bad)}"
        )
    return np.asarray(scores / sums[:, None] if rows else scores)


def checked_matrix(answer: Any, rows: int, what: str, *, missing: bool = False) -> np.ndarray:
    """Numbers as a model gave them, one row of them for each row, shape (n, d), float64.

    Args:
        what: word for them in messages.
        missing: whether NaN may stand for a missing value.

    Raises:
        SubjectError: the shape is wrong, or a value is no finite number.
    """
    import numpy as np

    try:
        values = _floats(answer)
    except (TypeError, ValueError, OverflowError):
        raise SubjectError(f"the model gave {what} that are not numbers") from None
    if values.ndim != 2 or len(values) != rows:
        raise SubjectError(f"the model gave {what} of shape {values.shape} for {rows} rows")
    if not (np.isfinite(values) | (np.isnan(values) & missing)).all():
        raise SubjectError(f"the model gave {what} that are not finite")
    return values


def _floats(answer: Any) -> np.ndarray:
    """An answer as float64; text that looks like numbers is text."""
    import numpy as np

    found = np.asarray(answer)
    if found.dtype.kind == "O" and not all(isinstance(value, int | float | np.number) for value in found.ravel()):
        raise TypeError("not numbers")
    if found.dtype.kind not in "biufO":
        raise TypeError("not numbers")
    return found.astype(np.float64)


def _first(bad: np.ndarray) -> str:
    return f"the first is row {int(bad.argmax())}"
