"""Whether the data that the model sees now differs from the data that it was built for.

Why: a model knows only the world of its training data; where the world has moved, its quality is no longer what the
tests said. The answer rests on the size of a shift, so that many rows do not turn a trifle into an alarm. The target
is compared like a feature where both tables hold it.
Blind to: columns that move only together (each one looks the same by itself), labels that changed their meaning, and
the content of free text (only its length is compared).
Source: Kolmogorov-Smirnov distance for numbers, total variation for categories, Holm 1979 over columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit import spreadsheet
from audit.checks._drift_columns import DriftColumn, column_of, moved, pixels, target_column
from audit.checks._two_files import refuse_one_file
from audit.errors import NotMeasurable, SubjectError
from audit.records import CheckResult, Doubt, Evidence, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    from audit.data import Table
    from audit.statistics.two_sample import Effect

NEEDS = ("data.reference|data.train", "data.current|data.test")
MEASURES = {
    "shifted_columns": "number of columns whose shift is certainly larger than min_effect, 0 upwards",
    "worst_effect": "largest shift of any column: distance between the distributions, 0 (same) to 1 (nothing shared)",
}
_PLANTED = 20
_MOST_PLANTED = 60
_ABOVE_TOLERANCE = 0.2


@dataclass(frozen=True)
class _Tables:
    before: Table
    after: Table


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    min_effect: float = 0.1,
    columns: tuple[str, ...] = (),
) -> CheckResult:
    """Compare the distribution of each column in both tables; a feature that the later one has lost is a doubt.

    Args:
        min_effect: smallest shift that counts, 0 to under 1; 0.1 means that a tenth of the rows would have to change.
        columns: columns to compare; all features and the target if empty.

    Raises:
        NotMeasurable: nothing can be compared, or `min_effect` is out of range.
        SubjectError: a column of `columns` is missing from one of the tables.
    """
    tables = _tables(subject, min_effect)
    before, after = tables.before, tables.after
    pairs = _pairs(subject, before, after, columns)
    effects = [_effect(column, seed) for column in pairs]
    alpha = 1 - confidence
    shifted = _shifted(effects, min_effect, alpha)
    value, n = max(effect.value for effect in effects), min(before.rows, after.rows)
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
        doubts=tuple(_doubts(before, after, pairs, columns)),
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

    tables = _tables(subject, min_effect)
    before, after = tables.before, tables.after
    pairs = _pairs(subject, before, after, columns)
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(pairs))[:_MOST_PLANTED]
    chosen = np.tile(chosen, -(-_PLANTED // len(chosen)))
    found = 0
    for place in chosen:
        shift = moved(pairs[place], min(min_effect + _ABOVE_TOLERANCE, 1.0), rng)
        found += _effect(shift, seed).p_above(min_effect) <= (1 - confidence) / len(pairs)
    ends = intervals.share(found, len(chosen), confidence=confidence)
    return Measure(found / len(chosen), "share", len(chosen), ends.low, ends.high)


def _tables(subject: Subject, min_effect: float) -> _Tables:
    if not 0 <= min_effect < 1:
        raise NotMeasurable(
            f"min_effect is {min_effect:g}; a shift is 0 (none) to 1 (nothing shared), so give 0 or more and under 1"
        )
    before = subject.reference if subject.has("data.reference") else subject.train
    after = subject.current if subject.has("data.current") else subject.test
    refuse_one_file(subject, before.role, after.role)
    if before.rows == 0 or after.rows == 0:
        raise NotMeasurable(f"{before.role} or {after.role} has no rows")
    if (before.frame is None) != (after.frame is None):
        raise NotMeasurable(f"{before.role} and {after.role}: one has named columns, the other is an array")
    return _Tables(before, after)


def _pairs(subject: Subject, before: Table, after: Table, columns: tuple[str, ...]) -> list[DriftColumn]:
    """The columns to compare; the target is among them where both tables have it and no columns are named."""
    if before.frame is None or after.frame is None:
        found = pixels(before, after)
    else:
        for table in (before, after):
            gone = [name for name in columns if name not in table.columns]
            if gone:
                raise SubjectError(f"{table.role} has no column {', '.join(gone)}; columns: {', '.join(table.columns)}")
        wanted = columns or tuple(name for name in before.features.columns if name in after.features.columns)
        text = {name for name, spec in subject.features.items() if spec.type == "text"}
        found = [
            column_of(name, before.frame[name], after.frame[name], as_text=name in text)
            for name in wanted
            if name != before.target
        ]
    named = not columns or before.target in columns
    if named and before.labels is not None and after.labels is not None:
        levels = subject.task == "classification"
        found.append(target_column(before.target or "target", before.labels, after.labels, levels=levels))
    if not found:
        raise NotMeasurable(f"{before.role} and {after.role} have no column in common")
    return found


def _effect(column: DriftColumn, seed: int) -> Effect:
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


def _notes(
    before: Table,
    after: Table,
    pairs: list[DriftColumn],
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
    for table, other in ((before, after), (after, before)):
        alone = [name for name in table.columns if name not in {*other.columns, before.target}]
        if alone:
            yield f"columns that only {table.role} has were left out: {_listed(alone)}"
    if (before.labels is None) != (after.labels is None):
        yield f"the target was left out: {(before if before.labels is None else after).role} has no values of it"


def _doubts(before: Table, after: Table, pairs: list[DriftColumn], columns: tuple[str, ...]) -> Iterator[Doubt]:
    import numpy as np

    if all(len(np.unique(np.concatenate([column.before, column.after]))) == 1 for column in pairs):
        yield Doubt("every column has one single value in both tables, so nothing could shift")
    if before.frame is not None and not columns:
        gone = [name for name in before.features.columns if name not in after.columns]
        if gone:
            yield Doubt(f"{after.role} has lost columns that {before.role} has: {_listed(gone)}")


def _listed(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _evidence(pairs: list[DriftColumn], effects: list[Effect], shifted: list[bool], alpha: float) -> Evidence:
    header = ("column", "compared_as", "effect", "low", "high", "shifted", "new_levels")
    rows = []
    for column, effect, is_shifted in zip(pairs, effects, shifted, strict=True):
        kind = "text length" if column.as_length else "levels" if column.levels else "numbers"
        ends = (effect.low(alpha / 2), effect.high(alpha / 2))
        numbers = [f"{number:.6f}" for number in (effect.value, min(ends[0], effect.value), max(ends[1], effect.value))]
        rows.append([column.name, kind, *numbers, "yes" if is_shifted else "no", column.new_levels])
    return Evidence("columns.csv", spreadsheet.table(header, rows), "How far each column has moved.")
