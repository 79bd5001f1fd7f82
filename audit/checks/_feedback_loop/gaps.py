"""How much further apart groups of people are accepted after a loop than after its control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.errors import SubjectError
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from audit.statistics.intervals import Estimate

FEWEST_ROWS = 20
"""A group with fewer test rows has a rate that one row moves by 5 %; the largest of such gaps is chance."""
_DRAWS = 1000


@dataclass(frozen=True)
class Group:
    """A declared group column.

    Attributes:
        name: of the column.
        members: positions of the test rows of each of its groups that has enough of them; two groups or more.
    """

    name: str
    members: tuple[np.ndarray, ...]

    def gaps(self, selected: np.ndarray) -> np.ndarray:
        """Largest less smallest rate of the groups; selected is bool, shape (..., rows), the result (...)."""
        import numpy as np

        return np.asarray(np.ptp([selected[..., rows].mean(axis=-1) for rows in self.members], axis=0))


@dataclass(frozen=True)
class Groups:
    """What can be compared, and notes on what cannot."""

    columns: tuple[Group, ...]
    notes: tuple[str, ...]


def groups_of(subject: Subject) -> Groups:
    """The declared groups as they are found in the test data.

    Raises:
        SubjectError: a declared column is not there.
    """
    import numpy as np
    import pandas as pd

    frame = subject.test.frame
    if not subject.groups:
        return Groups((), ("no groups are declared, so group_gap_growth was not measured",))
    if frame is None:
        return Groups((), (f"{subject.test.role} has no named columns, so group_gap_growth was not measured",))
    columns, notes = [], []
    for name in subject.groups:
        if name not in frame.columns:
            raise SubjectError(f'{subject.test.role} has no column "{name}", which groups: names')
        codes = pd.factorize(frame[name].astype(object))[0]
        members = tuple(np.flatnonzero(codes == code) for code in range(codes.max(initial=-1) + 1))
        enough = tuple(rows for rows in members if len(rows) >= FEWEST_ROWS)
        if len(enough) < len(members):
            notes.append(f"{len(members) - len(enough)} groups of {name} with under {FEWEST_ROWS} test rows left out")
        if len(enough) < 2:
            notes.append(f"{name} has no two groups of {FEWEST_ROWS} test rows, so their gap was not measured")
        else:
            columns.append(Group(name, enough))
    return Groups(tuple(columns), tuple(notes))


def growth(group: Group, loop: np.ndarray, control: np.ndarray, *, confidence: float, seed: int) -> Estimate:
    """How much wider the gap is after the loops than after the controls.

    Args:
        loop: which test rows the last models of the loops accept, bool, shape (runs, rows).
        control: the same of the controls.

    Returns:
        The mean over runs, -1 to 1, with an interval over runs and over rows, these drawn again within each group.
    """
    from audit.statistics import intervals, runs
    from audit.statistics.intervals import Estimate, Interval

    grown = group.gaps(loop) - group.gaps(control)
    value, smallest = float(grown.mean()), min(len(rows) for rows in group.members)
    half = runs.half_of(confidence)
    rows = intervals.expanded_percentiles(_redrawn(group, loop, control, seed), smallest, confidence=half)
    reach = runs.reach_of_runs(grown, confidence=half)
    # rows whose answer no loop changed may stand for some that it would have changed, most so in the smallest group
    unseen = intervals.share(0, smallest, confidence=half).high
    low, high = min(rows.low, value) - reach, max(rows.high + reach, value + reach, value + unseen)
    return Estimate(value, Interval(max(-1.0, low), min(1.0, high)), smallest)


def _redrawn(group: Group, loop: np.ndarray, control: np.ndarray, seed: int) -> np.ndarray:
    """The mean growth on test rows drawn again with replacement within each group, shape (draws,)."""
    import numpy as np

    rng = np.random.default_rng(seed)
    runs = len(loop)
    answers = [np.concatenate([loop[:, rows], control[:, rows]]).astype(float) for rows in group.members]
    grown = np.empty(_DRAWS)
    for draw in range(_DRAWS):
        rates = np.empty((len(answers), 2 * runs))
        for place, selected in enumerate(answers):
            n = selected.shape[1]
            rates[place] = selected @ (np.bincount(rng.integers(0, n, n), minlength=n) / n)
        gaps = np.ptp(rates, axis=0)
        grown[draw] = (gaps[:runs] - gaps[runs:]).mean()
    return grown
