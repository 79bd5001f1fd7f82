"""How far rows lie from each other, whatever they hold, so that rows that were copied from each other lie near."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from audit.checks._poisoned_data.rows import Rows

if TYPE_CHECKING:
    import numpy as np

_AT_ONCE = 500
_FREQUENT = 0.02
_WIDE = 100
_DIRECTIONS = 30
_FARTHEST = 4.0


def distances(rows: Rows) -> Iterator[np.ndarray]:
    """From some rows to all rows, shape (m, n) each, 0 upwards, in the order of the rows.

    Rows of a table differ in cells: a column in which rows mostly differ anyway counts as much as it has entropy, and
    by how much two numbers differ counts nothing. Texts count as much as all other columns together, by the words that
    they share. Rows of an array differ by standard deviations, summed; wide arrays, such as images, along their 30
    directions of largest variance.
    """
    return _by_numbers(rows) if rows.table.frame is None else _by_cells(rows)


def identical(rows: Rows) -> np.ndarray:
    """Number of the group of rows with the same features that each row belongs to, shape (n,), int, from 0."""
    import numpy as np
    import pandas as pd

    if rows.table.frame is None:
        cells = pd.DataFrame(np.asarray(rows.table.features).reshape(rows.n, -1))
    else:
        cells = pd.DataFrame(dict(enumerate(_codes(rows, list(rows.table.features)))))
    return np.unique(pd.util.hash_pandas_object(cells, index=False).to_numpy(), return_inverse=True)[1]


def _by_numbers(rows: Rows) -> Iterator[np.ndarray]:
    import numpy as np
    from scipy.spatial.distance import cdist

    flat = np.nan_to_num(np.asarray(rows.table.features, dtype=float).reshape(rows.n, -1))
    x = _scaled(_main_directions(flat) if flat.shape[1] > _WIDE else flat)
    for start in range(0, rows.n, _AT_ONCE):
        yield cdist(x[start : start + _AT_ONCE], x, "cityblock")


def _by_cells(rows: Rows) -> Iterator[np.ndarray]:
    import numpy as np
    from scipy import sparse

    names = [name for name in rows.table.features if name not in rows.texts]
    frequent, rare = _levels(_codes(rows, names), rows.n)
    if rows.texts:
        rare = sparse.hstack([rare, _words(rows)]).tocsr()
    most = bool(names) + bool(rows.texts)
    for start in range(0, rows.n, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        shared = frequent[part] @ frequent.T + (rare[part] @ rare.T).toarray()
        yield np.clip(most - shared, 0, None)


def _codes(rows: Rows, names: list[str]) -> list[np.ndarray]:
    """Columns as codes of their levels, shape (n,) each; a missing value is a level too."""
    import pandas as pd

    features = rows.table.features
    return [pd.factorize(features[name].astype(str), use_na_sentinel=False)[0] for name in names]


def _levels(columns: list[np.ndarray], n: int) -> tuple[np.ndarray, Any]:
    """Which row has which level, weighted so that two equal rows share 1: frequent ones dense, all others sparse."""
    import numpy as np
    from scipy import sparse

    counts = [np.bincount(codes) for codes in columns]
    entropies = np.array([-float((count / n) @ np.log(count / n)) for count in counts])
    weights = np.sqrt(entropies / max(float(entropies.sum()), 1e-9)).astype(np.float32)
    frequent, rare = [np.zeros((n, 0), dtype=np.float32)], [sparse.csr_matrix((n, 0), dtype=np.float32)]
    for codes, count, weight in zip(columns, counts, weights, strict=True):
        often = np.flatnonzero(count > _FREQUENT * n)
        frequent.append((codes[:, None] == often) * weight)
        seldom = np.flatnonzero(count[codes] <= _FREQUENT * n)
        cells = (np.full(len(seldom), weight), (seldom, codes[seldom]))
        rare.append(sparse.csr_matrix(cells, shape=(n, len(count)), dtype=np.float32))
    return np.hstack(frequent), sparse.hstack(rare).tocsr()


def _scaled(columns: np.ndarray) -> np.ndarray:
    """Standard deviations from the median, at most 4."""
    import numpy as np

    spread = columns.std(axis=0)
    scaled = (columns - np.median(columns, axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.asarray(np.clip(scaled, -_FARTHEST, _FARTHEST))


def _main_directions(flat: np.ndarray) -> np.ndarray:
    import numpy as np
    from sklearn.decomposition import PCA

    return np.asarray(PCA(min(_DIRECTIONS, *flat.shape), svd_solver="randomized", random_state=0).fit_transform(flat))


def _words(rows: Rows) -> Any:
    """Words of the texts as rows of length 1."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    column = rows.table.features[list(rows.texts)].astype(object)
    joined = [" ".join(row) for row in np.asarray(column.where(column.notna(), "")).astype(str)]
    return TfidfVectorizer(token_pattern=r"(?u)\w+|[^\w\s]").fit_transform([text or "_" for text in joined])
