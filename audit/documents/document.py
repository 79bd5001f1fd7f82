"""What a model card or a datasheet says, whatever format it is written in."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass, field

Keys = tuple[str | int, ...]
"""Where a value stands in JSON: `("considerations", "users", 0)`; empty for a text with lines."""


MAX_CLAIMS = 10_000
"""Numbers for metrics in one document; who writes more hides something."""


class Malformed(Exception):
    """A document is damaged, ambiguous or of a kind that is not read; the message says what and where."""


@dataclass(frozen=True)
class Place:
    """Where something stands: lines of a text, counted from 1, or keys of JSON."""

    line: int = 0
    last_line: int = 0
    keys: Keys = ()


@dataclass(frozen=True)
class Entry:
    """Something that is said under a title: a section, a line such as `Owner: ...`, a row of a table, a key.

    Attributes:
        title: as it is written, without markup.
        text: what stands directly under it, without comments and code.
        level: 1 for the outermost; what follows with a higher level belongs to it.
        place: of all that belongs to it.
    """

    title: str
    text: str
    level: int
    place: Place


@dataclass(frozen=True)
class Number:
    """A number as it is written.

    Attributes:
        text: the characters, for people.
        value: what it says, in the unit that is written.
        top: upper end where a range is written, else the value again.
        half: half a unit of the last place that is written.
        whole: whether no decimals are written.
        percent: whether a percent sign or word follows.
        bound: `min` after words such as "at least", `max` after words such as "below", else empty.
    """

    text: str
    value: float
    top: float
    half: float
    whole: bool
    percent: bool = False
    bound: str = ""


@dataclass(frozen=True)
class Claim:
    """A number that a document gives for a metric.

    Attributes:
        metric: name of `metric_names`; as written where it is not known there.
        average: `macro`, `micro` or `weighted` where the document says so.
        number: what is claimed.
        data: `test`, `training` or `validation` where the document says so.
        dataset: name of the data where the document gives one.
        model: name of the model where a table compares several.
        part: name of the part of the rows that the number is about, where a field of its own names one.
        narrowed: whether words such as "for customers in Spain" may narrow it to a part of the rows.
        aside: why it is no statement about what the model reaches, such as "it is a target"; empty where it is one.
        words: lower-case words around it, in which slices are looked for.
        place: of the number.
    """

    metric: str
    number: Number
    place: Place
    average: str = ""
    data: str = ""
    dataset: str = ""
    model: str = ""
    part: str = ""
    narrowed: bool = False
    aside: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fact:
    """Something else that can be compared with the subject.

    Attributes:
        kind: `version`, `training rows`, `test rows`, `features`, `target` or `positive class`.
        said: the words or numbers that are given for it; one of them has to be right.
        place: where.
    """

    kind: str
    said: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Document:
    """One document, read.

    Attributes:
        path: relative to the folder of the subject.
        text: of the whole file.
        entries: in the order of the file.
        claims: metrics with their numbers.
        facts: what else can be compared.
    """

    path: str
    text: str
    entries: tuple[Entry, ...] = ()
    claims: tuple[Claim, ...] = field(default=())
    facts: tuple[Fact, ...] = field(default=())


def refuse_too_many(path: str, claims: Sized) -> None:
    """Stop reading a document that gives more numbers for metrics than anybody compares.

    Raises:
        Malformed: it does.
    """
    if len(claims) > MAX_CLAIMS:
        raise Malformed(f"{path}: gives more than {MAX_CLAIMS:,} numbers for metrics")
