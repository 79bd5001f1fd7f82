"""Why damage to a recipe's models may say little: they have no skill, or are not like the shipped model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from audit.records import Doubt
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_UNLIKE_SHIPPED = 0.1
_NO_SKILL = 0.02


def recipe_doubts(subject: Subject, right: np.ndarray, truth: np.ndarray, *, confidence: float) -> Iterator[Doubt]:
    """Compare models that the recipe trained on true labels with guessing and with the shipped model.

    Args:
        right: which test rows each of them answers right, shape (models, rows), bool.
        truth: class codes of the test rows, shape (rows,), int.
        confidence: of the difference between the models and the shipped one.
    """
    import numpy as np

    from audit.statistics import intervals

    recall = float(np.mean([right[:, truth == code].mean() for code in np.unique(truth)]))
    if recall <= 1 / len(np.unique(truth)) + _NO_SKILL:
        yield Doubt(
            f"even on true labels the recipe finds {recall:.1%} of the rows of a class on average, as guessing would; "
            "a model without skill has nothing to lose"
        )
    if subject.has("model"):
        shipped = subject.predict(subject.test) == truth
        gap = intervals.mean(shipped - right.mean(axis=0), confidence=confidence, seed=0)
        if abs(float(shipped.mean() - right.mean())) > _UNLIKE_SHIPPED and (gap.low > 0 or gap.high < 0):
            yield Doubt(
                f"the recipe gives models of accuracy {right.mean():.1%} and the shipped one has {shipped.mean():.1%}; "
                "what happens to the recipe's models need not happen to the shipped one"
            )
