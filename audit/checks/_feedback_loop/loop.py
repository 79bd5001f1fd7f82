"""Replays a loop: a model decides on new rows, some come back as training data, the next model learns from them.

Beside each loop runs its control: the same first model, the same new rows, as many of them learned from in each round,
with the same seed, but drawn at random and with their true labels. What small samples and retraining do by themselves
happens in both; what is left between them is the feedback.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.checks._feedback_loop.returns import Returned, Returns
from audit.checks._feedback_loop.side import Side
from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_FEWEST_ROWS = 20
"""Fewer training rows than this make a model of nothing."""


@dataclass(frozen=True)
class Plan:
    """How many rows there are in each round.

    Attributes:
        rounds: of retraining.
        window: rows that each model learns from: the newest ones.
        fresh: new rows of each round.
    """

    rounds: int
    window: int
    fresh: int


@dataclass(frozen=True)
class Replay:
    """One loop and its control; round 0 is the first model, which both share.

    Attributes:
        loop: what each round's model answers to the test rows, codes, shape (rounds + 1, rows).
        control: the same of the control.
        learned: rows that each side learned from in each round, shape (rounds + 1,).
        ended: what ended the loop early, empty if nothing did; later rounds repeat its last answers.
        failed: whether that was a recipe that cannot learn from what came back.
    """

    loop: np.ndarray
    control: np.ndarray
    learned: np.ndarray
    ended: str = ""
    failed: bool = False


def plan(rows: int, *, rounds: int, share: float) -> Plan:
    """Split training rows into those of the first model and new ones for every round.

    Args:
        rows: of the training data.
        share: new rows of a round, as a share of what a model learns from.

    Raises:
        NotMeasurable: there are too few rows.
    """
    window = int(rows / (1 + rounds * share))
    fresh = int(share * window)
    if window < _FEWEST_ROWS or fresh < 1:
        raise NotMeasurable(
            f"{rows} training rows give {window} rows for the first model and {fresh} new ones in each of {rounds} "
            f"rounds; at least {_FEWEST_ROWS} and 1 are needed: use fewer rounds or another share"
        )
    return Plan(rounds, window, fresh)


def replay(subject: Subject, plan: Plan, returns: Returns, *, accepted: int, seed: int) -> Replay:
    """Run one loop and its control on the training rows in a random order.

    Args:
        returns: which rows come back, with which labels.
        accepted: code of the class that counts as accepted.
        seed: of the order, of every training and of what comes back.

    Raises:
        NotMeasurable: the first model's rows are all of one class.
        SubjectError: the recipe fails on rows of all classes.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    codes = subject.codes(subject.train)
    order = rng.permutation(len(codes))
    loop = _first(subject, order[: plan.window], codes, seed)
    control = copy(loop)
    answers, truths, learned = [loop.answers], [control.answers], [0]
    count = plan.fresh
    for number in range(1, plan.rounds + 1):
        start = plan.window + (number - 1) * plan.fresh
        fresh = order[start : start + plan.fresh]
        # a recipe that fails takes the process down in which the models of both sides live, so both stop then
        if not (loop.ended or control.failed):
            back = returns.returned(loop.decided(fresh, codes[fresh], accepted, scored=returns.needs_scores), rng)
            loop.advance(fresh, back, seed + number)
            count = len(back.rows)
        if not (loop.failed or control.failed):
            kept = rng.permutation(len(fresh))[:count]
            control.advance(fresh, Returned(kept, codes[fresh][kept]), seed + number)
        answers.append(loop.answers)
        truths.append(control.answers)
        learned.append(count)
    failed = loop.failed or control.failed
    ended = loop.ended or (control.ended if failed else "")
    return Replay(np.array(answers), np.array(truths), np.array(learned), ended, failed)


def _first(subject: Subject, rows: np.ndarray, codes: np.ndarray, seed: int) -> Side:
    """Both sides as they begin: a model that learned from these rows, with their true labels."""
    side = Side(subject, len(rows), rows, codes[rows])
    if side.only_class is not None:
        raise NotMeasurable(
            f"the {len(rows)} rows of the first model all have the label {subject.classes[side.only_class]}"
        )
    side.learn(seed)
    return side
