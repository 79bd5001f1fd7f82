"""Whether the probabilities of the model mean what they say.

Why: a score of 0.9 that is right 7 times out of 10 misleads everyone who sets a threshold or a price by it.
Blind to: groups whose errors cancel out; probabilities of classes other than the predicted one (for ece); the order of
the scores, which a calibrated but useless model gets wrong.
Source: Kumar, Liang and Ma, NeurIPS 2019 (debiased error); Brier 1950; Spiegelhalter 1986, extended to more classes.
"""

from __future__ import annotations

import contextlib
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
    "ece": "root mean squared gap between stated confidence and accuracy, without what chance adds, 0 to 1",
    "brier": "mean squared error of the probabilities, 0 to 1 for two classes, 0 to 2 for more, lower is better",
    "spiegelhalter_p": "p-value of the hypothesis that labels follow the stated probabilities, 0 to 1, small is bad",
}
_TWINS = 20
_SHARPENING = 3.0
_FEWEST_BINS, _MOST_BINS = 2, 1000
_OTHER_ANSWERS = 0.01
_TIED = 1e-6


def run(subject: Subject, *, seed: int, confidence: float, bins: int = 15) -> CheckResult:
    """Compare stated probabilities with what happened.

    Args:
        bins: most bins of equally many rows for ece, 2 to 1000; fewer are taken where a bin would hold under 10 rows.

    Raises:
        NotMeasurable: the model gives no probabilities, `bins` is out of range, or there are fewer than two test rows.
    """
    import numpy as np

    from audit.statistics import calibration, classification

    probabilities, truth = _probabilities(subject, bins)
    error = _error(probabilities, truth, bins, seed, confidence)
    brier = classification.brier(truth, probabilities, confidence=confidence, seed=seed)
    measures = {
        "ece": Measure(error.value, "share", error.n, error.interval.low, error.interval.high),
        "brier": Measure(brier.value, "squared probability", brier.n, brier.interval.low, brier.interval.high),
    }
    repeated = repeats(subject)
    notes = list(repeated.notes)
    try:
        p = calibration.spiegelhalter_p(probabilities, truth)
        measures["spiegelhalter_p"] = Measure(p, "probability", len(truth))
    except ValueError as problem:
        notes.append(f"spiegelhalter_p is not defined: {problem}")
    answers = subject.predict(subject.test)
    unsteady = unsteady_doubts(subject, answers, probabilities, seed=seed)
    stated = float(probabilities[np.arange(len(truth)), answers].mean())
    right = float((answers == truth).mean())
    return CheckResult(
        measures,
        notes=tuple(notes),
        doubts=(*_doubts(probabilities, answers), *repeated.doubts, *unsteady),
        sentence=f"The model is on average {stated:.1%} sure of its answers, and {right:.1%} of them are right.",
    )


def plant(subject: Subject, *, seed: int, confidence: float, bins: int = 15) -> Measure:
    """Share of over-confident twins that are noticed.

    For a twin, labels are drawn from the probabilities of the model itself, so that they are calibrated by
    construction; then every probability is sharpened (raised to the power 3 and scaled back to sum 1). The twin is
    noticed if the interval of ece lies above 0, or Spiegelhalter's test rejects at the confidence asked for. Where all
    probabilities are certain already, sharpening changes nothing and nothing is noticed.
    """
    import numpy as np

    from audit.statistics import calibration, intervals

    probabilities, _ = _probabilities(subject, bins)
    logits = np.log(np.clip(probabilities, 1e-12, 1.0)) * _SHARPENING
    sharpened = np.exp(logits - logits.max(axis=1, keepdims=True))
    sharpened /= sharpened.sum(axis=1, keepdims=True)
    cumulated = probabilities.cumsum(axis=1)
    found = 0
    for twin in range(_TWINS):
        draws = np.random.default_rng([seed, twin]).random(len(probabilities)) * cumulated[:, -1]
        labels = (draws[:, None] >= cumulated).sum(axis=1).clip(max=probabilities.shape[1] - 1)
        noticed = _error(sharpened, labels, bins, seed, confidence).interval.low > 0
        # Where all sharpened probabilities are certain and right, the test has nothing to reject.
        with contextlib.suppress(ValueError):
            noticed = noticed or calibration.spiegelhalter_p(sharpened, labels) < 1 - confidence
        found += noticed
    ends = intervals.share(found, _TWINS, confidence=confidence)
    return Measure(found / _TWINS, "share", _TWINS, ends.low, ends.high)


def _probabilities(subject: Subject, bins: int) -> Any:
    if not _FEWEST_BINS <= bins <= _MOST_BINS:
        raise NotMeasurable(f"bins is {bins}; {_FEWEST_BINS} to {_MOST_BINS} bins tell something")
    if not subject.has_probabilities:
        raise NotMeasurable("the model gives no probabilities, so there is nothing to calibrate")
    truth = subject.codes(subject.test)
    if len(truth) < 2:
        raise NotMeasurable(f"data.test has {len(truth)} rows; two or more are needed to measure a spread")
    return subject.probabilities(subject.test), truth


def _error(probabilities: Any, truth: Any, bins: int, seed: int, confidence: float) -> Estimate:
    from audit.statistics import calibration

    stated, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    return calibration.calibration_error(
        calibration.bins_of_equal_mass(stated, right, bins=bins), confidence=confidence, seed=seed
    )


def _doubts(probabilities: Any, answers: Any) -> list[Doubt]:
    """Doubts if all rows get the same probabilities, or the answer is often not the class that is judged here."""
    import numpy as np

    doubts = []
    if len(np.unique(probabilities.round(6), axis=0)) == 1:
        doubts.append(Doubt("the model states the same probabilities for every row, which is calibrated and useless"))
    given = probabilities[np.arange(len(answers)), answers]
    share = float((probabilities.max(axis=1) - given > _TIED).mean())
    if share > _OTHER_ANSWERS:
        doubts.append(Doubt(f"on {share:.0%} of rows the answer is not the most probable class"))
    return doubts
