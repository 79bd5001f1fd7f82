"""Whether rows of the test data were already in the training data.

Why: a model that has seen the questions looks better than it is; every number measured on such rows flatters.
Blind to: rows that were changed a little, the same person in both tables under other values, columns that give the
answer away, and training data that is not listed here.
Source: a plain count of rows that are equal in every feature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.checks._suspect_rows import SuspectRow, suspect_rows
from audit.errors import NotMeasurable
from audit.records import CheckResult, Evidence, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    from audit.data import Table
    from audit.statistics.rows import Matches

NEEDS = ("data.train", "data.test")
MEASURES = {"duplicate_share": "share of test rows whose features occur exactly like that in the training data, 0 to 1"}
_PLANTED = 40
_MANY_REPEATS = 0.05


def run(subject: Subject) -> CheckResult:
    """Count test rows that occur in the training data, by column name, a missing value equal to a missing value.

    Raises:
        NotMeasurable: the tables have no feature in common, or no rows.
    """
    train, test = subject.train, subject.test
    matches = _matches(train, test)
    positions = [int(row) for row in (matches.row >= 0).nonzero()[0]]
    share = Measure(len(positions) / test.rows, "share", test.rows)
    left_out = sorted((set(train.columns) ^ set(test.columns)) - {train.target or "", test.target or ""})
    notes = [f"{matches.columns} columns compared over {train.rows} training rows and {test.rows} test rows"]
    if left_out:
        notes.append(f"columns that only one table has were left out: {', '.join(left_out)}")
    if matches.repeated > _MANY_REPEATS:
        notes.append(
            f"{matches.repeated:.0%} of the training rows equal another training row: with so few different rows "
            "some equal test rows are to be expected"
        )
    evidence: tuple[Evidence, ...] = ()
    if positions:
        reasons = [SuspectRow(row, 1.0, f"equals row {matches.row[row]} of the training data") for row in positions]
        evidence = (suspect_rows(reasons, "Test rows that are also in the training data."),)
    return CheckResult(
        {"duplicate_share": share},
        evidence=evidence,
        notes=tuple(notes),
        sentence=f"{len(positions)} of {test.rows} test rows are also in the training data.",
    )


def plant(subject: Subject, *, seed: int, confidence: float) -> Measure:
    """Copy 40 random training rows into the test data (fewer where there are fewer) and count how many are found."""
    import numpy as np

    from audit.statistics import intervals

    train, test = subject.train, subject.test
    count = min(_PLANTED, train.rows)
    rows = np.random.default_rng(seed).choice(train.rows, size=count, replace=False)
    leaked = _concatenated(test, train.take(rows))
    found = int((_matches(train, leaked).row[test.rows :] >= 0).sum())
    ends = intervals.share(found, count, confidence=confidence)
    return Measure(found / count, "share", count, ends.low, ends.high)


def _matches(train: Table, test: Table) -> Matches:
    from audit.statistics import rows

    if train.rows == 0 or test.rows == 0:
        raise NotMeasurable("data.train or data.test has no rows")
    if (train.frame is None) != (test.frame is None):
        raise NotMeasurable("data.train and data.test cannot be compared: one has named columns, the other is an array")
    try:
        return rows.matches(train.features, test.features)
    except ValueError as problem:
        raise NotMeasurable(f"data.train and data.test cannot be compared: {problem}") from problem


def _concatenated(test: Table, copies: Table) -> Table:
    """The test table followed by copied training rows; columns that only one of the two has stay out."""
    if test.frame is None or copies.frame is None:
        return test.concat(copies)
    shared = set(test.columns) & set(copies.columns)
    return test.without(set(test.columns) - shared).concat(copies.without(set(copies.columns) - shared))
