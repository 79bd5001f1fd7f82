"""Shows that damage is seen where it is: flips that ruin any recipe, poison for one that falls for everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from audit.checks._poisoning import copies, insertions
from audit.checks._poisoning.flips import drop_of
from audit.checks._poisoning.gullible import gullible
from audit.checks._poisoning.trainings import Trainings
from audit.checks._trigger import kinds
from audit.records import Measure
from audit.subject import Subject

Attack = Literal["all", "flips", "triggers", "copies"]
_PLANTED = 10
_FLIPPED_SHARE = 0.7
_TRIGGER_SHARE = 0.05
_COPIES = 8


def power(
    subject: Subject, *, attack: Attack, trigger: insertions.Choice, repeats: int, seed: int, confidence: float
) -> Measure:
    """Share of planted poisonings that are seen, ten for each attack; that of the attack of which fewest are.

    Flips are always among them: poison does no harm to a recipe that ignores what it is given, and nothing would show.

    Raises:
        NotMeasurable: an attack that is asked for cannot be planted.
    """
    from audit.statistics.intervals import share

    plants: dict[str, Callable[[], list[bool]]] = {
        "flips": lambda: _flips(subject, repeats, seed, confidence),
        "triggers": lambda: _triggers(subject, trigger, seed, confidence),
        "copies": lambda: _copies(subject, seed),
    }
    if attack == "all" and not kinds(subject, Trainings(subject, seed).visible):
        del plants["triggers"]  # as `run` leaves them out
    found = [plant() for name, plant in plants.items() if name == "flips" or attack in ("all", name)]
    least = min(found, key=lambda seen: sum(seen) / len(seen))
    ends = share(sum(least), len(least), confidence=confidence)
    return Measure(sum(least) / len(least), "share", len(least), ends.low, ends.high)


def _flips(subject: Subject, repeats: int, seed: int, confidence: float) -> list[bool]:
    """Labels of which 70 % are wrong: who learns from them learns to err.

    Each training is judged together with its neighbours, as many as `run` has repeats, by the same interval.
    """
    import numpy as np

    from attacks.poisoning import label_flip

    ours = Trainings(subject, seed + 1).checked()
    poisoned = []
    for number in range(_PLANTED):
        flips = label_flip.run(
            ours.codes, ours.n_classes, share=_FLIPPED_SHARE, kind="random", seed=ours.seed_of(number)
        )
        poisoned.append(ours.relabelled(flips.codes, number).answers(subject.test) == ours.truth)
    clean = np.array([ours.clean_answers(number) == ours.truth for number in range(max(2, min(repeats, _PLANTED)))])
    windows = [
        np.array([poisoned[(number + place) % _PLANTED] for place in range(len(clean))]) for number in range(_PLANTED)
    ]
    return [drop_of(clean, window, confidence, seed).low > 0 for window in windows]


def _triggers(subject: Subject, trigger: insertions.Choice, seed: int, confidence: float) -> list[bool]:
    """Triggers of the kinds that `run` draws, on 5 % more rows, for a recipe that learns what it sees."""
    ours = Trainings(gullible(subject), seed + 2).checked()
    attack = insertions.insertions(ours, trigger, None, _TRIGGER_SHARE, confidence)
    return [attack.success(number) >= insertions.GOAL for number in range(_PLANTED)]


def _copies(subject: Subject, seed: int) -> list[bool]:
    """Eight false copies of a row, for the same recipe."""
    ours = Trainings(gullible(subject), seed + 3).checked()
    found = copies.copies(ours, _PLANTED // copies.ROWS_TOGETHER, grid=(_COPIES,))
    return [one.copies <= _COPIES for one in found.turned]
