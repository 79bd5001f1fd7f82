"""What an attacker who knows the training data, but not the recipe, can guess: a cheap linear model of the rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audit.checks._poisoning.trainings import Trainings

if TYPE_CHECKING:
    import numpy as np

_STEPS = 100
_MOST_CLASSES = 3


@dataclass(eq=False)
class Proxy:
    """A logistic regression of the training rows.

    Attributes:
        x: the rows as numbers, shape (n, d), scaled.
        scores: its class probabilities for its own training rows, shape (n, classes).
    """

    trainings: Trainings
    x: np.ndarray
    scores: np.ndarray
    _within: dict[float, int | None] = field(default_factory=dict)

    def within(self, share: float) -> int | None:
        """The class to flip rows of, where that costs the proxy more than the surest rows of all classes do.

        Args:
            share: of all labels that is flipped.
        """
        import numpy as np

        from attacks.poisoning import label_flip

        if share not in self._within:
            ours = self.trainings
            counts = np.bincount(ours.codes, minlength=ours.n_classes)
            large = [int(code) for code in np.argsort(-counts)[:_MOST_CLASSES] if counts[code] > share * ours.n]
            accuracy = {}
            for code in (None, *large):
                flips = label_flip.run(
                    ours.codes, ours.n_classes, share=share, scores=self.scores, within=code, seed=ours.seed
                )
                answers = _scores(self.x, flips.codes, ours).argmax(axis=1)
                accuracy[code] = float((answers == ours.codes).mean())
            self._within[share] = min(accuracy, key=lambda code: accuracy[code])
        return self._within[share]


def proxy(trainings: Trainings) -> Proxy:
    """Fit the model to the rows as they are."""
    import numpy as np
    from sklearn.preprocessing import StandardScaler

    from audit.checks._poisoning.columns import switches

    seen = switches(trainings.subject).fit_transform(trainings.subject.train.features)
    x = np.asarray(StandardScaler().fit_transform(seen))
    return Proxy(trainings, x, _scores(x, trainings.codes, trainings))


def _scores(x: np.ndarray, codes: np.ndarray, trainings: Trainings) -> np.ndarray:
    """Class probabilities for the rows that the model was fitted to, shape (n, classes), float."""
    import warnings

    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a guess need not be the best one
        model = LogisticRegression(max_iter=_STEPS, random_state=trainings.seed).fit(x, codes)
    found = np.zeros((len(codes), trainings.n_classes))
    found[:, model.classes_] = model.predict_proba(x)
    return found
