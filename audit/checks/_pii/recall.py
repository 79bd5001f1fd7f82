"""Plants known values in copies of real cells and runs the scan over them: what a scan can see, measured by kind.

A value is written between the words of a cell that holds a sentence, and takes the place of a cell that holds no more
than a few words: so it stands as the values of that column do. In half of the cells, and always for bare numbers that
only words can tell, the words that people write before such a value come with it, except in columns without words.
Names take the case of the column. Planted cells of one kind are read after the real ones, as their column is read:
what is left unread for its form, or dropped because hardly any cell that looks alike is a finding, is missed here too.

A kind counts as seen where its value is found as what it is. Over all kinds together a value counts as seen where it
is found as that or as a closely related kind: a tax number that is taken for another country's is one all the same.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from audit import spreadsheet
from audit.checks._pii.prevalence import Sight
from audit.errors import NotMeasurable
from audit.pii import planted
from audit.pii.columns.cells import text_of
from audit.pii.columns.options import Options
from audit.pii.columns.reader import ColumnReader
from audit.pii.columns.routing import Reading
from audit.pii.columns.whole import scan_column
from audit.pii.planted import Planted
from audit.pii.spans import Span
from audit.records import Evidence, Measure

LEAST_PER_KIND, MOST_PER_KIND, PLANTED_IN_ALL = 24, 96, 480
"""Values planted of each kind: as many as make 480 in all, but no fewer than 24 and no more than 96."""

N_CARDS = 48
"""Card numbers that are written into a column of numbers."""

MOST_COLUMNS = 3
"""Columns into which values of one kind are planted: several of them in each, as they stand in real columns."""

REAL_TEXTS = 200
"""Cells of a column with words that are read before the planted ones; of a column without words all are."""

SENTENCE_WORDS = 4
"""Words from which on a cell keeps its own beside a planted value."""

_SPELT = ("LOCATION", "NRP", "ORGANIZATION", "PERSON", "TITLE")
"""Kinds that are made of words, whose case says nothing."""

_NATIONAL = re.compile(r"[A-Z]{2}_[A-Z_]+|PASSPORT|MEDICAL_(LICENSE|RECORD_NUMBER)|BANK_ACCOUNT|ABA_ROUTING_NUMBER")
"""Numbers of people and their accounts: without a telling word one country's look like another's."""

_RELATED = (
    frozenset({"BANK_ACCOUNT", "BIC_CODE", "IBAN_CODE"}),
    frozenset({"ACCESS_TOKEN", "API_KEY", "PASSWORD", "PRIVATE_KEY"}),
    frozenset({"ADVERTISING_ID", "DEVICE_ID", "ICCID", "IMEI", "IMSI", "MAC_ADDRESS", "UUID"}),
    frozenset({"LICENSE_PLATE", "DE_KFZ", "UK_VEHICLE_REGISTRATION"}),
    frozenset({"ETHNIC_ORIGIN", "NRP", "POLITICS", "RELIGION"}),
    frozenset({"DATE_OF_BIRTH", "DATE_TIME"}),
    frozenset({"LOCATION", "ZIP_CODE"}),
    frozenset({"PERSON", "TITLE"}),
)
"""Kinds of which one is as telling as the other."""

_LONG_NUMBER = re.compile(r"[0-9]{9,}([.]0)?")


@dataclass(frozen=True)
class Cells:
    """One column of the subject.

    Attributes:
        name: of the column.
        values: its cells, or a sample of them.
        how: how the column is read.
        declared: type from `audit.yaml`.
    """

    name: str
    values: Sequence[object]
    how: Reading
    declared: str | None = None

    @cached_property
    def wordless(self) -> bool:
        """Whether hardly any cell has a letter, so that no words stand before a value."""
        return 10 * sum(any(map(str.isalpha, text)) for text in self._texts) < len(self._texts)

    @property
    def long_numbers(self) -> bool:
        """Whether most cells are whole numbers that are long enough to be those of people or cards."""
        return 2 * sum(_LONG_NUMBER.fullmatch(text) is not None for text in self._texts) > len(self.values)

    @cached_property
    def _texts(self) -> list[str]:
        return [text for text in map(text_of, self.values) if text and not text.isspace()]


@dataclass(frozen=True)
class _Hit:
    """What became of one planted value: whether as a related kind at least, and whether as what it is."""

    kind: str
    found: bool
    told: bool


def makeable(options: Options) -> tuple[str, ...]:
    """Kinds of which values can be planted, sorted: those that have a maker, and the user's own with examples."""
    return tuple(sorted({*planted.entities(), *_examples(options)}))


def measure(columns: Sequence[Cells], kinds: Sequence[str], options: Options, *, seed: int, confidence: float) -> Sight:
    """Share of the planted values that are found: of each kind as what they are, of all also as related.

    Args:
        columns: where values are planted; those that are not read are left out.
        kinds: what to plant; kinds that cannot be made, or that no column can hold, are absent from the result.
        options: of the scan.
        seed: of all choices.
        confidence: of the intervals (Clopper and Pearson).

    Raises:
        NotMeasurable: no column can hold a planted value.
    """
    rng = random.Random(seed)
    filled = [column for column in columns if len(column.values)]
    texts = [column for column in filled if column.how == "text"]
    wanted = [kind for kind in kinds if kind in makeable(options)]
    cards = _for_cards(filled, rng) if "CREDIT_CARD" in wanted else []
    if not (texts or cards):
        raise NotMeasurable("no column can hold a planted value")
    hits = _in_texts(texts, wanted, options, rng) if texts else []
    for column in cards:
        hits += [_Hit("CREDIT_CARD", found, found) for found in _among_numbers(column, options, rng)]
    told = {kind: [hit.told for hit in hits if hit.kind == kind] for kind in wanted}
    by_kind = {kind: _share(seen, confidence) for kind, seen in told.items() if seen}
    return Sight(by_kind, _share([hit.found for hit in hits], confidence) if hits else None)


def by_kind_csv(name: str, sight: Sight) -> Evidence:
    """The recall of each kind as a table."""
    header = ("entity", "planted", "found", "recall", "low", "high")
    lines = [
        (
            entity,
            recall.n,
            round(float(recall.value) * recall.n),
            *(f"{end:.4f}" for end in (recall.value, recall.low, recall.high)),
        )
        for entity, recall in sorted(sight.by_entity.items())
    ]
    return Evidence(
        name,
        spreadsheet.table(header, lines),
        "Values of each kind that were made and written into copies of the data's own cells, and how many of them the "
        "scan found as what they are.",
    )


def least(recalls: Mapping[str, Measure]) -> Measure:
    """The recall of the kind that is seen least.

    Raises:
        NotMeasurable: nothing was planted.
    """
    if not recalls:
        raise NotMeasurable("no value of the demanded kinds can be planted")
    return min(recalls.values(), key=lambda measure: (float(measure.value), -measure.n))


def _for_cards(columns: Sequence[Cells], rng: random.Random) -> list[Cells]:
    """Columns of numbers into which cards are written: those of long ones, and any where no column is text."""
    numbers = [column for column in columns if column.how != "text"]
    long_numbers = [column for column in numbers if column.long_numbers]
    others = [column for column in numbers if column.how == "numbers"]
    if long_numbers or not others or len(numbers) < len(columns):
        return long_numbers
    return [rng.choice(others)]


def _in_texts(columns: Sequence[Cells], kinds: Sequence[str], options: Options, rng: random.Random) -> list[_Hit]:
    each = min(MOST_PER_KIND, max(LEAST_PER_KIND, -(-PLANTED_IN_ALL // max(1, len(kinds)))))
    chosen = [rng.sample(range(len(columns)), min(MOST_COLUMNS, len(columns))) for _ in kinds]
    read = {
        place: _read(columns[place], options, rng) for place in sorted({place for some in chosen for place in some})
    }
    hits: list[_Hit] = []
    for kind, places in zip(kinds, chosen, strict=True):
        for turn, place in enumerate(places):
            column = columns[place]
            made = [_plant(column, kind, options, rng) for _ in range(turn, each, len(places))]
            hits += _found(read[place], kind, made)
    return hits


def _read(column: Cells, options: Options, rng: random.Random) -> ColumnReader:
    """A reader that has read the column's own cells, all of a column without words."""
    import pandas as pd

    real = list(column.values)
    if not column.wordless:
        real = rng.sample(real, min(REAL_TEXTS, len(real)))
    reader = ColumnReader(column.name, options, column.declared)
    reader.add(pd.Series(real, dtype=object), 0)
    return reader


def _found(reader: ColumnReader, kind: str, made: Sequence[Planted]) -> Iterator[_Hit]:
    """What becomes of planted values of one kind, had they come next in the column."""
    import pandas as pd

    after = reader.fork()
    chunk = after.add(pd.Series([one.text for one in made], dtype=object), reader.tally.cells)
    standing = after.findings()
    for one, code in zip(made, chunk.codes.tolist(), strict=True):
        found = chunk.found[code] if code >= 0 else ()
        there = {each.span.entity for each in found if each.kind in standing and _covers(each.span, one)}
        yield _Hit(kind, any(related(kind, entity) for entity in there), kind in there)


def _plant(column: Cells, kind: str, options: Options, rng: random.Random) -> Planted:
    """A copy of a random cell with one value of a kind."""
    cell = rng.choice(column.values)
    text = cell if isinstance(cell, str) else ""
    examples = _examples(options).get(kind)
    value = rng.choice(examples) if examples else planted.value(kind, rng, options.language)
    if kind in _SPELT:
        value = _in_case_of(value, text)
    telling = planted.needs_label(kind) or (rng.random() < 0.5 and not column.wordless)
    label = planted.label(kind, options.language) if telling else ""
    return planted.write(text if len(text.split()) >= SENTENCE_WORDS else "", value, label, rng)


def _in_case_of(value: str, text: str) -> str:
    if text.isupper() and len(text) > 1:
        return value.upper()
    return value.lower() if text.islower() and len(text.split()) < SENTENCE_WORDS else value


def related(kind: str, other: str) -> bool:
    """Whether a value of one kind that is taken for the other is still told as what it is to a person."""
    if kind == other or (_NATIONAL.fullmatch(kind) and _NATIONAL.fullmatch(other)):
        return True
    return any(kind in group and other in group for group in _RELATED)


def _covers(span: Span, made: Planted) -> bool:
    """Whether a finding holds at least half of a planted value."""
    return 2 * (min(span.end, made.end) - max(span.start, made.start)) >= made.end - made.start


def _among_numbers(column: Cells, options: Options, rng: random.Random) -> list[bool]:
    """For each of `N_CARDS` card numbers that are written among the numbers of a column, whether it is found."""
    import pandas as pd

    values = [*column.values] * -(-N_CARDS // len(column.values))
    rows = rng.sample(range(len(values)), N_CARDS)
    written = any(isinstance(value, str) for value in values)
    for row in rows:
        number = "".join(filter(str.isdigit, planted.value("CREDIT_CARD", rng)))
        values[row] = number if written else int(number)
    series = pd.Series(values, dtype=object)
    series = series if written else series.infer_objects()
    found = scan_column(series, column.name, options, column.declared)
    return [row in found for row in rows]


def _share(found: Sequence[bool], confidence: float) -> Measure:
    from audit.statistics import intervals

    ends = intervals.share(sum(found), len(found), confidence=confidence)
    return Measure(sum(found) / len(found), "share", len(found), ends.low, ends.high)


def _examples(options: Options) -> Mapping[str, Sequence[str]]:
    return options.custom.examples if options.custom is not None else {}
