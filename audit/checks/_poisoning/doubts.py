"""Why little damage may say little: a recipe without skill, or one that is not the shipped model's."""

from __future__ import annotations

from audit.checks._poisoning.trainings import Trainings
from audit.records import Doubt

_UNLIKE_SHIPPED = 0.1
_NO_SKILL = 0.02


def doubts(trainings: Trainings, repeats: int, confidence: float) -> tuple[Doubt, ...]:
    """Look at the clean models, as many as there were repeats."""
    import numpy as np

    from audit.statistics import intervals

    subject, truth = trainings.subject, trainings.truth
    clean = np.array([trainings.clean_answers(repeat) == truth for repeat in range(repeats)])
    texts = []
    accuracy = float(clean.mean())
    recalls = [float(clean[:, truth == code].mean()) for code in np.unique(truth)]
    if np.mean(recalls) <= 1 / len(recalls) + _NO_SKILL:
        texts.append(
            f"even on clean labels the recipe finds {np.mean(recalls):.1%} of the rows of a class on average, as "
            "guessing would; a model without skill has nothing to lose"
        )
    if subject.has("model"):
        shipped = subject.predict(subject.test) == truth
        gap = intervals.mean(shipped - clean.mean(axis=0), confidence=confidence, seed=0)
        if abs(float(shipped.mean()) - accuracy) > _UNLIKE_SHIPPED and (gap.low > 0 or gap.high < 0):
            texts.append(
                f"the recipe gives models of accuracy {accuracy:.1%} and the shipped one has {shipped.mean():.1%}; "
                "what poison does to the recipe need not be what it does to the shipped model"
            )
    return tuple(Doubt(text) for text in texts)
