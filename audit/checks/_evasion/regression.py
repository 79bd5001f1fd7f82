"""How far the number that a regression answers can be shifted within epsilon.

A regression has no wrong answers, only more or less of them, so what counts is how far an attacker can move one: in
units of the spread (standard deviation) of the true values in data.test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from audit.checks._evasion.batches import batches, looks
from audit.checks._evasion.choice import modules
from audit.checks._evasion.shift_report import Shifts, shift_doubts, shift_evidence
from audit.checks._evasion.unit_box import UnitBox, unit_box
from audit.errors import NotMeasurable
from audit.records import CheckResult, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from attacks.target import Target

DEFAULT = ("largest_shift",)
Norm = Literal["linf", "l2"]
_PLANTED = 24
_OTHERS = 4


@dataclass(frozen=True)
class Setting:
    """All that the attacks on one regression share."""

    subject: Subject
    box: UnitBox
    members: dict[str, ModuleType]
    epsilon: float
    norm: Norm
    queries: int


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    epsilon: float,
    norm: Norm = "linf",
    attacks: tuple[str, ...] = (),
    max_rows: int = 500,
    queries: int = 400,
    box: UnitBox | None = None,
) -> Iterator[CheckResult]:
    """Shift the answers to test rows in random order, in growing batches, and yield after each; as `evasion.run`.

    Args:
        box: how rows are shown to attacks; None builds it from what is declared.

    Raises:
        NotMeasurable: nothing can be changed, the true values do not differ, there are fewer than two rows, or an
            attack shifts no numbers.
        UnknownName: an attack does not exist.
    """
    import numpy as np

    order = subject.test.shuffled(seed)[:max_rows]
    box = _movable(unit_box(subject) if box is None else box)
    setting = Setting(
        subject, box, modules(attacks or DEFAULT, answers="numbers", instead=DEFAULT), epsilon, norm, queries
    )
    shifts = Shifts(subject, box, order)
    for span in batches(len(order)):
        _attack(setting, shifts, np.arange(span.start, span.stop), seed=seed + span.start)
        yield _result(setting, shifts, confidence=confidence, seed=seed)


def plant(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    norm: Norm = "linf",
    attacks: tuple[str, ...] = (),
    queries: int = 400,
) -> Measure:
    """Share of rows whose answer the same attacks shift as far as it is known to go.

    Epsilon spans the whole range and every column can be changed, so that the row of somebody else lies within reach.
    Of four other rows, that whose answer lies furthest away sets the mark; it counts as found where the attack, which
    does not know that row, shifts the answer at least as far. A model that always answers the same has no such row,
    and nothing is found.

    Raises:
        NotMeasurable: as `run`.
    """
    import numpy as np

    from audit.statistics.intervals import share

    order = subject.test.shuffled(seed + 1)[: _PLANTED * (1 + _OTHERS)]
    box = _movable(unit_box(subject, relaxed=True))
    shifts = Shifts(subject, box, order)
    rows = np.arange(min(_PLANTED, len(order)))
    known = _known_shifts(subject, box, shifts, rows, seed=seed)
    whole = 1.0 if norm == "linf" else float(np.sqrt(np.prod(shifts.x.shape[1:])))
    _attack(
        Setting(subject, box, modules(attacks or DEFAULT, answers="numbers", instead=DEFAULT), whole, norm, queries),
        shifts,
        rows,
        seed=seed,
    )
    found = (known > 0) & (np.abs(shifts.shift[rows]) >= known * (1 - 1e-6))
    ends = share(int(found.sum()), len(found), confidence=confidence)
    return Measure(float(found.mean()), "share", len(found), ends.low, ends.high)


def _movable(box: UnitBox) -> UnitBox:
    if not box.movable:
        raise NotMeasurable(
            "no input of the model can be changed: numbers are constant or declared immutable, text is not changed for "
            "a regression, and categories change only where features declare them with mutable and transitions"
        )
    return box


def _attack(setting: Setting, shifts: Shifts, batch: np.ndarray, *, seed: int) -> None:
    """Run every attack on a batch and keep the largest shift that the real model confirms."""
    import numpy as np

    for number, module in enumerate(setting.members.values()):
        x = shifts.x[batch]
        target = _target(setting, setting.queries * len(batch))
        outcome = module.run(
            target, x, shifts.clean[batch], epsilon=setting.epsilon, norm=setting.norm,
            seed=int(np.random.default_rng([seed, number]).integers(2**31)),
        )  # fmt: skip
        shifts.queries[batch] += np.where(outcome.queries > 0, outcome.queries, target.rows // len(batch))
        shifts.keep(batch, _sound(setting, x, outcome.adversarial))
    shifts.seen = int(batch[-1]) + 1


def _sound(setting: Setting, x: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The points as the model sees them; the row itself where a point breaks a limit."""
    import numpy as np

    from attacks.distance import between
    from attacks.outcome import TOLERANCE, allowed

    target, box = _target(setting, None), setting.box
    shape = (-1,) + (1,) * (x.ndim - 1)
    # a row that breaks a limit is none at all; it may not even be decodable
    kept = np.where(allowed(target, x, points).reshape(shape), points, x)
    seen = box.encode(box.decode(kept))
    columns = None if box.constraints is None else box.constraints.budgeted
    fine = allowed(target, x, seen) & (between(x, seen, setting.norm, columns) <= setting.epsilon + TOLERANCE)
    return np.where(fine.reshape(shape), seen, x)


def _target(setting: Setting, max_rows: int | None) -> Target:
    from attacks.target import Target

    subject, box = setting.subject, setting.box
    return Target(
        lambda x: subject.predict(box.decode(x)),
        1,
        box.low,
        box.high,
        constraints=box.constraints,
        max_rows=max_rows,
        call_rows=1024 if subject.test.frame is not None else 64,
    )


def _known_shifts(subject: Subject, box: UnitBox, shifts: Shifts, rows: np.ndarray, *, seed: int) -> np.ndarray:
    """How far the answer to each row lies at most from those to four others, in all that can be changed, shape (n,)."""
    import numpy as np

    rng = np.random.default_rng([seed, 2])
    furthest = np.zeros(len(rows))
    for _ in range(_OTHERS):
        others = shifts.x[rng.permutation(len(shifts.x))[: len(rows)]]
        points = others if box.constraints is None else box.constraints.project(shifts.x[rows], others)
        gap = subject.predict(box.decode(points)) - shifts.clean[rows]
        furthest = np.maximum(furthest, np.abs(gap))
    return np.asarray(furthest)


def _result(setting: Setting, shifts: Shifts, *, confidence: float, seed: int) -> CheckResult:
    import numpy as np

    from audit.statistics.intervals import mean

    size = np.abs(shifts.shift[: shifts.seen]) / shifts.spread
    # every look shares the error with all others that there can be
    each = 1 - (1 - confidence) / len(looks(len(shifts.order)))
    ends = mean(size, confidence=each, seed=seed)
    asked = shifts.queries[: shifts.seen]
    measures = {
        "mean_shift": Measure(float(size.mean()), "standard deviations", len(size), max(0.0, ends.low), ends.high),
        "queries": Measure(float(asked.mean()), "rows", len(asked)),
    }
    if shifts.seen == len(shifts.order):
        # the largest of some rows says nothing yet about the others
        measures["worst_shift"] = Measure(float(size.max()), "standard deviations", len(size))
    sentence = (
        f"Changes of up to {setting.epsilon:g} of {setting.box.unit} shift the answers to {len(size)} test rows by "
        f"{size.mean():.3g} standard deviations of the true values in the mean, and by {size.max():.3g} at most."
    )
    notes = (
        f"attacks: {', '.join(setting.members)}; each tries larger and smaller answers",
        f"epsilon {setting.epsilon:g} in the {setting.norm} norm, of {setting.box.unit}",
        f"one standard deviation of the true values is {shifts.spread:.6g}",
        f"at most {setting.queries} model rows for each attacked row and attack",
    )
    return CheckResult(measures, shift_evidence(shifts), notes, shift_doubts(shifts, setting.epsilon), sentence)
