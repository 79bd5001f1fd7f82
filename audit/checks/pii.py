"""Share of cells and columns that hold personal data: names, addresses, numbers of people, cards, accounts and devices.

Why: data that is trained on or handed over with personal values in it breaks the law, and a model can give them back.
Blind to: names that are on no list and in no telling place, unless a language model is given with names=model; values
stored as plain numbers, except those with a check digit and columns whose name tells (phone, ssn, passport); values
that are spelt or encoded to hide them ("ivo [at] example dot org", Base64, a line break inside a number); pictures;
what no recogniser knows.
Source: recognisers of Presidio (Microsoft) and of this package; intervals of Clopper and Pearson (1934), their error
shared over the planned looks at a sample (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from audit.checks._pii import prevalence, recall, sampling, wording
from audit.checks._pii.prevalence import COLUMN_FLOOR, Sight
from audit.checks._pii.recall import Cells
from audit.checks._pii.scan import Scan, planned
from audit.errors import NotMeasurable
from audit.pii import custom
from audit.pii.custom import Custom
from audit.pii.entities import catalogue
from audit.pii.tables.evidence import findings_csv, suspects_csv
from audit.pii.tables.sheets import Sheet
from audit.records import CheckResult, Power
from audit.subject import Subject

NEEDS = ("data.train|data.test|data.reference|data.current|data.trusted",)
MEASURES = {
    "cell_share": "share of the non-empty cells read that hold personal data, 0 to 1; exact unless sampled (then the "
    "upper end is divided by the recall that was measured on planted values)",
    "columns": f"columns in which more than {COLUMN_FLOOR:.1%} of the cells, or the name itself, hold personal data, "
    "0 upwards",
    "prevalence_upper": "share of rows with personal data that is not exceeded (of a sample the upper end of the "
    "interval, divided by the recall that was measured on planted values), 0 to 1",
    **{f"cell_share.{entity}": f"share of cells that hold {entity}, 0 to 1" for entity in catalogue()},
    **{f"prevalence_upper.{entity}": f"prevalence_upper of {entity} alone, 0 to 1" for entity in catalogue()},
}

FILES = {"recognisers": custom}


def further_measures(*, recognisers: Custom | None = None) -> dict[str, str]:
    """Measures of the kinds that recognisers of the user's own find."""
    own = () if recognisers is None else sorted(set(recognisers.entities) - set(catalogue()))
    return {
        **{f"cell_share.{entity}": f"share of cells that hold {entity}, 0 to 1" for entity in own},
        **{f"prevalence_upper.{entity}": f"prevalence_upper of {entity} alone, 0 to 1" for entity in own},
    }


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    mode: Literal["exact", "sample"] = "exact",
    rows: int = 20_000,
    entities: tuple[str, ...] = (),
    min_score: float = 0.4,
    columns: tuple[str, ...] = (),
    tables: tuple[str, ...] = (),
    names: Literal["wordlists", "model"] = "wordlists",
    model: str | None = None,
    language: str = "en",
    recognisers: Custom | None = None,
) -> CheckResult | Iterator[CheckResult]:
    """Scan the tables of a subject.

    Args:
        mode: exact reads every cell; sample reads rows in random order until the limits of the policy are decided, and
            states what may be in the others.
        rows: most rows of each table that a sample reads, at least 1, drawn without replacement.
        entities: what to look for, such as EMAIL_ADDRESS; empty for all but those that single out nobody by themselves
            (dates, ages, titles, postal codes, organisations, web addresses, UUIDs).
        min_score: least score of a finding that counts, 0 to 1.
        columns: columns to read; empty for all.
        tables: tables to read (train, test, reference, current, trusted); empty for all that the subject has.
        names: wordlists looks for names of people and places with lists and the words around them; model also asks the
            language model that `model` names. Without one the result is no pass.
        model: name of an installed spaCy pipeline, or folder of a spaCy pipeline or a token classifier.
        language: two-letter code of the texts.
        recognisers: YAML file beside the policy with recognisers and allow lists of your own; `audit policy test` runs
            the tests in it.

    Raises:
        UnknownName: an entity, a column, a table or a language that does not exist.
        NotMeasurable: no table has a column that can be read, or `rows` or `min_score` is out of range.
    """
    if mode == "sample" and rows < 1:
        raise NotMeasurable(f"a sample of {rows} rows shows nothing; rows has to be at least 1")
    scan = planned(subject, tables, columns, names, language, model, entities, min_score, recognisers)
    return _sampled(scan, rows, seed, confidence) if mode == "sample" else _exact(scan, confidence)


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
    recognisers: Custom | None = None,
    confidence: float = 0.95,
    limited: tuple[str, ...] = (),
) -> Power:
    """Write valid values of each kind into copies of the subject's own cells and count those found as what they are.

    Args:
        limited: names of the measures that the rule limits. A kind that one of them names (`cell_share.PERSON`) has to
            be seen by itself, however well others are.

    Returns:
        The recall of the kind that is seen least among those that `entities` or the limits name. Where a measure of all
        kinds is limited and `entities` is empty, that of all kinds together where this is less. Its evidence
        `recall.csv` holds the recall of each kind.

    Raises:
        NotMeasurable: no value of a kind that is demanded can be made, or no cell can hold one.
    """
    scan = planned(subject, tables, columns, names, language, model, entities, min_score, recognisers)
    named = {name.partition(".")[2] for name in limited if "." in name}
    together = not limited or any("." not in name for name in limited)
    demanded = named | (set(entities) if together or not named else set())
    unmade = demanded - set(recall.makeable(scan.options))
    if unmade:
        raise NotMeasurable(f"no values of {', '.join(sorted(unmade))} can be planted")
    with scan.opened() as streams:
        cells = scan.drawn(streams, seed)
    sight = scan.sight(cells, seed, confidence)
    held = {kind: sight.by_entity[kind] for kind in demanded if kind in sight.by_entity}
    least = [recall.least(held)] if demanded else []
    pooled = [sight.pooled] if together and not entities and sight.pooled is not None else []
    share = min([*least, *pooled], key=lambda measure: float(measure.value))
    notes = [wording.recalls(sight.by_entity)]
    if unheld := sorted(demanded - set(held)):
        notes.append(f"no column that is read can hold a value of {', '.join(unheld)}, so none was planted")
    return Power(share, tuple(notes), (recall.by_kind_csv("recall.csv", sight),))


def _exact(scan: Scan, confidence: float) -> CheckResult:
    """Every cell of every table."""
    with scan.opened() as streams:
        readers = scan.readers(streams)
        for role, reader in readers.items():
            for chunk in streams[role].chunks():
                reader.add(chunk)
        return _result(scan, [reader.sheet() for reader in readers.values()], confidence)


def _sampled(scan: Scan, rows: int, seed: int, confidence: float) -> Iterator[CheckResult]:
    """Results of growing precision; all their intervals hold together with the confidence that was asked for."""
    half = 1 - (1 - confidence) / 2  # one half of the error is the sample's, the other that of the measured recall
    with scan.opened() as streams:
        sight: Sight | None = None
        for look in sampling.looks(streams, scan.readers(streams), most=rows, seed=seed):
            whole = all(sheet.read == sheet.rows for sheet in look.sheets)
            if sight is None and not whole:
                cells = [column for frame in look.first.values() for column in scan.cells(frame, seed)]
                sight = _sight_or_none(scan, cells, seed, half)
            each = 1 - (1 - half) / look.looks
            yield _result(scan, look.sheets, confidence, each=each, sight=None if whole else sight)


def _sight_or_none(scan: Scan, cells: Sequence[Cells], seed: int, confidence: float) -> Sight:
    """The measured recall; none where no cell can hold a planted value, which then is a doubt about the bound."""
    try:
        return scan.sight(cells, seed, confidence)
    except NotMeasurable:
        return Sight({}, None)


def _result(
    scan: Scan, sheets: Sequence[Sheet], confidence: float, *, each: float | None = None, sight: Sight | None = None
) -> CheckResult:
    """What was found so far.

    Args:
        confidence: of all intervals together.
        each: of each single interval, where there are several looks; None where there is one.
        sight: the measured recall; None where all was read.
    """
    if not any(sheet.parts for sheet in sheets):
        raise NotMeasurable("no table has a column of text or of whole numbers; personal data cannot be looked for")
    single = confidence if each is None else each
    measures = prevalence.measures(sheets, scan.looked_for, single, sight)
    unseen = [] if sight is None else [one for one in scan.options.entities if one not in sight.by_entity]
    return CheckResult(
        measures=measures,
        evidence=(
            findings_csv(sheets, prevalence.by_column(sheets, single)),
            suspects_csv(sheets),
            *([recall.by_kind_csv("recall_behind_bound.csv", sight)] if sight is not None else []),
        ),
        notes=tuple(wording.notes(sheets, scan.options, sight)),
        doubts=(
            *wording.unread_arrays(scan.arrays),
            *wording.doubts(
                sheets,
                lacks_model=scan.lacks_model,
                model=scan.options.model,
                looked_for=scan.looked_for,
                unseen=unseen,
            ),
        ),
        sentence=wording.sentence(sheets, measures["prevalence_upper"], sight, confidence),
    )
