"""Which rows or which class a claim is about, by the group values and class labels that its words name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.documents import Claim
from audit.documents.metric_names import OF_CLASSES
from audit.documents.plain_text import seen, unmarked
from audit.documents.tokens import tokens
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_MOST_VALUES = 50
_COMMON = frozenset(("yes", "no", "other", "none", "all", "unknown", "true", "false", "any", "test", "old", "new"))
"""Values that are common words: they count only beside the name of their column."""
_PARTS = frozenset(("subset", "subsets", "subgroup", "subgroups", "slice", "slices", "segment", "minority", "stratum"))

_Words = tuple[str, ...]


class Unmeasured(Exception):
    """A claim cannot be compared; the message says why."""


@dataclass(frozen=True)
class Part:
    """Rows of the test data.

    Attributes:
        name: in words, empty for all rows.
        rows: one truth value a row, None for all rows.
        code: class that the claim names, None where it names none.
    """

    name: str = ""
    rows: np.ndarray | None = None
    code: int | None = None


@dataclass(frozen=True)
class Groups:
    """Values of the groups of a subject as words, each with its column.

    Attributes:
        spelled: column, value, and the words by which it is known.
    """

    spelled: tuple[tuple[str, Any, _Words], ...]

    @staticmethod
    def of(subject: Subject) -> Groups:
        """Those that the test data holds."""
        return Groups(tuple(_spelled(subject)))

    def named(self, said: Sequence[str]) -> list[tuple[str, Any]]:
        """Every value that some words name, with its column."""
        return [(column, value) for column, value, name in self.spelled if _holds(said, name)]


def part_of(claim: Claim, subject: Subject, groups: Groups) -> Part:
    """The part of the test data that a claim names.

    Raises:
        Unmeasured: it names a part that cannot be found, or several of one group.
    """
    said = _words(claim.part) if claim.part else claim.words
    code = _class(claim, said, subject)
    named = groups.named(said)
    if len(dict(named)) < len(named):
        raise Unmeasured("it names several parts of the rows")
    if claim.part and not named and code is None:
        raise Unmeasured(f"it is about a part of the rows that no group of audit.yaml tells: {claim.part[:60]!r}")
    if not named and (_PARTS & set(said) or (claim.narrowed and code is None)):
        raise Unmeasured("it may be about a part of the rows, and names no value of a group of audit.yaml")
    if not named or subject.test.frame is None:
        return Part(code=code)
    rows: Any = True
    for column, value in named:
        rows = rows & (subject.test.frame[column] == value).to_numpy()
    return Part(", ".join(f"{column} {value}" for column, value in named), rows, code)


def _spelled(subject: Subject) -> Iterator[tuple[str, Any, _Words]]:
    frame = subject.test.frame
    for column in subject.groups:
        if frame is None or column not in frame.columns:
            continue
        for value in frame[column].dropna().unique()[:_MOST_VALUES]:
            name = _words(str(value))
            common = len(name) == 1 and (name[0] in _COMMON or not name[0].isalpha())
            if name:
                yield column, value, (*_words(column), *name) if common else name


def _class(claim: Claim, said: Sequence[str], subject: Subject) -> int | None:
    """The only class label that the words of a claim about classes name."""
    if claim.metric not in OF_CLASSES or subject.task != "classification":
        return None
    names = [_words(str(label)) for label in subject.classes]
    beside = [("class", *name) if len(name) == 1 and not name[0].isalpha() else name for name in names]
    found = [code for code, name in enumerate(beside) if name and _holds(said, name)]
    return found[0] if len(found) == 1 else None


def _holds(said: Sequence[str], phrase: _Words) -> bool:
    width = len(phrase)
    return any(tuple(said[start : start + width]) == phrase for start in range(len(said) - width + 1))


def _words(text: str) -> _Words:
    plain = (token.text for token in tokens([(0, unmarked(seen(text[:200])))]))
    return tuple(word for word in plain if word not in "=:,;-()[]'\"&")
