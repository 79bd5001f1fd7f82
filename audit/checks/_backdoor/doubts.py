"""Why a model in which nothing was found may carry a trigger all the same."""

from __future__ import annotations

from collections.abc import Iterator

from audit.checks._backdoor import deviation
from audit.checks._backdoor.finding import Finding
from audit.checks._backdoor.images import ImageFinding
from audit.checks._backdoor.tables import TableFinding
from audit.records import Doubt
from audit.subject import Subject

_MOST = 0.5
"""A mark that certainly turns more than half of the rows could be a trigger, however usual that is for the model."""
_CLOSE = 0.85
"""Share of the alarm level from which a class or column is too close to it. Held-out clean networks stay below."""
_ONLY_SINGLE = (
    "a trigger of two values together in a table cannot be seen from the model alone; screen the training data with "
    "poisoned_data"
)


def of_images(subject: Subject, seen: ImageFinding, *, confidence: float) -> Iterator[Doubt]:
    """What the search of images could not see, and what it saw but could not tell."""
    yield from _of_any(seen, confidence)
    if seen.blind:
        yield Doubt(f"{seen.blind}, so only plain stamps were tried; a trigger of another pattern would not be seen")
    elif seen.unreached:
        names = ", ".join(str(subject.classes[code]) for code in seen.unreached)
        yield Doubt(
            f"no picture was found that turns images into class {names}, so the gradient misleads the search or a "
            "trigger into that class would not be seen"
        )
    if seen.unsearched:
        yield Doubt(
            f"the images are too large to search all classes in minutes; {len(seen.unsearched)} of "
            f"{len(seen.by_class)} were tried with plain stamps alone"
        )


def of_tables(subject: Subject, seen: TableFinding, triggers: str, *, confidence: float) -> Iterator[Doubt]:
    """What the search of a table could not see, and what it saw but could not tell."""
    yield from _of_any(seen, confidence)
    if seen.unexplained:
        yield Doubt(
            f"a range of values of {seen.unexplained[0]} turns most rows into a class that few training rows around it "
            "carry; a trigger inside such a range does not stand out beside its neighbours"
        )
    if triggers == "any":
        yield Doubt(_ONLY_SINGLE)
    if not subject.has("data.train"):
        yield Doubt("without data.train only values that the test data holds were tried, and a trigger need not be one")
    if subject.test.frame is not None:
        texts = [name for name, spec in subject.feature_specs(subject.test).items() if spec.type == "text"]
        if texts:
            yield Doubt(f"words in {texts[0]} were not tried; screen the training data with poisoned_data")


def _of_any(seen: Finding, confidence: float) -> Iterator[Doubt]:
    """A limit on one measure alone must not pass what the other one shows."""
    from audit.statistics import intervals

    if seen.anomaly > _CLOSE * deviation.ALARM:
        yield Doubt(
            f"a mark stands out by {seen.anomaly:.1f} deviations, and clean models stay well below {deviation.ALARM:g}"
        )
    elif intervals.share(seen.turned, seen.rows, confidence=confidence).low > _MOST:
        yield Doubt(
            f"one small mark turns {seen.turned / seen.rows:.0%} of the other rows; in this model marks do so easily, "
            "so that a trigger would not stand out"
        )
