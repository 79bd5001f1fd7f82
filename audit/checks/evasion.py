"""Whether small changes of its inputs make the model answer wrongly.

Why: somebody who wants another answer changes what he can change, as far as nobody notices. A model whose answers turn
at such changes decides by them, not by the case.
Blind to: attacks stronger than those that ran (robust_accuracy is an upper bound), changes that were not allowed by
epsilon or by the declared features, and changes of free text.
Source: the best of several attacks on each row, as in Croce and Hein, "Reliable evaluation of adversarial robustness",
ICML 2020; warnings follow Carlini et al., "On Evaluating Adversarial Robustness", 2019; each attack names its own
paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from audit.checks import _attack_ensemble as ensemble
from audit.checks._unit_box import UnitBox, unit_box
from audit.errors import NotMeasurable
from audit.records import CheckResult, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np


NEEDS = ("model", "data.test")
MEASURES = {
    "robust_accuracy": "share of rows answered right and still right after every attack, 0 to 1; an upper bound",
    "clean_accuracy": "share of the same rows answered right without any attack, 0 to 1",
    "median_distance": "median over these rows of the smallest change found that gives a wrong answer, in units of "
    "epsilon's scale, 0 to epsilon: 0 for rows answered wrongly from the start, epsilon where nothing within it worked",
    "queries": "mean number of rows asked of the model for each attacked row, 0 upwards",
}
CHOICES = {"attacks": "attacks.evasion"}
"""Words of this parameter have to be files of that package."""
_FIRST_BATCH = 16
_PLANTED = 24
_MOST_QUESTIONS = 10_000_000


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    epsilon: float,
    norm: Literal["linf", "l2"] = "linf",
    attacks: tuple[str, ...] = (),
    max_rows: int = 500,
    queries: int = 400,
) -> Iterator[CheckResult]:
    """Attack test rows in random order, in growing batches, and yield after each.

    Args:
        epsilon: largest change: for images and arrays within 0..1 in their own unit, for tables as a share of each
            numeric column's range (declared, else seen in the data). Allowed changes of category cost nothing.
        norm: whether epsilon limits each value ("linf") or the length of the whole change ("l2").
        attacks: names of attacks to run; none chooses them by what the model gives and prints them in the notes.
        max_rows: most test rows to look at.
        queries: most rows that one attack may ask of the model for each row that it attacks.

    Raises:
        NotMeasurable: the task is a regression, nothing in the data can be changed, epsilon is not a finite number
            above 0, or max_rows or queries is not within 1 to 10,000,000.
        UnknownName: an attack does not exist.
    """
    import numpy as np

    from audit.checks._evasion_report import Progress

    _refuse_odd(epsilon, max_rows, queries)
    box = _box(subject)
    order = subject.test.shuffled(seed)[:max_rows]
    progress = Progress(subject, box, order, confidence=confidence)
    setting = _setting(subject, box, attacks, norm, epsilon, queries, progress.scores, seed)
    rows = np.arange(len(order))
    start, size = 0, _FIRST_BATCH
    while start < len(order):
        batch = rows[start : start + size]
        right = batch[progress.right[batch]]
        progress.add(batch, right, ensemble.attack(setting, progress.x[right], progress.y[right], seed=seed + start))
        start = start + size
        size = start  # as many as before all in all, so that a look is due whenever the rows have doubled
        yield progress.result(setting)


def plant(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    norm: Literal["linf", "l2"] = "linf",
    attacks: tuple[str, ...] = (),
    queries: int = 400,
) -> Measure:
    """Share of rows that the same attacks break when nothing limits them.

    Epsilon spans the whole range and every column can be changed. A model that always gives one answer is never broken,
    and attacks that do nothing break nothing. The attack that starts from rows of another class stays out, since
    without a limit it simply takes such a row.

    Raises:
        NotMeasurable: no row is answered right, so there is nothing to break; otherwise as `run`.
    """
    import numpy as np

    from audit.checks._evasion_report import Progress
    from audit.statistics.intervals import share

    _refuse_odd(1.0, 1, queries)
    box = _box(subject, relaxed=True)
    progress = Progress(subject, box, subject.test.shuffled(seed + 1)[: 8 * _PLANTED], confidence=confidence)
    rows = np.flatnonzero(progress.right)[:_PLANTED]
    if not len(rows):
        raise NotMeasurable("the model answers none of the drawn test rows right, so there is nothing to attack")
    whole = 1.0 if norm == "linf" else float(np.sqrt(np.prod(progress.x.shape[1:])))
    setting = _setting(subject, box, attacks, norm, whole, queries, progress.scores, None)
    broken = ensemble.attack(setting, progress.x[rows], progress.y[rows], seed=seed).broken
    ends = share(int(broken.sum()), len(broken), confidence=confidence)
    return Measure(float(broken.mean()), "share", len(broken), ends.low, ends.high)


def _refuse_odd(epsilon: object, max_rows: object, queries: object) -> None:
    if not isinstance(epsilon, int | float) or not math.isfinite(epsilon) or not epsilon > 0:
        raise NotMeasurable(f"epsilon is {epsilon}; it has to be a finite number above 0")
    for name, value in (("max_rows", max_rows), ("queries", queries)):
        if not isinstance(value, int) or not 1 <= value <= _MOST_QUESTIONS:
            raise NotMeasurable(f"{name} is {value}; it has to be a whole number from 1 to {_MOST_QUESTIONS}")


def _box(subject: Subject, *, relaxed: bool = False) -> UnitBox:
    if subject.task != "classification":
        raise NotMeasurable(
            "evasion counts answers that turn wrong; the task is a regression, which only errs more or less"
        )
    if subject.test.rows == 0:
        raise NotMeasurable("data.test has no rows")
    box = unit_box(subject, relaxed=relaxed)
    if not box.movable:
        specs = subject.feature_specs(subject.test)
        if {specs[name].type for name in subject.model_columns if name in specs} == {"text"}:
            raise NotMeasurable("the model reads free text alone; these attacks change numbers and declared categories")
        raise NotMeasurable(
            "no input of the model can be changed: numbers are constant or declared immutable, and categories change "
            "only where features declare them with mutable and transitions"
        )
    return box


def _setting(
    subject: Subject,
    box: UnitBox,
    attacks: tuple[str, ...],
    norm: ensemble.Norm,
    epsilon: float,
    queries: int,
    scores: ensemble.Scores,
    pool_seed: int | None,
) -> ensemble.Setting:
    """The attacks and their limits; without `pool_seed`, attacks know no rows and none starts from them."""
    members = ensemble.choose(subject, box, attacks, norm, scores)
    pool: np.ndarray | None = None
    if pool_seed is None:
        kept = tuple(member for member in members if member.name != "nearest_row")
        members = kept or members
    else:
        pool = ensemble.known_rows(subject, box, pool_seed)
    return ensemble.Setting(subject, box, members, epsilon, norm, queries, scores, pool)
