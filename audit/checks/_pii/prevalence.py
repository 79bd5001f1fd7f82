"""How much personal data there is: counts where all was read, intervals and bounds where a sample was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from audit.errors import NotMeasurable
from audit.pii.tables.sheets import Part, Sheet
from audit.records import Measure

COLUMN_FLOOR = 0.005
"""Share of a column's cells above which the column itself counts as personal; below it lie slips and chance hits."""


@dataclass(frozen=True)
class Sight:
    """What the scan sees of the values that were planted for it.

    Attributes:
        by_entity: share of the planted values of each kind that were found as what they are.
        pooled: share of all that were found as that or as a related kind; None where nothing could be planted.
    """

    by_entity: Mapping[str, Measure]
    pooled: Measure | None


@dataclass(frozen=True)
class _Stratum:
    """Hits among the cells or rows that were read, and how many there are in all."""

    hits: int
    read: int
    total: float


def measures(
    sheets: Sequence[Sheet], entities: Iterable[str], confidence: float, sight: Sight | None
) -> dict[str, Measure]:
    """All measures of the check.

    Args:
        sheets: what was read.
        entities: what was looked for.
        confidence: of each interval.
        sight: the measured recall, by which the bounds of a sample are divided; None where all was read.
    """
    parts = [part for sheet in sheets for part in sheet.parts]
    sizes = {sheet.role: (sheet.read, sheet.rows) for sheet in sheets}
    seen = sight or Sight({}, None)
    every = _stratified([_cells(part, part.hits, sizes) for part in parts], confidence)
    found = {
        "cell_share": _reaching(every, seen.pooled),
        "columns": _columns(sheets, parts, confidence, seen.pooled),
        "prevalence_upper": _bound(rows_with(sheets, confidence), seen.pooled),
    }
    for entity in entities:
        strata = [_cells(part, part.entities.get(entity, 0), sizes) for part in parts]
        found[f"cell_share.{entity}"] = _reaching(_stratified(strata, confidence), seen.by_entity.get(entity))
        rows = _stratified([_Stratum(sheet.hits_of(entity), sheet.read, sheet.rows) for sheet in sheets], confidence)
        found[f"prevalence_upper.{entity}"] = _bound(rows, seen.by_entity.get(entity))
    return found


def rows_with(sheets: Sequence[Sheet], confidence: float) -> Measure:
    """Share of rows in which something was found."""
    return _stratified([_Stratum(sheet.hits, sheet.read, sheet.rows) for sheet in sheets], confidence)


def by_column(sheets: Sequence[Sheet], confidence: float) -> dict[tuple[str, str, str], Measure]:
    """Share of the cells of each column that hold each entity found in it, by role, label and entity."""
    sizes = {sheet.role: (sheet.read, sheet.rows) for sheet in sheets}
    return {
        (part.role, part.label, entity): _stratified([_cells(part, cells, sizes)], confidence)
        for sheet in sheets
        for part in sheet.parts
        for entity, cells in part.entities.items()
    }


def _bound(rows: Measure, recall: Measure | None) -> Measure:
    """Share of rows that is not exceeded: the upper end, for a sample divided by the recall that is surely reached."""
    if rows.high is None or rows.low is None:
        return Measure(rows.value, "share", rows.n)
    upper = _upper(rows.high, recall)
    return Measure(upper, "share", rows.n, rows.low, upper)


def _reaching(share: Measure, recall: Measure | None) -> Measure:
    """A share, of a sample with the upper end of all that may be there and not only of what would be found."""
    return share if share.high is None else replace(share, high=_upper(share.high, recall))


def _upper(detected: float, recall: Measure | None) -> float:
    """An upper end divided by the recall that is surely reached; where none was measured it bounds what is detected."""
    seen = 1.0 if recall is None or recall.low is None else float(recall.low)
    return min(1.0, detected / seen) if seen > 0 else 1.0


def _cells(part: Part, hits: int, sizes: Mapping[str, tuple[int, int]]) -> _Stratum:
    """Cells of a column; where only some rows were read, as many cells are filled in the others as in those."""
    read, rows = sizes[part.role]
    return _Stratum(hits, part.cells, part.cells if read == rows else part.cells * rows / read)


def _stratified(strata: Sequence[_Stratum], confidence: float) -> Measure:
    """Share over all strata, each weighted by its size; exact where every stratum was read whole.

    The ends are sums of Clopper-Pearson ends at a confidence that is split over the strata (Bonferroni), because cells
    of one row are not independent of each other while those of one column are.
    """
    from audit.statistics import intervals

    total = sum(stratum.total for stratum in strata)
    read = sum(stratum.read for stratum in strata)
    if total == 0:
        raise NotMeasurable("all cells are empty")
    sampled = sum(stratum.read < stratum.total for stratum in strata)
    value = sum(stratum.total * stratum.hits / stratum.read for stratum in strata if stratum.read) / total
    if not sampled:
        return Measure(value, "share", read)
    low = high = 0.0
    for stratum in strata:
        if stratum.read == stratum.total:
            low, high = low + stratum.hits, high + stratum.hits
            continue
        ends = intervals.share(stratum.hits, stratum.read, confidence=1 - (1 - confidence) / sampled)
        low, high = low + ends.low * stratum.total, high + ends.high * stratum.total
    return Measure(value, "share", read, low / total, high / total)


def _columns(sheets: Sequence[Sheet], parts: Sequence[Part], confidence: float, recall: Measure | None) -> Measure:
    """Columns over the floor; in a sample those that surely are, and those that may be."""
    sizes = {sheet.role: (sheet.read, sheet.rows) for sheet in sheets}
    named = {(sheet.role, label) for sheet in sheets for label in sheet.personal_names}
    sure, likely, possible = set(named), set(named), set(named)
    for part in parts:
        if part.cells == 0:
            read, rows = sizes[part.role]
            if read < rows:  # what the sample has not seen may hold anything
                possible.add((part.role, part.label))
            continue
        share = _stratified([_cells(part, part.hits, sizes)], 1 - (1 - confidence) / len(parts))
        low, high = (share.value if end is None else end for end in (share.low, _reaching(share, recall).high))
        for ends, group in ((low, sure), (share.value, likely), (high, possible)):
            if float(ends) > COLUMN_FLOOR:
                group.add((part.role, part.label))
    exact = all(sheet.read == sheet.rows for sheet in sheets)
    counts = [len({label for _, label in group}) for group in (sure, likely, possible)]
    n = len({part.label for part in parts})
    return Measure(counts[1], "columns", n, None if exact else counts[0], None if exact else counts[2])
