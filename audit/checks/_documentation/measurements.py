"""What was measured on the test data, for every metric that a document may claim; each is computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from audit.checks._documentation.parts import Groups, Part, Unmeasured, part_of
from audit.documents import Claim
from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from audit.statistics.intervals import Estimate

_BY_CLASS = ("precision", "recall", "f1")
_BINARY = ("specificity", "false_positive_rate", "false_negative_rate")
_BY_SCORE = ("auc", "gini", "log_loss", "brier")
CLASSIFICATION = ("accuracy", "balanced_accuracy", "error_rate", *_BY_CLASS, *_BINARY, *_BY_SCORE)
_MOST_OTHERS = 3
"""Classes beyond the first that a claim may be about without saying so."""
REGRESSION = ("mae", "mse", "rmse", "r2")


@dataclass(frozen=True)
class Reading:
    """One way to read a claim.

    Attributes:
        how: in words, empty for the way that needs none.
        part: rows that it is about, in words; empty for all.
        n: of those rows.
    """

    value: float
    low: float
    high: float
    n: int
    how: str = ""
    part: str = ""


@dataclass(frozen=True)
class _Answers:
    """What the model answers on the test data: codes or numbers, and probabilities where it gives any."""

    truth: np.ndarray
    predicted: np.ndarray
    scores: np.ndarray | None


class Measurements:
    """Metrics of one subject on its test data."""

    def __init__(self, subject: Subject, *, seed: int, confidence: float) -> None:
        self.subject = subject
        self._options: Mapping[str, Any] = {"confidence": confidence, "seed": seed}
        self._known: dict[tuple[str, int | None, str, str], Reading] = {}

    @cached_property
    def missing(self) -> str:
        """What is not there that every comparison needs; empty where nothing is."""
        absent = {"model": "no model", "data.test": "no test data"}
        return " and ".join(absent[need] for need in self.subject.missing(tuple(absent)))

    @property
    def positive(self) -> int | None:
        """The class that counts as positive; None for the mean over classes."""
        return self.subject.positive_code if self.subject.task == "classification" else None

    def readings(self, claim: Claim) -> tuple[Reading, ...]:
        """What was measured for a claim, the plain way to read it first.

        Raises:
            Unmeasured: nothing was, with the reason.
        """
        if self.missing:
            raise Unmeasured(f"the subject has {self.missing}")
        known = CLASSIFICATION if self.subject.task == "classification" else REGRESSION
        if claim.metric not in known:
            raise Unmeasured(f"{claim.metric[:60]} is not measured for a {self.subject.task}")
        part = part_of(claim, self.subject, self._groups)
        metric, average = claim.metric, claim.average
        if (average == "micro" and metric in _BY_CLASS) or (average == "weighted" and metric == "recall"):
            metric = "accuracy"
        elif average == "weighted":
            raise Unmeasured("a mean that is weighted by class is not measured")
        if metric in _BY_CLASS and average != "macro":
            return self._by_class(metric, part)
        return (self.reading(metric, None, part),)

    def reading(self, metric: str, code: int | None = None, part: Part | None = None, how: str = "") -> Reading:
        """One metric.

        Args:
            code: class that counts as positive, None for the mean over classes.

        Raises:
            Unmeasured: it is not defined on these rows.
        """
        part = part or Part()
        key = (metric, code, part.name, how)
        if key not in self._known:
            try:
                found = self._estimate(metric, code, part.rows)
            except (ValueError, NotMeasurable) as problem:
                raise Unmeasured(f"{metric} is not defined on these rows: {problem}") from problem
            low, high = found.interval.low, found.interval.high
            self._known[key] = Reading(found.value, low, high, found.n, how, part.name)
        return self._known[key]

    def _by_class(self, metric: str, part: Part) -> tuple[Reading, ...]:
        """The class that is named, or the positive one, or the mean; then the other ways to read it."""
        first = self.positive if part.code is None else part.code
        codes: list[int | None] = [
            first,
            *(code for code in (None, *range(len(self.subject.classes))) if code != first),
        ]
        names = [f"class {label}" for label in self.subject.classes]
        found = []
        for code in codes[: 1 + _MOST_OTHERS]:
            try:
                found.append(self.reading(metric, code, part, "the mean over classes" if code is None else names[code]))
            except Unmeasured:
                if code == first:
                    raise
        return tuple(found)

    @cached_property
    def _groups(self) -> Groups:
        return Groups.of(self.subject)

    @cached_property
    def _answers(self) -> _Answers:
        subject = self.subject
        if subject.task == "regression":
            return _Answers(subject.values(subject.test), subject.predict(subject.test), None)
        scores = subject.probabilities(subject.test) if subject.has_probabilities else None
        return _Answers(subject.codes(subject.test), subject.predict(subject.test), scores)

    def _estimate(self, metric: str, code: int | None, rows: np.ndarray | None) -> Estimate:
        given = self._answers
        chosen = slice(None) if rows is None else rows
        truth, predicted = given.truth[chosen], given.predicted[chosen]
        if len(truth) == 0:
            raise ValueError("there are none")
        if self.subject.task == "regression":
            return _of_numbers(metric, truth, predicted, self._options)
        if metric in _BY_SCORE:
            if given.scores is None:
                raise NotMeasurable("the model gives no probabilities")
            return _of_scores(metric, truth, given.scores[chosen], self._options)
        return _of_classes(metric, code, self.subject, truth, predicted, self._options)


def _of_classes(
    metric: str, code: int | None, subject: Subject, truth: Any, predicted: Any, options: Mapping[str, Any]
) -> Estimate:
    from audit.statistics import classification

    matrix = classification.confusion(truth, predicted, len(subject.classes))
    if metric in ("accuracy", "error_rate"):
        found = classification.accuracy(matrix, confidence=options["confidence"])
        return found if metric == "accuracy" else _turned(found)
    if metric == "balanced_accuracy":
        return classification.recall(matrix, None, **options)
    if metric in _BINARY:
        positive = subject.positive_code
        if positive is None:
            raise ValueError("there is no positive class")
        wanted = positive if metric == "false_negative_rate" else 1 - positive
        found = classification.recall(matrix, wanted, **options)
        return found if metric == "specificity" else _turned(found)
    by_class = {"precision": classification.precision, "recall": classification.recall, "f1": classification.f1}
    return by_class[metric](matrix, code, **options)


def _of_scores(metric: str, truth: Any, scores: Any, options: Mapping[str, Any]) -> Estimate:
    from audit.statistics import classification
    from audit.statistics.intervals import Estimate, Interval

    if metric == "log_loss":
        return classification.log_loss(truth, scores, **options)
    if metric == "brier":
        return classification.brier(truth, scores, **options)
    area = classification.auc(truth, scores, confidence=options["confidence"])
    if metric == "auc":
        return area
    ends = Interval(2 * area.interval.low - 1, 2 * area.interval.high - 1)
    return Estimate(2 * area.value - 1, ends, area.n)


def _of_numbers(metric: str, truth: Any, predicted: Any, options: Mapping[str, Any]) -> Estimate:
    from audit.statistics import regression
    from audit.statistics.intervals import Estimate, Interval

    if metric == "r2":
        return regression.r_squared(truth, predicted, **options)
    if metric == "mae":
        return regression.mean_absolute_error(truth - predicted, **options)
    root = regression.root_mean_squared_error(truth - predicted, **options)
    if metric == "rmse":
        return root
    return Estimate(root.value**2, Interval(root.interval.low**2, root.interval.high**2), root.n)


def _turned(found: Estimate) -> Estimate:
    """The share of the other rows."""
    from audit.statistics.intervals import Estimate, Interval

    return Estimate(1 - found.value, Interval(1 - found.interval.high, 1 - found.interval.low), found.n)
