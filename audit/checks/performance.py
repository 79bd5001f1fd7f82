"""How good the predictions are on the test data, beside what a constant answer would reach.

Why: a model that is no better than always giving the same answer has no business deciding anything, and a good number
on few rows may be luck.
Blind to: errors that the test data does not hold, such as people it never saw; wrong labels in the test data; whether
test rows were used for training (`leakage`).
Source: Clopper and Pearson (1934) for shares, Tango (1998) for paired differences, DeLong et al. (1988) for the area
under the ROC curve, Hesterberg (2015) for bootstrap intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from audit.checks._repeats import repeats
from audit.checks._steady import unsteady_doubts
from audit.errors import NotMeasurable
from audit.records import CheckResult, Doubt, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    from audit.statistics.intervals import Estimate

NEEDS = ("model", "data.test")
MEASURES = {
    "accuracy": "share of rows that are answered right, 0 to 1",
    "balanced_accuracy": "mean over the classes of the share answered right, 0 to 1",
    "precision": "share right among the rows answered as positive (mean over classes without a positive class), 0 to 1",
    "recall": "share found among the positive rows (mean over classes without a positive class), 0 to 1",
    "f1": "harmonic mean of precision and recall (mean over classes without a positive class), 0 to 1",
    "auc": "how often a row of a class scores above a row of another class, 0.5 is chance, 0 to 1",
    "log_loss": "mean negative logarithm of the probability of the true class, 0 upwards, lower is better",
    "brier": "mean squared error of the probabilities, 0 to 1 for two classes, 0 to 2 for more, lower is better",
    "mae": "mean size of the error in the unit of the target, 0 upwards, lower is better",
    "rmse": "root of the mean squared error in the unit of the target, 0 upwards, lower is better",
    "r2": "share of the variance of the target that is explained, up to 1",
    "skill_over_dummy": "accuracy above always answering the most frequent class, -1 to 1; for numbers the share of "
    "the mean error of always answering the median that is avoided, up to 1",
}
_TWINS = 20


@dataclass
class _Found:
    """What was measured so far, and why something was not."""

    measures: dict[str, Measure] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, unit: str, estimate: Callable[[], Estimate], why_not: str) -> None:
        """Keep an estimate, or say why it is not defined on this data."""
        try:
            found = estimate()
        except ValueError as problem:
            self.notes.append(f"{name} is not defined on this data: {why_not.format(problem)}")
            return
        self.measures[name] = Measure(found.value, unit, found.n, found.interval.low, found.interval.high)


def run(subject: Subject, *, seed: int, confidence: float) -> CheckResult:
    """Measure all that is defined for the task; a measure that is not defined is left out and a note says why.

    Raises:
        NotMeasurable: there are no test rows, or fewer than two for a regression.
    """
    if subject.task == "regression":
        return _regression(subject, seed, confidence)
    return _classification(subject, seed, confidence)


def plant(subject: Subject, *, seed: int, confidence: float) -> Measure:
    """Share of useless twins that the test data tells from this model.

    A twin gives the same answers as the model, shuffled among the rows. It is found if the paired interval for
    (model - twin) lies above 0. A model that always gives one answer equals its twins and finds none of them, and so
    does a model that guesses.
    """
    import numpy as np

    from audit.statistics import intervals

    predicted = subject.predict(subject.test)
    truth = subject.values(subject.test) if subject.task == "regression" else subject.codes(subject.test)
    found = 0
    for twin in range(_TWINS):
        answers = np.random.default_rng([seed, twin]).permutation(predicted)
        if subject.task == "regression":
            gain = np.abs(answers - truth) - np.abs(predicted - truth)
            found += len(gain) > 1 and intervals.mean(gain, confidence=confidence, seed=seed).low > 0
        else:
            found += _paired(predicted == truth, answers == truth, confidence).interval.low > 0
    ends = intervals.share(found, _TWINS, confidence=confidence)
    return Measure(found / _TWINS, "share", _TWINS, ends.low, ends.high)


def _classification(subject: Subject, seed: int, confidence: float) -> CheckResult:
    import numpy as np

    from audit.statistics import classification as metrics

    truth, predicted = subject.codes(subject.test), subject.predict(subject.test)
    if len(truth) == 0:
        raise NotMeasurable("data.test has no rows")
    matrix = metrics.confusion(truth, predicted, len(subject.classes))
    positive = subject.positive_code
    who = f"the positive class {{}}: {subject.classes[positive]!r}" if positive is not None else "{}"
    dummy = _majority(subject, truth)
    found = _Found()
    options: Mapping[str, Any] = {"confidence": confidence, "seed": seed}
    found.add("accuracy", "share", lambda: metrics.accuracy(matrix, confidence=confidence), "{}")
    found.add("balanced_accuracy", "share", lambda: metrics.recall(matrix, None, **options), "{}")
    found.add("precision", "share", lambda: metrics.precision(matrix, positive, **options), who)
    found.add("recall", "share", lambda: metrics.recall(matrix, positive, **options), who)
    found.add("f1", "share", lambda: metrics.f1(matrix, positive, **options), who)
    found.add("skill_over_dummy", "share", lambda: _paired(predicted == truth, truth == dummy, confidence), "{}")
    scores = subject.probabilities(subject.test) if subject.has_probabilities else None
    if scores is not None:
        _probabilities(subject, truth, scores, found, seed, confidence)
    else:
        found.notes.append("the model gives no probabilities, so auc, log_loss and brier are not measured")
    absent = [str(label) for label, rows in zip(subject.classes, matrix.sum(axis=1), strict=True) if rows == 0]
    if absent:
        found.notes.append(f"no test rows of class {', '.join(absent)}; means over classes leave it out")
    doubts = list(_doubts(subject, predicted, scores, found, seed))
    if len(np.unique(predicted)) == 1 and len(np.unique(truth)) > 1:
        doubts.append(Doubt(f"the model answers the same for every row ({subject.classes[predicted[0]]})"))
    return CheckResult(
        found.measures, notes=tuple(found.notes), doubts=tuple(doubts), sentence=_sentence(found, truth, dummy)
    )


def _doubts(subject: Subject, predicted: Any, scores: Any, found: _Found, seed: int) -> tuple[Doubt, ...]:
    """Doubts that any task can have: answers that hang on their neighbours, and rows that repeat each other."""
    repeated = repeats(subject)
    found.notes.extend(repeated.notes)
    return (*unsteady_doubts(subject, predicted, scores, seed=seed), *repeated.doubts)


def _probabilities(subject: Subject, truth: Any, scores: Any, found: _Found, seed: int, confidence: float) -> None:
    import numpy as np

    from audit.statistics import classification as metrics

    stated = scores[np.arange(len(truth)), truth]
    names = {str(code): str(label) for code, label in enumerate(subject.classes)}
    options: Mapping[str, Any] = {"confidence": confidence, "seed": seed}

    def area() -> Estimate:
        try:
            return metrics.auc(truth, scores, confidence=confidence)
        except ValueError as problem:
            raise ValueError(f"class {names[str(problem)]} has no test rows, or no other class has") from problem

    found.add("auc", "share", area, "{}")
    found.add("log_loss", "nats", lambda: metrics.log_loss(truth, scores, **options), "{}")
    found.add("brier", "squared probability", lambda: metrics.brier(truth, scores, **options), "{}")
    if (stated < np.finfo(float).eps).any():
        found.notes.append(f"{int((stated < np.finfo(float).eps).sum())} rows have probability 0 for the true class")


def _regression(subject: Subject, seed: int, confidence: float) -> CheckResult:
    import numpy as np

    from audit.statistics import regression as metrics

    truth, predicted = subject.values(subject.test), subject.predict(subject.test)
    if len(truth) < 2:
        raise NotMeasurable(f"data.test has {len(truth)} rows; two or more are needed to measure a spread")
    known = subject.values(subject.train) if _has_labels(subject, "train") else truth
    dummy = float(np.median(known))
    found = _Found()
    options: Mapping[str, Any] = {"confidence": confidence, "seed": seed}
    found.add("mae", "target units", lambda: metrics.mean_absolute_error(truth - predicted, **options), "{}")
    found.add("rmse", "target units", lambda: metrics.root_mean_squared_error(truth - predicted, **options), "{}")
    found.add("r2", "share", lambda: metrics.r_squared(truth, predicted, **options), "{}")
    found.add("skill_over_dummy", "share", lambda: metrics.skill(truth, predicted, dummy, **options), "{}")
    doubts = list(_doubts(subject, predicted, None, found, seed))
    if np.ptp(predicted) == 0 and np.ptp(truth) > 0:
        doubts.append(Doubt("the model answers the same for every row"))
    sentence = f"Answers are off by {found.measures['mae'].value:.4g} on average over {len(truth)} test rows."
    return CheckResult(found.measures, notes=tuple(found.notes), doubts=tuple(doubts), sentence=sentence)


def _paired(right: Any, other_right: Any, confidence: float) -> Estimate:
    from audit.statistics import intervals

    wins, losses = int((right & ~other_right).sum()), int((~right & other_right).sum())
    interval = intervals.paired_difference(wins, losses, len(right), confidence=confidence)
    return intervals.Estimate((wins - losses) / len(right), interval, len(right))


def _majority(subject: Subject, truth: Any) -> int:
    """The most frequent class of the training data; of the test data where there is none, which favours the dummy."""
    import numpy as np

    known = subject.codes(subject.train) if _has_labels(subject, "train") else truth
    return int(np.bincount(known, minlength=len(subject.classes)).argmax())


def _has_labels(subject: Subject, role: str) -> bool:
    return subject.has(f"data.{role}") and subject.table(role).labels is not None


def _sentence(found: _Found, truth: Any, dummy: int) -> str:
    accuracy, constant = found.measures["accuracy"].value, float((truth == dummy).mean())
    return (
        f"{accuracy:.1%} of {len(truth)} test rows are answered right; "
        f"always giving the most frequent answer would reach {constant:.1%}."
    )
