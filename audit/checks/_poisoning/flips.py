"""How much accuracy is lost to flipped labels, for each kind of flip and several shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from audit.checks._poisoning.proxy import Proxy, proxy
from audit.checks._poisoning.trainings import Trainings
from audit.errors import NotMeasurable
from audit.records import Measure

if TYPE_CHECKING:
    import numpy as np

Kind = Literal["random", "one_class", "adversarial"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Choice = Literal["worst", "random", "one_class", "adversarial"]
CURVE_REPEATS = 3


@dataclass(frozen=True)
class Drop:
    """Mean loss of accuracy with an interval that other rows and other trainings are part of."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Point:
    """What one kind of flip did at one share.

    Attributes:
        flipped: labels flipped in each training.
        drop: with the interval of this point alone.
        surely: lower end that holds for all kinds of one share together.
        repeats: pairs of trainings behind it.
    """

    kind: Kind
    share: float
    flipped: int
    drop: Drop
    surely: float
    repeats: int


@dataclass(eq=False)
class Flips:
    """Flips labels of one subject.

    Attributes:
        kinds: those that are asked for.
        proxy: what the attacker can guess; None without adversarial flips.
    """

    trainings: Trainings
    kinds: tuple[Kind, ...]
    proxy: Proxy | None
    confidence: float

    def point(self, kind: Kind, share: float, repeats: int) -> Point:
        """Train as many pairs of models, on clean and on flipped labels, and compare them row by row.

        Raises:
            NotMeasurable: the share is less than one row.
        """
        import numpy as np

        from attacks.poisoning import label_flip

        ours, clean, poisoned = self.trainings, [], []
        if round(share * ours.n) < 1:
            raise NotMeasurable(f"{share:g} of {ours.n} training rows is not one row; there is nothing to flip")
        chooses = self.proxy if kind == "adversarial" else None
        scores, within = (chooses.scores, chooses.within(share)) if chooses else (None, None)
        flipped = 0
        for repeat in range(repeats):
            flips = label_flip.run(
                ours.codes, ours.n_classes, share=share, kind=kind, scores=scores, within=within,
                seed=ours.seed_of(repeat),
            )  # fmt: skip
            flipped = len(flips.rows)
            answers = ours.relabelled(flips.codes, repeat).answers(ours.subject.test)
            ours.note("flips", kind, flipped, repeat, answers, None)
            clean.append(ours.clean_answers(repeat) == ours.truth)
            poisoned.append(answers == ours.truth)
        pairs = (np.array(clean), np.array(poisoned))
        alone = drop_of(*pairs, self.confidence, ours.seed)
        if len(self.kinds) == 1:
            return Point(kind, share, flipped, alone, alone.low, repeats)
        together = drop_of(*pairs, 1 - (1 - self.confidence) / len(self.kinds), ours.seed)
        return Point(kind, share, flipped, alone, together.low, repeats)


def flips(trainings: Trainings, choice: Choice, confidence: float) -> Flips:
    """The kinds of flip that are asked for; "worst" is all of them."""
    kinds = KINDS if choice == "worst" else (choice,)
    guess = proxy(trainings) if "adversarial" in kinds else None
    return Flips(trainings, kinds, guess, confidence)


def shares(words: Sequence[str]) -> tuple[float, ...]:
    """Shares such as "5%" or "0.05" as numbers, rising.

    Raises:
        NotMeasurable: one is no share above 0 and at most 1.
    """
    found = set()
    for word in words:
        number, percent, rest = word.strip().partition("%")
        try:
            share = float(number) / (100 if percent else 1)
        except ValueError:
            share = 0.0
        if rest or not 0 < share <= 1:
            raise NotMeasurable(f'curve holds "{word}"; expected shares above 0 and at most 1, such as "5%"')
        found.add(share)
    return tuple(sorted(found))


def worst(points: Sequence[Point], rows: int) -> Measure:
    """Loss of accuracy to the worst of several kinds at one share.

    The worst of several is at least what any of them surely does, so the lower end has to hold for all of them
    together; that it does no more than the highest upper end needs no such care.

    Args:
        points: one a kind, at least one.
        rows: test rows behind each.
    """
    value = max(point.drop.value for point in points)
    low, high = max(point.surely for point in points), max(point.drop.high for point in points)
    return Measure(value, "share", rows, low, high)


def drop_of(clean: np.ndarray, poisoned: np.ndarray, confidence: float, seed: int) -> Drop:
    """Mean loss and its interval from right answers of pairs, both of shape (pairs, rows), bool."""
    from audit.statistics import runs

    # a loss that no row shows may still be that of one row among as many
    loss = runs.mean_over_runs(clean.astype(float) - poisoned, confidence=confidence, seed=seed, rare=1.0)
    return Drop(loss.value, max(-1.0, loss.interval.low), min(1.0, loss.interval.high))
