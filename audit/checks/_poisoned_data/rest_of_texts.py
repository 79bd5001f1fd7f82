"""What the texts of rare words say once these words are taken out of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.checks._poisoned_data.rows import Rows
from audit.checks._poisoned_data.text_models import Opinion, Words

if TYPE_CHECKING:
    import numpy as np

_MOSTLY = 2
_PAIRS_AT_ONCE = 200_000


@dataclass(frozen=True, eq=False)
class Candidates:
    """Rare runs of words that nearly always go with one label.

    Attributes:
        columns: text column of each, length m.
        parts: words of each, length m.
        labels: code of its label, shape (m,), int.
        purity: share of its texts that have the label, shape (m,).
        carriers: its texts that have the label, shape (m, n), sparse rows.
    """

    columns: list[str]
    parts: list[tuple[str, ...]]
    labels: np.ndarray
    purity: np.ndarray
    carriers: Any


@dataclass(frozen=True, eq=False)
class Rest:
    """What the texts of each candidate say once its own words are taken out of them."""

    rows: Rows
    words: Words
    told: Opinion
    found: Candidates

    def summed(self, evidence: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
        """Sum the evidence, of scores of shape (m, k) and labels of shape (m,), over the texts of each candidate."""
        import numpy as np

        told, x = self.told, self.words.x
        nats = np.zeros(len(self.found.parts))
        columns = _columns_of(self.words, self.found)
        ends = self.found.carriers.indptr
        start = 0
        while start < len(nats):
            stop = max(start + 1, int(np.searchsorted(ends, ends[start] + _PAIRS_AT_ONCE)) - 1)
            texts = self.found.carriers.indices[ends[start] : ends[stop]]
            group = np.repeat(np.arange(start, stop), np.diff(ends[start : stop + 1]))
            scores = told.scores[texts].copy()
            for own in columns[group].T:
                there = np.flatnonzero(own >= 0)
                if len(there) == 0:
                    continue
                held = np.asarray(x[texts[there], own[there]]).ravel()
                scores[there] -= held[:, None] * told.weights[told.fold[texts[there]], own[there]]
            summed = evidence(scores, self.rows.labels[texts])
            nats[start:stop] = np.bincount(group - start, summed, minlength=stop - start)
            start = stop
        return nats


def _columns_of(words: Words, found: Candidates) -> np.ndarray:
    """Columns of `words.x` that hold the words of each candidate, shape (m, 3), int, -1 where there is none.

    A word that is mostly found in other texts is left in: what it says was learned there.
    """
    import numpy as np

    from audit.statistics.ngrams import LONGEST

    holding = np.asarray((words.x > 0).sum(axis=0)).ravel()
    columns = np.full((len(found.parts), LONGEST), -1, dtype=np.int64)
    support = np.diff(found.carriers.indptr)
    for number, (name, parts) in enumerate(zip(found.columns, found.parts, strict=True)):
        for spot, part in enumerate(dict.fromkeys(part.lower() for part in parts)):
            place = words.place.get((name, part), -1)
            if place >= 0 and holding[place] <= _MOSTLY * support[number]:
                columns[number, spot] = place
    return columns
