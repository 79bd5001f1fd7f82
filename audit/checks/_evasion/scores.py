"""Finds the numbers of a model that can lead an attack: those whose largest one is always the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.data import Table
from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_SAME = 1e-3
"""Largest difference between two answers to the same row that rounding explains, as a share of the scores' size."""
_SATURATED = 1e-6
_MOST = 0.5
_ENOUGH, _FEW_VALUES = 16, 2


@dataclass(frozen=True)
class Scores:
    """What leads an attack.

    Attributes:
        ask: features to one number a class, shape (n, k); None where there are none, or their largest is not the
            answer.
        saturated: whether most of them are 0 or 1, or all rows share a few values, so that they hardly lead anywhere.
        random: whether they differ when the same rows are asked twice.
        note: what is wrong with them, in words.
    """

    ask: Callable[[Any], np.ndarray] | None = None
    saturated: bool = False
    random: bool = False
    note: str = ""

    @property
    def usable(self) -> bool:
        """Whether there are any that can lead."""
        return self.ask is not None


def examined_scores(subject: Subject, table: Table, answers: np.ndarray) -> Scores:
    """The scores of a subject on drawn rows, asked twice.

    Decision values come before probabilities: they do not end at 0 and 1, where nothing leads on.

    Args:
        answers: what the model answered to these rows, codes, shape (n,).
    """
    kinds = [subject.decision] if subject.has_decision else []
    kinds += [subject.probabilities] if subject.has_probabilities else []
    random, note = False, ""
    for ask in kinds:
        try:
            found = _examined(ask, table, answers)
        except NotMeasurable:
            continue  # one value for each pair of classes, which names no class
        random = random or found.random
        if found.usable or random:
            return found
        note = "the largest score is not always the answer, so only labels were used"
    return Scores(random=random, note=note)


def _examined(ask: Callable[[Any], np.ndarray], table: Table, answers: np.ndarray) -> Scores:
    import numpy as np

    first, second = ask(table), ask(table)
    size = max(1.0, float(np.abs(first).max(initial=0.0)))
    random = bool(np.abs(first - second).max(initial=0.0) > _SAME * size)
    usable = random or bool((first.argmax(axis=1) == answers).all())
    spread = np.ptp(np.unique(first)) if first.size else 0.0
    ends = (first.max(axis=1) > 1 - _SATURATED) & (first.min(axis=1) >= 0) & (spread <= 1 + _SATURATED)
    # a few values shared by all rows lead nowhere either, whatever they are
    few = len(first) >= _ENOUGH and len(np.unique(first.round(6))) <= _FEW_VALUES * first.shape[1]
    return Scores(ask if usable else None, bool(ends.mean() > _MOST) or few, random)
