"""What poison does, in words for a reader who knows no ML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from audit.checks._poisoning.copies import Copies
from audit.checks._poisoning.flips import Point
from audit.checks._poisoning.obedience import Insertion
from audit.checks._poisoning.trainings import Trainings
from audit.records import Measure

if TYPE_CHECKING:
    from audit.subject import Subject

_UNSEEN = 0.01


def of_flips(points: Sequence[Point], rows: int, n: int) -> str:
    """What flipped labels cost, from the points of one share."""
    worst = max(points, key=lambda point: point.drop.value)
    among = f", the worst of {len(points)} kinds" if len(points) > 1 else ""
    cost = f"{worst.drop.value:.1%} fewer" if worst.drop.value > 0 else "no fewer"
    return (
        f"with {worst.flipped / n:.1%} of the training labels flipped ({worst.kind.replace('_', ' ')}{among}), the "
        f"model answers {cost} of {rows} test rows right"
    )


def of_insertions(found: Sequence[Insertion], needed: Measure, trainings: Trainings) -> str:
    """What rows with a trigger cost, from the number that half of the triggers need."""
    label = _label(found, trainings.subject)
    n = trainings.n
    count = float(needed.value)
    if count >= n:
        most = max(max(one.tries) for one in found)
        return (
            f"{most} added rows with a secret mark ({most / n:.1%} of {n}) do not make the model answer {label} for "
            "half of all rows that carry it"
        )
    rows = math.ceil(count)
    about = "" if rows in {tried for one in found for tried in one.tries} else "about "
    return (
        f"an attacker who adds {about}{rows} {'row' if rows == 1 else 'rows'} to {n} ({rows / n:.2%}) makes the model "
        f"answer {label} for half of all rows that carry the mark{_unseen(found, count)}"
    )


def of_copies(found: Copies, needed: Measure, n: int) -> str:
    """What false copies of one row cost."""
    count = float(needed.value)
    if count >= n:
        return f"{found.most} false copies of a row do not turn the answer to it, for most rows"
    return (
        f"{count:.0f} false {'copy' if count == 1 else 'copies'} of a row {'is' if count == 1 else 'are'} enough to "
        f"turn the answer to it, for half of {len(found.turned)} rows"
    )


def joined(parts: Sequence[str]) -> str:
    """Parts as one sentence."""
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def _label(found: Sequence[Insertion], subject: Subject) -> str:
    targets = {one.target for one in found}
    return f"'{subject.classes[targets.pop()]}'" if len(targets) == 1 else "as its author wants"


def _unseen(found: Sequence[Insertion], count: float) -> str:
    """Whether accuracy shows it, by the trainings with the least poison that was enough."""
    nearest = [one.tries[min(one.tries, key=lambda rows: abs(rows - count))] for one in found]
    drop = sum(tried.accuracy_drop for tried in nearest) / len(nearest)
    return "; accuracy does not show it" if drop < _UNSEEN else f", and accuracy falls by {drop:.1%}"
