"""Puts together what the attacks found so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from audit.checks._poisoning import copies, damage, insertions, obedience, sentences
from audit.checks._poisoning.flips import CURVE_REPEATS, Flips, Point, worst
from audit.checks._poisoning.trainings import Trainings
from audit.checks._recipe_doubts import recipe_doubts
from audit.records import CheckResult, Doubt, Measure


@dataclass(eq=False)
class Progress:
    """Measures, sentences and evidence, attack after attack.

    Attributes:
        repeats: pairs of trainings, and triggers.
    """

    trainings: Trainings
    repeats: int
    confidence: float
    _measures: dict[str, Measure] = field(default_factory=dict)
    _parts: list[str] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)
    _points: list[Point] = field(default_factory=list)

    def flipped(self, attack: Flips, share: float, curve: Sequence[float]) -> CheckResult:
        """Flip a share of the labels, and other shares for the curve."""
        ours, rows = self.trainings, len(self.trainings.truth)
        at_share = [attack.point(kind, share, self.repeats) for kind in attack.kinds]
        self._points = at_share + [
            attack.point(kind, other, min(CURVE_REPEATS, self.repeats))
            for other in curve
            if other != share
            for kind in attack.kinds
        ]
        self._measures["accuracy_drop"] = worst(at_share, rows)
        self._parts.append(sentences.of_flips(at_share, rows, ours.n))
        drops = ", ".join(f"{one.kind} {one.drop.value:.4f} ({one.flipped} of {ours.n} labels)" for one in at_share)
        self._notes.append(f"accuracy lost, mean of {self.repeats} pairs of trainings: {drops}")
        return self._result()

    def inserted(self, attack: insertions.Insertions) -> CheckResult:
        """Put triggers into the training data, one for each repeat."""
        ours = self.trainings
        found = [attack.insertion(repeat) for repeat in range(self.repeats)]
        measures = obedience.measures(found, attack.count, ours.n, self.confidence)
        self._measures |= measures
        self._parts.append(sentences.of_insertions(found, measures["rows_to_succeed"], ours))
        self._notes.append(
            f"success_rate is that of {attack.count} added rows, {attack.count / ours.n:.2%} of {ours.n}"
        )
        self._notes += [
            f"trigger {one.words}, wanted {ours.subject.classes[one.target]}: "
            + ", ".join(f"{rows} rows win {one.tries[rows].success:.1%}" for rows in sorted(one.tries))
            for one in found
        ]
        if attack.dead:
            self._notes.append(f"triggers drawn anew since they changed no answer: {attack.dead}")
        return self._result()

    def copied(self, found: copies.Copies) -> CheckResult:
        """Take in what false copies of single rows did."""
        ours = self.trainings
        needed = copies.measure(found, ours, self.confidence)
        self._measures["copies_to_flip"] = needed
        self._parts.append(sentences.of_copies(found, needed, ours.n))
        self._notes.append(
            f"at most {found.most} copies of a row were tried; {found.others_changed:.1%} of the answers to other rows "
            "changed in the same trainings"
        )
        return self._result()

    def left_out(self, name: str, reason: str) -> CheckResult:
        """Say why one of several attacks could not be made."""
        self._notes.append(f"{name} left out: {reason}")
        return self._result()

    @cached_property
    def _doubts(self) -> tuple[Doubt, ...]:
        import numpy as np

        ours = self.trainings
        right = np.array([ours.clean_answers(repeat) == ours.truth for repeat in range(self.repeats)])
        return tuple(recipe_doubts(ours.subject, right, ours.truth, confidence=self.confidence))

    def _result(self) -> CheckResult:
        found = self._doubts  # clean models that this needs are written down too
        ours = self.trainings
        return CheckResult(
            dict(self._measures),
            (damage.trainings_table(ours.log, ours.n), *damage.curve(self._points, self.confidence)),
            (*self._notes, f"{len(ours.log)} trainings"),
            found,
            sentences.joined(self._parts),
        )
