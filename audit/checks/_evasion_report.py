"""Keeps count of attacked rows, and turns the counts into measures, doubts and evidence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from audit.checks._attack_ensemble import Scores, Setting, Tally
from audit.checks._evasion_rows import adversarial_rows
from audit.checks._frame_box import contradictions
from audit.checks._unit_box import UnitBox, reachable
from audit.records import CheckResult, Doubt, Evidence, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from audit.data import Table
    from audit.statistics.sequential import ShareSequence

_SAME_SCORE = 1e-3
"""Largest difference between two answers to the same row that rounding explains."""
_GRADIENT_GAP = 0.05
_BLIND_SHARE = 0.1
_FLAT_SHARE = 0.5
_SATURATED = 1e-6
_FEW_MOVED = 0.1
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

    def __init__(self, subject: Subject, box: UnitBox, order: np.ndarray, *, confidence: float) -> None:
        import numpy as np

        from audit.statistics.sequential import ShareSequence

        self.subject, self.box, self.order = subject, box, order
        table = subject.test.take(order)
        self.y = subject.codes(table)
        self.x = box.encode(table.features)
        self.clean = subject.predict(table)
        coded = box.decode(self.x)
        self.right = (self.clean == self.y) & (subject.predict(coded) == self.y)
        self.notes: list[str] = []
        self.random = bool((subject.predict(table) != self.clean).any())
        self.scores = self._examined_scores(table)
        self.confidence = confidence
        self._robust = ShareSequence(confidence=confidence)
        self._accurate = ShareSequence(confidence=confidence)
        self._distances = np.zeros(len(order))
        self._queries = np.zeros(len(order), dtype=np.int64)
        self._attacked = np.zeros(len(order), dtype=bool)
        self._broken = np.zeros(len(order), dtype=bool)
        self._adversarial = self.x.copy()
        self._counts: dict[str, dict[str, int]] = {}
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
        for kind in ("tried", "moved", "found", "blind"):
            for name, count in getattr(tally, kind).items():
                entry = self._counts.setdefault(name, {})
                entry[kind] = entry.get(kind, 0) + count
        self._robust.update(standing[batch])
        self._accurate.update((self.clean == self.y)[batch])
        self._seen += len(batch)

    def result(self, setting: Setting) -> CheckResult:
        """All that is known after the batches so far."""
        robust, accurate = self._robust, self._accurate
        asked = self._queries[self._attacked]
        measures = {
            "robust_accuracy": _share(robust),
            "clean_accuracy": _share(accurate),
            "median_distance": self._median(setting),
            "queries": Measure(float(asked.mean()) if len(asked) else 0.0, "rows", len(asked)),
        }
        sentence = (
            f"Of {robust.n} test rows, {accurate.value:.1%} are answered right, and {robust.value:.1%} stay right "
            f"under every change that was tried, each up to {setting.epsilon:g} of {self.box.unit}; "
            f"{len(self.box.inputs) - len(self._fixed(setting))} of {len(self.box.inputs)} inputs could be changed."
        )
        return CheckResult(measures, self._evidence(), self._notes(setting), self._doubts(setting), sentence)

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

    def _median(self, setting: Setting) -> Measure:
        """Median with an interval of order statistics that shares its error among all looks that there can be."""
        import numpy as np
        from scipy.stats import binom

        from attacks.distance import between

        counted = None if self.box.constraints is None else self.box.constraints.budgeted
        rows = np.arange(self._seen)
        found = np.full(self._seen, setting.epsilon)
        found[~self.right[rows]] = 0.0
        broken = rows[self._broken[rows]]
        if len(broken):
            found[broken] = between(self.x[broken], self._adversarial[broken], setting.norm, counted)
        found = np.sort(np.minimum(found, setting.epsilon))
        looks = 2 + max(0, math.ceil(math.log2(max(1, len(self.order)) / 16)))
        place = int(binom.ppf((1 - self.confidence) / looks / 2, len(found), 0.5))
        low = float(found[place - 1]) if place >= 1 else 0.0
        high = float(found[len(found) - place]) if place >= 1 else setting.epsilon
        return Measure(float(np.median(found)), "share of the range", len(found), low, high)

    def _notes(self, setting: Setting) -> tuple[str, ...]:
        ran = [f"{name} broke {one['found']} of {one['tried']}" for name, one in self._counts.items()]
        movable = self.box.movable
        listed = ", ".join(movable[:12]) + (f" and {len(movable) - 12} more" if len(movable) > 12 else "")
        fixed = self._fixed(setting)
        kept = ", ".join(fixed[:_LISTED]) + (f" and {len(fixed) - _LISTED} more" if len(fixed) > _LISTED else "")
        return (
            f"attacks, each on the rows that still stood: {'; '.join(ran) or 'none, since no row is answered right'}",
            f"epsilon {setting.epsilon:g} in the {setting.norm} norm, of {self.box.unit}; can be changed: {listed}",
            f"could not be changed in any drawn row: {len(fixed)} of {len(self.box.inputs)} inputs"
            + (f" ({kept})" if fixed else ""),
            f"at most {setting.queries} model rows for each attacked row and attack",
            *self.notes,
        )

    def _doubts(self, setting: Setting) -> tuple[Doubt, ...]:
        import numpy as np

        texts = []
        labels, answers = np.unique(self.y), np.unique(self.clean)
        if len(labels) == 1:
            texts.append(f"all drawn test rows have the same label ({self.subject.classes[labels[0]]})")
        if len(answers) == 1 and len(self.order) > 1:
            texts.append(f"the model answers the same for every row ({self.subject.classes[answers[0]]})")
        if self.random:
            texts.append("the model answers the same row differently when asked twice; attacks follow noise")
        texts += [
            f"attack {name} asked about no changed row, so that it held out proves nothing"
            for name, one in self._counts.items()
            # the nearest row of another class need not exist
            if one["tried"] and not one["moved"] and (name != "nearest_row" or len(self._counts) == 1)
        ]
        texts += contradictions(self.subject)
        return tuple(Doubt(text) for text in (*texts, *self._idle_doubts(setting), *self._gradient_doubts(setting)))

    def _idle_doubts(self, setting: Setting) -> list[str]:
        """Attacks that cannot have changed what the model is given prove nothing, whatever they asked."""
        attacked = int(self._attacked.sum())
        moved = int(self._reach(setting)[self._attacked].any(axis=1).sum())
        if attacked and moved <= _FEW_MOVED * attacked:
            return [
                f"within epsilon {setting.epsilon:g}, {moved} of {attacked} attacked rows reach the model changed; the "
                "rest is lost in what is declared unchangeable, in steps or in single precision, so that they held out "
                "proves nothing"
            ]
        return []

    def _gradient_doubts(self, setting: Setting) -> list[str]:
        access = {member.name: member.module.ACCESS for member in setting.members}
        led = [name for name in self._counts if access[name] == "gradients"]
        texts = []
        for name in led:
            share = self._counts[name]["blind"] / self._counts[name]["tried"]
            if share > _BLIND_SHARE:
                texts.append(
                    f"the gradient is zero on {share:.0%} of the rows that {name} attacked; a network that hides its "
                    "gradient is not a robust one"
                )
        texts += self._flat_scores(access)
        if led and self.box.continuous:
            given = self._counts[led[0]]["tried"]
            later = sum(one["found"] for name, one in self._counts.items() if access[name] != "gradients")
            if later >= max(3, _GRADIENT_GAP * given):
                texts.append(
                    f"attacks without gradients broke {later} more of {given} rows than gradient attacks could; the "
                    "gradient leads nowhere here, and a stronger attack may break more"
                )
        return texts

    def _flat_scores(self, access: dict[str, str]) -> list[str]:
        """For arrays only: a tree on a table has flat scores by nature, and labels lead through its few columns."""
        scored = [name for name in self._counts if access[name] == "scores"]
        if (
            not scored
            or self.subject.test.frame is not None
            or any(access[name] == "gradients" for name in self._counts)
        ):
            return []
        share = min(self._counts[name]["blind"] / self._counts[name]["tried"] for name in scored)
        if share <= _FLAT_SHARE:
            return []
        return [
            f"the scores do not move at all on {share:.0%} of the attacked rows, as saturated scores do; attacks that "
            "have labels alone find less than there is"
        ]

    def _evidence(self) -> tuple[Evidence, ...]:
        import numpy as np

        broken = np.flatnonzero(self._broken)
        return adversarial_rows(self.subject, self.box, self.order[broken], self.x[broken], self._adversarial[broken])

    def _examined_scores(self, table: Table) -> Scores:
        """Ask for the scores twice; notes what is wrong with them."""
        import numpy as np

        if not self.subject.has_probabilities:
            return Scores(usable=False, saturated=False)
        first, second = self.subject.probabilities(table), self.subject.probabilities(table)
        self.random = self.random or bool(np.abs(first - second).max(initial=0.0) > _SAME_SCORE)
        usable = self.random or bool((first.argmax(axis=1) == self.clean).all())
        if not usable:
            self.notes.append("the largest score is not always the answer, so only labels were used")
        return Scores(usable, bool((first.max(axis=1) > 1 - _SATURATED).mean() > _FLAT_SHARE))


def _share(seen: ShareSequence) -> Measure:
    return Measure(seen.value, "share", seen.n, seen.interval.low, seen.interval.high)
