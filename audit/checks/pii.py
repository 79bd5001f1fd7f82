"""Share of cells and columns that hold personal data: addresses, numbers of people, cards, accounts and devices.

Why: data that is trained on or handed over with personal values in it breaks the law, and a model can give them back.
Blind to: names and places, unless a language model is given with names=model; values stored as plain numbers, except
card numbers and columns whose name tells (phone, ssn, passport); values that are spelt to hide them ("ivo [at] example
dot org", characters that cannot be seen); pictures; what no pattern of Presidio knows.
Source: recognisers of Presidio (Microsoft), without its language model; intervals of Clopper and Pearson (1934).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from audit import plugins
from audit.errors import NotMeasurable
from audit.pii import planted, supported_entities
from audit.pii.columns import MAX_CELL, Options, reading
from audit.pii.entities import catalogue
from audit.pii.evidence import findings_csv, suspects_csv
from audit.pii.recall import found_among_numbers, found_in_text
from audit.pii.sheets import Part, Sheet, chosen, scan_sheet
from audit.records import CheckResult, Doubt, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    import pandas as pd

ROLES = ("train", "test", "reference", "current", "trusted")
NAMED = ("LOCATION", "NRP", "ORGANIZATION", "PERSON")
"""Entities that only a language model finds."""

COLUMN_FLOOR = 0.005
"""Share of a column's cells above which the column itself counts as personal; below it lie slips and chance hits."""

MIN_PLANTED, MIN_PER_KIND = 48, 6

NEEDS = ("data.train|data.test|data.reference|data.current|data.trusted",)
MEASURES = {
    "cell_share": "share of the non-empty cells read that hold personal data, 0 to 1; exact unless sampled",
    "columns": f"columns in which more than {COLUMN_FLOOR:.1%} of the cells, or the name itself, hold personal data, "
    "0 upwards",
    "prevalence_upper": "share of rows with personal data that is not exceeded (upper end of the interval), 0 to 1",
    **{f"cell_share.{entity}": f"share of cells that hold {entity}, 0 to 1" for entity in catalogue()},
}


@dataclass(frozen=True)
class _Stratum:
    """Hits among the cells or rows that were read, and how many there are in all."""

    hits: int
    read: int
    total: int


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    mode: Literal["exact", "sample"] = "exact",
    rows: int = 2000,
    entities: tuple[str, ...] = (),
    min_score: float = 0.4,
    columns: tuple[str, ...] = (),
    tables: tuple[str, ...] = (),
    names: Literal["wordlists", "model"] = "wordlists",
    model: str | None = None,
    language: str = "en",
) -> CheckResult:
    """Scan the tables of a subject.

    Args:
        mode: exact reads every cell; sample reads some rows and states what may be in the others.
        rows: rows of each table that a sample reads, at least 1, drawn without replacement.
        entities: what to look for, such as EMAIL_ADDRESS; empty for all that the language has.
        min_score: least score of a finding that counts, 0 to 1.
        columns: columns to read; empty for all.
        tables: tables to read (train, test, reference, current, trusted); empty for all that the subject has.
        names: wordlists finds no names in this version; model uses the pipeline that `model` names.
        model: name or folder of an installed spaCy pipeline.
        language: two-letter code of the texts.

    Raises:
        UnknownName: an entity, a column, a table or a language that does not exist.
        NotMeasurable: no table has a column that can be read, or `rows` or `min_score` is out of range.
    """
    if mode == "sample" and rows < 1:
        raise NotMeasurable(f"a sample of {rows} rows shows nothing; rows has to be at least 1")
    options = _options(language, names, model, entities, min_score)
    frames = _frames(subject, tables, columns)
    declared = {name: spec.type for name, spec in subject.features.items()}
    sample = rows if mode == "sample" else None
    sheets = [
        scan_sheet(role, frame, options, columns=columns, declared=declared, rows=sample, seed=seed)
        for role, frame in frames.items()
    ]
    parts = [part for sheet in sheets for part in sheet.parts]
    if not parts:
        raise NotMeasurable("no table has a column of text or of whole numbers; personal data cannot be looked for")
    looked_for = options.entities or supported_entities(language=language, names=names, model=model)
    people = _stratified([_Stratum(len(sheet.suspects), sheet.read, sheet.rows) for sheet in sheets], confidence)
    measures = _measures(sheets, parts, people, looked_for, confidence)
    return CheckResult(
        measures=measures,
        evidence=(findings_csv(parts), suspects_csv(sheets)),
        notes=tuple(_notes(sheets, options)),
        doubts=tuple(_doubts(parts)),
        sentence=_sentence(sheets, parts, people),
    )


def plant(
    subject: Subject,
    *,
    seed: int,
    entities: tuple[str, ...] = (),
    min_score: float = 0.4,
    columns: tuple[str, ...] = (),
    tables: tuple[str, ...] = (),
    names: Literal["wordlists", "model"] = "wordlists",
    model: str | None = None,
    language: str = "en",
    confidence: float = 0.95,
) -> Measure:
    """Write valid values of each kind into copies of the subject's own cells and count those found as what they are.

    Raises:
        NotMeasurable: no value of a kind that `entities` demands can be made, or no cell can hold one.
    """
    options = _options(language, names, model, entities, min_score)
    unmade = set(entities) - set(planted.entities())
    if unmade:
        raise NotMeasurable(f"no values of {', '.join(sorted(unmade))} can be planted")
    rng = random.Random(seed)
    declared = {name: spec.type for name, spec in subject.features.items()}
    cells = [
        (name, column.tolist(), reading(column, name, declared.get(name)))
        for frame in _frames(subject, tables, columns).values()
        for name, column in chosen(frame, columns)
    ]
    texts = [(name, values) for name, values, how in cells if how == "text" and values]
    numbers = [(name, values) for name, values, how in cells if how == "cards" and values]
    kinds = tuple(entities) or planted.entities()
    if texts:
        each = max(MIN_PER_KIND, -(-MIN_PLANTED // len(kinds)))
        found = [found_in_text(kind, *rng.choice(texts), options, rng) for kind in kinds for _ in range(each)]
    elif numbers and "CREDIT_CARD" in kinds:
        found = found_among_numbers(*rng.choice(numbers), options, rng)
    else:
        raise NotMeasurable("no column can hold a planted value")
    from audit.statistics import intervals

    ends = intervals.share(sum(found), len(found), confidence=confidence)
    return Measure(sum(found) / len(found), "share", len(found), ends.low, ends.high)


def _options(
    language: str, names: Literal["wordlists", "model"], model: str | None, entities: tuple[str, ...], min_score: float
) -> Options:
    if not 0 <= min_score <= 1:
        raise NotMeasurable(f"min_score is {min_score:g}; no finding scores outside 0 to 1")
    known = supported_entities(language=language, names=names, model=model)
    for entity in entities:
        if entity in NAMED and names != "model":
            raise NotMeasurable(f"{entity} is found by a language model only; set names=model and model=PATH")
        if entity not in known:
            raise plugins.unknown("entity", entity, known)
    return Options(language, names, model, tuple(entities), min_score)


def _frames(subject: Subject, tables: tuple[str, ...], columns: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Frames by role; one table under two roles is taken once, and an array has no cells to read."""
    for role in tables:
        if role.removeprefix("data.") not in ROLES:
            raise plugins.unknown("table", role, ROLES)
    wanted = [role.removeprefix("data.") for role in tables] or [role for role in ROLES if subject.has(f"data.{role}")]
    frames: dict[str, pd.DataFrame] = {}
    for role in wanted:
        frame = subject.table(role).frame
        if frame is not None and not any(frame is seen or frame.equals(seen) for seen in frames.values()):
            frames[role] = frame
    if not frames:
        raise NotMeasurable("the data are arrays of numbers without columns; personal data is looked for in tables")
    known = {str(name) for frame in frames.values() for name in frame.columns}
    for name in columns:
        if name not in known:
            raise plugins.unknown("column", name, sorted(known))
    return frames


def _measures(
    sheets: Sequence[Sheet], parts: Sequence[Part], people: Measure, entities: Iterable[str], confidence: float
) -> dict[str, Measure]:
    measures = {
        "cell_share": _stratified(
            [_Stratum(len(part.rows), part.scan.cells, part.cells) for part in parts], confidence
        ),
        "columns": _columns(sheets, parts, confidence),
        "prevalence_upper": Measure(people.value if people.high is None else people.high, "share", people.n),
    }
    for entity in entities:
        hits = [sum(any(span.entity == entity for span in spans) for spans in part.rows.values()) for part in parts]
        strata = [_Stratum(n, part.scan.cells, part.cells) for n, part in zip(hits, parts, strict=True)]
        measures[f"cell_share.{entity}"] = _stratified(strata, confidence)
    return measures


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


def _columns(sheets: Sequence[Sheet], parts: Sequence[Part], confidence: float) -> Measure:
    """Columns over the floor; in a sample those that surely are, and those that may be."""
    named = {(sheet.role, sheet.label(position)) for sheet in sheets for position in sheet.header}
    sure, likely, possible = set(named), set(named), set(named)
    for part in parts:
        if part.cells == 0:
            continue
        share = _stratified([_Stratum(len(part.rows), part.scan.cells, part.cells)], 1 - (1 - confidence) / len(parts))
        low, high = (share.value if end is None else end for end in (share.low, share.high))
        for ends, group in ((low, sure), (share.value, likely), (high, possible)):
            if float(ends) > COLUMN_FLOOR:
                group.add((part.role, part.label))
    exact = all(sheet.read == sheet.rows for sheet in sheets)
    counts = [len({label for _, label in group}) for group in (sure, likely, possible)]
    n = len({part.label for part in parts})
    return Measure(counts[1], "columns", n, None if exact else counts[0], None if exact else counts[2])


def _notes(sheets: Sequence[Sheet], options: Options) -> Iterator[str]:
    for sheet in sheets:
        read = "all" if sheet.read == sheet.rows else f"{sheet.read:,} of"
        yield f"data.{sheet.role}: {len(sheet.parts)} columns, {read} {sheet.rows:,} rows read"
        if sheet.left_out:
            yield f"data.{sheet.role}: not read, as they hold no text or whole numbers: {', '.join(sheet.left_out)}"
        for position, spans in sheet.header.items():
            kinds = ", ".join(sorted({span.entity for span in spans}))
            yield f"data.{sheet.role}: the name of {sheet.label(position)} itself holds {kinds}"
    if options.names == "wordlists":
        yield "names of people and places were not looked for; that needs names=model"


def _doubts(parts: Sequence[Part]) -> Iterator[Doubt]:
    for part in parts:
        if part.scan.shortened:
            yield Doubt(
                f"data.{part.role}, {part.label}: {part.scan.shortened} cells are longer than {MAX_CELL:,} characters "
                "and were read only up to there"
            )


def _sentence(sheets: Sequence[Sheet], parts: Sequence[Part], people: Measure) -> str:
    cells, hits = sum(part.scan.cells for part in parts), sum(len(part.rows) for part in parts)
    sampled = people.high is not None
    where = f"{cells:,} cells" + (f" of a sample of {people.n:,} rows" if sampled else "")
    rest = f"; up to {people.high:.2%} of all rows may hold some" if people.high is not None else ""
    if hits == 0:
        names = sum(len(sheet.header) for sheet in sheets)
        told = f", but {names} column names hold some" if names else ""
        return f"No personal data of the kinds that patterns tell was found in {where}{told}{rest}."
    kinds = Counter(span.entity for part in parts for spans in part.rows.values() for span in spans)
    most = " and ".join(entity for entity, _ in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))[:2])
    columns = len({part.label for part in parts if part.rows})
    inside = f"{columns} column{'s' * (columns > 1)}"
    return f"{hits:,} of {where} in {inside} hold personal data, most often {most}{rest}."
