"""Whether the data that the model sees now differs from the data that it was built for.

Why: a model knows only the world of its training data; where the world has moved, its quality is no longer what the
tests said. The answer rests on the size of a shift, so that many rows do not turn a trifle into an alarm.
Blind to: columns that move only together (each one looks the same by itself), labels that changed their meaning, and
the content of free text (only its length is compared).
Source: Kolmogorov-Smirnov distance for numbers, total variation for categories, Holm 1979 over columns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from audit.errors import NotMeasurable, SubjectError
from audit.records import CheckResult, Doubt, Evidence, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from audit.data import Table
    from audit.statistics.two_sample import Effect

NEEDS = ("data.reference|data.train", "data.current|data.test")
MEASURES = {
    "shifted_columns": "number of columns whose shift is certainly larger than min_effect, 0 upwards",
    "worst_effect": "largest shift of any column: distance between the distributions, 0 (same) to 1 (nothing shared)",
}
_PLANTED = 20
_MOST_PLANTED = 60
_FEW_VALUES = 20
_ABOVE_TOLERANCE = 0.2


@dataclass(frozen=True)
class _Tables:
    before: Table
    after: Table


@dataclass(frozen=True)
class _Column:
    """One column in both tables: numbers (NaN is missing), or codes of levels (missing is a level of its own)."""

    name: str
    before: Any
    after: Any
    levels: int = 0
    new_levels: int = 0
    as_length: bool = False


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    min_effect: float = 0.1,
    columns: tuple[str, ...] = (),
) -> CheckResult:
    """Compare the distribution of each column in both tables.

    Args:
        min_effect: smallest shift that counts, 0 to 1; 0.1 means that a tenth of the rows would have to change.
        columns: columns to compare, the target if named; all features if empty.

    Raises:
        NotMeasurable: nothing can be compared.
        SubjectError: a column is missing from one of the tables.
    """
    tables = _tables(subject)
    before, after = tables.before, tables.after
    pairs = _pairs(subject, before, after, columns)
    effects = [_effect(column, seed) for column in pairs]
    alpha = 1 - confidence
    shifted = _shifted(effects, min_effect, alpha)
    worst = max(range(len(pairs)), key=lambda place: effects[place].value)
    value, n = effects[worst].value, min(before.rows, after.rows)
    # The true maximum is below every upper limit of the column that has it; only the lower end needs a correction.
    low = max(effect.low(alpha / 2 / len(effects)) for effect in effects)
    high = max(effect.high(alpha / 2) for effect in effects)
    measures = {
        "shifted_columns": Measure(float(sum(shifted)), "columns", n),
        "worst_effect": Measure(value, "share", n, min(low, value), max(high, value)),
    }
    return CheckResult(
        measures,
        evidence=(_evidence(pairs, effects, shifted, alpha),),
        notes=tuple(_notes(before, after, pairs, effects, shifted, min_effect, alpha)),
        doubts=tuple(_doubts(pairs)),
        sentence=f"{sum(shifted)} of {len(pairs)} columns have certainly moved by more than {min_effect:g} "
        f"between {before.role} ({before.rows} rows) and {after.role} ({after.rows} rows).",
    )


def plant(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    min_effect: float = 0.1,
    columns: tuple[str, ...] = (),
) -> Measure:
    """Shift single columns of the current data by 0.2 more than `min_effect` and count how many shifts are found.

    Numbers are moved up until the distance is reached; in columns with few values, rows move to one level. A shift is
    found if it passes the first, strictest step of the correction over columns. At least 20 shifts are planted.
    """
    import numpy as np

    from audit.statistics import intervals

    tables = _tables(subject)
    before, after = tables.before, tables.after
    pairs = _pairs(subject, before, after, columns)
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(pairs))[:_MOST_PLANTED]
    chosen = np.tile(chosen, -(-_PLANTED // len(chosen)))
    found = 0
    for place in chosen:
        moved = _moved(pairs[place], min(min_effect + _ABOVE_TOLERANCE, 1.0), rng)
        found += _effect(moved, seed).p_above(min_effect) <= (1 - confidence) / len(pairs)
    ends = intervals.share(found, len(chosen), confidence=confidence)
    return Measure(found / len(chosen), "share", len(chosen), ends.low, ends.high)


def _tables(subject: Subject) -> _Tables:
    before = subject.reference if subject.has("data.reference") else subject.train
    after = subject.current if subject.has("data.current") else subject.test
    if before.rows == 0 or after.rows == 0:
        raise NotMeasurable(f"{before.role} or {after.role} has no rows")
    if (before.frame is None) != (after.frame is None):
        raise NotMeasurable(f"{before.role} and {after.role}: one has named columns, the other is an array")
    return _Tables(before, after)


def _pairs(subject: Subject, before: Table, after: Table, columns: tuple[str, ...]) -> list[_Column]:
    if before.frame is None or after.frame is None:
        return _pixels(before, after)
    wanted = columns or tuple(before.features.columns)
    for table in (before, after):
        gone = [name for name in wanted if name not in table.columns]
        if gone:
            raise SubjectError(f"{table.role} has no column {', '.join(gone)}; columns: {', '.join(table.columns)}")
    if not wanted:
        raise NotMeasurable(f"{before.role} has no feature columns")
    text = {name for name, spec in subject.features.items() if spec.type == "text"}
    return [_column(name, before.frame[name], after.frame[name], as_text=name in text) for name in wanted]


def _pixels(before: Table, after: Table) -> list[_Column]:
    import numpy as np

    first, second = np.asarray(before.features, dtype=float), np.asarray(after.features, dtype=float)
    if first.shape[1:] != second.shape[1:]:
        raise SubjectError(
            f"rows of {before.role} have shape {first.shape[1:]}, rows of {after.role} {second.shape[1:]}"
        )
    first, second = first.reshape(len(first), -1), second.reshape(len(second), -1)
    return [_Column(str(place), first[:, place], second[:, place]) for place in range(first.shape[1])]


def _column(name: str, before: pd.Series, after: pd.Series, *, as_text: bool) -> _Column:
    import numpy as np
    import pandas as pd

    both = pd.concat([before, after], ignore_index=True)
    numeric = all(
        pd.api.types.is_numeric_dtype(part) and not pd.api.types.is_bool_dtype(part) for part in (before, after)
    )
    if pd.api.types.is_datetime64_any_dtype(both):
        both, numeric = both.astype("int64").where(both.notna()).astype(float), True
    repeats = both.nunique() * 2 <= max(int(both.notna().sum()), 1) or both.nunique() <= _FEW_VALUES
    if not numeric and (as_text or not repeats):
        lengths = (
            both.astype(object).where(both.notna(), None).map(lambda cell: np.nan if cell is None else len(str(cell)))
        )
        values = lengths.to_numpy(dtype=float)
        return _Column(name, values[: len(before)], values[len(before) :], as_length=True)
    if numeric:
        values = both.to_numpy(dtype=float, na_value=np.nan)
        return _Column(name, values[: len(before)], values[len(before) :])
    codes, levels = pd.factorize(
        both.astype(object).where(both.notna(), None).map(lambda c: None if c is None else str(c))
    )
    codes = np.where(codes < 0, len(levels), codes)
    first, second = codes[: len(before)], codes[len(before) :]
    return _Column(name, first, second, len(levels) + 1, len(set(second.tolist()) - set(first.tolist())))


def _effect(column: _Column, seed: int) -> Effect:
    import numpy as np

    from audit.statistics import two_sample

    if column.levels == 0:
        return two_sample.kolmogorov_smirnov(column.before, column.after, seed=seed)
    counts = [np.bincount(part, minlength=column.levels) for part in (column.before, column.after)]
    used = counts[0] + counts[1] > 0
    return two_sample.total_variation(counts[0][used], counts[1][used], seed=seed)


def _shifted(effects: list[Effect], min_effect: float, alpha: float) -> list[bool]:
    import numpy as np

    from audit.statistics import two_sample

    p_values = np.array([effect.p_above(min_effect) for effect in effects])
    return [bool(moved) for moved in two_sample.holm(p_values, alpha=alpha)]


def _moved(column: _Column, distance: float, rng: np.random.Generator) -> _Column:
    """A copy whose later part is moved by a known distance from where it is."""
    import numpy as np

    present = column.after if column.levels else column.after[~np.isnan(column.after)]
    levels, counts = np.unique(present, return_counts=True)
    if len(levels) == 0:
        return replace(column, after=np.zeros(len(column.after), dtype=column.after.dtype))
    if column.levels or len(levels) <= _FEW_VALUES:
        rarest = int(counts.argmin()) if column.levels else len(levels) - 1
        if len(levels) == 1:
            # One single value has to become another one, which no row has had so far.
            target, share, size = levels[0] + 1, distance, max(column.levels, int(levels[0]) + 2)
        else:
            target, share, size = levels[rarest], distance / (1 - counts[rarest] / len(present)), column.levels
        rows = rng.random(len(column.after)) < share
        return replace(column, after=np.where(rows, target, column.after), levels=size if column.levels else 0)
    low, high = 0.0, float(np.ptp(present)) + 1.0
    ordered = np.sort(present)
    for _ in range(40):
        middle = (low + high) / 2
        below = np.searchsorted(ordered, ordered - middle, side="right")
        gap = float((np.arange(1, len(ordered) + 1) - below).max()) / len(column.after)
        low, high = (middle, high) if gap < distance else (low, middle)
    return replace(column, after=column.after + high)


def _notes(
    before: Table,
    after: Table,
    pairs: list[_Column],
    effects: list[Effect],
    shifted: list[bool],
    min_effect: float,
    alpha: float,
) -> Iterator[str]:
    moved = [column.name for column, is_shifted in zip(pairs, shifted, strict=True) if is_shifted]
    open_ends = [
        column.name
        for column, effect, is_shifted in zip(pairs, effects, shifted, strict=True)
        if not is_shifted and effect.high(alpha / 2) > min_effect
    ]
    if moved:
        yield f"shifted: {_listed(moved)}"
    if open_ends:
        yield f"too few rows to rule a shift over {min_effect:g} out: {_listed(open_ends)}"
    lengths = [column.name for column in pairs if column.as_length]
    if lengths:
        yield f"compared by the length of the text only: {_listed(lengths)}"
    new = [column.name for column in pairs if column.new_levels]
    if new:
        yield f"levels that {before.role} never had: {_listed(new)}"
    extra = sorted(set(after.columns) - set(before.columns))
    if extra:
        yield f"columns that only {after.role} has were left out: {_listed(extra)}"


def _doubts(pairs: list[_Column]) -> Iterator[Doubt]:
    import numpy as np

    if all(len(np.unique(np.concatenate([column.before, column.after]))) == 1 for column in pairs):
        yield Doubt("every column has one single value in both tables, so nothing could shift")


def _listed(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _evidence(pairs: list[_Column], effects: list[Effect], shifted: list[bool], alpha: float) -> Evidence:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["column", "compared_as", "effect", "low", "high", "shifted", "new_levels"])
    for column, effect, moved in zip(pairs, effects, shifted, strict=True):
        # A spreadsheet runs a cell that begins like a formula.
        name = f"'{column.name}" if column.name.startswith(("=", "+", "-", "@", "\t", "\r")) else column.name
        kind = "text length" if column.as_length else "levels" if column.levels else "numbers"
        ends = (effect.low(alpha / 2), effect.high(alpha / 2))
        numbers = [f"{number:.6f}" for number in (effect.value, min(ends[0], effect.value), max(ends[1], effect.value))]
        writer.writerow([name, kind, *numbers, "yes" if moved else "no", column.new_levels])
    return Evidence("columns.csv", text.getvalue().encode("utf-8"), "How far each column has moved.")
