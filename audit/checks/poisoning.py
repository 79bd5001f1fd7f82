"""How much accuracy is lost when part of the training labels is flipped before training.

Why: whoever can write into the training data (a labelling firm, users who give feedback, a supplier) can make the next
model worse. How much worse says how well that data has to be guarded.
Blind to: poison that leaves accuracy alone, such as a trigger or one chosen victim; poisoned features; an attacker who
knows more than a cheap linear model of the data.
Source: Biggio, Nelson and Laskov, "Support Vector Machines Under Adversarial Label Noise", ACML 2011; the interval adds
what other test rows and other trainings would change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from audit import spreadsheet
from audit.errors import NotMeasurable, SubjectError
from audit.records import CheckResult, Doubt, Evidence, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

NEEDS = ("training", "data.train", "data.test")
MEASURES = {
    "accuracy_drop": "accuracy on the test data after training on clean labels, less that after training on flipped "
    "ones, -1 to 1",
}
_PLANTED = 10
_PLANTED_SHARE = 0.7
_UNLIKE_SHIPPED = 0.1
_NO_SKILL = 0.02
_MOST_REPEATS = 10_000


@dataclass(frozen=True)
class _Codes:
    """Class codes of the training and of the test rows."""

    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class _Drop:
    """Mean loss of accuracy with an interval that other rows and other trainings are part of."""

    value: float
    low: float
    high: float


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    share: float = 0.1,
    kind: Literal["random", "one_class", "adversarial"] = "adversarial",
    repeats: int = 5,
) -> CheckResult:
    """Train pairs of models, on clean and on flipped labels, with the same seed each, and compare them row by row.

    Args:
        share: share of all training labels that is flipped, above 0 and at most 1.
        kind: which labels: any ("random"), those of the largest class ("one_class"), or those of which a linear model
            is surest ("adversarial").
        repeats: pairs of trainings, 2 to 10,000.

    Raises:
        NotMeasurable: the task is a regression, the training data has one class, or too few rows to flip one.
    """
    import numpy as np

    from attacks.poisoning import label_flip

    _refuse_odd(share, repeats)
    codes = _codes(subject)
    classes = len(subject.classes)
    if round(share * len(codes.train)) < 1:
        raise NotMeasurable(f"{share:g} of {len(codes.train)} training rows is not one row; there is nothing to flip")
    scores = _guess(subject, codes.train, seed) if kind == "adversarial" else None
    clean, poisoned, flipped = [], [], []
    for repeat in range(repeats):
        own = _seed(seed, repeat)
        flips = label_flip.run(codes.train, classes, share=share, kind=kind, scores=scores, seed=own)
        flipped.append(len(flips.rows))
        clean.append(_right(subject, codes.train, codes.test, own))
        poisoned.append(_right(subject, flips.codes, codes.test, own))
    drop = _drop(np.array(clean), np.array(poisoned), confidence, seed)
    sentence = (
        f"With {flipped[0] / len(codes.train):.1%} of the training labels flipped ({kind.replace('_', ' ')}), the "
        f"model answers {drop.value:.1%} fewer of {len(codes.test)} test rows right, mean of {repeats} trainings."
    )
    return CheckResult(
        {"accuracy_drop": Measure(drop.value, "share", len(codes.test), drop.low, drop.high)},
        evidence=(_damage(clean, poisoned, flipped),),
        notes=(f"{repeats} pairs of trainings, {flipped[0]} of {len(codes.train)} labels flipped in each",),
        doubts=_doubts(subject, np.array(clean), codes, confidence),
        sentence=sentence,
    )


def plant(subject: Subject, *, seed: int, confidence: float, repeats: int = 5) -> Measure:
    """Share of destructive poisonings that are noticed.

    Ten trainings get data of which 70 % of the labels are wrong: a model that learns from its labels then learns to
    err. Each is judged together with its neighbours, as many as `run` has repeats, by the same interval.

    Raises:
        NotMeasurable: as `run`.
    """
    import numpy as np

    from attacks.poisoning import label_flip
    from audit.statistics.intervals import share as share_interval

    codes = _codes(subject)
    clean, poisoned = [], []
    for number in range(_PLANTED):
        own = _seed(seed, 1000 + number)
        flips = label_flip.run(codes.train, len(subject.classes), share=_PLANTED_SHARE, kind="random", seed=own)
        if number < max(2, repeats):
            clean.append(_right(subject, codes.train, codes.test, own))
        poisoned.append(_right(subject, flips.codes, codes.test, own))
    found = 0
    for number in range(_PLANTED):
        window = [poisoned[(number + place) % _PLANTED] for place in range(len(clean))]
        found += _drop(np.array(clean), np.array(window), confidence, seed).low > 0
    ends = share_interval(found, _PLANTED, confidence=confidence)
    return Measure(found / _PLANTED, "share", _PLANTED, ends.low, ends.high)


def _refuse_odd(share: object, repeats: object) -> None:
    if not isinstance(share, int | float) or not 0 < share <= 1:
        raise NotMeasurable(f"share is {share}; expected a number above 0 and at most 1")
    if not isinstance(repeats, int) or not 2 <= repeats <= _MOST_REPEATS:
        raise NotMeasurable(f"repeats is {repeats}; expected a whole number from 2 to {_MOST_REPEATS}")


def _codes(subject: Subject) -> _Codes:
    import numpy as np

    if subject.task != "classification":
        raise NotMeasurable("labels are flipped from class to class; the task is a regression")
    codes = _Codes(subject.codes(subject.train), subject.codes(subject.test))
    if len(codes.test) < 2:
        raise NotMeasurable(f"data.test has {len(codes.test)} rows; two or more are needed to compare two models")
    present = np.unique(codes.train)
    if len(present) < 2:
        raise NotMeasurable(
            f"all training rows have the label {subject.classes[present[0]]}; there is nothing to flip to"
        )
    return codes


def _seed(seed: int, number: int) -> int:
    import numpy as np

    return int(np.random.default_rng([seed, number]).integers(2**31))


def _guess(subject: Subject, codes: np.ndarray, seed: int) -> np.ndarray:
    """What a cheap linear model of the training data says of it, shape (n, classes): all that the attacker knows."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from audit.checks._encoding import encoded

    train = subject.train
    arrays = train.frame is None
    x = np.asarray(train.features, dtype=float).reshape(train.rows, -1) if arrays else encoded(subject, train).full
    scale = StandardScaler(with_mean=False)
    model = make_pipeline(scale, LogisticRegression(max_iter=300, random_state=seed)).fit(x, codes)
    scores = np.zeros((len(codes), len(subject.classes)))
    scores[:, model[-1].classes_] = model.predict_proba(x)
    return scores


def _right(subject: Subject, codes: np.ndarray, truth: np.ndarray, seed: int) -> np.ndarray:
    """Train on the training rows with these labels; which test rows the model then answers right, shape (n,), bool."""
    import numpy as np

    labels = np.array(subject.classes, dtype=object)[codes]
    kept = subject.train.labels
    if kept is not None and (codes == subject.codes(subject.train)).all():
        labels = kept
    elif kept is not None and kept.dtype != object:
        labels = labels.astype(kept.dtype)
    try:
        model = subject.retrained(subject.train.with_labels(labels), seed)
    except SystemExit as error:
        # a recipe is a script to its author, and scripts end so; here it would end the audit
        raise SubjectError("the training recipe ended its process; fit has to return a trained model") from error
    known = {str(label): code for code, label in enumerate(subject.classes)}
    places = np.array([known.get(str(label), -1) for label in model.classes])
    return np.asarray(places[model.predict(subject.test)] == truth)


def _drop(clean: np.ndarray, poisoned: np.ndarray, confidence: float, seed: int) -> _Drop:
    """Mean loss and its interval from right answers of pairs, both of shape (pairs, rows).

    Half of the allowed error goes to which test rows were drawn, half to which trainings. The two reaches are added, so
    that the interval holds whatever they have to do with each other.
    """
    from scipy import stats

    from audit.statistics import intervals

    loss = clean.astype(float) - poisoned
    value = float(loss.mean())
    half = 1 - (1 - confidence) / 2
    # a loss that no row shows may still be that of one row among as many
    rows = intervals.mean(loss.mean(axis=0), confidence=half, seed=seed, rare=1.0)
    by_training = loss.mean(axis=1)
    spread = float(by_training.std(ddof=1)) / len(by_training) ** 0.5
    reach = float(stats.t.ppf((1 + half) / 2, len(by_training) - 1)) * spread
    return _Drop(value, max(-1.0, rows.low - reach), min(1.0, rows.high + reach))


def _doubts(subject: Subject, clean: np.ndarray, codes: _Codes, confidence: float) -> tuple[Doubt, ...]:
    import numpy as np

    from audit.statistics import intervals

    texts = []
    accuracy = float(clean.mean())
    recalls = [float(clean[:, codes.test == code].mean()) for code in np.unique(codes.test)]
    if np.mean(recalls) <= 1 / len(recalls) + _NO_SKILL:
        texts.append(
            f"even on clean labels the recipe finds {np.mean(recalls):.1%} of the rows of a class on average, as "
            "guessing would; a model without skill has nothing to lose"
        )
    if subject.has("model"):
        shipped = subject.predict(subject.test) == codes.test
        gap = intervals.mean(shipped - clean.mean(axis=0), confidence=confidence, seed=0)
        if abs(float(shipped.mean()) - accuracy) > _UNLIKE_SHIPPED and (gap.low > 0 or gap.high < 0):
            texts.append(
                f"the recipe gives models of accuracy {accuracy:.1%} and the shipped one has {shipped.mean():.1%}; "
                "what poison does to the recipe need not be what it does to the shipped model"
            )
    return tuple(Doubt(text) for text in texts)


def _damage(clean: list[np.ndarray], poisoned: list[np.ndarray], flipped: list[int]) -> Evidence:
    header = ("training", "flipped_labels", "clean_accuracy", "poisoned_accuracy", "accuracy_drop")
    rows = []
    for number, (before, after, count) in enumerate(zip(clean, poisoned, flipped, strict=True)):
        good, bad = float(before.mean()), float(after.mean())
        rows.append([number, count, f"{good:.6g}", f"{bad:.6g}", f"{good - bad:.6g}"])
    return Evidence(
        "damage.csv", spreadsheet.table(header, rows), "Accuracy of each pair of trainings on the test data."
    )
