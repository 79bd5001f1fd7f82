"""What to make of the replays: the sentence, the notes, and why the numbers may flatter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from audit.checks._feedback_loop.loop import Plan, Replay
from audit.checks._recipe_doubts import recipe_doubts
from audit.records import Doubt
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_FEW_FRESH = 20
_HARDLY = 0.02


def sentence(
    subject: Subject, loop: np.ndarray, control: np.ndarray, truth: np.ndarray, accepted: int, rounds: int
) -> str:
    """What was found, for a reader without ML; answers are codes of shape (repeats, rows) after the last round."""
    import numpy as np

    classes = range(len(subject.classes))
    changes = [float((loop == code).mean() - (control == code).mean()) for code in classes]
    told = accepted if len(changes) == 2 else int(np.argmax(np.abs(changes)))
    gained = float((loop == truth).mean() - (control == truth).mean())
    accuracy = f"its accuracy hardly moved ({gained:+.1%})"
    if abs(gained) >= _HARDLY:
        accuracy = f"its accuracy {'rises' if gained > 0 else 'falls'} by {abs(gained):.1%}"
    rounds_said = "1 round" if rounds == 1 else f"{rounds} rounds"
    return (
        f"After {rounds_said} of learning from its own decisions the model calls {(loop == told).mean():.1%} "
        f"{subject.classes[told]} instead of {(control == told).mean():.1%}, while {accuracy}."
    )


def notes(subject: Subject, plan: Plan, replays: Sequence[Replay], accepted: int, chosen: bool) -> Iterator[str]:
    """Facts for the engineer: rows, what counts as accepted, and loops that ended early."""
    yield (
        f"{len(replays)} loops of {plan.rounds} rounds: each model learns from {plan.window} rows, {plan.fresh} new "
        "ones are decided on in each round"
    )
    why = "" if chosen else ", the most frequent label, since neither accepted nor positive is given"
    yield f"accepted means {subject.classes[accepted]}{why}"
    came_back = sum(int(replay.learned.sum()) for replay in replays) / len(replays)
    if came_back < plan.window:
        yield (
            f"{came_back:.0f} rows came back in a loop, so some of the {plan.window} true labels of the first model "
            "are still learned from at its end; a longer loop may drift further"
        )
    ended = [replay.ended for replay in replays if replay.ended]
    if ended:
        yield f"{len(ended)} of {len(replays)} loops ended early: {ended[0]}"
    dry = sum(int((replay.learned[1:] == 0).any()) for replay in replays)
    if dry:
        yield f"in {dry} of {len(replays)} loops there was a round of which no row came back, so nothing was learned"


def doubts(
    subject: Subject, plan: Plan, replays: Sequence[Replay], truth: np.ndarray, confidence: float
) -> Iterator[Doubt]:
    """Reasons why a real loop may drift further than these."""
    import numpy as np

    first = np.array([replay.loop[0] == truth for replay in replays])
    yield from recipe_doubts(subject, first, truth, confidence=confidence)
    if plan.fresh < _FEW_FRESH:
        yield Doubt(
            f"only {plan.fresh} new rows come in each round; what comes back of so few is chance more than feedback"
        )
    if any(replay.failed for replay in replays):
        yield Doubt("a loop ended because the recipe cannot learn without a class that came back no more")
