"""Compares versions, counts of rows and features, target and positive class of a document with those of the subject."""

from __future__ import annotations

import math
from dataclasses import dataclass

from audit.documents import Fact
from audit.documents.plain_text import words
from audit.errors import NotMeasurable
from audit.subject import Subject

_TABLES = {"training rows": "train", "test rows": "test"}


@dataclass(frozen=True)
class Compared:
    """What became of one fact.

    Attributes:
        document: path of the document.
        state: `fits`, `contradicted` or `unchecked`.
        fact: as the document gives it.
        real: what the subject has, in words.
    """

    document: str
    state: str
    fact: Fact
    real: str = ""


def compare(document: str, fact: Fact, subject: Subject) -> Compared:
    """Compare one fact; what the subject does not know stays unchecked."""
    real = _real(fact, subject)
    if not real:
        return Compared(document, "unchecked", fact)
    said = {_plain(fact.kind, word) for word in fact.said}
    right = bool(said & {_plain(fact.kind, word) for word in real})
    if fact.kind == "positive class" and not right and not said & {_plain(fact.kind, str(c)) for c in subject.classes}:
        return Compared(document, "unchecked", fact, real[0])
    return Compared(document, "fits" if right else "contradicted", fact, real[0])


def _real(fact: Fact, subject: Subject) -> tuple[str, ...]:
    """Every answer that is right; none where the subject does not say."""
    if fact.kind == "version":
        return (subject.version,) if subject.version else ()
    if fact.kind == "target":
        return (subject.target,) if subject.target else ()
    if fact.kind == "positive class":
        return (str(subject.positive),) if subject.positive is not None else ()
    if fact.kind in _TABLES:
        role = _TABLES[fact.kind]
        return (str(subject.table(role).rows),) if subject.has(f"data.{role}") else ()
    return tuple(str(count) for count in _features(subject))


def _features(subject: Subject) -> list[int]:
    """How many features there are: as declared, as the model takes them, and as the data has them."""
    role = next((role for role in ("train", "test") if subject.has(f"data.{role}")), None)
    if role is None:
        return []
    table = subject.table(role)
    if table.array is not None:
        return [math.prod(table.array.shape[1:])]
    counts = [len([name for name in table.columns if name != table.target])]
    if subject.features:
        counts.append(len(subject.features))
    if subject.has("model"):
        try:
            counts.append(len(subject.model_columns))
        except NotMeasurable:
            return counts
    return counts


def _plain(kind: str, word: str) -> str:
    if kind == "version":
        return word.lower().removeprefix("v")
    return " ".join(words(word.replace("_", " "))) or word.strip().lower() if kind == "target" else word.strip().lower()
