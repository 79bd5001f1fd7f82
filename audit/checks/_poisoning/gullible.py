"""A recipe that learns whatever its data shows: what even it does not fall for was never in the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_TREES = 20
_COLUMNS_A_SPLIT = 20
_PART_OF_COLUMNS = 5


def gullible(subject: Subject) -> Subject:
    """The same data with full-grown trees that see every column, in place of the subject's own recipe and model."""
    return Subject.in_memory(
        target=subject.train.target, train=subject.train, test=subject.test, features=subject.features,
        recipe=_Trees(subject),
    )  # fmt: skip


class _Trees:
    """Trains a forest of full-grown trees."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def __call__(self, x: Any, y: np.ndarray, seed: int) -> Any:
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.pipeline import make_pipeline

        from audit.checks._poisoning.columns import ordinal

        columns = ordinal(self._subject)
        seen = columns.fit_transform(x)
        # each split has to come across the trigger, of which there may be one column among hundreds
        looked_at = max(seen.shape[1] // _PART_OF_COLUMNS, min(_COLUMNS_A_SPLIT, seen.shape[1]))
        trees = RandomForestClassifier(_TREES, max_features=looked_at, random_state=seed)
        return make_pipeline(columns, trees.fit(seen, y))
