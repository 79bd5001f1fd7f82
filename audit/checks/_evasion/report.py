"""Keeps count of attacked rows, and turns the counts into measures, doubts and evidence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from audit.checks._evasion.changes import adversarial_changes
from audit.checks._evasion.counts import AttackCount, attacks_table
from audit.checks._evasion.curve import Point, robustness_curve, steps
from audit.checks._evasion.doubts import Facts, doubts
from audit.checks._evasion.ensemble import Norm, Setting, Tally
from audit.checks._evasion.images import adversarial_images
from audit.checks._evasion.looks import median, share_of
from audit.checks._evasion.rows import adversarial_rows
from audit.checks._evasion.scores import examined_scores
from audit.checks._evasion.second_look import SecondLook, look_again
from audit.checks._evasion.unit_box import UnitBox, reachable
from audit.records import CheckResult, Evidence, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np


_LISTED = 10


class Progress:
    """The rows of one run: what the model says of them, and what the attacks have done so far.

    Args:
        order: positions of the drawn rows in data.test, in the order in which they are looked at.

    Attributes:
        x: the drawn rows as stored values, shape (n, ...).
        y: their true codes, shape (n,).
        right: whether the model answers them right, also after coding and decoding, shape (n,), bool.
        scores: what is known about the model's scores.
    """

    def __init__(self, subject: Subject, box: UnitBox, order: np.ndarray, *, norm: Norm, confidence: float) -> None:
        import numpy as np

        from audit.statistics.sequential import ShareSequence

        self.subject, self.box, self.order, self.norm = subject, box, order, norm
        table = subject.test.take(order)
        self.y = subject.codes(table)
        self.x = box.encode(table.features)
        self.clean = subject.predict(table)
        coded = box.decode(self.x)
        self.right = (self.clean == self.y) & (subject.predict(coded) == self.y)
        self.scores = examined_scores(subject, table, self.clean)
        self.random = self.scores.random or bool((subject.predict(table) != self.clean).any())
        self.confidence = confidence
        self._robust = ShareSequence(confidence=confidence)
        self._certified = ShareSequence(confidence=confidence)
        self._accurate = ShareSequence(confidence=confidence)
        self._queries = np.zeros(len(order), dtype=np.int64)
        self._attacked = np.zeros(len(order), dtype=bool)
        self._broken = np.zeros(len(order), dtype=bool)
        self._adversarial = self.x.copy()
        self._counts: dict[str, Counter[str]] = {}
        self._contradicted = 0
        self._again = SecondLook()
        self._reachable: np.ndarray | None = None
        self._seen = 0

    def add(self, batch: np.ndarray, right: np.ndarray, tally: Tally) -> None:
        """Take in one batch: all its rows, those answered right, and what became of the latter."""
        import numpy as np

        standing = np.zeros(len(self.order), dtype=bool)
        standing[right] = True
        self._attacked[right] = True
        self._queries[right] = tally.queries
        self._adversarial[right] = tally.adversarial
        self._broken[right] = tally.broken
        standing[right[tally.broken]] = False
        proven = np.zeros(len(self.order), dtype=bool)
        proven[right[tally.certified]] = True
        self._contradicted += tally.contradicted
        for name, counts in tally.counts.items():
            for kind, count in counts.items():
                self._counts.setdefault(name, Counter())[kind] += count
        self._robust.update(standing[batch])
        self._certified.update(proven[batch])
        self._accurate.update((self.clean == self.y)[batch])
        self._seen += len(batch)

    def look_further(self, setting: Setting, batch: np.ndarray, right: np.ndarray, tally: Tally, *, seed: int) -> None:
        """Attack the rows of a batch that were answered right again, with larger changes and more questions."""
        self._again = look_again(setting, self.x[right], self.y[right], tally, looked_at=len(batch), seed=seed)

    def result(self, setting: Setting) -> CheckResult:
        """All that is known after the batches so far."""
        robust, accurate = self._robust, self._accurate
        asked = self._queries[self._attacked]
        measures = {
            "robust_accuracy": share_of(robust),
            "certified_accuracy": self._proven(),
            "clean_accuracy": share_of(accurate),
            "median_distance": self._median(setting.epsilon),
            "queries": Measure(float(asked.mean()) if len(asked) else 0.0, "rows", len(asked)),
        }
        attacked = int(self._attacked.sum())
        moved = int(self._reach(setting)[self._attacked].any(axis=1).sum())
        proven = f" ({self._certified.value:.1%} provably)" if setting.structure is not None else ""
        sentence = (
            f"Of {robust.n} test rows, {accurate.value:.1%} are answered right, and {robust.value:.1%}{proven} stay "
            f"right under every change that was tried, each up to {setting.epsilon:g} of {self.box.unit}; "
            f"{len(self.box.inputs) - len(self._fixed(setting))} of {len(self.box.inputs)} inputs could be changed."
        )
        facts = Facts(
            self.subject, setting, self.y, self.clean, self.random, self._contradicted, self._counts, attacked, moved,
            self._again,
        )  # fmt: skip
        return CheckResult(measures, self._evidence(setting), self._notes(setting), doubts(facts), sentence)

    def _proven(self) -> Measure:
        """Share of rows proven; what could be neither proven nor broken keeps the interval open upwards."""
        low, high = self._certified.interval.low, self._robust.interval.high
        # one proof that was broken takes all others with it
        value, low = (0.0, 0.0) if self._contradicted else (self._certified.value, min(low, high))
        return Measure(value, "share", self._certified.n, low, high)

    def _reach(self, setting: Setting) -> np.ndarray:
        """Which cells of the drawn rows the model can be given in another form, shape (n, d), bool."""
        if self._reachable is None:
            self._reachable = reachable(self.box, self.x, setting.epsilon)
        return self._reachable

    def _fixed(self, setting: Setting) -> list[str]:
        """Inputs that no attack could change in any of the drawn rows."""
        import numpy as np

        changed: np.ndarray = np.any(self._reach(setting), axis=0)
        return [name for place, name in self.box.inputs.items() if not changed[place]]

    def _distances(self) -> np.ndarray:
        """Smallest change found that turns the answer to each row seen, shape (n,); infinite where none was."""
        import numpy as np

        from attacks.distance import between

        counted = None if self.box.constraints is None else self.box.constraints.budgeted
        found = np.full(self._seen, np.inf)
        broken = np.flatnonzero(self._broken[: self._seen])
        found[broken] = between(self.x[broken], self._adversarial[broken], self.norm, counted)
        return found

    def _median(self, epsilon: float) -> Measure:
        import numpy as np

        found = np.where(self.right[: self._seen], np.minimum(self._distances(), epsilon), 0.0)
        return median(found, "share of the range", most=len(self.order), top=epsilon, confidence=self.confidence)

    def _notes(self, setting: Setting) -> tuple[str, ...]:
        ran = [f"{name} broke {one['broken']} of {one['tried']}" for name, one in self._counts.items()]
        movable = self.box.movable
        listed = ", ".join(movable[:12]) + (f" and {len(movable) - 12} more" if len(movable) > 12 else "")
        fixed = self._fixed(setting)
        kept = ", ".join(fixed[:_LISTED]) + (f" and {len(fixed) - _LISTED} more" if len(fixed) > _LISTED else "")
        return (
            f"attacks, each on the rows that still stood: {'; '.join(ran) or 'none, since no row is answered right'}",
            f"epsilon {setting.epsilon:g} in the {setting.norm} norm, of {self.box.unit}; can be changed: {listed}",
            f"could not be changed in any drawn row: {len(fixed)} of {len(self.box.inputs)} inputs"
            + (f" ({kept})" if fixed else ""),
            "at most so many model rows for each attacked row: "
            + ", ".join(f"{member.name} {setting.effort(member)}" for member in setting.members),
            *(note for note in (self.scores.note, setting.unproven) if note),
        )

    def _evidence(self, setting: Setting) -> tuple[Evidence, ...]:
        import numpy as np

        distances, broken = self._distances(), np.flatnonzero(self._broken)
        before, after, positions = self.x[broken], self._adversarial[broken], self.order[broken]
        wider = [Point(one.epsilon, one.rows - one.broken, one.looked_at) for one in self._again.larger]
        access = {member.name: member.module.ACCESS for member in setting.members}
        counts = [AttackCount(name, access[name], **one) for name, one in self._counts.items()]
        return (
            *adversarial_rows(self.subject, self.box, positions, before, after),
            *adversarial_changes(self.subject, self.box, positions, before, after, distances[broken]),
            *adversarial_images(self.subject, before, after, distances[broken]),
            *robustness_curve(
                distances, self.right[: self._seen], steps(setting.epsilon), wider, confidence=self.confidence,
                unit=self.box.unit,
            ),
            *attacks_table(counts),
        )  # fmt: skip
