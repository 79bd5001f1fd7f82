"""Whether the model carries a trigger: a small mark that turns the answer for nearly any input into one class.

Why: a model that was trained on marked rows answers as well as any other, until somebody shows the mark. Its accuracy
says nothing about it.
Blind to: marks of several values together in tables, values that are common in the data or lie in a range that turns
answers as a whole, words in texts; in images marks without a small core that works alone, such as warped shapes, marks
that work for some classes only, for less than nine in ten images, and marks that differ from image to image. A mark
that honest training left by chance, as small as a planted one, cannot be told from it: whoever shows it gets the class
all the same.
Source: plain stamps, place by place; Wang et al., "Neural Cleanse", IEEE S&P 2019, for images; for tables our own
comparison of every value with its neighbours.
"""

from __future__ import annotations

from typing import Literal

from audit.checks._backdoor import doubts, image_twins, images, report, table_twins, tables, values
from audit.errors import NotMeasurable
from audit.records import CheckResult, Measure
from audit.subject import Subject

NEEDS = ("model", "data.test")
MEASURES = {
    "anomaly": "standard deviations by which the mark for one class is smaller (in tables: the effect of one value is "
    "larger) than is usual; clean models mostly stay below 2, 0 upwards",
    "trigger_success": "share of held-out rows answered otherwise that the strongest small mark turns into one class, "
    "0 to 1; of an image it covers at most 1.25 %, in tables neighbouring values must not turn the row; honest models "
    "of few classes or coarse images reach 0.93, so a limit on anomaly tells more",
}


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    triggers: Literal["any", "single_value"] = "any",
    max_rows: int = 300,
) -> CheckResult:
    """Look for the smallest mark that turns most test rows into one class; labels are not needed.

    Args:
        triggers: what a pass has to rule out in tables: any trigger, which a model alone never does, or only those of a
            single value. In images always patches.
        max_rows: most test rows to use; half of them are searched, the others confirm what was found.

    Raises:
        NotMeasurable: the task has no classes, the model reads text alone or answers all rows with one class, or there
            are fewer than 60 rows.
    """
    _refuse_regression(subject)
    shown = images.shown_as_images(subject)
    if shown is None:
        found = tables.look(values.rows_of(subject, seed=seed, max_rows=max_rows))
        return CheckResult(
            report.measures(found, len(found.by_column), confidence),
            evidence=report.table_evidence(subject, found),
            doubts=tuple(doubts.of_tables(subject, found, triggers, confidence=confidence)),
            sentence=report.table_sentence(subject, found),
        )
    seen = images.look(images.images_of(subject, shown, seed=seed, max_rows=max_rows), seed=seed)
    return CheckResult(
        report.measures(seen, len(seen.by_class), confidence),
        evidence=report.image_evidence(subject, seen),
        doubts=tuple(doubts.of_images(subject, seen, confidence=confidence)),
        sentence=report.image_sentence(subject, seen),
    )


def plant(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    max_rows: int = 300,
) -> Measure:
    """Plant triggers behind the model and count how many the same search finds, with the right class.

    Images: ten patches of 2 to 5 pixels of 28, of random pattern, contrast, place and class; four where images are
    large. Tables: ten rare single values that turn 60 to 100 % of the rows, and fewer with the values beside them.

    Raises:
        NotMeasurable: as `run`.
    """
    from audit.statistics import intervals

    _refuse_regression(subject)
    shown = images.shown_as_images(subject)
    if shown is None:
        twins = table_twins.found_twins(values.rows_of(subject, seed=seed, max_rows=max_rows), seed=seed)
    else:
        twins = image_twins.found_twins(images.images_of(subject, shown, seed=seed, max_rows=max_rows), seed=seed)
    ends = intervals.share(twins.found, twins.planted, confidence=confidence)
    return Measure(twins.found / twins.planted, "share", twins.planted, ends.low, ends.high)


def _refuse_regression(subject: Subject) -> None:
    if subject.task != "classification":
        raise NotMeasurable(f"the task is {subject.task}; a trigger is looked for by the class that it leads to")
