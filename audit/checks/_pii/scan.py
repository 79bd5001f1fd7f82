"""What the check `pii` scans and how, put together from the parameters of a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from audit import plugins
from audit.checks._pii import recall
from audit.checks._pii import tables as opening
from audit.checks._pii.prevalence import Sight
from audit.checks._pii.recall import Cells
from audit.data.streams import Stream
from audit.errors import NotMeasurable
from audit.pii import supported_entities
from audit.pii.columns.cells import text_of, typed
from audit.pii.columns.options import Options
from audit.pii.columns.routing import reading
from audit.pii.custom import Custom
from audit.pii.entities import HARMLESS_ALONE
from audit.pii.tables.sheets import SheetReader
from audit.subject import Subject

if TYPE_CHECKING:
    import pandas as pd

DRAWN_ROWS = 5_000
"""Random rows of each table whose columns values are planted into."""

DRAWN_TEXTS = 500
"""Filled cells of a column of text that are kept of them."""


@dataclass(frozen=True)
class Scan:
    """What is scanned and how.

    Attributes:
        options: of the scan of each cell.
        looked_for: kinds that count.
        lacks_model: whether a language model was demanded and none was given.
    """

    subject: Subject
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    options: Options
    looked_for: tuple[str, ...]
    lacks_model: bool

    def opened(self) -> AbstractContextManager[dict[str, Stream]]:
        """The rows of each table."""
        return opening.opened(self.subject, self.tables, self.columns)

    @property
    def arrays(self) -> list[str]:
        """Roles of the tables that are arrays."""
        return opening.arrays(self.subject, self.tables)

    def readers(self, streams: Mapping[str, Stream]) -> dict[str, SheetReader]:
        """What reads each table."""
        return {
            role: SheetReader(role, stream.columns, self.options, self.columns, self._declared)
            for role, stream in streams.items()
        }

    def drawn(self, streams: Mapping[str, Stream], seed: int) -> list[Cells]:
        """The columns of random rows from all over each table: a table may hold other things at its start."""
        import numpy as np

        found: list[Cells] = []
        for stream in streams.values():
            order = np.random.default_rng(seed).permutation(stream.rows)[:DRAWN_ROWS]
            if len(order):
                found += self.cells(stream.take(np.sort(order).tolist()), seed)
        return found

    def cells(self, frame: pd.DataFrame, seed: int) -> Iterator[Cells]:
        """The columns of some rows, as values are planted into them."""
        for name, column in frame.items():
            if not self.columns or str(name) in self.columns:
                declared = self._declared.get(str(name))
                how = reading(typed(column), str(name), declared)
                filled = column[[bool(text) and not text.isspace() for text in map(text_of, column)]]
                kept = filled.sample(min(DRAWN_TEXTS, len(filled)), random_state=seed) if how == "text" else filled
                yield Cells(str(name), kept.tolist(), how, declared)

    def sight(self, cells: Sequence[Cells], seed: int, confidence: float) -> Sight:
        """The recall of each kind that counts and of which values can be planted."""
        kinds = [kind for kind in recall.makeable(self.options) if kind in self.looked_for]
        return recall.measure(cells, kinds, self.options, seed=seed, confidence=confidence)

    @property
    def _declared(self) -> dict[str, str]:
        return {name: spec.type for name, spec in self.subject.features.items()}


def planned(
    subject: Subject,
    tables: tuple[str, ...],
    columns: tuple[str, ...],
    names: Literal["wordlists", "model"],
    language: str,
    model: str | None,
    entities: tuple[str, ...],
    min_score: float,
    own: Custom | None,
) -> Scan:
    if not 0 <= min_score <= 1:
        raise NotMeasurable(f"min_score is {min_score:g}; no finding scores outside 0 to 1")
    lacks_model = names == "model" and model is None
    options = Options(language, "wordlists" if lacks_model else names, model, tuple(entities), min_score, own)
    known = supported_entities(language=language, names=options.names, model=model)
    known = tuple(sorted({*known, *(own.entities if own else ())}))
    for entity in entities:
        if entity not in known:
            raise plugins.unknown("entity", entity, known)
    looked_for = tuple(entities) or tuple(entity for entity in known if entity not in HARMLESS_ALONE)
    return Scan(subject, tables, columns, options, looked_for, lacks_model)
