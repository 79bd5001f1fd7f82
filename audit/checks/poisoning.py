"""What would poison do: accuracy lost to flipped labels, rows that plant a trigger, copies that turn one decision.

Why: whoever can write into the training data (a labelling firm, users who give feedback, a supplier) can make the next
model worse, or make it obey. How few rows are enough says how well that data has to be guarded.
Blind to: an attacker who knows more than a cheap linear model of the data, or who picks the best of many triggers (the
drawn ones are any, and the median counts); poison with true labels, such as features that were moved a little; poison
that was there before.
Source: Biggio, Nelson and Laskov, "Support Vector Machines Under Adversarial Label Noise", ACML 2011 (flips); Gu,
Dolan-Gavitt and Garg, "BadNets", 2017 (triggers); the intervals add what other test rows, triggers and trainings would
change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from audit.checks._poisoning import copies as chosen
from audit.checks._poisoning import flips, insertions, planted
from audit.checks._poisoning.progress import Progress
from audit.checks._poisoning.trainings import Trainings
from audit.errors import NotMeasurable
from audit.records import CheckResult, Measure
from audit.subject import Subject

NEEDS = ("training", "data.train", "data.test")
MEASURES = {
    "accuracy_drop": "accuracy on the test data after training on clean labels, less that after training on flipped "
    "ones, -1 to 1; of the worst kind of flip",
    "success_rate": "share of marked rows of other labels that a poisoned model gives the label that the attacker "
    "wants, beyond what a clean model gives them, -1 to 1; median over triggers",
    "rows_to_succeed": "added rows that it takes to win half of the marked rows, 1 upwards; median over triggers, and "
    "the number of training rows stands for more than was tried",
    "copies_to_flip": "copies of a row with a false label that it takes to turn the answer to that row, 1 upwards; "
    "median over rows, and the number of training rows stands for more than was tried",
}
_MOST_REPEATS = 10_000


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    attack: planted.Attack = "all",
    share: float = 0.1,
    kind: flips.Choice = "worst",
    curve: tuple[str, ...] = ("5%", "20%", "30%"),
    trigger: insertions.Choice = "any",
    trigger_share: float = 0.01,
    target_label: str | None = None,
    repeats: int = 6,
) -> Iterator[CheckResult]:
    """Train on clean and on poisoned data with the same seeds and compare; yields after each of the attacks.

    Args:
        attack: what the attacker does: "flips" of labels, "triggers" on added rows, "copies" of a chosen row, or "all"
            in this order, as far as the data allows each.
        share: share of all training labels that is flipped for accuracy_drop, above 0 and at most 1.
        kind: which labels: any ("random"), those of the largest class ("one_class"), those of which a linear model is
            surest, in all classes or in the one where it costs that model most ("adversarial"), or whichever of these
            kinds costs most ("worst").
        curve: further shares for the damage curve, such as "5%" or "0.05", each of three trainings; [] for none.
        trigger: what marks a row: rare values of one or two columns, a patch or a blend on images, a rare phrase in
            text; "any" takes those that the data can carry in turn.
        trigger_share: added rows for success_rate, as a share of the training rows, above 0 and at most 0.5.
        target_label: the label that the attacker wants; none draws one for each trigger.
        repeats: pairs of trainings, triggers, and half the rows to copy, 2 to 10,000. Below 6, medians are not known
            with 95 % confidence.

    Raises:
        NotMeasurable: the task is a regression, the training data has one class, a parameter is out of its range, or
            the one attack that is asked for cannot be made.
    """
    _refuse_odd(share, trigger_share, repeats)
    shares = flips.shares(curve)
    trainings = Trainings(subject, seed).checked()
    progress = Progress(trainings, repeats, confidence)
    if attack in ("all", "flips"):
        yield progress.flipped(flips.flips(trainings, kind, confidence), share, shares)
    attempts: dict[str, Callable[[], CheckResult]] = {
        "triggers": lambda: progress.inserted(
            insertions.insertions(trainings, trigger, target_label, trigger_share, confidence)
        ),
        "copies": lambda: progress.copied(chosen.copies(trainings, repeats)),
    }
    for name, attempt in attempts.items():
        if attack not in ("all", name):
            continue
        try:
            yield attempt()
        except NotMeasurable as reason:
            if attack == name:
                raise
            yield progress.left_out(name, str(reason))


def plant(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    attack: planted.Attack = "all",
    trigger: insertions.Choice = "any",
    repeats: int = 6,
) -> Measure:
    """Share of sure poisonings that the same measuring sees, ten for each attack; that of the attack seen least.

    Flips of 70 % of the labels ruin every recipe that learns from labels, and are always planted: a recipe that does
    not learn from what it is given withstands everything. A trigger on 5 % more rows and eight false copies of a row
    are learned by a recipe of full-grown trees that takes the place of the subject's own: if even that one did not
    fall for them, that the subject's does not would prove nothing.

    Raises:
        NotMeasurable: as `run`.
    """
    _refuse_odd(1.0, 0.5, repeats)
    return planted.power(subject, attack=attack, trigger=trigger, repeats=repeats, seed=seed, confidence=confidence)


def _refuse_odd(share: object, trigger_share: object, repeats: object) -> None:
    for name, value, most in (("share", share, 1), ("trigger_share", trigger_share, 0.5)):
        if not isinstance(value, int | float) or not 0 < value <= most:
            raise NotMeasurable(f"{name} is {value}; expected a number above 0 and at most {most}")
    if not isinstance(repeats, int) or not 2 <= repeats <= _MOST_REPEATS:
        raise NotMeasurable(f"repeats is {repeats}; expected a whole number from 2 to {_MOST_REPEATS}")
