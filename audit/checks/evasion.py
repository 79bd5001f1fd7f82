"""Whether small changes of its inputs make the model answer wrongly.

Why: somebody who wants another answer changes what he can change, as far as nobody notices. A model whose answers turn
at such changes decides by them, not by the case.
Blind to: attacks stronger than those that ran (robust_accuracy is an upper bound; certified_accuracy is none), changes
that were not allowed by epsilon or by the declared features, and changes of text where the model reads numbers too.
Source: the best of several attacks on each row, as in Croce and Hein, "Reliable evaluation of adversarial robustness",
ICML 2020; warnings follow Carlini et al., "On Evaluating Adversarial Robustness", 2019; each attack names its own
paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from audit.checks._evasion import column_epsilon, ensemble, regression, texts
from audit.checks._evasion.batches import batches
from audit.checks._evasion.model_inside import Known, known_structure
from audit.checks._evasion.report import Progress
from audit.checks._evasion.unit_box import UnitBox, unit_box
from audit.errors import NotMeasurable
from audit.records import CheckResult, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    pass


NEEDS = ("model", "data.test")
MEASURES = {
    "robust_accuracy": "share of rows answered right and still right after every attack, 0 to 1; an upper bound",
    "certified_accuracy": "share of rows answered right and proven to stay right, 0 to 1; the interval reaches up to "
    "what no attack broke, where a proof was not possible",
    "mean_shift": "regression: mean over the rows of the largest shift found of the answer, in standard deviations of "
    "the true values, 0 upwards; a lower bound",
    "worst_shift": "regression: the largest of these shifts, 0 upwards; a lower bound",
    "clean_accuracy": "share of the same rows answered right without any attack, 0 to 1",
    "median_distance": "median over these rows of the smallest change found that gives a wrong answer, in units of "
    "epsilon's scale (for text alone, in changed characters), 0 to epsilon: 0 for rows answered wrongly from the "
    "start, epsilon where nothing within it worked",
    "queries": "mean number of rows asked of the model for each attacked row, 0 upwards",
}
CHOICES = {"attacks": "attacks.evasion"}
"""Words of this parameter have to be files of that package."""
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
    epsilons: tuple[str, ...] = (),
    cost_budget: float | None = None,
    max_rows: int = 500,
    queries: int = 400,
) -> Iterator[CheckResult]:
    """Attack test rows in random order, in growing batches, and yield after each.

    Args:
        epsilon: largest change: for images and arrays within 0..1 in their own unit, for tables as a share of each
            numeric column's range (declared, else seen in the data). Allowed changes of category cost nothing of it.
            Where the model reads text alone, the number of changed characters, or below 1 their share.
        norm: whether epsilon limits each value ("linf") or the length of the whole change ("l2").
        attacks: names of attacks to run; none chooses them by what the model gives and prints them in the notes.
        epsilons: columns with an epsilon of their own, such as "amount: 500", in their unit, or "amount: 10%".
        cost_budget: most that all changes of a row may cost together, by the `cost` of features in audit.yaml.
        max_rows: most test rows to look at.
        queries: most rows that one attack may ask of the model for each row that it attacks; of a model that is no
            endpoint, gradient attacks may ask three times as many, and a last search on rows that withstood all others
            five times.

    Raises:
        NotMeasurable: nothing in the data can be changed, epsilon is not a finite number above 0, max_rows or queries
            is not within 1 to 10,000,000, or epsilons or cost_budget cannot be read or met.
        UnknownName: an attack does not exist.
    """
    import numpy as np

    _refuse_odd(epsilon, max_rows, queries)
    reach = column_epsilon.read(epsilon, epsilons, cost_budget)
    common: dict[str, Any] = {"seed": seed, "confidence": confidence, "attacks": attacks, "queries": queries}
    if _reads_text(subject, reach):
        yield from texts.run(subject, epsilon=epsilon, max_rows=max_rows, **common)
        return
    box = _box(subject, reach=reach)
    if subject.task == "regression":
        yield from regression.run(subject, epsilon=epsilon, norm=norm, max_rows=max_rows, box=box, **common)
        return
    order = subject.test.shuffled(seed)[:max_rows]
    progress = Progress(subject, box, order, norm=norm, confidence=confidence)
    setting = _setting(subject, box, attacks, norm, epsilon, queries, progress, seed)
    for span in batches(len(order)):
        batch = np.arange(span.start, span.stop)
        right = batch[progress.right[batch]]
        tally = ensemble.attack(setting, progress.x[right], progress.y[right], seed=seed + span.start)
        progress.add(batch, right, tally)
        if span.start == 0:
            progress.look_further(setting, batch, right, tally, seed=seed)
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
    and attacks that do nothing break nothing. No attack knows a row of another class, since without a limit it would
    simply take such a row; proofs stay out, since they would hide attacks that do nothing.

    Raises:
        NotMeasurable: no row is answered right, so there is nothing to break; otherwise as `run`.
    """
    import numpy as np

    from audit.statistics.intervals import share

    _refuse_odd(1.0, 1, queries)
    common: dict[str, Any] = {"seed": seed, "confidence": confidence, "attacks": attacks, "queries": queries}
    if _reads_text(subject, None):
        return texts.plant(subject, **common)
    box = _box(subject, relaxed=True)
    if subject.task == "regression":
        return regression.plant(subject, norm=norm, **common)
    order = subject.test.shuffled(seed + 1)[: 8 * _PLANTED]
    progress = Progress(subject, box, order, norm=norm, confidence=confidence)
    rows = np.flatnonzero(progress.right)[:_PLANTED]
    if not len(rows):
        raise NotMeasurable("the model answers none of the drawn test rows right, so there is nothing to attack")
    whole = 1.0 if norm == "linf" else float(np.sqrt(np.prod(progress.x.shape[1:])))
    setting = _setting(subject, box, attacks, norm, whole, queries, progress, None)
    broken = 0
    for code in np.unique(progress.y[rows]):
        # one class at a time, so that no attack finds a row of another class among those that it was given
        same = rows[progress.y[rows] == code]
        broken += int(ensemble.attack(setting, progress.x[same], progress.y[same], seed=seed).broken.sum())
    ends = share(broken, len(rows), confidence=confidence)
    return Measure(broken / len(rows), "share", len(rows), ends.low, ends.high)


def _refuse_odd(epsilon: object, max_rows: object, queries: object) -> None:
    if not isinstance(epsilon, int | float) or not math.isfinite(epsilon) or not epsilon > 0:
        raise NotMeasurable(f"epsilon is {epsilon}; it has to be a finite number above 0")
    for name, value in (("max_rows", max_rows), ("queries", queries)):
        if not isinstance(value, int) or not 1 <= value <= _MOST_QUESTIONS:
            raise NotMeasurable(f"{name} is {value}; it has to be a whole number from 1 to {_MOST_QUESTIONS}")


def _reads_text(subject: Subject, reach: column_epsilon.Reach | None) -> bool:
    """Whether text is all that can be changed; limits of columns are about numbers then, of which there are none."""
    if subject.test.rows == 0:
        raise NotMeasurable("data.test has no rows")
    if not texts.applies(subject):
        return False
    if reach is not None and (reach.columns or reach.cost_budget is not None):
        raise NotMeasurable("epsilons and cost_budget are about numbers and categories; the model reads text alone")
    return True


def _box(subject: Subject, *, relaxed: bool = False, reach: column_epsilon.Reach | None = None) -> UnitBox:
    box = unit_box(subject, relaxed=relaxed, reach=reach)
    if not box.movable:
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
    progress: Progress,
    seed: int | None,
) -> ensemble.Setting:
    """The attacks and their limits; without `seed` for a plant, where attacks know no rows, and proofs stay out."""
    known = (
        Known(None)
        if seed is None and not attacks
        else known_structure(subject, box, progress.x, epsilon=epsilon, seed=seed or 0)
    )
    members = ensemble.choose(subject, box, attacks, norm, progress.scores, known.structure)
    pool = None if seed is None else ensemble.known_rows(subject, box, seed)
    return ensemble.Setting(
        subject, box, members, epsilon, norm, queries, progress.scores, known.structure, pool, known.note
    )
