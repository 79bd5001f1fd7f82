"""Whether test rows repeat each other, so that there is less to learn from them than their number says."""

from __future__ import annotations

from dataclasses import dataclass

from audit.records import Doubt
from audit.subject import Subject

_WORTH_A_NOTE = 0.9
_FEW_SHARE = 0.5
_FEW_ROWS = 200
_COARSE = 0.05


@dataclass(frozen=True)
class Repeats:
    """What is to be said about equal test rows; both are empty where rows differ."""

    notes: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def repeats(subject: Subject) -> Repeats:
    """Count the test rows that differ in what the model takes.

    Fewer than 9 in 10 are worth a note. Fewer than half, and fewer than 200, are a doubt, for every interval takes rows
    for independent. Equal rows whose labels differ are no copies but people whom few columns describe, so where labels
    differ among equal rows in one of 20 rows there is a note only.
    """
    import numpy as np

    from audit.statistics import rows

    test = subject.test
    features = test.features
    if test.frame is not None:
        taken = [name for name in subject.model_columns if name in features.columns]
        features = features[taken or list(features.columns)]
    if test.rows == 0 or test.labels is None or features.shape[1:] == (0,):
        return Repeats()
    group = rows.groups(features)
    different = int(group.max()) + 1
    if different >= _WORTH_A_NOTE * test.rows:
        return Repeats()
    said = f"only {different} of {test.rows} test rows differ"
    truth = subject.values(test) if subject.task == "regression" else subject.codes(test)
    pairs, counts = np.unique(np.column_stack([group, truth]), axis=0, return_counts=True)
    most = np.zeros(different)
    np.maximum.at(most, pairs[:, 0].astype(int), counts)
    coarse = 1 - float(most.sum()) / test.rows >= _COARSE
    if coarse or different >= _FEW_SHARE * test.rows or different >= _FEW_ROWS:
        return Repeats(notes=(f"{said}, as far as the model can see",))
    return Repeats(doubts=(Doubt(f"{said}, so the intervals promise more than the data holds"),))
