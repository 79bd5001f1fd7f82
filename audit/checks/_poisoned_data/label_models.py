"""What label each training row should have, by a model that cannot see a trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.checks._poisoned_data.cross_fitted import cross_fitted
from audit.checks._poisoned_data.expectation import no_score

if TYPE_CHECKING:
    import numpy as np

    from audit.checks._encoding import Encoded

_COARSE_TREES = 60


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
        return cross_fitted(x.plain, labels, seed)
    leaf = int(MAX_SHARE * len(labels)) + 1
    coarse = RandomForestClassifier(
        _COARSE_TREES, min_samples_leaf=leaf, oob_score=no_score, random_state=seed, n_jobs=1
    ).fit(x.plain, labels)
    votes = np.nan_to_num(coarse.oob_decision_function_, nan=1 / len(coarse.classes_))
    return cross_fitted(np.column_stack([x.plain, np.log(np.clip(votes, 1e-3, 1))]), labels, seed)
