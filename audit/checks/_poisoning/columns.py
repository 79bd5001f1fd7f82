"""Turns rows into numbers for the models of an attacker: numbers as they are, levels of categories, words of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_MOST_LEVELS = 12
_COMMON = 0.02
"""Share of texts that hold a word or pair of words for it to count: poison that is sure to work is in more."""


def ordinal(subject: Subject) -> Any:
    """A transformer for trees: a category is the number of its level, and a missing number stays one."""
    from sklearn.preprocessing import OrdinalEncoder

    levels = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    return _transformer(subject, levels, "passthrough")


def switches(subject: Subject) -> Any:
    """A transformer for linear models: a switch for each frequent level, and the median for a missing number."""
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder

    levels = OneHotEncoder(max_categories=_MOST_LEVELS, handle_unknown="ignore", sparse_output=False)
    return _transformer(subject, levels, SimpleImputer(strategy="median"))


def _transformer(subject: Subject, levels: Any, numbers: Any) -> Any:
    """One that is fitted to the features of a table and gives shape (n, d), float."""
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    if subject.train.frame is None:
        return make_pipeline(FunctionTransformer(_flat), numbers)
    specs = subject.feature_specs(subject.train)
    words = CountVectorizer(ngram_range=(1, 2), min_df=_COMMON)
    read = FunctionTransformer(_as_text)
    texts = [
        (name, make_pipeline(read, words), name)
        for name, spec in specs.items()
        if spec.type == "text" and _has_words(read.transform(subject.train.features[name]), words)
    ]
    unread = [name for name, spec in specs.items() if spec.type == "text" and name not in [text[0] for text in texts]]
    named = [name for name, spec in specs.items() if spec.type in ("category", "boolean")]
    rest = make_pipeline(FunctionTransformer(_as_numbers), numbers)
    transformers = [("levels", make_pipeline(read, levels), named), *texts, ("unread", "drop", unread)]
    return ColumnTransformer(transformers, remainder=rest, sparse_threshold=0)


def _flat(x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), -1).astype(float)


def _has_words(texts: Any, words: Any) -> bool:
    """Whether there is a common word; identifiers and empty cells have none, and words of theirs would be a stop."""
    from sklearn.base import clone

    try:
        clone(words).fit(texts)
    except ValueError:
        return False
    return True


def _as_text(cells: Any) -> Any:
    return cells.astype(object).where(cells.notna(), "").astype(str)


def _as_numbers(cells: Any) -> Any:
    import numpy as np

    return cells.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
