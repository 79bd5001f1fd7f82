"""What happens when the model is trained again and again on what it decided itself.

Why: a model that accepts some and refuses others decides which outcomes anybody will ever see. Trained on them, the
next model confirms the last one, and its accuracy tells nothing of it while more and more people, or fewer, are
accepted. The training rows are played through as if they came in one after the other: a first model decides on new
rows, accepted ones come back as training data, refused ones in part and always as refused, the newest rows train the
next model. The drift is what differs from a control that learns from as many of the same rows with their true labels.
Blind to: people who change because of the decisions; loops longer than the training data lasts; what somebody does to
stop a loop; models trained on far more rows than a part of the training data.
Source: Perdomo et al., "Performative Prediction", ICML 2020; Lakkaraju et al., "The Selective Labels Problem", KDD
2017; the paired control and the intervals are our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from audit.checks._feedback_loop.gaps import Group, groups_of, growth
from audit.checks._feedback_loop.loop import Plan, Replay, plan, replay
from audit.checks._feedback_loop.reading import doubts, notes, sentence
from audit.checks._feedback_loop.returns import Leaking, Returns, Selective
from audit.checks._feedback_loop.rounds import classes_evidence, rounds_evidence
from audit.errors import NotMeasurable
from audit.records import CheckResult, Evidence, Measure
from audit.subject import Subject
from audit.subject.labels import coded

if TYPE_CHECKING:
    import numpy as np

    from audit.statistics.intervals import Estimate

NEEDS = ("training", "data.train", "data.test")
MEASURES = {
    "prevalence_drift": "how far the shares of the predicted classes lie from those of the control after the last "
    "round (total variation; for two classes the change of the share of either), 0 to 1",
    "accuracy_drop": "accuracy of the control on the test data after the last round, less that of the loop, -1 to 1",
    "group_gap_growth": "gap between the acceptance rates of the declared groups after the last round, less that of "
    "the control, for the column where it grows most; absent without groups, -1 to 1",
}
_PLANTED = 16
_JUDGED_TOGETHER = 8
_PLANTED_SHARE = 0.1
_MOST_ROUNDS = 1000
_MOST_REPEATS = 10_000


@dataclass(frozen=True)
class _Last:
    """Answers after the last round, codes, each of shape (repeats, test rows)."""

    loop: np.ndarray
    control: np.ndarray


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    rounds: int = 6,
    share: float = 0.3,
    selective: Literal["decisions", "outcomes"] = "decisions",
    refused: float = 0.5,
    accepted: str | None = None,
    repeats: int = 8,
) -> CheckResult:
    """Replay the loop several times, each time on the training rows in another order, beside its control.

    Args:
        rounds: times that the model is trained again, 1 to 1,000.
        share: new rows of a round, as a share of the rows that each model learns from, above 0 and at most 1. The
            oldest rows are dropped for them, so with 6 rounds of 0.3 hardly any first label is left in the end.
        selective: what an accepted row comes back with: the decision itself ("decisions"), or its true outcome
            ("outcomes"), as with a loan that was granted.
        refused: share of the refused rows that come back, always labelled as refused, 0 to 1.
        accepted: label that counts as accepted; the positive label if none is given, else the most frequent one.
        repeats: loops with their controls, 2 to 10,000.

    Raises:
        NotMeasurable: the task is a regression, too few rows or classes, or a number is out of range.
        SubjectError: `accepted` is no class, or the recipe fails.
    """
    _refuse_odd(rounds, share, refused, repeats)
    truth, code = _truth(subject), _accepted(subject, accepted)
    schedule = plan(subject.train.rows, rounds=rounds, share=share)
    returns = Selective(code, selective, refused)
    replays = _replays(subject, schedule, returns, code, seed, repeats)
    last = _last(replays)
    groups = groups_of(subject)
    evidence: tuple[Evidence, ...] = (rounds_evidence(replays, truth, code, len(subject.classes), groups.columns),)
    if len(subject.classes) > 2:
        evidence += (classes_evidence(subject, last.loop, last.control),)
    chosen = accepted is not None or subject.positive_code is not None
    return CheckResult(
        _measures(subject, last, truth, code, groups.columns, confidence, seed),
        evidence=evidence,
        notes=(*notes(subject, schedule, replays, code, chosen), *groups.notes),
        doubts=tuple(doubts(subject, schedule, replays, truth, confidence)),
        sentence=sentence(subject, last.loop, last.control, truth, code, rounds),
    )


def plant(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    rounds: int = 6,
    share: float = 0.3,
    accepted: str | None = None,
    repeats: int = 8,
) -> Measure:
    """Share of loops with a known leak that are noticed.

    Sixteen loops feed 10 % of the rows of each round back as accepted though they are not, those that the model would
    accept next; all other labels are true. So it is known how far the labels drift; a model that follows its labels
    drifts about as far, one that fits badly may drift further. Each loop is judged together with its neighbours, as
    many as `run` has repeats but at most eight, by the same interval: a leak is found if the drift is certainly
    above 0.

    Raises:
        NotMeasurable: as `run`.
    """
    from audit.statistics import intervals, runs

    _refuse_odd(rounds, share, 0.0, repeats)
    _truth(subject)
    code = _accepted(subject, accepted)
    schedule = plan(subject.train.rows, rounds=rounds, share=share)
    last = _last(_replays(subject, schedule, Leaking(code, _PLANTED_SHARE), code, seed, _PLANTED))
    found = 0
    for number in range(_PLANTED):
        window = [(number + place) % _PLANTED for place in range(min(repeats, _JUDGED_TOGETHER))]
        drift = runs.shift_of_shares(
            last.control[window], last.loop[window], len(subject.classes), confidence=confidence, seed=seed
        )
        found += drift.interval.low > 0
    ends = intervals.share(found, _PLANTED, confidence=confidence)
    return Measure(found / _PLANTED, "share", _PLANTED, ends.low, ends.high)


def _refuse_odd(rounds: object, share: object, refused: object, repeats: object) -> None:
    if not isinstance(rounds, int) or not 1 <= rounds <= _MOST_ROUNDS:
        raise NotMeasurable(f"rounds is {rounds}; expected a whole number from 1 to {_MOST_ROUNDS}")
    if not isinstance(share, int | float) or not 0 < share <= 1:
        raise NotMeasurable(f"share is {share}; expected a number above 0 and at most 1")
    if not isinstance(refused, int | float) or not 0 <= refused <= 1:
        raise NotMeasurable(f"refused is {refused}; expected a number from 0 to 1")
    if not isinstance(repeats, int) or not 2 <= repeats <= _MOST_REPEATS:
        raise NotMeasurable(f"repeats is {repeats}; expected a whole number from 2 to {_MOST_REPEATS}")


def _truth(subject: Subject) -> np.ndarray:
    """Codes of the test rows' labels."""
    if subject.task != "classification":
        raise NotMeasurable("a loop needs decisions that accept or refuse; the task is a regression")
    truth = subject.codes(subject.test)
    if len(truth) < 2:
        raise NotMeasurable(f"data.test has {len(truth)} rows; two or more are needed to compare two models")
    return truth


def _accepted(subject: Subject, accepted: str | None) -> int:
    """Code of the class that counts as accepted."""
    import numpy as np

    if accepted is not None:
        return int(coded([accepted], subject.classes, where="accepted").codes[0])
    if subject.positive_code is not None:
        return subject.positive_code
    return int(np.argmax(np.bincount(subject.codes(subject.train), minlength=len(subject.classes))))


def _replays(
    subject: Subject, schedule: Plan, returns: Returns, accepted: int, seed: int, repeats: int
) -> list[Replay]:
    import numpy as np

    seeds = np.random.default_rng(seed).integers(2**31 - schedule.rounds, size=repeats)
    return [replay(subject, schedule, returns, accepted=accepted, seed=int(own)) for own in seeds]


def _last(replays: Sequence[Replay]) -> _Last:
    import numpy as np

    return _Last(np.array([one.loop[-1] for one in replays]), np.array([one.control[-1] for one in replays]))


def _measures(
    subject: Subject,
    last: _Last,
    truth: np.ndarray,
    accepted: int,
    groups: Sequence[Group],
    confidence: float,
    seed: int,
) -> dict[str, Measure]:
    from audit.statistics import runs

    drift = runs.shift_of_shares(last.control, last.loop, len(subject.classes), confidence=confidence, seed=seed)
    loss = (last.control == truth).astype(float) - (last.loop == truth)
    # a loss that no row shows may still be that of one row among as many
    drop = runs.mean_over_runs(loss, confidence=confidence, seed=seed, rare=1.0)
    measures = {"prevalence_drift": _measure(drift), "accuracy_drop": _measure(drop)}
    if groups:
        # each column may be the worst, so each gets its part of the allowed error
        own = 1 - (1 - confidence) / len(groups)
        sides = (last.loop == accepted, last.control == accepted)
        grown = [growth(group, *sides, confidence=own, seed=seed) for group in groups]
        worst = max(grown, key=lambda estimate: estimate.value)
        low = max(estimate.interval.low for estimate in grown)
        high = max(estimate.interval.high for estimate in grown)
        measures["group_gap_growth"] = Measure(worst.value, "share", worst.n, min(low, worst.value), high)
    return measures


def _measure(estimate: Estimate) -> Measure:
    ends = estimate.interval
    return Measure(estimate.value, "share", estimate.n, max(-1.0, ends.low), min(1.0, ends.high))
