"""Keeps how far the answers of a regression were shifted, and says what may flatter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit import spreadsheet
from audit.checks._evasion.frame_box import contradictions
from audit.checks._evasion.unit_box import UnitBox, reachable
from audit.errors import NotMeasurable
from audit.records import Doubt, Evidence
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_SAME = 1e-4
"""Largest difference between two answers to the same row that rounding explains, in standard deviations."""
_FEW_MOVED = 0.1
_MOST_ROWS = 100
_MOST_NAMES = 12


class Shifts:
    """The drawn rows of a regression and the largest shift of each answer.

    Args:
        order: positions of the drawn rows in data.test, in the order in which they are looked at.

    Attributes:
        x: the drawn rows as stored values, shape (n, ...).
        clean: what the model answers to them, shape (n,), float.
        spread: standard deviation of all true values in data.test.
        random: whether the model answered differently when asked twice.
        shift: largest change of each answer, with its sign, shape (n,).
        adversarial: the rows that shift it so far.
        queries: rows asked for each row, shape (n,).
        seen: rows whose attacks are over.

    Raises:
        NotMeasurable: the true values do not differ, or there are fewer than two rows.
    """

    def __init__(self, subject: Subject, box: UnitBox, order: np.ndarray) -> None:
        import numpy as np

        self.subject, self.box, self.order = subject, box, order
        self.spread = float(np.std(subject.values(subject.test))) if subject.test.rows else 0.0
        if len(order) < 2:
            raise NotMeasurable(f"{len(order)} test rows are too few to tell a mean shift")
        if not self.spread > 0:
            raise NotMeasurable("all true values of data.test are equal, so there is no spread to measure shifts in")
        table = subject.test.take(order)
        self.x = box.encode(table.features)
        first = subject.predict(table)
        # shifts count from the row as attacks see it, after coding and decoding
        self.clean = subject.predict(box.decode(self.x))
        self.random = bool(np.abs(subject.predict(table) - first).max() > _SAME * self.spread)
        self.distorted = int((np.abs(self.clean - first) > _SAME * self.spread).sum())
        self.shift = np.zeros(len(order))
        self.adversarial = self.x.copy()
        self.queries = np.zeros(len(order), dtype=np.int64)
        self.seen = 0

    def keep(self, batch: np.ndarray, points: np.ndarray) -> None:
        """Ask the real model about changed rows and keep those that shift its answer further than any before."""
        import numpy as np

        found = self.subject.predict(self.box.decode(points)) - self.clean[batch]
        larger = np.abs(found) > np.abs(self.shift[batch])
        self.shift[batch[larger]] = found[larger]
        self.adversarial[batch[larger]] = points[larger]


def shift_doubts(shifts: Shifts, epsilon: float) -> tuple[Doubt, ...]:
    """Why the shifts may flatter."""
    import numpy as np

    texts = []
    if len(np.unique(shifts.clean)) == 1:
        texts.append("the model answers the same number for every row")
    if shifts.random:
        texts.append("the model answers the same row differently when asked twice; attacks follow noise")
    elif shifts.distorted:
        texts.append(f"{shifts.distorted} rows are answered differently once they are stored as attacks see them")
    moved = int(reachable(shifts.box, shifts.x[: shifts.seen], epsilon).any(axis=1).sum())
    if shifts.seen and moved <= _FEW_MOVED * shifts.seen:
        texts.append(
            f"within epsilon {epsilon:g}, {moved} of {shifts.seen} attacked rows reach the model changed; the rest is "
            "lost in what is declared unchangeable, in steps or in single precision, so that they held out proves "
            "nothing"
        )
    elif shifts.seen and not shifts.shift[: shifts.seen].any():
        texts.append("no change of any row shifted an answer at all, so the attack saw nothing to follow")
    texts += contradictions(shifts.subject)
    return tuple(Doubt(text) for text in texts)


def shift_evidence(shifts: Shifts) -> tuple[Evidence, ...]:
    """`shifted_answers.csv`: the rows with the largest shifts, and which inputs were changed; no value of any row."""
    import numpy as np

    size = np.abs(shifts.shift[: shifts.seen])
    rows = np.argsort(-size, kind="stable")[:_MOST_ROWS]
    rows = rows[size[rows] > 0]
    if not len(rows):
        return ()
    flat = shifts.x.reshape(len(shifts.x), -1), shifts.adversarial.reshape(len(shifts.x), -1)
    changed = flat[0] != flat[1]
    lines = [
        [int(shifts.order[row]), f"{shifts.shift[row] / shifts.spread:.6g}", *_named(shifts, changed[row])]
        for row in rows
    ]
    return (
        Evidence(
            "shifted_answers.csv",
            spreadsheet.table(["row", "shift_in_standard_deviations", "inputs_changed", "names"], lines),
            f"{len(rows)} rows whose answer was shifted, the largest shifts first.",
        ),
    )


def _named(shifts: Shifts, changed: np.ndarray) -> list[object]:
    names = [name for place, name in shifts.box.inputs.items() if changed[place]]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return [len(names), ", ".join(map(str, names[:_MOST_NAMES])) + more]
