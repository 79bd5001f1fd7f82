"""Turns a table of numbers, categories and text into what the screening of training data works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.errors import NotMeasurable

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from audit.data import Table
    from audit.subject import Subject

_FEW_LEVELS = 40
_MOST_RULE_COLUMNS = 64
_MOST_WORDS = 2000


@dataclass(frozen=True)
class Encoded:
    """One table in three forms.

    Attributes:
        full: all that a strong model may use, shape (n, d); sparse where there is text.
        plain: the same without rare values, for a model that cannot know a trigger, shape (n, e).
        codes: levels of the columns of values, for rules, shape (n, f), int.
        exact: whether a level is one value that repeats, shape (n, f), bool.
        names: of the columns of `codes`.
        has_text: whether there is free text, which `codes` leaves out.
        left_out: columns of values too many for rules.
    """

    full: Any
    plain: np.ndarray
    codes: np.ndarray
    exact: np.ndarray
    names: tuple[str, ...]
    has_text: bool
    left_out: int


def encoded(subject: Subject, table: Table) -> Encoded:
    """Encode the features of a table.

    Raises:
        NotMeasurable: there is no feature.
    """
    import numpy as np

    if table.frame is None:
        x = np.asarray(table.features, dtype=float).reshape(table.rows, -1)
        return _joined(
            [x], [_plain(x, are_numbers=True)], [x], [f"column {place}" for place in range(x.shape[1])], None
        )
    frame, specs = table.features, subject.feature_specs(table)
    if frame.shape[1] == 0:
        raise NotMeasurable(f"{table.role} has no feature columns")
    full, plain, values, names, texts = [], [], [], [], []
    for name in frame.columns:
        if specs[name].type == "text":
            texts.append(frame[name])
            continue
        column = _numbers(frame[name])
        is_number = specs[name].type in ("integer", "number")
        full.append(_strong(column, is_number=is_number))
        plain.append(_plain(column[:, None], are_numbers=is_number))
        values.append(column[:, None])
        names.append(str(name))
    return _joined(full, plain, values, names, _as_one(texts) if texts else None)


def _joined(full: list[Any], plain: list[Any], values: list[Any], names: list[str], text: Any) -> Encoded:
    import numpy as np

    from audit.statistics.residual_rules import Levels, levels

    found = levels(np.column_stack(values)) if values else Levels(*np.empty((2, len(text), 0), dtype=np.int64))
    chosen = np.arange(found.codes.shape[1])
    if len(chosen) > _MOST_RULE_COLUMNS:
        # Columns in which values repeat can carry a trigger that a rule sees; those with the most levels go first.
        chosen = np.sort(np.argsort(-found.codes.max(axis=0), kind="stable")[:_MOST_RULE_COLUMNS])
    strong, blunt = np.column_stack(full) if full else None, plain
    if text is not None:
        words = _words(text)
        strong, blunt = _stacked(full, words.weights), [*plain, words.common]
    return Encoded(
        full=strong,
        plain=np.column_stack(blunt),
        codes=found.codes[:, chosen],
        exact=found.exact[:, chosen].astype(bool),
        names=tuple(names[place] for place in chosen),
        has_text=text is not None,
        left_out=found.codes.shape[1] - len(chosen),
    )


@dataclass(frozen=True)
class _Words:
    weights: Any
    common: np.ndarray


def _words(text: Any) -> _Words:
    """Weights of all words, and presence of common words."""
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    from audit.statistics.residual_rules import MAX_SHARE

    try:
        counts = CountVectorizer(max_features=_MOST_WORDS, binary=True, token_pattern=r"(?u)\b\w+\b").fit_transform(
            text
        )
    except ValueError as problem:
        raise NotMeasurable("the text columns hold no words") from problem
    share = np.asarray(counts.mean(axis=0)).ravel()
    common = counts[:, share > MAX_SHARE].toarray().astype(float)
    return _Words(TfidfTransformer().fit_transform(counts.astype(float)), common)


def _stacked(full: list[Any], weights: Any) -> Any:
    import numpy as np
    from scipy import sparse
    from sklearn.preprocessing import StandardScaler

    if not full:
        return weights.tocsr()
    return sparse.hstack([sparse.csr_matrix(StandardScaler().fit_transform(np.column_stack(full))), weights]).tocsr()


def _as_one(columns: list[pd.Series]) -> list[str]:
    cells = [column.astype(object).where(column.notna(), "").astype(str).tolist() for column in columns]
    return [" ".join(row) for row in zip(*cells, strict=True)]


def _numbers(column: pd.Series) -> np.ndarray:
    """Numbers as they are, everything else as codes by sorted level; a missing value is NaN. Shape (n,), float."""
    import numpy as np
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))
    text = column.astype(object).where(column.notna(), None).map(lambda cell: None if cell is None else str(cell))
    codes = pd.factorize(text, sort=True)[0].astype(float)
    return np.asarray(np.where(codes < 0, np.nan, codes))


def _strong(column: np.ndarray, *, is_number: bool) -> np.ndarray:
    """A column for the forest: its number, whether it is missing, and each of its levels where they are few."""
    import numpy as np

    missing = np.isnan(column)
    middle = 0.0 if missing.all() else float(np.nanmedian(column))
    parts = [np.where(missing, middle, column)]
    if missing.any():
        parts.append(missing.astype(float))
    if not is_number:
        known, counts = np.unique(column[~missing], return_counts=True)
        parts += [(column == level).astype(float) for level in known[np.argsort(-counts, kind="stable")][:10]]
    return np.column_stack(parts)


def _plain(columns: np.ndarray, *, are_numbers: bool) -> np.ndarray:
    """Columns without rare values: the rank of each number, and the levels that more rows carry than a trigger may."""
    import numpy as np
    from scipy import stats

    from audit.statistics.residual_rules import MAX_SHARE

    parts = []
    for column in columns.T:
        filled = np.where(np.isnan(column), -np.inf, column)
        parts.append(stats.rankdata(filled) / len(filled))
        if are_numbers:
            continue
        known, counts = np.unique(filled, return_counts=True)
        if len(known) <= _FEW_LEVELS:
            parts += [(filled == level).astype(float) for level in known[counts > MAX_SHARE * len(filled)][:-1]]
    return np.column_stack(parts)
