"""Whether rows of the test data were already in the training data.

Rows are compared by what the model takes, where its file names that; else by the declared features; else by all columns
that both tables have. Numbers that agree to 6 digits are equal, and so is text that differs in case or outer blanks.

Why: a model that has seen the questions looks better than it is; every number measured on such rows flatters.
Blind to: rows that were changed by more than the last digits, the same person in both tables under other values,
columns that give the answer away, and training data that is not listed here.
Source: a plain count of rows that are equal in every compared column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.checks._compared_columns import ComparedColumns, compared_columns
from audit.checks._suspect_rows import SuspectRow, suspect_rows
from audit.checks._two_files import refuse_one_file
from audit.errors import NotMeasurable
from audit.records import CheckResult, Evidence, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from audit.data import Table
    from audit.statistics.rows import Matches

NEEDS = ("data.train", "data.test")
MEASURES = {
    "duplicate_share": "share of test rows (or of different test rows, if that is more) that occur in the training "
    "data, 0 to 1"
}
_PLANTED = 40
_MANY_REPEATS = 0.05
_MORE_THAN_CHANCE = 2.0
_HALF = 0.5


@dataclass(frozen=True)
class _Comparison:
    """What was compared and found.

    Attributes:
        chosen: the columns.
        left_out: columns that number or date the rows and that the rest of the columns can do without.
        without: whether the matches are those without `left_out`, because those are more.
    """

    chosen: ComparedColumns
    matches: Matches
    left_out: tuple[str, ...]
    without: bool


def run(subject: Subject) -> CheckResult:
    """Count test rows that occur in the training data, by column name, a missing value equal to a missing value.

    Raises:
        NotMeasurable: the tables have no feature in common, or no rows, or are the same file.
    """
    refuse_one_file(subject, "data.train", "data.test")
    train, test = subject.train, subject.test
    found = _compare(subject, train, test)
    matches = found.matches
    positions = [int(row) for row in (matches.row >= 0).nonzero()[0]]
    by_row, by_kind = len(positions) / test.rows, matches.distinct_found / matches.distinct
    share = Measure(by_row, "share", test.rows) if by_row >= by_kind else Measure(by_kind, "share", matches.distinct)
    evidence: tuple[Evidence, ...] = ()
    if positions:
        reasons = [SuspectRow(row, 1.0, f"equals row {matches.row[row]} of the training data") for row in positions]
        evidence = (suspect_rows(reasons, "Test rows that are also in the training data."),)
    return CheckResult(
        {"duplicate_share": share},
        evidence=evidence,
        notes=tuple(_notes(train, test, found)),
        sentence=f"{len(positions)} of {test.rows} test rows are also in the training data"
        + (f" ({matches.distinct_found} of {matches.distinct} different rows)." if by_kind > by_row else "."),
    )


def plant(subject: Subject, *, seed: int, confidence: float) -> Measure:
    """Copy 40 random training rows into the test data (fewer where there are fewer) and count how many are found.

    The copies are disguised as copies in the wild are: numbers with a fraction are rounded to single precision, columns
    come in another order, and columns that are not compared or that number the rows get values that no row had.
    """
    import numpy as np

    from audit.statistics import intervals

    refuse_one_file(subject, "data.train", "data.test")
    train, test = subject.train, subject.test
    count = min(_PLANTED, train.rows)
    rng = np.random.default_rng(seed)
    rows = rng.choice(train.rows, size=count, replace=False)
    leaked = _concatenated(test, _disguised(train.take(rows), train, test, _compare(subject, train, test), rng))
    found = int((_compare(subject, train, leaked).matches.row[test.rows :] >= 0).sum())
    ends = intervals.share(found, count, confidence=confidence)
    return Measure(found / count, "share", count, ends.low, ends.high)


def _compare(subject: Subject, train: Table, test: Table) -> _Comparison:
    """Matches by all chosen columns, or without those that number the rows if that finds more than chance does."""
    if train.rows == 0 or test.rows == 0:
        raise NotMeasurable("data.train or data.test has no rows")
    if (train.frame is None) != (test.frame is None):
        raise NotMeasurable("data.train and data.test cannot be compared: one has named columns, the other is an array")
    chosen = compared_columns(subject, train, test)
    everything = _matches(train, test, chosen.columns)
    if not chosen.counters or not chosen.telling:
        return _Comparison(chosen, everything, (), without=False)
    fewer = _matches(train, test, chosen.telling)
    # If training rows are alike among themselves without those columns, so are test rows by mere chance.
    if fewer.repeated > _HALF:
        return _Comparison(chosen, everything, (), without=False)
    shares = [(found.row >= 0).mean() for found in (everything, fewer)]
    without = shares[1] > max(shares[0], _MORE_THAN_CHANCE * fewer.repeated)
    return _Comparison(chosen, fewer if without else everything, chosen.counters, without=without)


def _matches(train: Table, test: Table, columns: tuple[str, ...]) -> Matches:
    from audit.statistics import rows

    first, second = train.features, test.features
    if columns:
        first, second = first[list(columns)], second[list(columns)]
    try:
        return rows.matches(first, second)
    except ValueError as problem:
        raise NotMeasurable(f"data.train and data.test cannot be compared: {problem}") from problem


def _notes(train: Table, test: Table, found: _Comparison) -> list[str]:
    chosen, matches = found.chosen, found.matches
    whose = f" ({chosen.reason})" if chosen.reason else ""
    notes = [f"{matches.columns} columns compared{whose} over {train.rows} training rows and {test.rows} test rows"]
    targets = {train.target or "", test.target or ""}
    alone = sorted((set(train.columns) ^ set(test.columns)) - targets)
    if alone:
        notes.append(f"columns that only one table has were left out: {', '.join(alone)}")
    unused = [name for name in train.columns if name in test.columns and name not in {*chosen.columns, *targets}]
    if unused:
        notes.append(f"columns that were not compared: {', '.join(unused)}")
    if found.left_out:
        more = "more copies show without them" if found.without else "no more copies show without them than by chance"
        notes.append(f"columns with a value of its own in nearly every row: {', '.join(found.left_out)}; {more}")
    if matches.repeated > _MANY_REPEATS:
        notes.append(
            f"{matches.repeated:.0%} of the training rows equal another training row: with so few different rows "
            "some equal test rows are to be expected"
        )
    return notes


def _disguised(copies: Table, train: Table, test: Table, found: _Comparison, rng: np.random.Generator) -> Table:
    import numpy as np

    if copies.frame is None:
        rounded = copies.features.astype(np.float32) if copies.features.dtype.kind == "f" else copies.features
        return copies.with_features(rounded)
    cells: dict[Any, Any] = {}
    for name in copies.features.columns:
        column = copies.frame[name]
        if name not in found.chosen.columns or name in found.left_out:
            earlier = [table.frame[name] for table in (train, test) if table.frame is not None and name in table.frame]
            cells[name] = _fresh(earlier, len(column), rng)
        elif column.dtype == np.float64:
            cells[name] = column.astype(np.float32)
    frame = copies.frame.assign(**cells)
    return type(copies).of_frame(
        frame[[frame.columns[place] for place in rng.permutation(frame.shape[1])]],
        role=copies.role,
        target=copies.target,
    )


def _fresh(earlier: list[Any], count: int, rng: np.random.Generator) -> Any:
    """Values that no row had: further numbers or times, or new words."""
    import numpy as np
    import pandas as pd

    steps = np.arange(1, count + 1)
    if all(pd.api.types.is_numeric_dtype(part) and not pd.api.types.is_bool_dtype(part) for part in earlier):
        return max((part.max() for part in earlier if part.notna().any()), default=0) + steps
    if all(pd.api.types.is_datetime64_any_dtype(part) and part.notna().any() for part in earlier):
        return max(part.max() for part in earlier) + pd.to_timedelta(steps, unit="D")
    return np.array([f"new {number:x}" for number in rng.integers(2**60, size=count)], dtype=object)


def _concatenated(test: Table, copies: Table) -> Table:
    """The test table followed by copied training rows; columns that only one of the two has stay out."""
    if test.frame is None or copies.frame is None:
        return test.concat(copies)
    shared = set(test.columns) & set(copies.columns)
    return test.without(set(test.columns) - shared).concat(copies.without(set(copies.columns) - shared))
