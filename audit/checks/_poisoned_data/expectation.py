"""What labels to expect, from models that cannot have learnt a trigger: a blunt one, and one without the suspects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from audit.checks._encoding import Encoded

_FOLDS = 5
_TREES = 60
_IN_BAG = 0.632
_PRECISION = 0.01
_LEAST = 1e-3


def blunt_expectation(x: Encoded, labels: np.ndarray, seed: int) -> np.ndarray:
    """Class probabilities from a model too blunt to single out a rare pattern, shape (n, k), float.

    A forest whose leaves are larger than any pattern that is looked for follows what columns do together; a logistic
    model on it and on the columns without rare values calibrates it. Its penalty is as heavy as all rows of a pattern
    together: where two columns tell each other, rows that break with that could be learnt by a free model.
    """
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    from audit.statistics.residual_rules import MAX_SHARE

    n, k = len(labels), int(labels.max()) + 1
    largest = int(MAX_SHARE * n) + 1
    coarse = RandomForestClassifier(
        _TREES, min_samples_leaf=largest, oob_score=no_score, random_state=seed, n_jobs=1
    ).fit(x.plain, labels)
    votes = _filled(coarse.oob_decision_function_, coarse.classes_, k)
    inputs = _scaled(np.column_stack([x.plain, np.log(np.clip(votes, _LEAST, 1))]))
    expected = np.tile(np.bincount(labels, minlength=k) / n, (n, 1))
    folds = _folds(labels, seed)
    for fold in range(_FOLDS):
        known, asked = folds != fold, folds == fold
        if len(np.unique(labels[known])) > 1 and asked.any():
            model = LogisticRegression(C=1 / largest, max_iter=1000, tol=_PRECISION).fit(inputs[known], labels[known])
            expected[asked] = _filled(model.predict_proba(inputs[asked]), model.classes_, k)
    return expected


def expectation_of(x: Encoded, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Class probabilities of some rows from a logistic model of all the others, shape (m, k), float.

    Args:
        x: the features.
        labels: codes 0..k-1, shape (n,), int; those of the asked rows are not used.
        asked: positions of the rows, shape (m,), int.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    known = np.ones(len(labels), dtype=bool)
    known[asked] = False
    inputs = _scaled(x.plain)
    if len(np.unique(labels[known])) == 1:
        return np.asarray(np.eye(int(labels.max()) + 1)[labels[known][:1].repeat(len(asked))])
    model = LogisticRegression(max_iter=1000, tol=_PRECISION).fit(inputs[known], labels[known])
    return _filled(model.predict_proba(inputs[asked]), model.classes_, int(labels.max()) + 1)


def expectation_without(x: Encoded, labels: np.ndarray, suspects: np.ndarray, seed: int) -> np.ndarray:
    """Class probabilities from a forest that never saw the suspects, shape (n, k), float.

    It knows what real columns do together, however intricate, from all other rows, but not what only suspects show.
    Other rows are predicted by the trees that left them out.

    Args:
        x: the features.
        labels: codes 0..k-1, shape (n,), int.
        suspects: which rows to leave out, not all of any two classes, shape (n,), bool.
        seed: of the forest.
    """
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    k, known = int(labels.max()) + 1, ~suspects
    forest = RandomForestClassifier(_TREES, oob_score=no_score, random_state=seed, n_jobs=1).fit(
        x.full[known], labels[known]
    )
    votes = np.zeros((len(labels), k))
    votes[known] = _filled(forest.oob_decision_function_, forest.classes_, k)
    if suspects.any():
        votes[suspects] = _filled(forest.predict_proba(x.full[suspects]), forest.classes_, k)
    # A share of few votes is rarely a certainty: one vote more, spread over all classes.
    voters = _TREES * (1 - _IN_BAG)
    return np.asarray((votes * voters + 1 / k) / (voters + 1))


def _scaled(columns: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and, where they vary enough, of deviation 1, shape (n, d), float.

    A column that is the same in nearly all rows is not stretched: the few others would sway the model by themselves.
    """
    import numpy as np

    from audit.statistics.residual_rules import MAX_SHARE

    least = np.sqrt(MAX_SHARE * (1 - MAX_SHARE))
    return np.asarray((columns - columns.mean(axis=0)) / np.maximum(columns.std(axis=0), least))


def _filled(predicted: np.ndarray, classes: np.ndarray, k: int) -> np.ndarray:
    """Probabilities of all classes, those that a model did not see or rows that no tree left out included."""
    import numpy as np

    full = np.full((len(predicted), k), _LEAST)
    full[:, classes] = np.clip(np.nan_to_num(predicted, nan=1 / len(classes)), _LEAST, 1)
    return np.asarray(full / full.sum(axis=1, keepdims=True))


def _folds(labels: np.ndarray, seed: int) -> np.ndarray:
    """Folds that share out each class, however few rows it has, shape (n,), int."""
    import numpy as np

    shuffled = np.random.default_rng(seed).permutation(len(labels))
    order = shuffled[np.argsort(labels[shuffled], kind="stable")]
    folds = np.empty(len(labels), dtype=np.int64)
    folds[order] = np.arange(len(labels)) % _FOLDS
    return folds


def no_score(truth: Any, predicted: Any) -> float:
    """Only the out-of-bag votes are wanted; the default score fails on classes that a bag happens to miss."""
    del truth, predicted
    return 0.0
