"""A forest that is asked about each row by the trees that saw neither the row nor a copy of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_SMALLEST_LEAF = 3
"""Leaves of single rows answer yes or no; of three, they know how sure they are, and rank flipped labels better."""


def out_of_bag(
    x: np.ndarray, labels: np.ndarray, units: np.ndarray, *, trees: int, seed: int, known: np.ndarray | None = None
) -> np.ndarray:
    """Class probabilities of each row from the trees that left its unit out, shape (n, k), float, rows sum to 1.

    A plain random forest draws row by row, so that a copy of a row votes for the row's own label.

    Args:
        x: features, shape (n, d), finite.
        labels: codes 0..k-1, shape (n,), int.
        units: number of the group of equal rows that each row belongs to, 0 upwards, shape (n,), int.
        known: rows to learn from, shape (n,), bool; none means all. The others are only asked about.

    Source:
        Breiman, "Random Forests", Machine Learning 2001, section 3.1, with units drawn in place of rows.
    """
    import numpy as np
    from sklearn.tree import DecisionTreeClassifier

    rng = np.random.default_rng(seed)
    values = np.ascontiguousarray(x, dtype=np.float32)
    learnt = np.ones(len(labels), dtype=bool) if known is None else known
    drawable, classes = np.unique(units[learnt]), int(labels.max()) + 1
    votes = np.zeros((len(labels), classes))
    voters = np.zeros(len(labels))
    for _ in range(trees):
        drawn = np.bincount(rng.choice(drawable, size=len(drawable)), minlength=int(units.max()) + 1)[units]
        tree = DecisionTreeClassifier(
            max_features="sqrt", min_samples_leaf=_SMALLEST_LEAF, random_state=int(rng.integers(2**31))
        ).fit(values[learnt], labels[learnt], sample_weight=drawn[learnt].astype(float))
        left_out = np.flatnonzero(drawn == 0)
        # Classes that a tree did not see have no column in its answer.
        votes[np.ix_(left_out, tree.classes_)] += tree.predict_proba(values[left_out])
        voters[left_out] += 1
    # A share of few votes is rarely a certainty: one vote more, spread over all classes.
    return np.asarray((votes + 1 / classes) / (voters[:, None] + 1))
