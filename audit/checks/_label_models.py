"""What label each training row should have, by a strong model and by one that cannot see a trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from audit.checks._encoding import Encoded
    from audit.statistics.contamination import Contamination

_FOLDS = 5
_COARSE_TREES = 60
_IN_BAG = 0.632


def in_doubt(
    x: Encoded, labels: np.ndarray, expected: np.ndarray, *, trees: int, seed: int, draws: int = 20, alarm: float = 5.0
) -> Contamination:
    """How firmly the labels contradict models that did not see them.

    A random forest predicts each row from the trees that left it out; with free text, a logistic model from the other
    four fifths of the rows. The plain model gives a second opinion.

    Args:
        labels: codes 0..k-1, every code used, shape (n,), int.
        expected: of `plain_expectation`, shape (n, k), float.
        draws: of labels without contamination, for the alarm level; 0 takes `alarm` as it is.
        alarm: smallest alarm level, nats.
    """
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    from audit.statistics.contamination import contamination

    if x.has_text:
        probabilities = _cross_fitted(x.full, labels, seed)
    else:
        forest = RandomForestClassifier(trees, oob_score=_no_score, random_state=seed, n_jobs=1).fit(x.full, labels)
        votes = np.nan_to_num(forest.oob_decision_function_, nan=1 / len(forest.classes_))
        # A share of few votes is rarely a certainty: one vote more, spread over all classes.
        voters = trees * (1 - _IN_BAG)
        probabilities = (votes * voters + 1 / votes.shape[1]) / (voters + 1)
    return contamination((probabilities, expected), labels, seed=seed, draws=draws, floor=alarm)


def plain_expectation(x: Encoded, labels: np.ndarray, seed: int) -> np.ndarray:
    """Class probabilities from a model that cannot single out a rare pattern, shape (n, k), float.

    A forest whose leaves are larger than any pattern that is looked for follows what columns do together; a logistic
    model on it and on the columns without rare values calibrates it. Neither can learn a trigger from the rows that
    carry it, which a stronger model would, and then find it normal.
    """
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    from audit.statistics.residual_rules import MAX_SHARE

    if x.has_text:
        return _cross_fitted(x.plain, labels, seed)
    leaf = int(MAX_SHARE * len(labels)) + 1
    coarse = RandomForestClassifier(
        _COARSE_TREES, min_samples_leaf=leaf, oob_score=_no_score, random_state=seed, n_jobs=1
    ).fit(x.plain, labels)
    votes = np.nan_to_num(coarse.oob_decision_function_, nan=1 / len(coarse.classes_))
    return _cross_fitted(np.column_stack([x.plain, np.log(np.clip(votes, 1e-3, 1))]), labels, seed)


def _cross_fitted(x: Any, labels: np.ndarray, seed: int) -> np.ndarray:
    import numpy as np
    from scipy.sparse import issparse
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    expected = np.full((len(labels), int(labels.max()) + 1), 1e-3)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    for known, asked in folds.split(np.zeros(len(labels)), labels):
        model = make_pipeline(StandardScaler(with_mean=not issparse(x)), LogisticRegression(max_iter=1000)).fit(
            x[known], labels[known]
        )
        expected[np.ix_(asked, model[-1].classes_)] = np.clip(model.predict_proba(x[asked]), 1e-3, 1)
    return np.asarray(expected / expected.sum(axis=1, keepdims=True))


def _no_score(truth: Any, predicted: Any) -> float:
    """Only the out-of-bag votes are wanted; the default score fails on classes that a bag happens to miss."""
    del truth, predicted
    return 0.0
