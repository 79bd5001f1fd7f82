"""How far rows lie from each other, whatever they hold, so that a small change of one column is a small distance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from audit.checks._poisoned_data.rows import Rows

if TYPE_CHECKING:
    import numpy as np

_AT_ONCE = 500
_WIDE = 100
_DIRECTIONS = 30
_FARTHEST = 4.0


def distances(rows: Rows) -> Iterator[np.ndarray]:
    """From some rows to all rows, shape (m, n) each, in the order of the rows.

    A number counts by standard deviations, at most 4 from the median, and a category by 1. Texts count as much as all
    other columns together, by the words that they share. Wide arrays, such as images, are compared along their 30
    directions of largest variance.
    """
    import numpy as np
    from scipy.spatial.distance import cdist

    numbers, levels, words = _parts(rows)
    weight = max(1, numbers.shape[1] + levels.shape[1])
    for start in range(0, rows.n, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        total = np.zeros((len(rows.labels[part]), rows.n))
        if numbers.shape[1]:
            total += cdist(numbers[part], numbers, "cityblock")
        if levels.shape[1]:
            total += cdist(levels[part], levels, "hamming") * levels.shape[1]
        if words is not None:
            total += weight * np.clip(1 - (words[part] @ words.T).toarray(), 0, None)
        yield total


def _parts(rows: Rows) -> tuple[np.ndarray, np.ndarray, Any]:
    """Scaled numbers of shape (n, a), codes of categories of shape (n, b), words of texts as unit rows or None."""
    import numpy as np
    import pandas as pd

    if rows.table.frame is None:
        flat = np.nan_to_num(np.asarray(rows.table.features, dtype=float).reshape(rows.n, -1))
        return _scaled(_main_directions(flat) if flat.shape[1] > _WIDE else flat), np.empty((rows.n, 0)), None
    specs, frame = rows.subject.feature_specs(rows.table), rows.table.features
    numbers, levels = [], []
    for name in frame.columns:
        if specs[name].type in ("integer", "number"):
            numbers.append(frame[name].to_numpy(dtype=float, na_value=np.nan))
        elif specs[name].type != "text":
            levels.append(pd.factorize(frame[name].astype(str))[0].astype(float))
    empty = np.empty((rows.n, 0))
    words = _words(rows) if rows.texts else None
    return (
        _scaled(np.column_stack(numbers)) if numbers else empty,
        np.column_stack(levels) if levels else empty,
        words,
    )


def _scaled(columns: np.ndarray) -> np.ndarray:
    """Standard deviations from the median; a missing value lies as far out as can be."""
    import numpy as np

    spread = np.nanstd(columns, axis=0)
    scaled = (columns - np.nanmedian(columns, axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.asarray(np.clip(np.nan_to_num(scaled, nan=_FARTHEST), -_FARTHEST, _FARTHEST))


def _main_directions(flat: np.ndarray) -> np.ndarray:
    import numpy as np
    from sklearn.decomposition import PCA

    return np.asarray(PCA(min(_DIRECTIONS, *flat.shape), svd_solver="randomized", random_state=0).fit_transform(flat))


def _words(rows: Rows) -> Any:
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    column = rows.table.features[list(rows.texts)].astype(object)
    joined = [" ".join(row) for row in np.asarray(column.where(column.notna(), "")).astype(str)]
    return TfidfVectorizer(token_pattern=r"(?u)\w+|[^\w\s]").fit_transform([text or "_" for text in joined])
