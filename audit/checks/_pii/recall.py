"""Plants known values in copies of real cells and runs the scan over them: what a scan can see, measured by kind.

A value is written between the words of a cell that holds a sentence, and takes the place of a cell that holds no more
than a few words: so it stands as the values of that column do. In half of the cells, and always for bare numbers that
only words can tell, the words that people write before such a value come with it. Names take the case of the column.
All planted cells of a column are scanned at once, among real ones, by the code that reads the column itself.

A kind counts as seen where its value is found as what it is. Over all kinds together a value counts as seen where
anything is found at its place: a tax number that is taken for another country's is personal data all the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.checks._pii.prevalence import Sight
from audit.errors import NotMeasurable
from audit.pii import planted
from audit.pii.columns import Options, Reading, reading, scan_column
from audit.pii.planted import Planted
from audit.pii.spans import Span
from audit.records import Measure

LEAST_PER_KIND, MOST_PER_KIND, PLANTED_IN_ALL = 24, 96, 480
"""Values planted of each kind: as many as make 480 in all, but no fewer than 24 and no more than 96."""

N_CARDS = 48
"""Card numbers that are written into a column of numbers."""

REAL_CELLS = 50
"""Cells of a column that are scanned as they are beside the planted ones; what is decided by column sees both."""

SENTENCE_WORDS = 4
"""Words from which on a cell keeps its own beside a planted value."""

_SPELT = ("LOCATION", "NRP", "ORGANIZATION", "PERSON", "TITLE")
"""Kinds that are made of words, whose case says nothing."""


@dataclass(frozen=True)
class Cells:
    """One column of the subject.

    Attributes:
        name: of the column.
        values: its cells, or a sample of them.
        how: how the column is read.
    """

    name: str
    values: Sequence[object]
    how: Reading


@dataclass(frozen=True)
class _Hit:
    """What became of one planted value: whether it was found at all, and whether it was told for what it is."""

    kind: str
    found: bool
    told: bool


def makeable(options: Options) -> tuple[str, ...]:
    """Kinds of which values can be planted, sorted: those that have a maker, and the user's own with examples."""
    return tuple(sorted({*planted.entities(), *_examples(options)}))


def measure(columns: Sequence[Cells], kinds: Sequence[str], options: Options, *, seed: int, confidence: float) -> Sight:
    """Share of the planted values that are found at their place: of each kind as what they are, of all as anything.

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
    texts = [column for column in columns if column.how == "text" and len(column.values)]
    numbers = [column for column in columns if column.how == "numbers" and len(column.values)]
    wanted = [kind for kind in kinds if kind in makeable(options)]
    if texts:
        hits = _in_texts(texts, wanted, options, rng)
    elif numbers and "CREDIT_CARD" in wanted:
        wanted = ["CREDIT_CARD"]
        hits = [_Hit("CREDIT_CARD", found, found) for found in _among_numbers(rng.choice(numbers), options, rng)]
    else:
        raise NotMeasurable("no column can hold a planted value")
    by_kind = {kind: _share([hit.told for hit in hits if hit.kind == kind], confidence) for kind in wanted if hits}
    return Sight(by_kind, _share([hit.found for hit in hits], confidence) if hits else None)


def least(recalls: Mapping[str, Measure]) -> Measure:
    """The recall of the kind that is seen least.

    Raises:
        NotMeasurable: nothing was planted.
    """
    if not recalls:
        raise NotMeasurable("no value of the demanded kinds can be planted")
    return min(recalls.values(), key=lambda measure: (float(measure.value), -measure.n))


def _in_texts(columns: Sequence[Cells], kinds: Sequence[str], options: Options, rng: random.Random) -> list[_Hit]:
    each = min(MOST_PER_KIND, max(LEAST_PER_KIND, -(-PLANTED_IN_ALL // max(1, len(kinds)))))
    made: list[list[tuple[str, Planted]]] = [[] for _ in columns]
    for kind in kinds:
        for _ in range(each):
            place = rng.randrange(len(columns))
            made[place].append((kind, _plant(columns[place], kind, options, rng)))
    groups = zip(columns, made, strict=True)
    return [hit for column, group in groups for hit in _found(column, group, options, rng)]


def _plant(column: Cells, kind: str, options: Options, rng: random.Random) -> Planted:
    """A copy of a random cell with one value of a kind."""
    cell = rng.choice(column.values)
    text = cell if isinstance(cell, str) else ""
    examples = _examples(options).get(kind)
    value = rng.choice(examples) if examples else planted.value(kind, rng, options.language)
    if kind in _SPELT:
        value = _in_case_of(value, text)
    label = planted.label(kind, options.language) if planted.needs_label(kind) or rng.random() < 0.5 else ""
    return planted.write(text if len(text.split()) >= SENTENCE_WORDS else "", value, label, rng)


def _in_case_of(value: str, text: str) -> str:
    if text.isupper() and len(text) > 1:
        return value.upper()
    return value.lower() if text.islower() and len(text.split()) < SENTENCE_WORDS else value


def _found(column: Cells, group: Sequence[tuple[str, Planted]], options: Options, rng: random.Random) -> Iterator[_Hit]:
    import pandas as pd

    if not group:
        return
    real = rng.sample(list(column.values), min(REAL_CELLS, len(column.values)))
    cells = pd.Series([*(made.text for _, made in group), *real], dtype=object)
    found = scan_column(cells, column.name, "text", options).found
    for row, (kind, made) in enumerate(group):
        there = {span.entity for span in found.get(row, ()) if _covers(span, made)}
        yield _Hit(kind, bool(there), kind in there)


def _covers(span: Span, made: Planted) -> bool:
    """Whether a finding holds at least half of a planted value."""
    return 2 * (min(span.end, made.end) - max(span.start, made.start)) >= made.end - made.start


def _among_numbers(column: Cells, options: Options, rng: random.Random) -> list[bool]:
    """For each of `N_CARDS` card numbers that are written among the numbers of a column, whether it is found."""
    import pandas as pd

    values = [*column.values] * -(-N_CARDS // len(column.values))
    rows = rng.sample(range(len(values)), N_CARDS)
    for row in rows:
        number = planted.value("CREDIT_CARD", rng)
        values[row] = int("".join(filter(str.isdigit, number)))
    series = pd.Series(values, dtype=object).infer_objects()
    found = scan_column(series, column.name, reading(series, column.name), options).found
    return [row in found for row in rows]


def _share(found: Sequence[bool], confidence: float) -> Measure:
    from audit.statistics import intervals

    ends = intervals.share(sum(found), len(found), confidence=confidence)
    return Measure(sum(found) / len(found), "share", len(found), ends.low, ends.high)


def _examples(options: Options) -> Mapping[str, Sequence[str]]:
    return options.custom.examples if options.custom is not None else {}
