"""Matches the labels of a table with the classes of a model: by value, never by position.

A CSV file may hold the number 1 where a model says "1", or `true` where it says 1. Such spellings are matched only
where one rule maps every label to exactly one class; the match is then noted. Everything else is an error that shows
both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.errors import SubjectError

if TYPE_CHECKING:
    import numpy as np

_SHOWN = 8


@dataclass(frozen=True)
class Coded:
    """Labels as positions in the classes.

    Attributes:
        codes: shape (n,), int64, each 0..k-1.
        note: how labels were matched where they are spelled differently, else empty.
    """

    codes: np.ndarray
    note: str = ""


def coded(labels: Any, classes: Sequence[Any], *, where: str) -> Coded:
    """Position of every label in the classes.

    Args:
        labels: shape (n,).
        where: what holds the labels, for messages.

    Raises:
        SubjectError: a label is missing, or is none of the classes.
    """
    import numpy as np
    import pandas as pd

    if len(labels) == 0:
        return Coded(np.zeros(0, dtype=np.int64))
    positions, found = pd.factorize(np.asarray(labels, dtype=object))
    if (positions < 0).any():
        first = int((positions < 0).argmax())
        raise SubjectError(f"{where}: {int((positions < 0).sum())} rows have no label, the first is row {first}")
    for spelling, text in _SPELLINGS:
        table = _table(classes, spelling)
        if table is None:
            continue
        spelled = [table.get(spelling(label)) for label in found]
        if None not in spelled and len(set(spelled)) == len(found):
            codes = np.array(spelled, dtype=np.int64)[positions]
            return Coded(
                codes, f"{where}: labels {_list(found)} are the classes {_list(classes)}, {text}" if text else ""
            )
    raise SubjectError(
        f"{where}: labels {_list(found)} are not the classes {_list(classes)}; correct the labels, or name the "
        "classes of the model in its order: model: {classes: [...]}"
    )


def ordered(labels: Any) -> tuple[Any, ...]:
    """The different labels of an array, sorted, as plain Python values; missing ones left out."""
    import numpy as np
    import pandas as pd

    found = pd.unique(np.asarray(labels, dtype=object))
    plain = [plain_label(label) for label in found if not pd.isna(label)]
    return tuple(sorted(plain, key=lambda label: (isinstance(label, str), label)))


def plain_label(label: Any) -> Any:
    """A label as a plain Python value rather than a numpy scalar."""
    return label.item() if hasattr(label, "item") else label


def _table(classes: Sequence[Any], spelling: Callable[[Any], Hashable]) -> dict[Hashable, int] | None:
    """Position of each class by its spelling, None where two classes are spelled alike."""
    table = {spelling(plain_label(label)): position for position, label in enumerate(classes)}
    return table if len(table) == len(classes) else None


def _same(label: Any) -> Hashable:
    """A label as it is: 1, 1.0 and True are equal in Python, "1" is something else."""
    plain: Hashable = plain_label(label)
    return plain


def _as_text(label: Any) -> Hashable:
    """The shortest spelling: 1, 1.0 and "1" are "1"; True, "true" and "TRUE" are "true"."""
    label = plain_label(label)
    if isinstance(label, bool):
        return str(label).lower()
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    if label in ("True", "False", "TRUE", "FALSE"):
        return str(label).lower()
    return str(label)


def _as_digit(label: Any) -> Hashable:
    """As `_as_text`, and true is 1, false is 0."""
    text = _as_text(label)
    return {"true": "1", "false": "0", "1.0": "1", "0.0": "0"}.get(str(text), text)


def _list(labels: Sequence[Any] | np.ndarray) -> str:
    shown = ", ".join(repr(plain_label(label)) for label in list(labels)[:_SHOWN])
    return f"[{shown}{', ...' if len(labels) > _SHOWN else ''}]"


_SPELLINGS: tuple[tuple[Callable[[Any], Hashable], str], ...] = (
    (_same, ""),
    (_as_text, "matched by their text"),
    (_as_digit, "matched with true as 1 and false as 0"),
)
