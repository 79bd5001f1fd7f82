"""Writes what an attack changed in single rows: each changed cell before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit import spreadsheet
from audit.checks._evasion.examples import examples, shows_values
from audit.checks._evasion.unit_box import UnitBox
from audit.records import Evidence
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_HEADER = ("example", "row", "column", "before", "after", "change", "share_of_range")
_HIDDEN = ("", "changed", "", "")
_MOST_CELLS = 40
"""Cells listed for each row, those with the largest share of their range first."""


@dataclass(frozen=True)
class _Cell:
    """One changed cell; `share` is NaN where the column has no range, `hidden` where its values may not be shown."""

    column: str
    before: Any
    after: Any
    share: float
    hidden: bool

    def line(self) -> tuple[str, ...]:
        if self.hidden:
            return (self.column, *_HIDDEN)
        shown = (_text(self.before), _text(self.after))
        if self.share != self.share:
            return (self.column, *shown, "", "")
        change = f"{float(self.after) - float(self.before):+.6g}"
        return (self.column, *shown, change, f"{self.share:+.6g}")


def adversarial_changes(
    subject: Subject,
    box: UnitBox,
    positions: np.ndarray,
    x: np.ndarray,
    adversarial: np.ndarray,
    distances: np.ndarray,
) -> tuple[Evidence, ...]:
    """The file `adversarial_changes.csv`; none where no row was broken, or where rows are images.

    Of columns that are declared personal or hold free text, it says that they changed and no more.

    Args:
        positions: of the broken rows in data.test, shape (n,).
        x: these rows before, as stored values, shape (n, d).
        adversarial: the rows after.
        distances: the changes that broke them, shape (n,).
    """
    import numpy as np

    chosen = examples(distances)
    if not chosen or x.ndim != 2:
        return ()
    places = np.array([example.place for example in chosen])
    before, after = box.decode(x[places]), box.decode(adversarial[places])
    if subject.test.frame is not None:
        found = _of_frame(subject, box, before, after)
    else:
        found = _of_array(before, after, adversarial[places] - x[places], hidden=not shows_values(subject))
    lines = [
        [example.kind, int(positions[example.place]), *line]
        for example, cells in zip(chosen, found, strict=True)
        for line in _listed(cells)
    ]
    hardest = sum(example.kind == "hardest" for example in chosen)
    sentence = (
        f"What was changed in the {hardest} broken rows that took the largest changes and in {len(chosen) - hardest} "
        "typical ones: each cell before and after, in its own unit and as a share of its range."
    )
    return (Evidence("adversarial_changes.csv", spreadsheet.table(_HEADER, lines), sentence),)


def _of_frame(subject: Subject, box: UnitBox, before: pd.DataFrame, after: pd.DataFrame) -> list[list[_Cell]]:
    specs = subject.feature_specs(subject.test)
    spans = _spans(box)
    found: list[list[_Cell]] = [[] for _ in range(len(before))]
    for name in before.columns:
        hidden = specs[name].personal or specs[name].type == "text"
        same = ((before[name] == after[name]) | (before[name].isna() & after[name].isna())).fillna(False)
        for row in (~same.to_numpy(dtype=bool)).nonzero()[0]:
            old, new = before[name].iloc[row], after[name].iloc[row]
            share = (float(new) - float(old)) / spans[name] if name in spans else float("nan")
            found[row].append(_Cell(str(name), old, new, share, hidden))
    return found


def _spans(box: UnitBox) -> Mapping[str, float]:
    """Width of the range of each numeric column, in its own unit."""
    columns = () if box.constraints is None else box.constraints.columns
    return {one.name: one.high - one.low for one in columns if one.kind == "number" and one.high > one.low}


def _of_array(before: np.ndarray, after: np.ndarray, moved: np.ndarray, *, hidden: bool) -> list[list[_Cell]]:
    return [
        [
            _Cell(f"x{place}", before[row, place], after[row, place], float(moved[row, place]), hidden)
            for place in (before[row] != after[row]).nonzero()[0]
        ]
        for row in range(len(before))
    ]


def _listed(cells: list[_Cell]) -> Iterator[tuple[str, ...]]:
    # changes of category come first: they have no length and cost nothing
    by_size = sorted(cells, key=lambda cell: -abs(cell.share) if cell.share == cell.share else float("-inf"))
    # the order would tell how far a hidden value moved
    ordered = [cell for cell in by_size if not cell.hidden] + [cell for cell in cells if cell.hidden]
    yield from (cell.line() for cell in ordered[:_MOST_CELLS])
    if len(ordered) > _MOST_CELLS:
        yield (f"{len(ordered) - _MOST_CELLS} more columns", *_HIDDEN)


def _text(value: Any) -> str:
    """A cell as the data shows it, a float as short as its precision allows; empty where the cell is."""
    import pandas as pd

    return "" if pd.api.types.is_scalar(value) and pd.isna(value) else str(value)
